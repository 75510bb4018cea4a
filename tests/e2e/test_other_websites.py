"""The login form on a reseller's own website, and pages that abuse it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation
from tests.e2e.people import People, Person

pytestmark = pytest.mark.browser


class Website:
    """A page on another host (localhost against 127.0.0.1) with one form on it."""

    def __init__(self) -> None:
        self.page = ""
        website = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = website.page.encode() if self.path == "/" else b""
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://localhost:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def form(self, url: str, /, **fields: str) -> None:
        inputs = "".join(f'<input name="{name}" value="{text}">' for name, text in fields.items())
        self.page = (
            f'<!doctype html><html lang="en"><title>Shop</title><form method="post"'
            f' action="{url}">{inputs}<button>Go</button></form></html>'
        )


@pytest.fixture
def website() -> Iterator[Website]:
    found = Website()
    yield found
    found.server.shutdown()
    found.server.server_close()


def _allow(people: People, text: str) -> str:
    """Northwind's owner lists these websites; the form that the page offers to be copied."""
    ines = people.ines()
    page = ines.open("/configuration/access")
    page.locator("#login_origins").fill(text)
    page.locator("#websites-form button").click()
    expect(page.locator("[data-toast]").first).to_be_visible()
    expect(page.locator("#login_origins")).to_have_value(text)
    return page.locator("#typed-form-html").inner_text()


def _press(website: Website, person: Person) -> Page:
    person.expect_fault("asked another host: http://localhost")
    person.page.goto(website.origin)
    person.page.get_by_role("button", name="Go").click()
    person.page.wait_for_url(lambda url: not url.startswith(website.origin))
    return person.page


def _direct_login(website: Website, installation: Installation, person: Person) -> None:
    website.form(
        f"{installation.url}/site/login.php",
        action="DirectLogin",
        UID="100482",
        col_email=person.email,
        col_password=person.password,
    )


def test_a_listed_website_logs_its_visitor_straight_in(
    people: People, installation: Installation, website: Website
) -> None:
    _allow(people, website.origin)
    visitor = people.stranger("client")
    _direct_login(website, installation, visitor)

    page = _press(website, visitor)

    page.wait_for_url("**/r/100482/dashboard")
    expect(page.locator("h1")).to_contain_text("Priya")


def test_the_form_that_the_page_offers_opens_the_portal_in_a_window_of_its_own(
    people: People, website: Website
) -> None:
    copied = _allow(people, website.origin)
    website.page = f'<!doctype html><html lang="en"><title>Shop</title>{copied}</html>'
    visitor = people.stranger("client")
    visitor.expect_fault("asked another host: http://localhost")
    visitor.page.goto(website.origin)

    visitor.page.locator("[name=col_email]").fill(visitor.email)
    visitor.page.locator("[name=col_password]").fill(visitor.password)
    with visitor.page.expect_popup() as opened:
        visitor.page.locator("[name=SUBMIT]").click()

    opened.value.wait_for_url("**/r/100482/dashboard")
    expect(opened.value.locator("h1")).to_contain_text("Priya")


def test_an_unlisted_website_must_ask_and_does_not_end_the_session_that_is_open(
    people: People, installation: Installation, website: Website
) -> None:
    _allow(people, "https://www.northwind.example")
    marcus = people.stranger("client", email="dispatch@kestrel.example")
    marcus.log_in().wait_for_url("**/dashboard")
    priya = people.stranger("client")
    _direct_login(website, installation, priya)

    page = _press(website, marcus)

    expect(page.locator("h1")).to_have_text("Continue as Priya Raman?")
    expect(page.locator("main")).to_contain_text("You are logged in as Marcus Kestrel now")
    marcus.open("/dashboard")
    expect(page.locator("h1")).to_contain_text("Marcus")


def test_saying_yes_to_an_unlisted_website_changes_who_is_logged_in(
    people: People, installation: Installation, website: Website
) -> None:
    _allow(people, "")
    visitor = people.stranger("client")
    _direct_login(website, installation, visitor)

    page = _press(website, visitor)
    page.get_by_role("button", name="Continue as Priya Raman").click()

    page.wait_for_url("**/r/100482/dashboard")
    expect(page.locator("h1")).to_contain_text("Priya")


def test_a_hostile_page_can_neither_log_anybody_in_nor_send_a_text(
    people: People, installation: Installation, website: Website
) -> None:
    visitor = people.stranger("client")
    visitor.expect_fault("400|403")
    victim = people.priya()
    victim.expect_fault("400|403")

    website.form(
        visitor.base + "/login", email=visitor.email, password=visitor.password, csrf_token="x"
    )
    refused = _press(website, visitor)
    expect(refused.locator("main")).to_be_visible()
    visitor.open("/dashboard")
    expect(refused.locator("#log-in")).to_be_visible()
    website.form(
        victim.base + "/messages", sender="+16135550142", recipient="+16135550155", body="stolen"
    )
    _press(website, victim)

    victim.open("/messages?q=stolen")
    expect(victim.page.locator("a.conversation")).to_have_count(0)
