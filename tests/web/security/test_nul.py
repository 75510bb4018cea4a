"""A NUL in a request is refused at the door, on every database: PostgreSQL stores none."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from portal import identity
from portal.core.scope import Scope, bind
from tests.browser import Browser
from tests.identity.people import add_owner, add_reseller
from tests.pictures import picture
from tests.world import World

SEARCH, PACKAGES = "/staff/search", "/staff/packages"
PICTURES = "/staff/configuration/messages/pictures"


@pytest.mark.parametrize("path", ["/health/hostname", SEARCH, "/staff/clients", PACKAGES])
def test_a_nul_in_an_address_reaches_no_query(app_on_each: Flask, path: str) -> None:
    add_owner(add_reseller("Fresh Tel"))
    owner = Browser(app_on_each)
    owner.log_in("owner@example.com")

    for query in ({"q": "a\x00b", "domain": "a\x00b"}, {"a\x00b": "q"}):
        assert owner.open(path, **query).status == 400
    assert owner.open(path, q="ab", domain="localhost").status == 200


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/staff/configuration/branding", {"title": "Northwind", "claim": "a\x00b"}),
        (PACKAGES, {"name": "a\x00b"}),
        (PICTURES, {"picture": (io.BytesIO(picture()), "a\x00b.png")}),
    ],
)
def test_a_nul_in_a_form_changes_nothing(
    world: World, browse: Callable[..., Browser], path: str, fields: dict[str, Any]
) -> None:
    owner = browse(world.northwind.owner)

    assert owner.post(path, fields).status == 400
    with bind(Scope(world.northwind.id)):
        assert identity.recent_events(["branding.published", "package.saved"]) == []


def test_doors_of_machines_have_their_own_words_for_it(
    world: World, browser: Callable[..., Browser]
) -> None:
    stranger = browser()

    assert stranger.ask("POST", "/site/login.php", data={"action": "a\x00b"}).status == 422
