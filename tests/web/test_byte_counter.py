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
PAGE = """<!doctype html><title>x</title><form class="composer">
<ul id="composer-files"></ul>
<textarea id="body" name="body" data-counter="count"></textarea>
<fieldset data-way hidden><label><input type="radio" name="send_as" value="mms" checked></label>
<label><input type="radio" name="send_as" value="parts"><span data-parts-words data-one="{parts} texts, {price}"
data-many="too many"></span></label></fieldset>
<div data-costly data-words="{characters} cost more" hidden><span data-costly-words></span>
<button type="button" data-cheaper data-words="{bytes} fewer"></button>
<button type="button" data-bare data-words="{bytes} fewer without accents"></button></div>
<output id="count" data-prices='["$0.0150", "$0.0300"]' data-mms-price="$0.0400"
        data-text="{bytes} of {limit}, {price}" data-mms="{bytes} of {limit}, MMS, {price}"
        data-parts="{parts} texts, {price}"></output></form>
<script type="module" src="/messages.js"></script>"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page that holds the counter and nothing else; every request is answered here."""

    def answer(route: Route) -> None:
        if route.request.url.endswith("messages.js"):
            body = (ROOT / "static/js/messages.js").read_text()
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
    count = "async text => (await import('/messages.js')).messageBytes(text)"

    for vector in VECTORS["counts"]:
        text = json.loads(json.dumps(vector["unit"])) * vector["times"]
        assert page.evaluate(count, text) == vector["bytes"], vector["note"]


def test_the_browser_plans_what_the_server_plans(page: Page) -> None:
    planned = page.evaluate(
        "async all => { const m = await import('/messages.js'); return all.map(one => {"
        " const text = one.unit.repeat(one.times), told = m.plan(text, one.files, one.choice);"
        " const parts = told.parts > 1 ? m.split(text) : told.parts ? [m.trimmed(text)] : [];"
        " return {...told, parts: parts.map(m.messageBytes)} }) }",
        VECTORS["plans"],
    )

    for vector, found in zip(VECTORS["plans"], planned, strict=True):
        expected = {name: vector[name] for name in ("kind", "parts", "bytes", "reasons")}
        assert found == expected, vector["note"]


def test_the_browser_spells_what_the_server_spells(page: Page) -> None:
    spelled = page.evaluate(
        "async all => { const m = await import('/messages.js'); return all.map(({text}) => ({"
        " cheaper: m.cheaper(text), bare: m.cheaper(text, true), costly: m.costly(text) })) }",
        VECTORS["spellings"],
    )

    for vector, found in zip(VECTORS["spellings"], spelled, strict=True):
        assert found == {name: vector[name] for name in found}, vector["note"]


def test_the_counter_says_bytes_price_and_choice_and_offers_a_cheaper_spelling(page: Page) -> None:
    page.fill("#body", "été")
    within = page.inner_text("#count")
    page.fill("#body", "é" * 81)
    longer = page.inner_text("#count")
    page.check("[value=parts]")
    in_parts = page.inner_text("#count")
    page.fill("#body", "“été”")
    hint = page.inner_text("[data-costly-words]")
    page.click("[data-cheaper]")

    assert within == "5 of 160, $0.0150"
    assert longer == "162 of 2048, MMS, $0.0400"
    assert in_parts == "2 texts, $0.0300"
    assert hint == "“ é ” cost more"
    assert page.input_value("#body") == '"été"'
    assert page.inner_text("[data-bare]") == "2 fewer without accents"
    assert page.is_hidden("[data-cheaper]")
    assert page.is_hidden("[data-way]")
