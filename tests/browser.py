"""A browser without scripts: it opens pages, fills forms, follows links, and checks every page.

    ada = browse(world.a)                 # logged in
    page = ada.open("/calls", q="613")    # below the person's own portal
    page = ada.submit("#composer", body="On my way")
    assert page.text("#balance-chip") == "$184.62"

Every HTML answer is checked: one h1, unique ids, a label for each input, forms with method, action
and token, nothing inline. ``htmx=True`` asks for a fragment, which has one root element with an id.
"""

from __future__ import annotations

import contextvars
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from portal.core.db import db, session, transaction
from portal.core.scope import Scope, bind
from portal.identity.models import Person
from portal.identity.sessions import open_session
from tests.world import PASSWORD, Colleague, Customer, Shop

_MOST_REDIRECTS = 5
_WITHOUT_LABEL = {"hidden", "submit", "button", "image"}


class Page:
    """One answer: ``status``, ``headers``, ``path`` (where it came from after redirects), ``body``."""

    def __init__(self, response: TestResponse, path: str, *, htmx: bool) -> None:
        self.status = response.status_code
        self.headers: Headers = response.headers
        self.path = path
        self.body = response.get_data()
        self.is_html = response.mimetype == "text/html"
        self.soup = BeautifulSoup(self.body if self.is_html else b"", "html.parser")
        if self.is_html and self.body:
            check(self.soup, fragment=htmx and self.soup.find("html") is None)

    def all(self, selector: str) -> list[Tag]:
        """Every element of a CSS selector."""
        return list(self.soup.select(selector))

    def has(self, selector: str) -> bool:
        """Is there any?"""
        return bool(self.soup.select_one(selector))

    def find(self, selector: str) -> Tag:
        """The one element of a selector; a test that meets none or several is wrong."""
        found = self.all(selector)
        told = [str(one)[:300] for one in found[:3]]
        assert len(found) == 1, f"{len(found)} elements are {selector} on {self.path}: {told}"
        return found[0]

    def text(self, selector: str = "body") -> str:
        """What the one element says, its white space made plain."""
        return plain(self.find(selector))

    def texts(self, selector: str) -> list[str]:
        """What each element says."""
        return [plain(one) for one in self.all(selector)]

    @property
    def title(self) -> str:
        """The page's heading."""
        return self.text("h1")

    @property
    def words(self) -> str:
        """Everything the page says."""
        return plain(self.soup)

    def link(self, words: str) -> str:
        """The address of the one link that says this."""
        found = {str(one["href"]) for one in self.all("a[href]") if words in plain(one)}
        assert len(found) == 1, f"{len(found)} links say {words!r} on {self.path}"
        return found.pop()


class Browser:
    """Cookies, the last page, and where the person's own portal begins."""

    def __init__(self, app: Flask, base: str = "", *, address: str = "127.0.0.1") -> None:
        self.app = app
        self.base = base
        self.address = address
        self.client = app.test_client()
        self.page: Page | None = None

    def open(self, path: str = "/", *, htmx: bool = False, **query: Any) -> Page:
        """GET a page of the own portal, or an absolute address beginning with /r/ or /staff."""
        return self.ask("GET", path, htmx=htmx, query_string=query or None)

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, htmx: bool = False, **more: Any
    ) -> Page:
        """POST with the token of the last page, following redirects."""
        fields = {"csrf_token": self.token()} | (data or {})
        return self.ask("POST", path, htmx=htmx, data=fields, **more)

    def submit(self, selector: str = "main form", *, htmx: bool = False, **fields: Any) -> Page:
        """Fill in the one form of the last page that the selector means, and send it.

        A field set to None is left out, as an empty check box is.
        """
        assert self.page is not None
        form = self.page.find(selector)
        values = form_values(form) | fields
        sent = {name: value for name, value in values.items() if value is not None}
        action = str(form.get("action") or self.page.path)
        if str(form.get("method", "get")).lower() == "get":
            return self.ask("GET", action, htmx=htmx, query_string=sent)
        return self.ask("POST", action, htmx=htmx, data=sent)

    def follow(self, words: str) -> Page:
        """Click the link that says this."""
        assert self.page is not None
        return self.ask("GET", self.page.link(words))

    def log_in(self, email: str, password: str = PASSWORD, **fields: Any) -> Page:
        """Through the login page, like everybody."""
        self.open("/login" if self.base else "/staff/login")
        return self.submit("#log-in", email=email, password=password, **fields)

    def token(self) -> str:
        """The CSRF token of the last page that had one."""
        found = self.page.all("[name=csrf_token]") if self.page else []
        if not found:
            self.open("/login" if self.base else "/staff/login")
            assert self.page is not None
            found = self.page.all("[name=csrf_token]")
        return str(found[0]["value"])

    def ask(
        self,
        method: str,
        path: str,
        *,
        htmx: bool = False,
        headers: dict[str, str] | None = None,
        follow: bool = True,
        **more: Any,
    ) -> Page:
        """One request, and what its redirects lead to. The page becomes the current one."""
        sent = dict(headers or {})
        if htmx:
            sent["HX-Request"] = "true"
        address = self._address(path)
        response = self._send(method, address, sent, **more)
        for _ in range(_MOST_REDIRECTS if follow else 0):
            if response.status_code not in {301, 302, 303, 307, 308}:
                break
            parts = urlsplit(response.headers["Location"])
            address = parts.path + (f"?{parts.query}" if parts.query else "")
            response = self._send("GET", address, sent)
        page = Page(response, urlsplit(address).path, htmx=htmx)
        if page.is_html and page.body and not htmx:
            self.page = page
        return page

    def _address(self, path: str) -> str:
        if path.startswith("?"):
            assert self.page is not None
            return self.page.path + path
        absolute = path.startswith(("/r/", "/staff", "/static/", "/health", "/hooks/", "/site/"))
        return path if absolute or not self.base else self.base + path

    def _send(self, method: str, path: str, headers: dict[str, str], **more: Any) -> TestResponse:
        """In a context of its own, as in a server: nothing of the test's scope or session leaks in."""
        if db.session.registry.has():
            db.session.rollback()  # the test's own reading must not hold the database
        environ = {"REMOTE_ADDR": self.address}
        return contextvars.Context().run(
            lambda: self.client.open(
                path,
                method=method,
                headers=headers,
                buffered=True,
                environ_overrides=environ,
                **more,
            )
        )


def form_values(form: Tag) -> dict[str, Any]:
    """What a browser would send of a form that nobody touched."""
    found: dict[str, Any] = {}
    for field in form.select("input[name], select[name], textarea[name]"):
        name, kind = str(field["name"]), str(field.get("type", "text"))
        is_off = field.has_attr("disabled") or field.find_parent("fieldset", disabled=True)
        if is_off or kind in {"submit", "button", "image", "file"}:
            continue
        if kind in {"checkbox", "radio"}:
            if field.has_attr("checked"):
                value = field.get("value", "on")
                found[name] = [*_several(found[name]), value] if name in found else value
        elif field.name == "select":
            options = field.select("option")
            chosen = [one for one in options if one.has_attr("selected")] or options[:1]
            if chosen:
                found[name] = chosen[0].get("value", plain(chosen[0]))
        elif field.name == "textarea":
            found[name] = field.get_text().removeprefix("\n")
        else:
            found[name] = field.get("value", "")
    return found


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def plain(element: Tag) -> str:
    """The words of an element, with single spaces."""
    return re.sub(r"\s+", " ", element.get_text(" ")).replace("\u00a0", " ").strip()


def check(soup: BeautifulSoup, *, fragment: bool) -> None:
    """What holds for every page and every fragment."""
    everything = soup.find_all(True)
    named: dict[str, list[Tag]] = defaultdict(list)
    for element in everything:
        named[element.name].append(element)
    if fragment:
        roots = [one for one in soup.children if isinstance(one, Tag)]
        assert len(roots) == 1, "a fragment has one root element"
        assert roots[0].get("id"), "a fragment's root has an id"
    else:
        assert len(named["h1"]) == 1, "a page has exactly one h1"
        assert all(one.get("lang") for one in named["html"]), "a page says its language"
        assert " · " in "".join(one.get_text() for one in named["title"]), "Page · Brand"
    ids = Counter(str(one["id"]) for one in everything if one.has_attr("id"))
    twice = {one for one, count in ids.items() if count > 1}
    assert not twice, f"ids occur twice: {twice}"
    labelled = {one.get("for") for one in named["label"]}
    for field in named["input"] + named["select"] + named["textarea"]:
        if str(field.get("type")) not in _WITHOUT_LABEL:
            assert _has_label(field, labelled), f"no label: {field}"
    for form in named["form"]:
        _check_form(form)
    for script in named["script"]:
        assert script.get("src"), "no inline script"
        assert not script.get_text(strip=True), "no inline script"
    assert not named["style"], "no inline style"
    for element in everything:
        handlers = [
            name for name in element.attrs if name == "style" or name.startswith(("on", "hx-on"))
        ]
        assert not handlers, f"nothing inline: {element}"
        target = str(element.get("href") or element.get("action") or "")
        assert not target.lower().startswith(("javascript:", "data:")), target
    for link in named["a"]:
        assert link.get("href") or link.find_parent("template"), f"a link leads somewhere: {link}"


def _has_label(field: Tag, labelled: set[Any]) -> bool:
    if field.get("aria-label") or field.get("aria-labelledby") or field.find_parent("label"):
        return True
    return field.get("id") in labelled


def _check_form(form: Tag) -> None:
    method = str(form.get("method", "")).lower()
    assert method in {"get", "post"}, f"a form has a method: {form}"
    if form.find_parent("template"):
        return  # the script gives it an address
    assert form.get("action"), f"a form has an action: {form}"
    tokens = form.find_all("input", attrs={"name": "csrf_token"})
    assert len(tokens) == (1 if method == "post" else 0), f"a posting form has one token: {form}"


@pytest.fixture
def browser(world_app: Flask) -> Callable[..., Browser]:
    """``browser("/r/100482")`` is somebody who has not logged in there."""

    def somebody(place: str | Shop = "", **more: Any) -> Browser:
        return Browser(world_app, place if isinstance(place, str) else place.base, **more)

    return somebody


@pytest.fixture
def browse(world_app: Flask) -> Callable[..., Browser]:
    """``browse(world.a)`` is that person, logged in a moment ago; the login page has its own tests."""

    def logged_in(person: Customer | Colleague, **more: Any) -> Browser:
        browser = Browser(world_app, person.base, **more)
        with bind(Scope(person.reseller_id)), transaction():
            row = session().scalars(select(Person).where(Person.email == person.email)).one()
            token = open_session(row, keep=False, address=browser.address, browser="Werkzeug").token
        browser.client.set_cookie(world_app.extensions["settings"].session_cookie, token)
        return browser

    return logged_in
