"""An empty installation in a browser: the word from the console, the company, the carrier, the dashboard."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, expect

from portal.config import PROJECT
from tests.carrier import PASSWORD as API_PASSWORD
from tests.carrier import USER
from tests.e2e.installation import START_SECONDS, _stop, free_port, until
from tests.e2e.walk import problems_of, sideways

PASSWORD = "three blind lamps"


@dataclass(frozen=True)
class Empty:
    """An installation that nobody has set up, with a practice carrier beside it."""

    folder: Path
    url: str
    output: Path

    @property
    def word(self) -> str:
        """What the console shows."""
        found = re.search(r"which works once:\s+([A-Z0-9-]+)", self.output.read_text())
        assert found, self.output.read_text()[-2000:]
        return found.group(1)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Empty]:
    port = free_port()
    found = Empty(tmp_path / "instance", f"http://127.0.0.1:{port}", tmp_path / "output")
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PORTAL_") and name not in {"DATABASE_URL", "REDIS_URL", "PORT"}
    }
    chosen = {
        "PORTAL_INSTANCE": str(found.folder),
        "PORT": str(port),
        "PORTAL_EVALUATION": "1",
        "PORTAL_LOG_FORMAT": "json",
    }
    with found.output.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.cli", "run", "--sandbox"],
            cwd=PROJECT,
            env=inherited | chosen,
            stdout=output,
            stderr=output,
        )
    try:
        until(
            lambda: "which works once" in found.output.read_text(),
            what="the start of an empty installation",
            seconds=START_SECONDS,
        )
        yield found
    finally:
        _stop(process)


def test_from_the_console_to_the_dashboard(empty: Empty, chromium: Browser) -> None:
    carrier = json.loads((empty.folder / "sandbox.json").read_text())
    httpx.post(
        f"{carrier['control_url'].rstrip('/')}/seed",
        json={"history_days": 0, "resellers": [{
            "api_username": USER, "api_password": API_PASSWORD, "balance": "412.08",
            "allow_ips": ["127.0.0.1"],
        }]},
        timeout=60,
    ).raise_for_status()  # fmt: skip
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-CA")
    context.set_default_timeout(60_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("response", lambda answer: faults.append(answer.url) if answer.status >= 500 else None)

    page.goto(empty.url)
    assert urlsplit(page.url).path == "/setup"
    assert (problems_of(page), sideways(page)) == ([], 0)
    page.get_by_label("Word from the console").fill(empty.word.lower())
    page.get_by_label("Company name").fill("Fresh Tel")
    page.get_by_label("Time zone").select_option("America/Halifax")
    page.get_by_label("Your name").fill("Olive Owner")
    page.get_by_label("E-mail").fill("olive@fresh.example")
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password, again").fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()

    page.wait_for_url("**/staff/configuration/carrier")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_label("API user name").fill(USER)
    page.get_by_label("API password").fill(API_PASSWORD)
    page.get_by_label("Address of the API").fill(carrier["rest_url"])
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator("#carrier-trial")).to_contain_text("Everything works")
    expect(page.locator("#carrier-trial")).to_contain_text("127.0.0.1")
    expect(page.get_by_label("API password")).to_have_value(API_PASSWORD)
    assert problems_of(page) == []
    page.get_by_role("button", name="Save login").click()
    expect(page.locator("#carrier-health")).to_be_visible()

    def answered() -> bool:
        page.reload()
        return "412.08" in page.locator("#carrier-health").inner_text()

    until(answered, what="the first look at the carrier", seconds=180)
    page.goto(f"{empty.url}/staff/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    assert problems_of(page) == []

    log = "".join(file.read_text() for file in (empty.folder / "log").glob("*"))
    assert context.request.get(f"{empty.url}/setup").status == 404
    assert empty.word not in log
    assert API_PASSWORD not in log
    assert faults == []
    context.close()
