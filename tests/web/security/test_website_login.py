"""The login form on a reseller's website, through the door: straight in, asked, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal import identity
from portal.core import clock
from portal.core.db import transaction
from portal.core.scope import bind
from tests.browser import Browser
from tests.world import PASSWORD, World, scope_of

SITE, STRANGER = "https://www.northwind.example", "https://evil.example"


@pytest.fixture
def post(world_app: Flask, world: World) -> Callable[..., tuple[int, str]]:
    """``post(browser)`` is the guide's form, from a website."""
    with bind(scope_of(world.northwind)), transaction():
        identity.set_login_origins(SITE)

    def posted(browser: Browser, origin: str | None = SITE, **fields: str) -> tuple[int, str]:
        sent = {
            "UID": "100482", "action": "DirectLogin", "col_email": world.a.email,
            "col_password": PASSWORD,
        } | fields  # fmt: skip
        headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"} if origin else {}
        answer = browser.client.post("/site/login.php", data=sent, headers=headers)
        return answer.status_code, answer.headers.get("Location", "")

    return posted


def lands_on(browser: Browser) -> str:
    answer = browser.client.get("/r/100482/login/continue")
    return answer.headers.get("Location", "asked" if answer.status_code == 200 else "?")


def test_a_listed_website_leads_straight_in(
    world_app: Flask, world: World, post: Callable[..., tuple[int, str]]
) -> None:
    visitor = Browser(world_app, world.a.base)

    assert post(visitor) == (303, "/r/100482/login/continue")
    assert visitor.client.get_cookie("session") is None, "the post itself opens nothing"
    assert lands_on(visitor) == "/r/100482/dashboard"
    assert visitor.open("/dashboard").status == 200
    assert lands_on(visitor) == "/r/100482/login", "once"


@pytest.mark.parametrize("origin", [STRANGER, "null", None, "http://www.northwind.example"])
def test_any_other_website_is_asked_about_first(
    world_app: Flask, world: World, post: Callable[..., tuple[int, str]], origin: str | None
) -> None:
    visitor = Browser(world_app, world.a.base)

    post(visitor, origin)

    assert lands_on(visitor) == "asked"
    assert visitor.client.get_cookie("session") is None
    page = visitor.open("/login/continue")
    assert visitor.submit("form[action$='/login/continue']").path == "/r/100482/dashboard"
    assert page.status == 200


def test_nobody_is_moved_into_another_account_without_being_asked(
    world: World, browse: Callable[..., Browser], post: Callable[..., tuple[int, str]]
) -> None:
    """An attacker's page posts the attacker's login into a visitor's browser."""
    victim = browse(world.b)

    post(victim)

    assert lands_on(victim) == "asked"
    assert (
        world.b.title in victim.open("/dashboard").words or victim.open("/dashboard").status == 200
    )


def test_the_confirmation_itself_needs_our_own_page(
    world_app: Flask, world: World, post: Callable[..., tuple[int, str]]
) -> None:
    visitor = Browser(world_app, world.a.base)
    post(visitor, STRANGER)

    answer = visitor.client.post("/r/100482/login/continue")

    assert answer.status_code == 400
    assert visitor.client.get_cookie("session") is None


def test_after_a_minute_it_asks_and_after_five_it_is_over(
    world_app: Flask, world: World, post: Callable[..., tuple[int, str]]
) -> None:
    visitor = Browser(world_app, world.a.base)
    start = clock.now()
    with time_machine.travel(start, tick=False):
        post(visitor)
    with time_machine.travel(start + timedelta(seconds=61), tick=False):
        assert lands_on(visitor) == "asked"
    visitor.client.set_cookie("session-handoff", "made-up")
    assert lands_on(visitor) == "/r/100482/login"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"col_password": "wrong"}, 422), ({"col_email": "nobody@example.com"}, 422),
        ({"UID": "100731"}, 422), ({"UID": "999999"}, 404), ({"UID": ""}, 404),
        ({"action": "Other"}, 422), ({"col_email": "x" * 9000}, 422), ({"col_password": "\x00"}, 422),
    ],
)  # fmt: skip
def test_what_is_not_right_leaves_no_cookie(
    world_app: Flask, world: World, post: Callable[..., tuple[int, str]],
    fields: dict[str, str], status: int,
) -> None:  # fmt: skip
    visitor = Browser(world_app, world.a.base)

    assert post(visitor, **fields)[0] == status
    assert visitor.client.get_cookie("session-handoff") is None


def test_a_get_is_no_login(world_app: Flask, world: World) -> None:
    answer = world_app.test_client().get(
        "/site/login.php", query_string={"UID": "100482", "action": "DirectLogin"}
    )

    assert answer.status_code == 405
