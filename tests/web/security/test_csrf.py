"""An unsafe request comes from our own page, of this visit; machines have their own rules."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from portal.web import security
from tests.architecture.access import doors, missing
from tests.browser import Browser
from tests.world import World

# Machines and forms on other websites: no session of ours, hence no token (and rules of their own).
EXEMPT = {"door", "hooks"}
HOST = {"Origin": "http://localhost"}


def test_the_blueprints_without_a_token_are_exactly_these(world_app: Flask) -> None:
    listed = security.csrf

    assert security._exempt == EXEMPT
    assert {one.name for one in listed._exempt_blueprints} == EXEMPT
    assert listed._exempt_views == set(), "exempt by blueprint, never by view"
    assert world_app.config.get("WTF_CSRF_ENABLED", True) is True
    assert world_app.config.get("WTF_CSRF_CHECK_DEFAULT", True) is True


def token_of(app: Flask, secret: str) -> str:
    return str(URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(secret))


def test_no_action_runs_without_the_token_of_this_visit(
    world_app: Flask, world: World, browse: Callable[..., Browser]
) -> None:
    owner, a = browse(world.northwind.owner), browse(world.a)
    own = {one: one.token() for one in (owner, a)}
    wrong: list[tuple[str, dict[str, str], int]] = [
        ("no token", {}, 400),
        ("an empty token", {"X-CSRFToken": ""}, 400),
        ("a token of nobody", {"X-CSRFToken": "IjEi.aaaaaa.bbbbbbbb"}, 400),
        ("another visit's token", {"X-CSRFToken": token_of(world_app, "somebody else's")}, 400),
        ("a foreign page", {"Origin": "https://evil.example"}, 403),
        ("a page that hides its origin", {"Origin": "null"}, 403),
        ("our name with another port", {"Origin": "http://localhost:8080"}, 403),
        ("a longer name", {"Origin": "http://localhost.evil.example"}, 403),
        ("a page of another site", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("a page of a sister host", {"Sec-Fetch-Site": "same-site"}, 403),
    ]

    passed = []
    for door in doors(world_app):
        if not door.is_unsafe or door.blueprint in EXEMPT:
            continue
        who = owner if door.rule.startswith("/staff") else a
        for why, headers, status in wrong:
            token = {"X-CSRFToken": own[who]} if status == 403 else {}
            answer = who.client.open(
                who.base + door.path(missing(door)), method=door.method, headers=token | headers
            )
            if answer.status_code != status:
                passed.append(f"{door.name} with {why}: {answer.status_code}")

    assert passed == []


def test_the_own_page_may_say_where_it_comes_from(
    world: World, browse: Callable[..., Browser]
) -> None:
    a = browse(world.a)

    for headers in (HOST, {"Sec-Fetch-Site": "same-origin"}, HOST | {"Sec-Fetch-Site": "none"}, {}):
        page = a.post("/language", {"language": "fr"}, headers=headers)
        assert page.status == 200


def test_over_https_a_page_sent_in_the_clear_is_not_ours(
    make_app: Callable[..., Flask], sqlite_url: str
) -> None:
    app = make_app(
        sqlite_url,
        PORTAL_URL="https://portal.example",
        PORTAL_EVALUATION="0",
        PORTAL_PRACTICE_PAYMENTS="0",
    )
    browser = app.test_client()
    with browser.session_transaction(base_url="https://portal.example") as kept:
        kept["csrf_token"] = "secret"
    token = {"X-CSRFToken": token_of(app, "secret")}

    def post(origin: str) -> int:
        return browser.post(
            "/language", data={"language": "fr"}, base_url="https://portal.example",
            headers=token | {"Origin": origin},
        ).status_code  # fmt: skip

    assert post("https://portal.example") == 303
    assert post("http://portal.example") == 403
    assert post("https://portal.example:444") == 403
    assert post("https://[") == 403


def test_a_login_ends_the_tokens_of_before(world: World, browser: Callable[..., Browser]) -> None:
    a = browser(world.northwind)
    a.open("/login")
    old = a.token()
    a.log_in(world.a.email)

    answer = a.client.post(a.base + "/language", data={"language": "fr", "csrf_token": old})

    assert answer.status_code == 400


def test_a_stale_form_says_so_and_htmx_shows_it_as_an_alert(
    world: World, browse: Callable[..., Browser]
) -> None:
    a = browse(world.a)

    page = a.ask("POST", "/language", data={"language": "fr"})
    part = a.ask("POST", "/language", data={"language": "fr"}, htmx=True)

    assert (page.status, page.has("h1")) == (400, True)
    assert (part.status, part.headers["HX-Retarget"]) == (400, "#alerts")
