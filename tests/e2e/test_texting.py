"""Texting by the keys alone, and one text to many while it goes out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.people import WIDE, People
from tests.e2e.walk import problems_of

pytestmark = pytest.mark.browser


def test_the_keys_lead_through_the_conversations(people: People) -> None:
    priya = people.priya(width=WIDE)
    page = priya.open("/messages")
    rows = page.locator("a.conversation")

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.first).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#conversation-search [type=search]")).to_be_focused()

    rows.first.press("Enter")
    page.wait_for_url(re.compile(r"/messages/[0-9a-f-]{36}"))
    page.keyboard.press("r")
    expect(page.locator("#body")).to_be_focused()
    page.keyboard.type("njk")  # inert while typing
    expect(page.locator("#body")).to_have_value("njk")
    page.locator("#body").fill("")
    page.locator("#body").evaluate("area => area.blur()")
    for wanted in ("Open again", "Mark done"):
        thread = page.url
        with page.expect_navigation():
            page.keyboard.press("e")
        page.goto(thread)
        expect(page.locator("#done-form button")).to_have_attribute("title", wanted)
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/messages$"))
    page.keyboard.press("n")
    expect(page.get_by_role("combobox", name="To")).to_be_focused()


def test_one_text_to_many_shows_how_far_it_is(people: People, tmp_path: Path) -> None:
    guests = tmp_path / "guests.csv"
    guests.write_text("number,table\n613 555 0155,4\n613 555 0129,7\n819 555 0164,12\n")
    priya = people.priya(width=WIDE)
    priya.expect_fault("htmx:(sendAbort|afterRequest)")  # it asked while the next page came
    page = priya.open("/messages/bulk/new")

    page.set_input_files("input[type=file]", guests)
    page.get_by_role("button", name="Write the text").click()
    page.locator("#bulk-form textarea").fill("Your table: ")
    page.get_by_role("button", name="[table]").click()
    page.get_by_role("button", name="Look at each text").click()
    expect(page.locator("#preview tbody tr")).to_have_count(3)
    expect(page.locator("#preview tbody tr").last).to_contain_text("Your table: 12")
    page.get_by_role("button", name="Send 3 texts").click()

    progress = page.locator("#bulk-progress")
    expect(progress.get_by_role("status").first).to_have_text(re.compile("3 of 3|Done"))
    expect(progress.locator("tbody tr .badge")).to_have_text([re.compile("Sent|Delivered")] * 3)
    assert problems_of(page) == []
