"""Getting in, being refused, getting back in, and leaving."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.installation import Installation, until
from tests.e2e.people import PHONE, WIDE, People
from tests.services import MailServer

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_a_client_logs_in_by_keyboard_alone_and_leaves_again(people: People, width: int) -> None:
    priya = people.stranger("client", width=width)
    page = priya.open("/login")

    page.get_by_label("E-mail").focus()
    page.keyboard.type(priya.email)
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.id") != "password":
        page.keyboard.press("Tab")
    page.keyboard.type(priya.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard")
    page.locator("summary.bar-person").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Log out").press("Enter")
    page.wait_for_url("**/login")
    priya.open("/dashboard")

    assert page.url.endswith("/login?next=/dashboard"), page.url


def test_a_wrong_password_gets_one_sentence_and_keeps_the_email(people: People) -> None:
    priya = people.stranger("client")
    priya.expect_fault("422")

    page = priya.log_in("not-this-one-12")

    expect(page.get_by_role("alert")).to_have_text(
        "This e-mail and password do not belong together."
    )
    assert page.get_by_label("E-mail").input_value() == priya.email
    assert page.title().startswith("Error: ")


def test_guessing_is_told_to_wait_and_an_open_session_goes_on(people: People) -> None:
    # Someone nobody else in these tests is.
    sylvie = people.stranger("client", email="sylvie@studioaubin.example")
    sylvie.expect_fault("422|429")
    open_already = people.stranger("client", email=sylvie.email)
    open_already.log_in().wait_for_url("**/dashboard")

    for _ in range(11):
        page = sylvie.log_in("guess-number-one")
        if "429" in " ".join(sylvie.faults):
            break

    expect(page.get_by_role("alert")).to_contain_text("Too many attempts. Try again in")
    open_already.open("/balance")
    expect(open_already.page.locator("h1")).to_have_text("Solde")


def test_a_forgotten_password_is_replaced_through_a_mail_and_ends_other_sessions(
    people: People, mail_server: MailServer
) -> None:
    hannah = people.stranger("client", email="clinic@lindqvist.example")
    elsewhere = people.stranger("client", email=hannah.email)
    elsewhere.log_in().wait_for_url("**/dashboard")
    elsewhere.expect_fault("EventSource's response")  # its stream may be asked for when it is over

    page = hannah.open("/login")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail").fill(hannah.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("status")).to_contain_text("a link is on its way")
    links = until(lambda: _links(mail_server, hannah.email), what="the mail")
    page.goto(links[0])
    page.locator("#password").fill("three brown canoes")
    page.locator("#again").fill("three brown canoes")
    page.get_by_role("button", name="Save the new password").click()
    hannah.log_in("three brown canoes").wait_for_url("**/dashboard")

    assert len(links) == 1
    elsewhere.open("/dashboard")
    expect(elsewhere.page.locator("#log-in")).to_be_visible()


def test_another_resellers_portal_knows_neither_the_session_nor_the_password(
    people: People, installation: Installation
) -> None:
    priya = people.priya()
    priya.expect_fault("422|404")
    other = installation.told["other_client"]["login_url"].removesuffix("/login")

    priya.page.goto(f"{other}/dashboard")
    expect(priya.page.locator("#log-in")).to_be_visible()
    priya.page.fill("#email", priya.email)
    priya.page.fill("#password", priya.password)
    priya.page.locator("#log-in button.btn-primary").click()

    expect(priya.page.get_by_role("alert")).to_be_visible()
    priya.open("/dashboard")
    expect(priya.page.locator("h1")).to_contain_text("Priya")


def _links(server: MailServer, email: str) -> list[str]:
    """The links to a new password that were mailed to this address, and to nobody else."""
    found = []
    for mail in list(server.received):
        body = mail.message.get_body(("plain",))
        link = re.search(r"http\S+/reset/\S+", body.get_content()) if body else None
        if link and mail.recipients == [email]:
            found.append(link.group())
    return found
