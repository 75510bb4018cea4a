"""Sub-accounts, packages and numbers of a client: linked, changed, let go."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from portal import identity, ledger, numbers, pbx
from portal.carriers import CarrierFax, Forwarding
from portal.core import clock
from portal.core.money import Money
from portal.core.scope import Scope
from tests.browser import Browser
from tests.together import meet
from tests.world import World, _carrier_account, carrier_did

SPARE = "+16135550199"


@pytest.fixture
def spare(world: World) -> tuple[uuid.UUID, uuid.UUID]:
    """A sub-account and a number that nobody has, by public id."""
    shop = world.northwind
    with world.within(shop):
        known = [_carrier_account(row.account, row.description) for row in pbx.all_sub_accounts()]
        pbx.record_accounts([*known, _carrier_account(f"{shop.uid}_spare", "Spare")])
        dids = [carrier_did(row.number) for row in numbers.all_dids()]
        numbers.record_inventory([*dids, carrier_did(SPARE)])
    with world.reading(shop):
        return pbx.free_sub_accounts()[0].public_id, numbers.free_dids()[0].public_id


def test_a_free_sub_account_is_linked_with_its_package_and_setup_fee(
    owner: Browser, world: World, spare: tuple[uuid.UUID, uuid.UUID]
) -> None:
    with world.reading(world.northwind):
        before = ledger.balance_of(world.a.id)
    owner.open(f"/staff/clients/{world.a.public_id}/sub-accounts/link")

    page = owner.submit(
        "#link", sub_account=str(spare[0]), charge_setup="y",
        package=str(world.northwind.packages["Office Standard"]),
    )  # fmt: skip

    assert "100482_spare" in page.text("#connections")
    with world.reading(world.northwind):
        assert before - ledger.balance_of(world.a.id) == Money.of("5")


def test_a_billing_date_in_the_past_is_said_beside_it(
    owner: Browser, world: World, spare: tuple[uuid.UUID, uuid.UUID]
) -> None:
    owner.open(f"/staff/clients/{world.a.public_id}/sub-accounts/link")

    page = owner.submit("#link", sub_account=str(spare[0]), next_billing_day="2020-02-30")
    past = owner.submit("#link", sub_account=str(spare[0]), next_billing_day="2020-02-03")

    assert page.status == 422
    assert page.has("#next_billing_day-error")
    assert past.text("#next_billing_day-error") == "The next billing day is in the past."


def test_a_sub_account_of_somebody_else_cannot_be_linked(owner: Browser, world: World) -> None:
    owner.open(f"/staff/clients/{world.b.public_id}/sub-accounts/link")
    theirs = world.x.accounts["dispatch"]

    page = owner.post(
        f"/staff/clients/{world.b.public_id}/sub-accounts/link", {"sub_account": str(theirs)}
    )

    assert page.status == 422
    with world.reading(world.globex):
        assert pbx.find_sub_account(theirs).client_id == world.x.id


def test_the_package_of_a_sub_account_is_changed_and_the_account_unlinked(
    owner: Browser, world: World
) -> None:
    account = world.a.accounts["kanata"]
    address = f"/staff/clients/{world.a.public_id}/sub-accounts/{account}"
    owner.open(f"{address}/package")

    changed = owner.submit("#link", package=str(world.northwind.packages["Pay as you go"]))
    owner.open(f"{address}/unlink")
    unlinked = owner.submit("#confirm form")

    assert "Pay as you go" in changed.text("#connections")
    assert "100482_kanata" not in unlinked.text("#connections")


def test_the_sub_account_of_another_client_is_not_touched_from_here(
    owner: Browser, world: World
) -> None:
    address = f"/staff/clients/{world.b.public_id}/sub-accounts/{world.a.accounts['kanata']}"

    answers = [
        owner.open(f"{address}/package").status,
        owner.open(f"{address}/unlink").status,
        owner.post(f"{address}/package", {"package": ""}).status,
        owner.post(f"{address}/unlink").status,
    ]

    assert answers == [404] * 4


def test_numbers_are_connected_with_their_fees_and_let_go(
    owner: Browser, world: World, spare: tuple[uuid.UUID, uuid.UUID]
) -> None:
    with world.reading(world.northwind):
        before = ledger.balance_of(world.a.id)
    owner.open(f"/staff/clients/{world.a.public_id}/numbers/connect")

    asked = owner.submit(
        "#connect", dids=str(spare[1]), setup="2.00", monthly="1.50", label="Fax",
        has_e911="y", e911_setup="1.00", e911_monthly="0.75",
    )  # fmt: skip
    with world.reading(world.northwind):
        untouched = ledger.balance_of(world.a.id)
    page = owner.submit("#confirm", act="connect")
    with world.reading(world.northwind):
        charged = before - ledger.balance_of(world.a.id)
        link = next(one for one in numbers.dids_of(world.a.id) if one.number == SPARE)
    listed = owner.open(f"/staff/clients/{world.a.public_id}/numbers")
    owner.open(f"/staff/clients/{world.a.public_id}/numbers/{link.link_public_id}/unconnect")
    gone = owner.submit("#confirm")
    log = owner.open(f"/staff/clients/{world.a.public_id}/log")

    assert "$5.25" in asked.text("#connect-total")
    assert link.e911_monthly == Money.of("0.75")
    assert untouched == before
    assert "Connected" in page.text("main .card")
    assert "+1 613 555 0199" in listed.text("#numbers")
    assert charged == Money.of("5.25")
    assert "+1 613 555 0199" not in gone.text("#numbers")
    assert "+1 613 555 0199" in log.text("#log")


def test_a_fax_number_is_connected_from_the_list_of_faxes(owner: Browser, world: World) -> None:
    with world.within(world.northwind):
        dids = [carrier_did(row.number) for row in numbers.all_dids()]
        numbers.record_inventory(dids, [CarrierFax("9", SPARE.removeprefix("+1"), "OTTAWA, ON")])
        [fax] = numbers.free_dids("fax")
    owner.open(f"/staff/clients/{world.a.public_id}/numbers/connect?kind=fax")

    owner.submit("#connect", dids=str(fax.public_id), setup="3.00", monthly="2.00")
    owner.submit("#confirm", act="connect")
    listed = owner.open(f"/staff/clients/{world.a.public_id}/numbers")

    with world.reading(world.northwind):
        connected = next(one for one in numbers.dids_of(world.a.id) if one.number == SPARE)
    assert "+1 613 555 0199" in listed.text("#numbers")
    assert connected.kind == "fax"


def test_the_overview_says_what_is_connected_and_where_each_number_leads(
    owner: Browser, world: World
) -> None:
    routes = {"+16135550142": "fwd:77", "+16135550178": "account:100482_reception"}
    with world.within(world.northwind):
        numbers.record_inventory(
            [
                replace(carrier_did(one.number), routing=routes.get(one.number, ""))
                for one in numbers.all_dids()
            ]
        )
        numbers.record_targets([Forwarding("77", "4165550108", "")], [])

    shown = owner.open(f"/staff/clients/{world.a.public_id}").text("#connections")

    assert "100482_reception" in shown
    assert "Office Standard" in shown
    assert "+1 613 555 0142" in shown
    assert "+1 416 555 0108" in shown, "a forwarding is told by its number"


def test_the_total_and_the_list_follow_what_is_typed_and_keep_what_is_ticked(
    owner: Browser, world: World, spare: tuple[uuid.UUID, uuid.UUID]
) -> None:
    address = f"/staff/clients/{world.a.public_id}/numbers/connect"
    owner.open(address)

    look = owner.post(
        f"{address}/look", {"dids": str(spare[1]), "q": "999", "setup": "2", "monthly": "0.5",
        "charge_setup": "y", "charge_monthly": "y"}, htmx=True,
    )  # fmt: skip
    owner.open(address)
    searched = owner.submit("#connect", act="search", q="no such place", label="Kept")
    owner.open(address)
    owner.submit("#connect", dids=str(spare[1]), label="Main line")
    changed = owner.submit("#confirm", act="change")

    assert "$2.50" in look.text("#connect-total")
    assert len(look.all("#dids input[checked]")) == 1
    assert "No free number matches" in searched.text("#dids")
    assert searched.find("#label")["value"] == "Kept"
    assert changed.find("#label")["value"] == "Main line"
    assert len(changed.all("#dids input[checked]")) == 1


def test_a_form_sent_twice_connects_and_charges_once(
    owner: Browser, world: World, spare: tuple[uuid.UUID, uuid.UUID]
) -> None:
    with world.reading(world.northwind):
        before = ledger.balance_of(world.a.id)
    address = f"/staff/clients/{world.a.public_id}/numbers/connect"
    owner.open(address)
    form = owner.submit("#connect", dids=str(spare[1]), setup="2.00", monthly="1.50")
    fields = {one["name"]: one["value"] for one in form.all("#confirm input")} | {"act": "connect"}

    first, second = owner.post(address, fields), owner.post(address, fields)

    assert first.path == second.path
    with world.reading(world.northwind):
        assert before - ledger.balance_of(world.a.id) == Money.of("3.50")


def test_who_comes_second_is_told_that_the_number_is_taken(
    owner: Browser, world: World, spare: tuple[uuid.UUID, uuid.UUID]
) -> None:
    address = f"/staff/clients/{world.a.public_id}/numbers/connect"
    owner.open(address)
    owner.submit("#connect", dids=str(spare[1]))
    with world.reading(world.northwind):
        account = pbx.sub_accounts_of(world.b.id)[0].id
    with world.within(world.northwind):
        numbers.connect_dids([spare[1]], account, client_id=world.b.id)

    page = owner.submit("#confirm", act="connect")

    assert page.status == 422
    assert "This number is connected to a client already." in page.words


def test_connecting_says_what_is_missing_beside_it(
    owner: Browser, world: World, spare: tuple[uuid.UUID, uuid.UUID]
) -> None:
    owner.open(f"/staff/clients/{world.a.public_id}/numbers/connect")

    nothing = owner.submit("#connect", monthly="-1")
    absurd = owner.submit("#connect", dids=str(spare[1]), monthly="500000")
    pin = owner.submit(
        "#connect", dids=str(spare[1]), monthly="1", with_mailbox="y", mailbox_name="Desk",
        mailbox_pin="abcd",
    )  # fmt: skip

    e911 = owner.submit("#connect", dids=str(spare[1]), has_e911="y", e911_monthly="")

    assert e911.has("#e911_monthly-error")
    assert nothing.text("#dids-error") == "Choose at least one number."
    assert "Enter an amount from 0" in nothing.text("#monthly-error")
    assert "not above 100000" in absurd.text("#monthly-error")
    assert pin.text("#mailbox_pin-error") == "The PIN has exactly 4 digits."


def test_a_sub_account_is_asked_for_at_the_carrier_and_moved_to_another_client(
    owner: Browser, world: World
) -> None:
    address = f"/staff/clients/{world.a.public_id}/sub-accounts"
    owner.open(f"{address}/new")
    wrong = owner.submit("#new-account", username="no spaces!", auth_type="2", ip="here")
    page = owner.submit("#new-account", username="lobby", auth_type="1", ip="")
    kanata = world.a.accounts["kanata"]
    owner.open(f"{address}/{kanata}/move")
    nobody = owner.submit("#link", number="999999")
    moved = owner.submit("#link", number=world.b.number)

    assert wrong.status == 422
    assert wrong.text("#username-error") == "The name has 2 to 12 letters and digits."
    assert "lobby is being created at the carrier" in page.words
    assert nobody.text("#number-error") == "Enter the user ID of another client."
    assert "100482_kanata" in moved.text("#connections")
    assert "100482_kanata unlinked" in owner.open(f"/staff/clients/{world.a.public_id}/log").words


def test_a_sub_account_with_numbers_is_not_moved(owner: Browser, world: World) -> None:
    reception = world.a.accounts["reception"]
    owner.open(f"/staff/clients/{world.a.public_id}/sub-accounts/{reception}/move")

    page = owner.submit("#link", number=world.b.number)

    assert "Unlink the numbers of this sub-account first." in page.words


def test_a_number_of_another_client_is_not_let_go_from_here(owner: Browser, world: World) -> None:
    with world.reading(world.northwind):
        link = numbers.dids_of(world.a.id)[0].link_public_id

    page = owner.post(f"/staff/clients/{world.b.public_id}/numbers/{link}/unconnect")

    assert page.status == 404


def test_a_client_without_a_sub_account_is_led_to_linking_one(owner: Browser, world: World) -> None:
    account = world.b.accounts["yard"]
    owner.post(f"/staff/clients/{world.b.public_id}/sub-accounts/{account}/unlink")

    page = owner.open(f"/staff/clients/{world.b.public_id}/numbers/connect")

    assert "Numbers hang on a sub-account: link one first." in page.words


def test_a_client_is_added_with_a_first_sub_account_its_package_date_and_setup_fee(
    owner: Browser, world: World, spare: tuple[uuid.UUID, uuid.UUID]
) -> None:
    day = (clock.now() + timedelta(days=9)).date()
    owner.open("/staff/clients/new")

    page = owner.submit(
        "#client-form", first_name="Colm", last_name="Wexford", email="colm@wexford.example",
        password="seven calm otters", address="1 Quay St", city="Ottawa", state="ON", zip="K1A 0A1",
        sub_account=str(spare[0]), package=str(world.northwind.packages["Office Standard"]),
        next_billing_day=day.isoformat(), charge_setup="y",
    )  # fmt: skip

    assert "100482_spare" in page.text("#connections")
    with world.reading(world.northwind):
        (row,) = identity.find_clients(identity.ClientFilter("wexford")).rows
        (account,) = pbx.sub_accounts_of(row.id)
        assert account.next_billing_day == day
        assert identity.client_facts(row.id).details.next_billing_day == day
        assert ledger.balance_of(row.id) == -Money.of("5")


def test_a_new_client_does_not_take_the_line_that_a_colleague_gives_away_this_moment(
    owner: Browser, world: World, world_app: Flask, spare: tuple[uuid.UUID, uuid.UUID]
) -> None:
    owner.open("/staff/clients/new")

    meet(
        world_app, Scope(world.northwind.id),
        lambda: pbx.assign_package(spare[0], world.b.id, None),
        lambda: owner.submit(
            "#client-form", first_name="Ida", last_name="Novak", email="ida@novak.example",
            sub_account=str(spare[0]),
        ),
        by_browser=True,
    )  # fmt: skip

    assert owner.page is not None
    assert owner.page.status == 422
    assert "Another client has this sub-account already." in owner.page.words
    with world.reading(world.northwind):
        assert "spare" in {row.username for row in pbx.sub_accounts_of(world.b.id)}
