"""Two numbers connected at once: the total while ticking, the confirmation, the order's end."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.people import WIDE, People

pytestmark = pytest.mark.browser


def test_two_numbers_are_connected_at_once_with_forwarding_and_voicemail(people: People) -> None:
    ines = people.ines(width=WIDE)
    # A newer key stroke ends the question of the older one, and htmx says so on the console.
    ines.expect_fault("htmx:(sendAbort|afterRequest)")
    page = ines.open("/clients?q=harbourlight")
    page.locator("tbody a.row-link").first.click()
    page.wait_for_url(re.compile("/clients/[0-9a-f-]+$"))
    page.goto(f"{page.url}/numbers/connect")

    page.get_by_label("Search numbers").fill("61355501")
    expect(page.locator("#dids")).not_to_contain_text("+1 416")
    page.get_by_label("+1 613 555 0152").check()
    page.get_by_label("+1 613 555 0153").check()
    page.get_by_label("Setup fee", exact=True).fill("2.00")
    page.get_by_label("Monthly fee", exact=True).fill("1.50")
    page.get_by_label("Monthly fee", exact=True).blur()
    expect(page.locator("#connect-total")).to_contain_text("2 × $2.00")
    expect(page.locator("#connect-total")).to_contain_text("$7.00")
    page.get_by_label("At a local number").check()
    page.get_by_label("Local number", exact=True).fill("613 555 0187")
    page.get_by_label("Add a voicemail").check()
    page.get_by_label("Name of the mailbox").fill("Night desk")
    page.get_by_label("PIN").fill("4711")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("h1")).to_have_text("Connect 2 numbers")
    expect(page.locator("#connect-total")).to_contain_text("$7.00")
    page.get_by_role("button", name="Connect 2 numbers").click()

    expect(page.locator("main .badge")).to_contain_text("Connected")
    page.get_by_role("link", name="Numbers of").click()
    row = page.locator("#numbers tr", has_text="+1 613 555 0153")
    expect(row).to_contain_text("+1 613 555 0187")
