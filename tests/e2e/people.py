"""People in front of a browser: who they are, how they log in, and what their browser noticed.

    priya = people.priya()                      # logged in, 1440 × 900
    priya.open("/calls")                        # below her own portal
    people.priya(width=390, dark=True)          # on a phone, in the dark

What no page may do is noticed all the time and fails the test at its end: words on the console, policy
violations, requests to other hosts, answers of 500.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from tests.e2e.installation import Installation, until

WIDE, PHONE = 1440, 390
_HEIGHTS = {WIDE: 900, PHONE: 844}
STAFF = {"ines": "reseller", "bastien": "other_reseller"}
CLIENTS = {"priya": "client", "amelie": "other_client"}
_KEEP_STREAMS = """
window.streams = [];
window.EventSource = class extends EventSource {
  constructor(...words) { super(...words); window.streams.push(this); }
};
"""


@dataclass
class Person:
    """A browser window with somebody in front of it."""

    page: Page
    base: str
    email: str
    password: str
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page below the person's own portal."""
        self.page.goto(self.base + path)
        return self.page

    def listen(self, path: str) -> Page:
        """Open a page and wait for its stream: what happens from now on is heard."""
        page = self.open(path)
        opened = "streams.some(one => one.readyState === EventSource.OPEN)"
        until(lambda: page.evaluate(opened), what="the stream")
        return page

    def log_in(self, password: str | None = None) -> Page:
        """Through the login page, like everybody."""
        self.open("/login")
        self.page.get_by_label("E-mail").fill(self.email)
        self.page.locator("#password").fill(password or self.password)
        self.page.locator("#log-in button.btn-primary").click()
        return self.page

    def expect_fault(self, pattern: str) -> None:
        """This test makes the browser complain, on purpose."""
        self.expected.append(pattern)

    def unexpected(self) -> list[str]:
        return [
            one for one in self.faults if not any(re.search(each, one) for each in self.expected)
        ]


class People:
    """Everybody of one test."""

    def __init__(self, browser: Browser, installation: Installation, sessions: Path) -> None:
        self.browser = browser
        self.installation = installation
        self._sessions = sessions
        self._contexts: list[BrowserContext] = []
        self._present: list[Person] = []

    def priya(self, **how: Any) -> Person:
        """Northwind's first client."""
        return self.logged_in("client", **how)

    def ines(self, **how: Any) -> Person:
        """Northwind's owner."""
        return self.logged_in("reseller", **how)

    def amelie(self, **how: Any) -> Person:
        """Globex's first client, in French."""
        return self.logged_in("other_client", **how)

    def bastien(self, **how: Any) -> Person:
        """Globex's owner, in French."""
        return self.logged_in("other_reseller", **how)

    def logged_in(self, role: str, **how: Any) -> Person:
        """One of demo.json's people; the password is typed once, then the session is kept."""
        kept = self._sessions / f"{role}.json"
        person = self.stranger(role, session=kept if kept.exists() else None, **how)
        if not kept.exists():
            person.log_in()
            person.page.wait_for_url(re.compile(r"/dashboard$|/staff/$"))
            person.page.context.storage_state(path=kept)
        return person

    def stranger(
        self,
        role: str = "client",
        *,
        width: int = WIDE,
        dark: bool = False,
        scripts: bool = True,
        session: Path | None = None,
        email: str | None = None,
        password: str | None = None,
        base: str | None = None,
    ) -> Person:
        """Somebody who has not logged in, with the name and password of a role."""
        told = self.installation.told[role]
        context = self.browser.new_context(
            viewport={"width": width, "height": _HEIGHTS.get(width, 900)},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            storage_state=session,
            has_touch=width < 500,
            locale="en-CA",
            reduced_motion="reduce",
        )
        context.set_default_timeout(90_000)
        context.add_init_script(_KEEP_STREAMS)
        self._contexts.append(context)
        person = Person(
            context.new_page(),
            base or told["login_url"].removesuffix("/login"),
            email or told["email"],
            password or told["password"],
        )
        self._watch(person)
        self._present.append(person)
        return person

    def leave(self) -> None:
        """Close every window; raise AssertionError when one of them saw what it must not see."""
        faults = [fault for person in self._present for fault in person.unexpected()]
        for context in self._contexts:
            context.close()
        self._contexts.clear()
        self._present.clear()
        assert not faults, "the browser noticed: " + "; ".join(faults)

    def _watch(self, person: Person) -> None:
        own = urlsplit(self.installation.url).hostname

        def said(message: ConsoleMessage) -> None:
            # htmx also says so when a page is left while it asks; what failed has words of its own.
            left = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
            if message.type in {"error", "warning"} and not left:
                person.faults.append(f"{message.text} ({person.page.url})")

        def asked(request: Request) -> None:
            parts = urlsplit(request.url)
            if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != own:
                person.faults.append(f"asked another host: {request.url}")

        def answered(response: Response) -> None:
            if response.status >= 500:
                person.faults.append(f"{response.status} from {response.url}")

        person.page.on("console", said)
        person.page.on("pageerror", lambda error: person.faults.append(f"{error}"))
        person.page.on("request", asked)
        person.page.on("response", answered)
