"""One installation and one Chromium for all tests of this folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.installation import Installation, joined, running_demo
from tests.e2e.people import People
from tests.services import MailServer

# Other workers test meanwhile: what comes late on a busy machine comes all the same.
expect.set_options(timeout=90_000)

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert found, "There is no Chromium. As root, run: apt-get install -y chromium"
    return found


@pytest.fixture(scope="package")
def mail_server() -> Iterator[MailServer]:
    """Where the installation's mails go."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def installation(
    tmp_path_factory: pytest.TempPathFactory, mail_server: MailServer
) -> Iterator[Installation]:
    """The demo, running; tests share it and leave each other's people alone.

    E2E_INSTANCE names the folder of a demo that runs already: starting one takes most of a minute.
    """
    if already := os.environ.get("E2E_INSTANCE"):
        with joined(Path(already)) as found:
            yield found
        return
    with running_demo(tmp_path_factory.mktemp("e2e"), smtp_url=mail_server.url) as found:
        yield found


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser program; every person has a profile of their own in it."""
    with sync_playwright() as engines:
        browser = engines.chromium.launch(
            executable_path=_chromium(), headless=True, args=_ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the cookies of people who have logged in once are kept."""
    return tmp_path_factory.mktemp("sessions")


@pytest.fixture
def people(chromium: Browser, installation: Installation, sessions: Path) -> Iterator[People]:
    """People with browsers; their windows close after the test, and none may have seen a fault."""
    found = People(chromium, installation, sessions)
    yield found
    found.leave()
