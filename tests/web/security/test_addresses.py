"""Hosts we do not know, ways to another site, and addresses behind a proxy."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from flask import Flask, request
from werkzeug.serving import make_server

from portal import identity
from portal.core.db import transaction
from portal.core.scope import bind
from tests.browser import Browser
from tests.world import PASSWORD, World, scope_of

STRANGE_HOSTS = [
    "evil.example", "localhost.evil.example", "evil.example:80", "localhost@evil.example",
    "evil.example#localhost", "evil.example/localhost", "localhost\\evil.example", "",
    "127.0.0.1.evil.example", "[::1].evil.example", "local host", "localhost,evil.example",
    "%6cocalhost", "LOCALHOST.EVIL.EXAMPLE", "0", "169.254.169.254", "xn--localhost", "*",
    "portal.northwind.example.evil.example", "\u0131ocalhost",
    "a" * 300, "a..b", ".",
]  # fmt: skip


def status_of(app: Flask, host: str, path: str = "/staff/login", **headers: str) -> int:
    environ = {"HTTP_HOST": host.encode().decode("latin-1")}
    answer = app.test_client().get(path, environ_overrides=environ, headers=headers)
    assert b"evil" not in answer.data.lower(), "what they sent is not shown"
    assert "evil" not in str(answer.headers).lower()
    return answer.status_code


@pytest.mark.parametrize("host", STRANGE_HOSTS)
def test_an_unknown_host_learns_nothing(world_app: Flask, host: str) -> None:
    statuses = {
        status_of(world_app, host, path) for path in ("/staff/login", "/r/100482/login", "/")
    }

    assert statuses <= {421, 400}


def test_an_address_of_a_page_that_is_none_is_passed_over(world_app: Flask) -> None:
    anybody = world_app.test_client()
    headers = {"HX-Request": "true", "HX-Current-URL": "http://[", "Referer": "http://["}

    part = anybody.get("/r/100482/balance/chip", headers=headers)
    page = anybody.get("/r/100482/login")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token is not None
    language = anybody.post(
        "/r/100482/language", data={"language": "fr", "csrf_token": token[1]}, headers=headers
    )

    assert part.status_code == 401
    assert part.headers["HX-Redirect"].endswith("/r/100482/login")
    assert language.status_code == 303
    assert language.headers["Location"] == "/r/100482/"


def test_the_own_names_are_known_with_any_port_and_case(world_app: Flask) -> None:
    for host in ("localhost", "LOCALHOST", "localhost:8123", "127.0.0.1", "[::1]:80", "localhost."):
        assert status_of(world_app, host) == 200, host


def test_a_header_that_speaks_for_another_host_is_not_heard(world_app: Flask) -> None:
    for name in (
        "X-Forwarded-Host",
        "X-Host",
        "X-Original-Host",
        "Forwarded",
        "X-Forwarded-Server",
    ):
        assert status_of(world_app, "localhost", **{name: "evil.example"}) == 200


def test_a_verified_host_name_is_that_resellers_portal_and_no_installation(
    world_app: Flask, world: World
) -> None:
    with bind(scope_of(world.northwind)), transaction():
        identity.set_hostname("portal.northwind.example")

    assert status_of(world_app, "portal.northwind.example", "/login") == 200
    assert status_of(world_app, "portal.northwind.example", "/staff/login") == 404
    assert status_of(world_app, "portal.northwind.example", "/r/100731/login") == 421


@contextmanager
def listening(app: Flask) -> Iterator[tuple[str, int]]:
    """The application behind a real socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield "127.0.0.1", server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /staff/login HTTP/1.1\r\nHost: evil.example\r\n",
        b"GET /staff/login HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n",
        b"GET /staff/login HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\n",
        b"GET http://evil.example/staff/login HTTP/1.1\r\nHost: evil.example\r\n",
        b"GET /staff/login HTTP/1.1\r\nHost:\tevil.example\r\n",
        b"GET /staff/login HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost\r\n",
    ],
)
def test_on_the_wire_an_unknown_host_gets_no_page(world_app: Flask, raw: bytes) -> None:
    with listening(world_app) as address, closing(socket.create_connection(address, 10)) as line:
        line.sendall(raw + b"Connection: close\r\n\r\n")
        answer = b""
        while more := line.recv(65_536):
            answer += more

    assert b" 200 " not in answer.partition(b"\r\n")[0]
    assert b"evil" not in answer


TARGETS = [
    "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "/\n/evil.example", "http:evil.example", "javascript:alert(1)", "data:text/html,x", "///evil.example",
    "/%09/evil.example", "/\t\\evil.example", " //evil.example", "\x00//evil.example", "evil.example",
    "/..//evil.example", "/.//evil.example", "//evil.example/%2f..", "https:/evil.example", "/\\/evil.example",
    "?next=//evil.example", "/r/100482/..//..//evil.example", "\u2028//evil.example", "／／evil.example",
]  # fmt: skip


def leads_elsewhere(location: str) -> bool:
    """As a browser reads it: tabs and line ends vanish, backslashes are slashes."""
    seen = location.translate(dict.fromkeys(map(ord, "\t\r\n"))).replace("\\", "/").strip()
    return seen.startswith("//") or not seen.startswith("/")


@pytest.mark.parametrize("place", ["client", "staff"])
def test_after_the_login_nobody_is_led_elsewhere(
    world_app: Flask, world: World, place: str
) -> None:
    base, email = (
        ("/r/100482", world.a.email)
        if place == "client"
        else ("/staff", world.northwind.owner.email)
    )
    browser = Browser(world_app, "/r/100482" if place == "client" else "")
    browser.open("/login" if place == "client" else "/staff/login")
    token = browser.token()

    for target in TARGETS:
        answer = browser.client.post(
            f"{base}/login",
            query_string={"next": target},
            data={"csrf_token": token, "email": email, "password": PASSWORD},
        )
        assert answer.status_code == 303
        assert not leads_elsewhere(answer.headers["Location"]), target
        assert not leads_elsewhere(
            browser.client.get(f"{base}/login", query_string={"next": target}).headers["Location"]
        )
        browser = Browser(world_app, browser.base)
        browser.open("/login" if place == "client" else "/staff/login")
        token = browser.token()


def test_choosing_a_language_leads_back_and_not_elsewhere(world_app: Flask, world: World) -> None:
    somebody = Browser(world_app, world.a.base)
    token = somebody.token()

    for referrer in (
        "https://evil.example/", "http://localhost//evil.example", "http://localhost/\\evil.example",
        "http://localhost//evil.example/?x=//y", "javascript:alert(1)", "http://localhost@evil.example/",
    ):  # fmt: skip
        answer = somebody.client.post(
            f"{world.a.base}/language", data={"csrf_token": token, "language": "fr"},
            headers={"Referer": referrer},
        )  # fmt: skip
        assert answer.status_code == 303
        assert not leads_elsewhere(answer.headers["Location"]), referrer


def test_proxies_count_only_as_many_as_the_operator_said(
    make_app: Callable[..., Flask], sqlite_url: str
) -> None:
    def seen(**more: str) -> str:
        app = make_app(sqlite_url, own=True, **more)
        app.add_url_rule(
            "/whoami", "public.whoami", lambda: f"{request.remote_addr} {request.host}"
        )
        chain = {
            "X-Forwarded-For": "198.51.100.1, 198.51.100.2",
            "X-Forwarded-Host": "evil.example",
        }
        return app.test_client().get("/whoami", headers=chain).get_data(as_text=True)

    assert seen() == "127.0.0.1 localhost"
    assert seen(PORTAL_TRUSTED_PROXIES="1") == "198.51.100.2 localhost"
    assert seen(PORTAL_TRUSTED_PROXIES="2") == "198.51.100.1 localhost"
