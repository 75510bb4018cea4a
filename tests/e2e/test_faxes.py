"""A fax from the file to the transmission report, in one window that nobody loads anew."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.installation import Installation
from tests.e2e.people import WIDE, People
from tests.e2e.walk import problems_of

pytestmark = pytest.mark.browser

LAB = "4165550193"


def test_a_fax_goes_out_with_preview_fails_is_retried_and_its_report_is_downloaded(
    installation: Installation, people: People, tmp_path: Path
) -> None:
    installation.carrier("fax_machines", number=LAB, behaviour="fails", page=2, fails=1)
    installation.carrier("settings", fax_speed=200)
    notes = tmp_path / f"notes {uuid.uuid4().hex[:6]}.txt"
    notes.write_text("Chart notes\fSecond page\fThird page")
    priya = people.priya(width=WIDE)
    priya.expect_fault("htmx:(sendAbort|afterRequest)")  # a badge asked while the next page came
    page = priya.open("/faxes/new")

    page.fill("#to", "416 555 0193")
    page.set_input_files("#files", notes)
    pages = page.locator(".fax-strip [data-place]")
    expect(pages).to_have_count(3, timeout=60_000)
    expect(page.locator("#fax-recipients")).to_contain_text("+1 416 555 0193")
    expect(page.locator("#fax-sum")).to_contain_text("$")
    third = pages.nth(2).get_attribute("data-place")
    pages.nth(2).get_by_role("button", name="earlier").click()
    expect(pages.nth(1)).to_have_attribute("data-place", str(third))
    page.get_by_role("button", name="Leave out page 3").click()
    expect(pages).to_have_count(2)
    send = page.get_by_role("button", name="Send fax")
    expect(send).to_be_enabled()
    assert problems_of(page) == []
    send.dblclick()

    told = page.locator(".fax-told")
    expect(told).to_contain_text(
        "The connection broke on page 2. You were not charged.", timeout=90_000
    )
    told.get_by_role("button", name="Retry").click()
    expect(told).to_contain_text(re.compile("Delivered"), timeout=90_000)
    expect(page.locator(".fax-page")).to_have_count(2)
    with page.expect_download() as report:
        told.get_by_role("link", name="Transmission report").click(timeout=60_000)
    assert Path(report.value.path()).read_bytes().startswith(b"%PDF-")
    told_by = httpx.get(
        f"{installation.control_url}truth/faxes", params={"direction": "out", "limit": 5_000}
    )
    tries = [one["status"] for one in told_by.json()["faxes"] if one["other"].endswith(LAB)]
    assert tries == ["FAILED", "SUCCESS"]
