"""2-step login in a real browser: the key of the page in an app, out, and in again with a code."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.people import People
from tests.second_step import Telephone

pytestmark = pytest.mark.browser


def test_somebody_sets_it_up_with_the_key_on_the_page_and_logs_in_with_a_code(
    people: People,
) -> None:
    # Someone nobody else in these tests is.
    ruth = people.stranger("client", email="office@prairiegrain.example")
    page = ruth.log_in()
    page.wait_for_url("**/dashboard")

    ruth.open("/profile")
    page.locator("#second-step-card a").click()
    page.locator("#current_password").fill(ruth.password)
    page.get_by_role("button", name="Set up 2-step login").click()
    expect(page.get_by_role("img", name="QR code with the key")).to_be_visible()
    telephone = Telephone(page.locator("#second-step-key").inner_text())
    page.locator("#code").fill(telephone.code())
    page.get_by_role("button", name="Turn on 2-step login").click()
    expect(page.locator("#recovery-codes code")).to_have_count(10)
    recovery = page.locator("#recovery-codes code").first.inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert recovery in download.value.path().read_text()

    page.locator("summary.bar-person").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    ruth.log_in()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code")
    page.get_by_label("Code").fill(telephone.code(later_seconds=30))
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/dashboard")
