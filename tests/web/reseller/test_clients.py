"""Clients: found by anything, added, edited, through their states, and nobody else's."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from portal import identity, ledger
from portal.core.money import Money
from portal.identity import ClientFacts, ClientFilter, ClientStatus
from tests.browser import Browser
from tests.world import World

NEW = {
    "first_name": "Colm",
    "last_name": "Wexford",
    "company": "Wexford Law",
    "email": "colm@wexford.example",
}


def found(world: World, text: str) -> ClientFacts:
    """The one client of Northwind that the text means."""
    with world.reading(world.northwind):
        rows = identity.find_clients(ClientFilter(text)).rows
        assert len(rows) == 1
        return identity.client_facts(rows[0].id)


def test_a_client_is_found_by_name_email_user_id_phone_number_and_sub_account(
    owner: Browser,
) -> None:
    words = (
        "harbourlight",
        "priya raman",
        "priya@harbour",
        "200101",
        "613 555 0142",
        "0178",
        "kanata",
    )

    found_by = {
        text: owner.open("/staff/clients", q=text).texts("#client-rows .row-link") for text in words
    }

    assert found_by == {text: ["Harbourlight Dental"] for text in words}


def test_a_search_answers_rows_a_status_line_and_the_address_to_come_back_to(
    owner: Browser,
) -> None:
    whole = owner.open("/staff/clients")

    part = owner.open("/staff/clients", htmx=True, q="kestrel")

    field = whole.find("input[name=q][data-search]")
    assert field["hx-sync"] == "this:replace"
    assert "delay:250ms" in str(field["hx-trigger"])
    assert part.find("#client-rows")
    assert part.text(".pager [role=status]") == "1 client"
    assert part.headers["HX-Push-Url"] == "/staff/clients?q=kestrel"


def test_states_and_the_download_keep_the_words_that_were_typed(owner: Browser) -> None:
    part = owner.open("/staff/clients", htmx=True, q="kestrel")

    chips = part.find("#client-states[hx-swap-oob]").select("a")
    assert [chip.get_text(" ", strip=True) for chip in chips[:2]] == ["All 1", "Active 1"]
    assert all("q=kestrel" in str(chip["href"]) for chip in chips)
    assert part.find("#client-export[hx-swap-oob]")["href"] == "/staff/clients.csv?q=kestrel"


def test_nothing_found_names_the_search_and_offers_to_clear_it(owner: Browser) -> None:
    page = owner.open("/staff/clients", q="<b>zzz</b>")

    said = page.text("#client-rows")

    assert "Nothing found for “<b>zzz</b>”" in said
    assert page.link("Clear filters") == "/staff/clients"


def test_the_list_shows_balances_packages_and_counts(owner: Browser, world: World) -> None:
    page = owner.open("/staff/clients")

    row = page.text(f"#client-{world.a.public_id}")

    with world.reading(world.northwind):
        balance = ledger.balance_of(world.a.id)
    assert f"${balance.decimal:.2f}" in row
    assert "Office Standard" in row
    assert "2, 2" in row
    assert "Meridian Freight" not in page.words


def test_a_client_is_added_with_a_wallet(owner: Browser, world: World) -> None:
    owner.open("/staff/clients/new")

    page = owner.submit("#client-form", **NEW, balance_mode="hard", low_balance_threshold="25")

    made = found(world, "wexford law")
    assert page.title == "Wexford Law"
    assert made.status is ClientStatus.ACTIVE
    assert made.details.low_balance_threshold == Money.of("25")
    with world.reading(world.northwind):
        assert ledger.standing(made.id).floor == Money(0)


def test_the_address_of_a_client_is_kept(owner: Browser, world: World) -> None:
    where = {"company": "Wexford Law", "address": "12 Elm Street", "city": "Ottawa",
             "state": "Ontario", "zip": "K1A 0B1", "country": "CA"}  # fmt: skip
    owner.open("/staff/clients/new")

    owner.submit("#client-form", **(NEW | where))

    kept = found(world, "wexford law").details
    assert {name: getattr(kept, name) for name in where} == where


WRONG = (
    ("email", "nonsense", "Enter an address like name@example.com."),
    ("email", "priya@harbourlight.example", "Another client of yours has this e-mail."),
    ("low_balance_threshold", "9.99", "Choose an amount from 10 to 500."),
    ("low_balance_threshold", "-20", "Enter an amount from 0 to 1,000,000."),
    ("low_balance_threshold", "much", "Enter an amount like"),
    ("phone", "call me", "Enter a number with its area code"),
    ("first_name", "", "This field is needed."),
    ("time_zone", "Mars/Olympus", "There is no such time zone."),
    ("password", "password123", "on the lists"),
)


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(
    owner: Browser, world: World
) -> None:
    owner.open("/staff/clients/new")

    for field, value, words in WRONG:
        page = owner.submit("#client-form", **(NEW | {field: value}))

        assert page.status == 422, field
        assert words in page.text(f"#{field}-error")
        assert page.find("#company")["value"] == "Wexford Law"
        owner.open("/staff/clients/new")
    with world.reading(world.northwind):
        assert not identity.find_clients(ClientFilter("wexford")).rows


def test_two_who_edit_one_client_the_second_is_told_and_may_save_again(
    owner: Browser, world: World
) -> None:
    address = f"/staff/clients/{world.a.public_id}/edit"
    owner.open(address)
    with world.within(world.northwind):
        now = identity.client_facts(world.a.id).details
        identity.edit_client(world.a.id, replace(now, company="Harbourlight Dental Ltd"))

    told = owner.submit("#client-form", city="Kanata")
    with world.reading(world.northwind):
        untouched = identity.client_facts(world.a.id).details
    saved = owner.submit("#client-form")
    with world.reading(world.northwind):
        after = identity.client_facts(world.a.id).details

    assert told.status == 422
    assert told.texts("[role=alert]") == [
        "Somebody else has saved this client meanwhile. Save again to replace that.",
        "Different from what is saved now: Company, City.",
    ]
    assert (untouched.company, untouched.city) == ("Harbourlight Dental Ltd", "Ottawa")
    assert saved.status == 200
    assert (after.company, after.city) == ("Harbourlight Dental", "Kanata")


def test_changing_to_hard_moves_the_floor_of_the_wallet(owner: Browser, world: World) -> None:
    owner.open(f"/staff/clients/{world.a.public_id}/edit")

    owner.submit("#client-form", balance_mode="hard")

    with world.reading(world.northwind):
        assert ledger.standing(world.a.id).floor == Money(0)


def test_hostile_names_stay_words(owner: Browser) -> None:
    owner.open("/staff/clients/new")

    owner.submit("#client-form", **(NEW | {"company": '"><img src=x onerror=alert(1)>'}))

    listed = owner.open("/staff/clients", q="wexford")
    assert '"><img src=x onerror=alert(1)>' in listed.text("#client-rows")
    assert not listed.has("#client-rows img")


def test_a_client_is_suspended_and_resumed(owner: Browser, world: World) -> None:
    address = f"/staff/clients/{world.a.public_id}"
    owner.open(address)

    owner.submit(f'form[action="{address}/suspend"]')
    suspended = found(world, "harbourlight").status
    page = owner.submit(f'form[action="{address}/resume"]')

    assert suspended is ClientStatus.SUSPENDED
    assert found(world, "harbourlight").status is ClientStatus.ACTIVE
    assert "Harbourlight Dental is active again." in page.words


def test_an_account_with_numbers_is_not_closed(owner: Browser, world: World) -> None:
    owner.open(f"/staff/clients/{world.a.public_id}/close")

    page = owner.submit("#close", typed_name="Harbourlight Dental")

    assert page.status == 422
    assert "Unlink everything from this client first." in page.text("#close")
    assert found(world, "harbourlight").status is ClientStatus.ACTIVE


def test_closing_wants_the_name_typed(owner: Browser, world: World) -> None:
    owner.open("/staff/clients/new")
    owner.submit("#client-form", **NEW)
    made = found(world, "wexford")
    owner.open(f"/staff/clients/{made.public_id}/close")

    refused = owner.submit("#close", typed_name="Wexford")
    owner.submit("#close", typed_name="wexford law")

    assert refused.text("#typed_name-error") == "This is not the client's name."
    with world.reading(world.northwind):
        assert identity.client_facts(made.id).status is ClientStatus.CLOSED


def test_another_resellers_client_does_not_exist(owner: Browser, world: World) -> None:
    paths = (
        "", "/edit", "/transactions", "/payment", "/charge", "/sub-accounts", "/sub-accounts/link",
        "/numbers", "/numbers/connect", "/calls", "/log", "/log-in", "/close",
    )  # fmt: skip

    theirs = {
        path: owner.open(f"/staff/clients/{world.x.public_id}{path}").status for path in paths
    }
    nobodys = owner.open(f"/staff/clients/{uuid.uuid4()}")

    assert theirs == dict.fromkeys(paths, 404)
    assert nobodys.status == 404


def test_nothing_can_be_done_to_another_resellers_client(owner: Browser, world: World) -> None:
    paths = (
        "/edit", "/payment", "/charge", "/activate", "/suspend", "/resume", "/close", "/log-in",
        "/sub-accounts/link", "/numbers/connect",
    )  # fmt: skip
    with world.reading(world.globex):
        before = ledger.balance_of(world.x.id)
    typed = {"amount": "5", "reference": str(uuid.uuid4()), "reason": "look", "typed_name": "x"}

    answers = {
        path: owner.post(f"/staff/clients/{world.x.public_id}{path}", typed).status
        for path in paths
    }

    assert answers == dict.fromkeys(paths, 404)
    with world.reading(world.globex):
        assert ledger.balance_of(world.x.id) == before


def test_a_reader_sees_no_button_and_can_press_none(reader: Browser, world: World) -> None:
    page = reader.open(f"/staff/clients/{world.a.public_id}")

    posts = [form for form in page.all("main form") if form["method"] == "post"]
    answers = [
        reader.open(f"/staff/clients/{world.a.public_id}{path}").status
        for path in ("/edit", "/payment", "/charge", "/sub-accounts/link", "/log-in", "/close")
    ]
    posted = reader.post(f"/staff/clients/{world.a.public_id}/suspend")

    assert posts == []
    assert "Add payment" not in page.words
    assert "Log in as client" not in page.words
    assert answers == [403] * 6
    assert posted.status == 403


def test_support_keeps_clients_but_not_money_or_packages(
    browse: Callable[..., Browser], world: World
) -> None:
    support = browse(world.northwind.support)

    edit = support.open(f"/staff/clients/{world.a.public_id}/edit")
    payment = support.open(f"/staff/clients/{world.a.public_id}/payment")
    package = support.open("/staff/packages/new")

    assert (edit.status, payment.status, package.status) == (200, 403, 403)
