"""A day of a reseller: clients, connections, money, packages, somebody's portal, and a PDF."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from portal.tasks import REFRESH_NUMBERS
from tests.e2e.installation import Installation, until
from tests.e2e.people import PHONE, WIDE, People

pytestmark = pytest.mark.browser


def _open_client(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.locator("h1")).to_contain_text(name)


def test_a_new_client_is_made_connected_paid_and_can_log_in(
    people: People, installation: Installation
) -> None:
    username = f"h{uuid.uuid4().hex[:6]}"
    installation.carrier(
        "seed",
        history_days=0,
        resellers=[
            {
                "api_username": "api@northwind.example",
                "sub_accounts": [{"username": username, "description": username}],
            }
        ],
    )
    installation.import_now(REFRESH_NUMBERS)
    email = f"tova-{uuid.uuid4().hex[:6]}@lindholm.example"
    ines = people.ines()
    page = ines.open("/clients/new")

    page.get_by_label("First name").fill("Tova")
    page.get_by_label("Last name").fill("Lindholm")
    page.get_by_label("Company").fill("Lindholm Boats")
    page.locator("#email").fill(email)
    page.locator("#password").fill("seven oars and a sail")
    page.get_by_role("button", name="Add client").click()
    expect(page.locator("h1")).to_contain_text("Lindholm Boats")
    client_url = page.url
    option = until(
        lambda: _option(page, f"{client_url}/sub-accounts/link", username),
        what="the carrier's new sub-account in the list",
    )
    page.locator("#sub_account").select_option(label=option)
    page.locator("#package").select_option(label="Office Standard")
    page.locator("#link button.btn-primary").click()
    expect(page.locator("main")).to_contain_text("Office Standard")
    page.goto(f"{client_url}/payment")
    page.get_by_label("Amount").fill("50")
    page.get_by_role("button", name="Add payment").click()

    expect(page.locator("main")).to_contain_text("$50.00")
    tova = people.stranger("client", email=email, password="seven oars and a sail")
    tova.log_in().wait_for_url("**/dashboard")
    # The package's setup fee of 5.00 was part of the link.
    expect(tova.page.locator("#balance-chip")).to_contain_text("$45.00")


def test_a_payment_is_added_and_undone_by_its_mirror_image(people: People) -> None:
    ines = people.ines(width=PHONE)
    page = ines.open("/clients?q=prairie")
    _open_client(page, "Prairie Grain Co-op")
    client_url = page.url

    page.locator("[data-opens=add-payment]").click()
    dialog = page.locator("#add-payment")
    dialog.get_by_label("Amount").fill("61.61")
    dialog.get_by_label("Description").fill("Cheque 881")
    dialog.locator("button.btn-success, button.btn-primary").last.click()
    expect(page.locator("#toasts")).to_contain_text("$61.61 added. The balance is")
    page.goto(f"{client_url}/transactions")
    line = page.locator("main tr", has_text="Cheque 881").first
    line.locator("a[href$='/reverse']").click()
    page.get_by_label("Reason").fill("The cheque bounced")
    page.get_by_role("button", name="Reverse").click()

    expect(page.locator("#toasts")).to_contain_text("Reversed.")
    expect(page.locator("main")).not_to_contain_text("Cheque 881")
    page.goto(f"{client_url}/transactions?reversed=1")
    expect(page.locator("main")).to_contain_text("\u2212$61.61")
    expect(page.locator("main tr", has_text="Cheque 881").last).to_be_visible()


def test_a_package_shows_its_price_while_typing_is_saved_and_unused_deleted(people: People) -> None:
    ines = people.ines(width=WIDE)
    # A newer key stroke ends the question of the older one, and htmx says so on the console.
    ines.expect_fault("htmx:(sendAbort|afterRequest)")
    page = ines.open("/packages/new")

    page.locator("#package [name=name]").fill("Guide's example")
    page.locator("#package [name=markup_fixed]").fill("0.0025")
    page.locator("#package [name=markup_percent]").fill("20")

    expect(page.locator("#preview-price")).to_have_text("$0.0138")
    page.locator("#package [name=markup_percent]").fill("")
    page.locator("#package [name=markup_percent]").type("50", delay=40)
    expect(page.locator("#preview-price")).to_have_text("$0.01725")
    page.locator("#package [name=markup_percent]").fill("20")
    expect(page.locator("#preview-price")).to_have_text("$0.0138")
    page.get_by_role("button", name="Save package").first.click()
    expect(page.locator("h1")).to_have_text("Guide's example")
    page = ines.open("/packages?q=guide")
    page.locator("tbody a.row-link", has_text="Guide's example").click()
    expect(page.locator("#package [name=markup_percent]")).to_have_value("20")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#package-list, main")).not_to_contain_text("Guide's example")


def test_staff_look_through_a_clients_eyes_with_a_reason_and_leave(people: People) -> None:
    ines = people.stranger("reseller")
    ines.log_in().wait_for_url("**/staff/")
    page = ines.open("/clients?q=lindqvist")
    _open_client(page, "Lindqvist Family Medicine")
    client_url = page.url

    page.goto(f"{client_url}/log-in")
    page.get_by_label(re.compile("Reason|Why")).fill("She asked why a call cost so much")
    page.get_by_role("button", name="Log in as client").click()
    expect(page.locator("#acting")).to_contain_text("Lindqvist Family Medicine")
    page.locator("nav#menu").get_by_role("link", name="Balance").click()
    expect(page.locator("#acting")).to_contain_text("Read only")
    page.locator("#acting").get_by_role("button", name="Leave").click()

    expect(page).to_have_url(re.compile("/staff/"))
    page.goto(f"{client_url}/log")
    expect(page.locator("main")).to_contain_text("She asked why a call cost so much")


def test_the_report_becomes_a_pdf_in_the_background_and_downloads(people: People) -> None:
    ines = people.ines()
    page = ines.open("/reports/global-cdr?result=failed")

    page.locator("#files").get_by_role("button", name="PDF", exact=True).click()
    link = page.locator("#files .job").first.get_by_role("link", name="Download")
    expect(link).to_be_visible(timeout=90_000)
    with page.expect_download() as coming:
        link.click()

    path = coming.value.path()
    assert path.read_bytes().startswith(b"%PDF")
    assert coming.value.suggested_filename.endswith(".pdf")


def _option(page: Page, url: str, words: str) -> str:
    """The option of the list with these words; empty when it has none yet."""
    page.goto(url)
    options = page.locator("#sub_account option").all_inner_texts()
    return next((text for text in options if words in text), "")
