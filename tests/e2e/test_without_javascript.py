"""Everything a person must do works as plain forms and links, with scripts switched off."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.e2e.installation import Installation
from tests.e2e.people import People

pytestmark = pytest.mark.browser


def test_a_client_reads_filters_and_sends_without_scripts(
    people: People, installation: Installation
) -> None:
    priya = people.stranger("client", scripts=False)
    words = f"À bientôt, sans script {uuid.uuid4().hex[:6]}"

    priya.log_in().wait_for_url("**/dashboard")
    page = priya.open("/calls?result=no_answer")
    results = set(page.locator("#calls tbody .c-state").all_inner_texts())
    page.locator("#filters input[type=search]").fill("Haddad")
    page.locator("#filters input[type=search]").press("Enter")
    searched = page.url
    priya.open("/calls")
    page.locator(".price-link").first.click()
    expect(page.locator("main dl")).to_contain_text("min × $")
    priya.open("/messages")
    page.locator("a.conversation", has_text="Marchand").click()
    page.fill("#body", words)
    page.locator("#composer button.btn-primary").click()

    assert {text.strip() for text in results} == {"No answer"}, results
    assert "q=Haddad" in searched
    expect(page.locator("article.bubble-own", has_text=words)).to_have_count(1)


def test_staff_save_a_package_and_add_a_payment_without_scripts(people: People) -> None:
    ines = people.stranger("reseller", scripts=False)
    name = f"Plain paper {uuid.uuid4().hex[:4]}"

    ines.log_in().wait_for_url("**/staff/")
    page = ines.open("/packages/new")
    page.locator("#package [name=name]").fill(name)
    page.locator("#package [name=markup_fixed]").fill("0.0030")
    page.locator("#package [name=markup_percent]").fill("10")
    page.get_by_role("button", name="Save package").first.click()
    expect(page.locator("h1")).to_have_text(name)
    ines.open("/clients?q=medina")
    page.get_by_role("link", name="Medina Import", exact=True).click()
    page.get_by_role("link", name="Add payment").click()
    page.get_by_label("Amount").fill("12.34")
    page.get_by_label("Description").fill("Cash at the counter")
    page.get_by_role("button", name="Add payment").click()

    expect(page.locator("main")).to_contain_text(re.compile(r"Cash at the counter"))
    expect(page.locator("main")).to_contain_text("12.34")
