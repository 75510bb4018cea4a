"""The counter under a message counts what the carrier counts, in a real browser."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, sync_playwright

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "tests/rating/message_vectors.json").read_text())
PAGE = """<!doctype html><title>x</title>
<textarea id="body" data-counter="count"></textarea>
<output id="count" data-limit="160" data-price="$0.0150" data-mms-price="$0.0300"
        data-text="{bytes} of {limit}, {price}" data-over="{bytes}, {mms_price}"></output>
<script type="module" src="/portal.js"></script>"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page that holds the counter and nothing else; every request is answered here."""

    def answer(route: Route) -> None:
        if route.request.url.endswith("portal.js"):
            body = (ROOT / "static/js/portal.js").read_text()
            route.fulfill(body=body, content_type="text/javascript; charset=utf-8")
        else:
            route.fulfill(body=PAGE, content_type="text/html; charset=utf-8")

    with sync_playwright() as engines:
        browser = engines.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        found = browser.new_page()
        found.route("**/*", answer)
        found.goto("http://portal.example/")
        yield found
        browser.close()


def test_the_browser_counts_the_bytes_the_server_counts(page: Page) -> None:
    count = "async text => (await import('/portal.js')).messageBytes(text)"

    for vector in VECTORS:
        text = json.loads(json.dumps(vector["unit"])) * vector["times"]
        assert page.evaluate(count, text) == vector["bytes"], vector["note"]


def test_the_counter_says_bytes_and_price_and_what_happens_above_the_limit(page: Page) -> None:
    page.fill("#body", "été")
    within = page.inner_text("#count")
    page.fill("#body", "é" * 81)

    assert within == "5 of 160, $0.0150"
    assert page.inner_text("#count") == "162, $0.0300"
    assert "is-over" in str(page.get_attribute("#count", "class"))
