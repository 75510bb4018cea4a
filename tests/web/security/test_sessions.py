"""Sessions: renewed at each step, ended at once, and nothing that somebody else could plant."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from portal import identity
from portal.core.db import transaction
from portal.core.scope import bind
from tests.browser import Browser
from tests.world import PASSWORD, World, scope_of

PORTAL = "/r/100482"


def cookie(browser: Browser) -> str:
    found = browser.client.get_cookie("session")
    return found.value if found else ""


def test_a_planted_session_is_not_taken_over_by_the_login(world_app: Flask, world: World) -> None:
    victim = Browser(world_app, world.a.base)
    victim.client.set_cookie("session", "planted-by-somebody-else")

    victim.log_in(world.a.email)

    assert cookie(victim) not in {"", "planted-by-somebody-else"}
    attacker = Browser(world_app, world.a.base)
    attacker.client.set_cookie("session", "planted-by-somebody-else")
    assert attacker.client.get(f"{PORTAL}/dashboard").status_code == 303


def test_each_login_is_a_new_session_and_ends_the_one_before(
    world_app: Flask, world: World, browse: Callable[..., Browser]
) -> None:
    a = browse(world.a)
    first = cookie(a)
    b = Browser(world_app, world.a.base)
    b.client.set_cookie("session", first)
    a.client.delete_cookie("session")
    a.open("/login")
    a.client.set_cookie("session", first)

    a.client.post(
        f"{world.a.base}/login",
        data={"csrf_token": a.token(), "email": world.a.email, "password": PASSWORD},
    )

    assert cookie(a) != first
    assert b.client.get(f"{PORTAL}/dashboard").status_code == 303


def test_logging_out_ends_the_session_itself_and_not_only_the_cookie(
    world: World, browse: Callable[..., Browser]
) -> None:
    a = browse(world.a)
    kept = cookie(a)

    a.post("/logout")
    a.client.set_cookie("session", kept)

    assert a.client.get(f"{PORTAL}/dashboard").status_code == 303


@pytest.mark.parametrize("event", ["closed", "revoked"])
def test_whoever_may_not_come_in_any_more_is_out_at_the_next_request(
    world: World, browse: Callable[..., Browser], event: str
) -> None:
    a = browse(world.b)
    assert a.open("/dashboard").status == 200

    with bind(scope_of(world.northwind)), transaction():
        if event == "closed":
            identity.close_client(world.b.id, typed_name=world.b.title, still_connected=())
        else:
            identity.log_out(cookie(a))

    assert a.client.get(f"{PORTAL}/dashboard").status_code == 303


@pytest.mark.parametrize(
    "token", ["", "x", "a" * 5000, "' or 1=1 --", "\u00fc", "../../", "null", "%00", '"', ";"]
)
def test_a_made_up_session_is_nobody(world_app: Flask, world: World, token: str) -> None:
    somebody = Browser(world_app, world.a.base)

    answer = somebody.client.get(f"{PORTAL}/dashboard", headers={"Cookie": f"session={token}"})

    assert answer.status_code == 303


def test_a_session_counts_at_its_own_resellers_address_only(
    world: World, browse: Callable[..., Browser]
) -> None:
    a, owner = browse(world.a), browse(world.northwind.owner)

    for somebody, path in (
        (a, "/r/100731/dashboard"), (a, "/staff/"), (owner, "/r/100482/dashboard"),
        (owner, "/r/100731/dashboard"),
    ):  # fmt: skip
        answer = somebody.client.get(path)
        assert answer.status_code == 303
        assert "login" in answer.headers["Location"]


def test_htmx_is_told_to_load_the_login_page_and_comes_back_to_the_page_it_was_on(
    world_app: Flask, world: World
) -> None:
    somebody = Browser(world_app, world.a.base)

    part = somebody.client.get(
        f"{world.a.base}/balance/chip",
        headers={
            "HX-Request": "true",
            "HX-Current-URL": f"http://localhost{world.a.base}/calls?period=week",
        },
    )
    elsewhere = somebody.client.get(
        f"{world.a.base}/balance/chip",
        headers={"HX-Request": "true", "HX-Current-URL": "https://evil.example/calls"},
    )

    assert (part.status_code, part.data) == (401, b"")
    assert part.headers["HX-Redirect"] == f"{world.a.base}/login?next=/calls?period%3Dweek"
    assert elsewhere.headers["HX-Redirect"] == f"{world.a.base}/login"


def test_a_page_asked_for_by_history_is_a_page_and_not_a_part(
    world: World, browse: Callable[..., Browser]
) -> None:
    a = browse(world.a)

    whole = [
        a.client.get(f"{a.base}/calls", headers={"HX-Request": "true"} | more)
        for more in ({"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"})
    ]
    part = a.client.get(f"{a.base}/calls", headers={"HX-Request": "true"})

    assert all(b"<html" in answer.data for answer in whole)
    assert b"<html" not in part.data
    assert "HX-Request" in part.headers["Vary"]
