"""Clients who write texts through the portal's own pages, and press again when nothing answers."""

from __future__ import annotations

import random
import threading
import time
import uuid
from dataclasses import dataclass, field

import httpx
from bs4 import BeautifulSoup

from portal.demo.people import RESELLERS, DemoClient, DemoReseller

# Beside their real contacts they write to strangers, who never answer.
STRANGERS = ("4165550171", "5145550172", "6045550173", "2125550174")
_PATIENCE_SECONDS = 90
_GONE, _REFUSED, _SEE_OTHER, _OK = 303, 422, 303, 200


@dataclass
class Sent:
    """One text that somebody wanted to send, by the reference of its form."""

    reference: str
    text: str
    answers: list[int] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Did the portal say once that it has it?"""
        return _SEE_OTHER in self.answers


class Writer(threading.Thread):
    """One logged-in client. Everything it did is in ``sent``; what surprised it in ``surprises``."""

    def __init__(
        self, base: str, reseller: DemoReseller, client: DemoClient, *, seed: int, run: str,
        stop: threading.Event,
    ) -> None:  # fmt: skip
        super().__init__(name=f"writer {client.email}", daemon=True)
        self.base = f"{base}/r/{reseller.uid}"
        self.client = client
        self.password = reseller.client_password
        self.contacts = tuple(number for number, _ in client.contacts) + STRANGERS
        self.senders = tuple(f"+1{line.did}" for line in client.lines if line.texts)
        self.draw = random.Random(f"{seed}:{client.email}")
        self.label = run
        self.halt = stop
        self.sent: list[Sent] = []
        self.surprises: list[str] = []
        self.logins = 0
        self.http = self._browser()

    def run(self) -> None:
        while not self.halt.wait(self.draw.uniform(0.2, 1.5)):
            try:
                self._write_one()
            except httpx.HTTPError:
                time.sleep(0.5)
            except Exception as error:  # a writer that stops would make the run look clean
                self.surprises.append(f"{type(error).__name__}: {error}")
                time.sleep(1)
        self.http.close()

    def _write_one(self) -> None:
        token = self._token()
        if token is None:
            return
        number = len(self.sent)
        text = f"{self.label}.{self.client.lines[0].username}.{number}"
        if self.draw.random() < 0.2:
            text += " Très bientôt ! 👍"
        wish = Sent(str(uuid.UUID(int=self.draw.getrandbits(128), version=4)), text)
        self.sent.append(wish)
        form = {
            "csrf_token": token, "sender": self.draw.choice(self.senders),
            "recipient": self.draw.choice(self.contacts), "body": text, "ref": wish.reference,
        }  # fmt: skip
        presses = 2 if self.draw.random() < 0.1 else 1  # some people press twice at once
        threads = [threading.Thread(target=self._press, args=(wish, form)) for _ in range(presses)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not wish.answers and time.monotonic() < deadline:
            time.sleep(self.draw.uniform(0.5, 2))
            fresh = self._token()
            if fresh is not None:
                self._press(wish, form | {"csrf_token": fresh})

    def _press(self, wish: Sent, form: dict[str, str]) -> None:
        try:
            answer = self.http.post(f"{self.base}/messages", data=form)
        except httpx.HTTPError:
            return  # nobody knows: it is pressed again with the same reference
        place = answer.headers.get("location", "")
        if answer.status_code == _SEE_OTHER and "/login" in place:
            return
        if answer.status_code in (_SEE_OTHER, _REFUSED):
            wish.answers.append(answer.status_code)
        elif answer.status_code < 500 and answer.status_code != 400:
            self.surprises.append(f"POST /messages answered {answer.status_code}")

    def _token(self) -> str | None:
        """A form's token from the page where one writes; logs in when the session is gone."""
        try:
            page = self.http.get(f"{self.base}/messages/new")
            if page.status_code == _SEE_OTHER:
                self._log_in()
                page = self.http.get(f"{self.base}/messages/new")
        except httpx.HTTPError:
            return None
        return _csrf(page) if page.status_code == _OK else None

    def _log_in(self) -> None:
        self.logins += 1
        token = _csrf(self.http.get(f"{self.base}/login"))
        if token is None:
            return
        form = {"csrf_token": token, "email": self.client.email, "password": self.password}
        answer = self.http.post(f"{self.base}/login", data=form)
        if answer.status_code not in (_SEE_OTHER, 500, 502, 503):
            self.surprises.append(f"the login answered {answer.status_code}")
            time.sleep(5)

    def _browser(self) -> httpx.Client:
        return httpx.Client(timeout=30, trust_env=False, follow_redirects=False)


def _csrf(page: httpx.Response) -> str | None:
    found = BeautifulSoup(page.text, "html.parser").select_one("input[name=csrf_token]")
    return str(found["value"]) if found is not None else None


def writers(base: str, count: int, *, seed: int, run: str, stop: threading.Event) -> list[Writer]:
    """As many as wanted, of both resellers, of those who can send texts."""
    people = [
        (reseller, client)
        for reseller in RESELLERS
        for client in reseller.clients
        if client.status == "active" and any(line.texts for line in client.lines)
    ]
    people.sort(key=lambda one: not one[1].contacts)
    return [
        Writer(base, reseller, client, seed=seed, run=run, stop=stop)
        for reseller, client in people[:count]
    ]
