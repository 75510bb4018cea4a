"""From a stranger on the sign-up page to a client who logs in; and what machines do not get."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from portal import identity, ledger, mail
from portal.core import clock
from portal.core.money import Money
from portal.identity import ClientFacts, ClientFilter, ClientStatus
from portal.mail import MailRow
from tests.browser import Browser, Page
from tests.world import PASSWORD, World

Door = Callable[..., Browser]
NORA = {
    "first_name": "Nora",
    "last_name": "Lindqvist",
    "email": "Nora@Lindqvist.example",
    "password": "seven calm otters",
    "company": "Lindqvist Optics",
}


@pytest.fixture(autouse=True)
def sign_up_is_on(world: World) -> None:
    """Northwind lets strangers in and asks for a company and, if they like, a city."""
    with world.within(world.northwind):
        identity.save_sign_up_rules(is_on=True, shown=["city"], required=["company"])


def asked(somebody: Browser, *, after: float = 10, **changed: Any) -> Page:
    """Open the page, take some seconds, and send it."""
    opened_at = clock.now()
    with time_machine.travel(opened_at, tick=False):
        somebody.open("/signup")
    with time_machine.travel(opened_at + timedelta(seconds=after), tick=False):
        return somebody.submit("#sign-up", **(NORA | changed))


def mails(world: World) -> list[MailRow]:
    """What Northwind wrote about sign-ups, newest first."""
    with world.reading(world.northwind):
        return [row for row in mail.unsent_mails() if row.name != "payment_received"]


def link_of(row: MailRow) -> str:
    found = re.search(r"http\S+(/r/\d+/signup/\S+)", row.text)
    assert found is not None
    return found.group(1)


def waiting(world: World) -> list[ClientFacts]:
    with world.reading(world.northwind):
        rows = identity.find_clients(ClientFilter(status=ClientStatus.WAIT)).rows
        return [identity.client_facts(row.id) for row in rows]


def signed_up(world: World, browser: Door) -> ClientFacts:
    """Nora, who has proved her e-mail."""
    nora = browser(world.northwind)
    asked(nora)
    nora.open(link_of(mails(world)[0]))
    nora.submit("#confirm")
    (found,) = waiting(world)
    return found


def test_a_stranger_becomes_a_client_who_waits_and_then_logs_in(
    world: World, browser: Door, browse: Door
) -> None:
    nora = browser(world.northwind)
    assert nora.open("/login").link("Create an account") == "/r/100482/signup"
    answered = asked(nora)
    assert "Open the link" in answered.text("[role=status]")
    assert waiting(world) == [], "before the e-mail is proved there is no client"
    link = link_of(mails(world)[0])
    nora.open(link)
    assert waiting(world) == [], "a mail program that opens the link confirms nothing"

    confirmed = nora.submit("#confirm")

    assert confirmed.title == "Awaiting activation"
    (found,) = waiting(world)
    assert found.title == "Lindqvist Optics"
    assert found.details.email == "nora@lindqvist.example"
    assert found.details.balance_mode == "soft"
    assert mails(world)[0].subject.endswith("is awaiting activation")
    assert "waiting to be activated" in nora.log_in(*_login()).text("[role=alert]")
    nora.open("/forgot")
    nora.submit("#forgot", email=NORA["email"])
    assert mails(world)[0].name == "sign_up_received", "who waits gets no link for a password"

    ada = browse(world.northwind.owner)
    listed = ada.open("/staff/clients", state="wait")
    assert listed.texts("#client-rows .row-link") == ["Lindqvist Optics"]
    assert "Lindqvist Optics signed up" in ada.open("/staff/attention").words
    ada.open("/staff/clients", state="wait")
    back = ada.submit(f"#client-{found.public_id} form")

    assert "Lindqvist Optics is active now." in back.words
    assert back.path == "/staff/clients"
    assert mails(world)[0].name == "account_activated"
    assert nora.log_in(*_login()).title.endswith("Nora")
    with world.reading(world.northwind):
        assert ledger.standing(found.id).floor is None
        assert ledger.balance_of(found.id) == Money(0)


def _login() -> tuple[str, str]:
    return NORA["email"], NORA["password"]


def test_the_page_asks_exactly_what_the_reseller_chose(world: World, browser: Door) -> None:
    nora = browser(world.northwind)

    page = nora.open("/signup")
    refused = asked(nora, company="")

    shown = {str(field["name"]) for field in page.all("#sign-up input:not([type=hidden]), select")}
    assert shown == {"first_name", "last_name", "email", "password", "company", "city", "website",
                     "language"}  # fmt: skip
    assert refused.status == 422
    assert refused.text("#company-error") == "This field is needed."
    assert refused.find("#first_name")["value"] == "Nora"


def test_somebody_known_gets_the_same_answer_and_a_mail_that_says_so(
    world: World, browser: Door
) -> None:
    somebody = browser(world.northwind)

    known = asked(somebody, email=world.a.email, first_name="Mallory")
    (written,) = mails(world)
    stranger = asked(somebody)

    assert known.text("main") == stranger.text("main")
    assert known.status == stranger.status == 200
    assert written.name == "sign_up_known"
    assert "Mallory" not in written.text
    assert "/signup/" not in written.text


def test_a_link_works_once_and_not_after_two_days(world: World, browser: Door) -> None:
    nora = browser(world.northwind)
    asked(nora)
    first = link_of(mails(world)[0])
    asked(nora)
    second = link_of(mails(world)[0])
    nora.open(first)
    nora.submit("#confirm")

    again = nora.open(first)
    taken = nora.post(second)
    with time_machine.travel(clock.now() + timedelta(days=3)):
        late = nora.open(second)

    assert [again.status, taken.status, late.status] == [422, 422, 422]
    assert len(waiting(world)) == 1
    assert browser(world.globex).open(second.replace("100482", "100731")).status == 404


def test_machines_leave_nothing_behind(world: World, browser: Door) -> None:
    machine = browser(world.northwind)

    trapped = asked(machine, website="https://spam.example")
    quick = asked(machine, after=1)
    forged = asked(machine, opened="bm93")
    advert = asked(machine, first_name="Win at spam.example")

    assert trapped.title == "Check your e-mail"
    assert quick.status == forged.status == advert.status == 422
    assert "That was quick" in quick.text("[role=alert]")
    assert "Enter a name" in advert.text("#first_name-error")
    assert mails(world) == []


def test_a_flood_is_told_to_wait(world: World, browser: Door) -> None:
    machine = browser(world.northwind, address="198.51.100.77")

    statuses = [asked(machine, email=f"n{at}@flood.example").status for at in range(8)]

    assert statuses[:4] == [200] * 4
    assert statuses[-1] == 429
    assert len(mails(world)) <= 5


def test_a_sign_up_that_is_off_does_not_exist(world: World, browser: Door, browse: Door) -> None:
    nora = browser(world.northwind)
    asked(nora)
    link = link_of(mails(world)[0])
    ada = browse(world.northwind.owner)
    ada.open("/staff/configuration/display")

    ada.submit("#sign-up", is_on=None)

    assert nora.open("/signup").status == nora.open(link).status == 404
    assert not nora.open("/login").all('a[href$="/signup"]')
    assert browser(world.globex).open("/signup").status == 404, "off until somebody wants it"


def test_what_is_required_is_also_shown(world: World, browse: Door) -> None:
    ada = browse(world.northwind.owner)
    ada.open("/staff/configuration/display")

    ada.post(
        "/staff/configuration/display/sign-up",
        {"is_on": "y", "shown": ["city"], "required": ["zip", "city"]},
    )

    with world.reading(world.northwind):
        rules = identity.sign_up_rules()
    assert (rules.is_on, rules.shown, rules.required) == (True, {"city", "zip"}, {"city", "zip"})


def test_a_refused_sign_up_leaves_no_name_and_frees_the_e_mail(
    world: World, browser: Door, browse: Door
) -> None:
    found = signed_up(world, browser)
    ada = browse(world.northwind.owner)
    ada.open(f"/staff/clients/{found.public_id}")
    ada.follow("Refuse sign-up")

    ada.submit("#confirm form")

    with world.reading(world.northwind):
        left = identity.client_facts(found.id)
        told = [event.person_name + str(event.facts) for event in identity.events(found.id).rows]
    assert left.status is ClientStatus.CLOSED
    assert "nora" not in f"{left}{told}".casefold()
    assert all(row.recipient != "nora@lindqvist.example" for row in mails(world))
    assert signed_up(world, browser).details.email == "nora@lindqvist.example"


def test_an_active_client_cannot_be_refused(world: World, browse: Door) -> None:
    ada = browse(world.northwind.owner)

    page = ada.post(f"/staff/clients/{world.a.public_id}/refuse")

    assert page.status == 422
    assert "This client was activated meanwhile." in page.words
    with world.reading(world.northwind):
        assert identity.client_facts(world.a.id).status is ClientStatus.ACTIVE


def test_who_waits_gets_in_by_no_other_door(world: World, browser: Door) -> None:
    signed_up(world, browser)
    nora = browser()

    nora.ask(
        "POST",
        "/site/login.php",
        data={
            "UID": "100482", "action": "DirectLogin", "col_email": NORA["email"],
            "col_password": NORA["password"],
        },
        headers={"Origin": "http://localhost"},
    )  # fmt: skip

    assert nora.open("/r/100482/dashboard").title == "Log in"


def test_a_suspended_client_reads_but_changes_nothing(world: World, browse: Door) -> None:
    priya = browse(world.a)
    with world.within(world.northwind):
        identity.suspend_client(world.a.id)

    read = [priya.open(path).status for path in ("/dashboard", "/messages", "/calls", "/balance")]
    changed = priya.post("/profile/low-balance", {"threshold": "30"})
    own_password = priya.post(
        "/profile/password",
        {
            "current_password": PASSWORD,
            "password": "seven calm otters",
            "again": "seven calm otters",
        },
    )

    assert read == [200] * 4
    assert changed.status == 403
    assert "Your service is suspended" in changed.words
    assert own_password.status == 200
    with world.reading(world.northwind):
        assert identity.client_facts(world.a.id).details.low_balance_threshold == Money.of("25")
