"""The main job: what happens at the carrier is seen, priced and paid in open pages, without reload."""

from __future__ import annotations

import re
import uuid

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.installation import Installation, until
from tests.e2e.people import PHONE, WIDE, People

pytestmark = pytest.mark.browser

RECEPTION = "100482_reception"


def _money(text: str) -> float:
    return float(re.sub(r"[^0-9.]", "", text.replace("\u2212", "-")))


def _conversation(person_page: Page, name: str) -> None:
    person_page.locator("a.conversation", has_text=name).click()
    person_page.wait_for_selector("#composer")


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_a_call_at_the_carrier_appears_in_the_open_list_with_a_price_that_explains_itself(
    installation: Installation, people: People, width: int
) -> None:
    priya = people.priya(width=width)
    page = priya.listen("/calls")
    number = "2125550187" if width == WIDE else "2125550186"

    installation.call(account=RECEPTION, destination="1" + number, seconds=102)
    row = page.locator("#calls tbody tr", has_text=f"212 555 {number[-4:]}").first
    expect(row).to_be_visible()
    row.locator(".price-link").click()
    explained = page.locator(".explain-row:not([hidden]) dl.explain")

    expect(explained).to_be_visible()
    words = explained.inner_text()
    assert "102 s, billed 102 s (pulse 6 s)" in words, words
    assert "1.7 min × $0.0" in words, words
    assert "ost" not in re.sub("[Pp]ost", "", words), "a client never sees cost"


def test_a_call_moves_the_balance_in_the_bar_and_reaches_the_reseller(
    installation: Installation, people: People
) -> None:
    priya, ines = people.priya(), people.ines()
    page = priya.listen("/balance")
    report = ines.listen("/reports/global-cdr")
    before = _money(page.locator("#balance-chip").inner_text())

    # A country that no free minute covers, long enough to be seen in cents.
    installation.call(account="100482_operatory1", destination="5215555550123", seconds=1260)

    expect(page.locator("#balance-chip")).not_to_contain_text(f"${before:.2f}")
    assert _money(page.locator("#balance-chip").inner_text()) < before
    row = report.locator("#report tbody tr", has_text="100482_operatory1").first
    expect(row).to_contain_text("21:00")
    expect(row).to_contain_text("Harbourlight Dental")


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_a_text_is_sent_once_goes_out_is_delivered_and_answered_live(
    installation: Installation, people: People, width: int
) -> None:
    priya = people.priya(width=width)
    page = priya.open("/messages")
    _conversation(page, "Nadia Okafor")
    text = f"Déjà prêt, salle {uuid.uuid4().hex[:6]}"

    page.fill("#body", text)
    counted = page.locator("#composer-count").inner_text()
    page.locator("#composer button.btn-primary").dblclick()
    bubble = page.locator("article.bubble-own", has_text=text)

    assert counted.startswith(f"{len(text.encode())} of 160 bytes"), counted
    assert "$0.0150" in counted, counted
    expect(bubble).to_contain_text(re.compile("Sent|Delivered"))
    _delivered(installation, bubble)
    expect(bubble).to_have_count(1)
    expect(page.locator("#thread > article").last).not_to_have_class(re.compile("bubble-own"))
    assert _sent_at_the_carrier(installation, text) == 1


def test_a_text_that_the_carrier_refuses_shows_the_reason_and_goes_out_on_retry(
    installation: Installation, people: People
) -> None:
    priya = people.priya()
    words = f"Is Tuesday still good? {uuid.uuid4().hex[:6]}"
    page = priya.open("/messages")
    _conversation(page, "Élodie Marchand")
    installation.carrier("faults", kind="status", method="sendSMS", status="invalid_dst", calls=1)

    page.fill("#body", words)
    page.keyboard.press("Control+Enter")
    failed = page.locator("article.bubble-failed", has_text=words)
    expect(failed).to_be_visible()
    reason = failed.locator(".bubble-meta").inner_text()
    failed.get_by_role("button", name="Retry").click()

    again = page.locator("article.bubble-own", has_text=words).last
    expect(again).to_contain_text(re.compile("Sent|Delivered"))
    _delivered(installation, again)
    expect(page.locator("article.bubble-failed", has_text=words)).not_to_contain_text("Retry")
    assert "Not delivered" in reason, reason
    assert _sent_at_the_carrier(installation, words) == 1


def test_a_text_from_a_contact_arrives_in_the_open_list_and_counts_as_unread(
    installation: Installation, people: People
) -> None:
    priya = people.priya()
    page = priya.listen("/messages")

    installation.carrier(
        "messages", did="6135550142", contact="5145550117", message="Gate code is 4471"
    )

    line = page.locator("a.conversation", has_text="Élodie Marchand")
    expect(line).to_contain_text("Gate code is 4471")
    expect(line).to_have_class(re.compile("is-unread"))


def _delivered(installation: Installation, bubble: Locator) -> None:
    """The carrier lists what became of a text; it is asked every few minutes, and now."""

    def known() -> bool:
        installation.import_texts_now()
        bubble.page.wait_for_timeout(1500)
        return "Delivered" in bubble.inner_text()

    until(known, what="the delivery")


def _sent_at_the_carrier(installation: Installation, text: str) -> int:
    truth = httpx.get(f"{installation.control_url}truth/messages?direction=out", timeout=30).json()
    return sum(one["message"] == text for one in truth["messages"])
