"""From a stranger to a client: sign up, prove the e-mail, be activated in the list, log in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.installation import until
from tests.e2e.people import PHONE, People
from tests.services import MailServer

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "nora@lindqvist.example", "seven calm otters"


def test_a_stranger_signs_up_is_activated_in_the_list_and_logs_in(
    people: People, mail_server: MailServer
) -> None:
    nora = people.stranger("client", width=PHONE, email=EMAIL, password=PASSWORD)
    page = nora.open("/login")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("First name").fill("Nora")
    page.get_by_label("Last name").fill("Lindqvist")
    page.get_by_label("E-mail").fill(EMAIL)
    page.locator("#password").fill(PASSWORD)
    page.get_by_label("Company").fill("Lindqvist Optics")
    page.wait_for_timeout(3_100)  # nobody fills this in faster
    page.get_by_role("button", name="Create an account").click()
    expect(page.get_by_role("status").first).to_contain_text("Open the link")

    (link,) = until(lambda: _links(mail_server), what="the mail")
    page.goto(link)
    page.get_by_role("button", name="Confirm my e-mail").click()
    expect(page.get_by_role("heading", name="Awaiting activation")).to_be_visible()
    nora.expect_fault("422")
    expect(nora.log_in().get_by_role("alert")).to_contain_text("waiting to be activated")

    ines = people.ines()
    listed = ines.open("/clients?state=wait")
    row = listed.locator("tr", has_text="Lindqvist Optics")
    row.get_by_role("button", name="Activate").click()
    expect(listed.get_by_text("Lindqvist Optics is active now.").first).to_be_visible()

    nora.log_in().wait_for_url("**/dashboard")


def test_choosing_clients_counts_them_without_moving_the_list(people: People) -> None:
    page: Page = people.ines().open("/clients")
    first = page.locator("#client-rows tbody tr").first
    before = first.bounding_box()

    first.locator("input[type=checkbox]").check()
    expect(page.locator("#selection")).to_contain_text("1 selected")
    page.get_by_label("Select all on this page").check()

    every = page.locator("#client-rows tbody input[type=checkbox]").count()
    expect(page.locator("#selection")).to_contain_text(f"{every} selected")
    assert first.bounding_box() == before


def _links(server: MailServer) -> list[str]:
    texts = [one.message.get_body(("plain",)) for one in server.received if EMAIL in one.recipients]
    found = [re.search(r"http\S+/signup/\S+", part.get_content()) for part in texts if part]
    return [one.group(0) for one in found if one]
