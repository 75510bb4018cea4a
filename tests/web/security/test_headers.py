"""The headers of every response, and the attributes of every cookie."""

from __future__ import annotations

import contextvars
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.web.security import FRAMED_POLICY, FRAMING_POLICY, MAIL_POLICY, POLICY
from tests.architecture.access import doors, missing
from tests.browser import Browser
from tests.world import PASSWORD, World

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Pages that widen the policy, and by what: the editors of the brand and of messages show pages of a
# portal in frames, and these alone may stand in one; a mail in its frame has its styles in itself.
WIDER: dict[str, str] = {
    "reseller.branding": FRAMING_POLICY,
    "reseller.branding_draft": FRAMING_POLICY,
    "reseller.publish_branding": FRAMING_POLICY,
    "reseller.branding_compare": FRAMING_POLICY,
    "reseller.preview_login": FRAMED_POLICY,
    "reseller.preview_dashboard": FRAMED_POLICY,
    "reseller.preview_calls": FRAMED_POLICY,
    "reseller.preview_wording": MAIL_POLICY,
    "reseller.preview_draft": MAIL_POLICY,
    "reseller.wording_text": FRAMING_POLICY,
    "reseller.save_wording": FRAMING_POLICY,
    "reseller.test_wording": FRAMING_POLICY,
}


def faults(answer: TestResponse, endpoint: str = "") -> Iterator[str]:
    """What a response lacks."""
    policy = answer.headers.get("Content-Security-Policy", "")
    if policy not in {POLICY, WIDER.get(endpoint, POLICY)}:
        yield f"policy: {policy}"
    always = ALWAYS | (
        {"X-Frame-Options": "SAMEORIGIN"} if policy in {FRAMED_POLICY, MAIL_POLICY} else {}
    )
    for name, value in always.items():
        if answer.headers.get(name) != value:
            yield f"{name}: {answer.headers.get(name)}"
    if "camera=()" not in answer.headers.get("Permissions-Policy", ""):
        yield "Permissions-Policy"
    kept = answer.headers.get("Cache-Control", "")
    public = "public" in kept or "max-age" in kept
    if not public and "no-store" not in kept:
        yield f"Cache-Control: {kept}"
    if "Server" in answer.headers and "Werkzeug" in answer.headers["Server"]:
        yield "names the server"
    if answer.mimetype == "text/html" and answer.status_code == 200 and public:
        yield "a page may be kept by caches"


def test_the_policy_allows_nothing_inline_and_nobody_elses() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))

    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["object-src"] == "'none'"
    assert set(rules.values()) == {"'none'", "'self'"}


def test_a_mail_in_its_frame_has_styles_and_nothing_else() -> None:
    assert "script-src" not in MAIL_POLICY
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'" in MAIL_POLICY
    assert "frame-ancestors 'self'; sandbox allow-same-origin" in MAIL_POLICY


def test_what_a_policy_is_widened_by_is_our_own_pages_in_frames() -> None:
    assert FRAMING_POLICY == POLICY + "; frame-src 'self'"
    assert POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'") == FRAMED_POLICY
    assert set(WIDER.values()) == {FRAMING_POLICY, FRAMED_POLICY, MAIL_POLICY}


def test_the_pages_of_the_list_do_widen_it_and_for_staff_alone(
    world: World, browse: Callable[..., Browser]
) -> None:
    owner, a = browse(world.northwind.owner), browse(world.a)
    page = "/staff/configuration/branding"

    seen = {path: owner.open(path).headers for path in (page, f"{page}/preview/login")}
    stranger = a.client.get(f"{page}/preview/login")

    assert seen[page]["Content-Security-Policy"] == FRAMING_POLICY
    assert seen[page]["X-Frame-Options"] == "DENY"
    assert seen[f"{page}/preview/login"]["Content-Security-Policy"] == FRAMED_POLICY
    assert seen[f"{page}/preview/login"]["X-Frame-Options"] == "SAMEORIGIN"
    assert stranger.status_code == 303
    assert stranger.headers["Content-Security-Policy"] == POLICY


def test_every_response_has_them(
    world_app: Flask, world: World, browse: Callable[..., Browser]
) -> None:
    """Pages, parts, redirects, downloads, refusals, errors: one request of each endpoint and person."""
    world_app.extensions["live"]._most = 0
    people = [browse(world.northwind.owner), browse(world.a), Browser(world_app, world.a.base)]

    lacking = []
    for door in doors(world_app):
        for who in people:
            base = "" if door.rule.startswith("/staff") else who.base
            answer = who.client.open(base + door.path(missing(door)), method=door.method)
            lacking += [
                f"{door.name} {answer.status_code}: {fault}"
                for fault in faults(answer, door.endpoint)
            ]
            answer.close()

    assert lacking == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/static/css/base.css", 200), ("GET", "/static/no.css", 404),
        ("GET", "/static/../portal/config.py", 404), ("GET", "/nowhere", 404),
        ("GET", "/r/999999/login", 404), ("DELETE", "/r/100482/login", 405),
        ("POST", "/r/100482/login", 400), ("OPTIONS", "/health", 200), ("HEAD", "/staff/login", 200),
        ("GET", "/r/100482", 303), ("TRACE", "/health", 405),
    ],
)  # fmt: skip
def test_errors_and_files_have_them_too(
    world_app: Flask, method: str, path: str, status: int
) -> None:
    answer = world_app.test_client().open(path, method=method)

    assert answer.status_code == status
    assert list(faults(answer)) == []
    answer.close()


def test_a_file_with_its_hash_may_be_kept_and_a_page_may_not(
    world_app: Flask, world: World, browse: Callable[..., Browser]
) -> None:
    style = world_app.test_client().get("/static/css/base.css")
    page = browse(world.a).open("/dashboard")

    style.close()
    assert "max-age=31536000" in style.headers["Cache-Control"]
    assert page.headers["Cache-Control"] == "no-store"
    assert "Cookie" in page.headers["Vary"]
    assert "HX-Request" in page.headers["Vary"]


def test_what_crashed_says_nothing_of_itself(
    make_app: Callable[..., Flask], sqlite_url: str
) -> None:
    def crash() -> str:
        raise RuntimeError("canary-1b7f in the code")

    app = make_app(sqlite_url, own=True)
    app.testing = False
    app.add_url_rule("/crash", "public.crash", crash)

    answer = app.test_client().get("/crash")

    assert answer.status_code == 500
    assert b"canary" not in answer.data
    assert b"Traceback" not in answer.data
    assert list(faults(answer)) == []


def cookies(answer: TestResponse) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for line in answer.headers.getlist("Set-Cookie"):
        name, _, rest = line.partition("=")
        words = [word.strip().partition("=") for word in rest.split(";")[1:]]
        found[name] = {key.lower(): value or "yes" for key, _, value in words} | {"line": line}
    return found


def log_in(app: Flask, world: World, base_url: str, **fields: str) -> TestResponse:
    """In a context of its own, as in a server."""
    return contextvars.Context().run(lambda: _log_in(app, world, base_url, **fields))


def _log_in(app: Flask, world: World, base_url: str, **fields: str) -> TestResponse:
    browser = app.test_client()
    form = browser.get("/r/100482/login", base_url=base_url).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token is not None
    data = {"csrf_token": token.group(1), "email": world.a.email, "password": PASSWORD} | fields
    return browser.post(
        "/r/100482/login", data=data, base_url=base_url, headers={"Origin": base_url}
    )


def test_over_https_every_cookie_is_held_to_this_host(
    make_app: Callable[..., Flask], world_app: Flask, world: World
) -> None:
    database = world_app.config["SQLALCHEMY_DATABASE_URI"]
    app = make_app(
        database,
        PORTAL_URL="https://portal.example",
        PORTAL_EVALUATION="0",
        PORTAL_PRACTICE_PAYMENTS="0",
    )

    answer = log_in(app, world, "https://portal.example")
    chosen = app.test_client().get("/health", base_url="https://portal.example")

    found = cookies(answer)
    assert "__Host-session" in found
    for name, cookie in found.items():
        assert name.startswith("__Host-"), name
        assert (cookie["path"], cookie["samesite"]) == ("/", "Lax")
        assert cookie["secure"]
        assert cookie["httponly"]
        assert "domain" not in cookie
        assert len(cookie["line"]) < 4096
    assert "max-age=63072000" in chosen.headers["Strict-Transport-Security"]


def test_over_plain_http_they_are_the_same_without_secure(world_app: Flask, world: World) -> None:
    answer = log_in(world_app, world, "http://localhost")

    found = cookies(answer)
    assert "session" in found
    for cookie in found.values():
        assert (cookie["path"], cookie["samesite"]) == ("/", "Lax")
        assert cookie["httponly"]
        assert "secure" not in cookie
        assert "domain" not in cookie
    assert "Strict-Transport-Security" not in answer.headers


def test_a_session_is_forgotten_with_the_browser_unless_it_shall_be_kept(
    world_app: Flask, world: World
) -> None:
    passing = cookies(log_in(world_app, world, "http://localhost"))["session"]
    kept = cookies(log_in(world_app, world, "http://localhost", keep="y"))["session"]

    assert "expires" not in passing
    assert "expires" in kept


def test_choosing_a_language_over_https_sets_a_cookie_of_this_host(
    make_app: Callable[..., Flask], world_app: Flask
) -> None:
    database = world_app.config["SQLALCHEMY_DATABASE_URI"]
    app = make_app(
        database,
        PORTAL_URL="https://portal.example",
        PORTAL_EVALUATION="0",
        PORTAL_PRACTICE_PAYMENTS="0",
    )
    browser = app.test_client()
    form = browser.get("/r/100482/login", base_url="https://portal.example").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token is not None

    answer = browser.post(
        "/r/100482/language", base_url="https://portal.example",
        data={"language": "fr", "csrf_token": token.group(1)},
    )  # fmt: skip

    found = cookies(answer)["__Host-language"]
    assert found["secure"]
    assert found["httponly"]
