"""A client gets a fax number, names it, brings one along; staff answer."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from jobs.schedule import tick
from portal import entitlements, ledger, pricing, upstream
from portal.carriers import forget_outages
from portal.core.db import finish_reading
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.entitlements import DEFAULT_ON, Service, View
from tests.browser import Browser, Page
from tests.calls.conftest import books_are_right
from tests.carrier import PASSWORD, USER, Carrier
from tests.worker import work
from tests.world import World

BILL = {
    "number": "613 555 0111", "country": "CA", "company": "Harbourlight", "first_name": "Ada",
    "last_name": "Lee", "street": "1 Main", "city": "Ottawa", "region": "ON",
    "postal_code": "K1A 0A1", "provider": "Old Phone", "provider_account": "7",
}  # fmt: skip


@pytest.fixture(scope="module")
def running() -> Iterator[Carrier]:
    with Carrier() as carrier:
        yield carrier


@pytest.fixture
def sandbox(running: Carrier, world: World) -> Carrier:
    """A practice carrier at which Northwind is connected; its clients may order numbers."""
    running.reset()
    running.post("faults/clear")
    running.seed(allow_ips=["127.0.0.1"])
    forget_outages()
    with world.within(world.northwind):
        upstream.connect_login(USER, PASSWORD, base_url=running.rest_url)
        entitlements.save_default_configuration(
            View.STANDARD, [*DEFAULT_ON, Service.DID_ORDER], hide_money=False
        )
        pricing.save_default_fees(
            replace(
                pricing.default_fees(), fax_setup=Money.of("0.75"), fax_monthly=Money.of("3.50")
            )
        )
    return running


def choose(ada: Browser) -> None:
    """Open the last page before the money."""
    found = ada.open("/faxes/numbers/new", country="CA", region="ON", q="ottawa")
    [link] = found.all("#fax-centres a.btn")
    ada.open(str(link["href"]))


def test_a_client_searches_looks_at_the_price_and_buys_once(
    world: World, browse: Callable[..., Browser], sandbox: Carrier
) -> None:
    ada = browse(world.a)
    with bind(Scope(world.a.reseller_id)):
        before = ledger.balance_of(world.a.id)
        finish_reading()
    nothing = ada.open("/faxes/numbers/new", country="CA", region="ON", q="nowhere")
    choose(ada)
    total = ada.page.text("main dl") if ada.page else ""
    on_its_way = ada.submit("#fax-order", label="Front desk")
    ada.open("/faxes/numbers")
    work()
    done = ada.open("/faxes/numbers")

    assert "Nothing found" in nothing.text("#fax-centres")
    assert "Total now" in total
    assert "Fax number in OTTAWA-HULL, ON" in on_its_way.text("#fax-numbers")
    assert "Front desk" in done.text("#fax-numbers tbody")
    assert len(sandbox.call("getFaxNumbersInfo")["numbers"]) == 1
    with bind(Scope(world.a.reseller_id)):
        assert ledger.balance_of(world.a.id) == before - Money.of("4.25")
        finish_reading()
    assert books_are_right()


def test_a_price_that_has_changed_is_shown_again_and_what_was_typed_stays(
    world: World, browse: Callable[..., Browser], sandbox: Carrier
) -> None:
    ada = browse(world.a)
    choose(ada)
    page = ada.submit("#fax-order", total="1", label="Back office")

    assert page.status == 422
    assert "The price has changed" in page.text("[role=alert]")
    assert page.find("#label")["value"] == "Back office"
    assert ada.submit("#fax-order").status == 200, "the second look is at the right price"


def test_a_number_gets_a_name_and_a_note(
    world: World, browse: Callable[..., Browser], sandbox: Carrier
) -> None:
    ada = browse(world.a)
    choose(ada)
    ada.submit("#fax-order")
    work()
    page = ada.open("/faxes/numbers")
    ada.open(str(page.find("#fax-numbers tbody a")["href"]))
    too_long = ada.submit("#fax-number", label="x" * 61)
    ada.submit("#fax-number", label="Front desk", note="Second floor")
    listed = ada.open("/faxes/numbers").text("#fax-numbers tbody")

    assert too_long.status == 422
    assert "Front desk" in listed
    assert "Second floor" in listed


def test_a_carrier_that_is_away_is_said_and_nothing_breaks(
    world: World, browse: Callable[..., Browser], sandbox: Carrier
) -> None:
    sandbox.post("faults", kind="status", method="*", status="method_maintenance", calls=0)

    page = browse(world.a).open("/faxes/numbers/new", country="CA", region="ON")

    assert page.status == 200
    assert "cannot be read right now" in page.text("[role=alert]")


def test_a_number_that_shall_come_along_is_asked_for_and_answered(
    world: World, browse: Callable[..., Browser], sandbox: Carrier
) -> None:
    ada, owner, bea = browse(world.a), browse(world.northwind.owner), browse(world.b)
    way = ada.open("/faxes/new").link("Get one, or bring one along")
    ada.open("/faxes/numbers/bring")
    taken = [
        ada.submit("#fax-port", **BILL | {"number": number})
        for number in (world.a.dids[0], world.b.dids[0])
    ]
    impossible = ada.submit("#fax-port", **BILL | {"number": "867 555 0111"})
    asked = ada.submit("#fax-port", **BILL)
    ada.open("/faxes/numbers/bring")
    twice = ada.submit("#fax-port", **BILL)
    bea.open("/faxes/numbers/bring")
    taken.append(bea.submit("#fax-port", **BILL))
    attention = owner.open("/staff/attention")
    [link] = [one for one in attention.all("main a") if "/fax-ports/" in str(one["href"])]
    bill = owner.open(str(link["href"])).text("main")
    wordless = owner.submit("#port-answer", state="refused", words="")
    owner.submit("#port-answer", state="working", words="Two weeks")
    told = ada.open("/faxes/numbers").text("#fax-numbers")

    assert way.endswith("/faxes/numbers")
    assert {one.status for one in taken} == {422}
    assert {one.text("#number-field .field-error") for one in taken} == {
        "This number is here already, or on its way. Ask us about it."
    }
    assert impossible.status == 422
    assert "cannot be brought along" in impossible.text("#number-field")
    assert "Asked for" in asked.text("#fax-numbers")
    assert twice.status == 422
    assert "Old Phone" in bill
    assert "Ottawa, Ontario, K1A 0A1" in bill
    assert "Canada" in bill
    assert wordless.status == 422
    assert "At work" in told
    assert "Two weeks" in told


def port_page(owner: Browser) -> Page:
    [link] = [
        one for one in owner.open("/staff/attention").all("main a")
        if "/fax-ports/" in str(one["href"])
    ]  # fmt: skip
    return owner.open(str(link["href"]))


def test_a_request_goes_to_the_carrier_with_its_bill_and_everybody_sees_how_far_it_is(
    world: World, browse: Callable[..., Browser], sandbox: Carrier
) -> None:
    ada, owner = browse(world.a), browse(world.northwind.owner)
    ada.open("/faxes/numbers/bring")
    no_bill = ada.submit("#fax-port", **BILL, bill=(io.BytesIO(b"MZ"), "bill.pdf"))
    ada.submit("#fax-port", **BILL, bill=(io.BytesIO(b"%PDF-1.7 old bill"), "bill.pdf"))
    work()
    page = port_page(owner)
    [at_carrier] = sandbox.call("getLNPList")["list"]
    bill = owner.open(str(page.find("main a[download]")["href"]))
    sandbox.post(f"ports/{at_carrier['portid']}", status="foc_date", note="Friday at nine.")
    sandbox.post(f"ports/{at_carrier['portid']}", note="Ask at voip.ms.")
    tick("refresh_fax_ports", 1800, True)
    work()
    under_way = ada.open("/faxes/numbers").text("#fax-numbers")
    to_staff = port_page(owner).text("#port-steps")
    sandbox.post(f"ports/{at_carrier['portid']}", status="completed")
    tick("refresh_fax_ports", 60, True)
    work()

    assert no_bill.status == 422
    assert "Choose a PDF or a JPEG" in no_bill.text("#bill-field")
    assert at_carrier["numbers"] == "6135550111"
    assert bill.body == b"%PDF-1.7 old bill"
    assert "The carrier has the bill" in page.text("#port-steps")
    assert "Friday at nine." in under_way
    assert "The day of the move is set" in under_way
    assert "voip.ms" not in under_way
    assert "Ask at voip.ms." in to_staff
    assert "Done" in ada.open("/faxes/numbers").text("#fax-numbers")
    assert "has come for" in owner.open("/staff/attention").text("main")


def test_a_request_whose_answer_is_lost_is_found_and_never_made_twice(
    world: World, browse: Callable[..., Browser], sandbox: Carrier
) -> None:
    ada, owner = browse(world.a), browse(world.northwind.owner)
    sandbox.post("faults", kind="truncated", method="addLNPPort")
    ada.open("/faxes/numbers/bring")
    ada.submit("#fax-port", **BILL)
    work()
    unknown = port_page(owner).text("#port-steps")
    work(later=True, rounds=2)
    found = port_page(owner).text("#port-steps")

    assert "Being handed to the carrier" in unknown
    assert "Handed to the carrier" in found
    assert len(sandbox.call("getLNPList")["list"]) == 1


def test_a_request_that_is_refused_or_lost_waits_for_staff(
    world: World, browse: Callable[..., Browser], sandbox: Carrier
) -> None:
    ada, owner = browse(world.a), browse(world.northwind.owner)
    sandbox.post("faults", kind="status", method="addLNPPort", status="invalid_zip")
    ada.open("/faxes/numbers/bring")
    ada.submit("#fax-port", **BILL)
    work()
    refused = port_page(owner)
    sandbox.post("faults", kind="empty", method="addLNPPort")
    owner.submit("#port-hand")
    work()
    work(later=True, rounds=6)
    lost = port_page(owner)
    asked = sandbox.call("getLNPList")["status"]
    owner.submit("#port-hand")
    work()

    assert refused.all("#port-steps [href$=triangle-alert]")
    assert "Look there before it is asked again" in lost.text("#port-steps")
    assert asked == "no_port", "nobody asked again by himself"
    assert "Handed to the carrier" in port_page(owner).text("#port-steps")
    assert "refused" not in ada.open("/faxes/numbers").text("#fax-numbers").casefold()


def test_whoever_sees_no_money_buys_nothing_and_sees_no_price(
    world: World, browse: Callable[..., Browser], sandbox: Carrier
) -> None:
    with world.within(world.northwind):
        entitlements.save_default_configuration(
            View.STANDARD, [*DEFAULT_ON, Service.DID_ORDER], hide_money=True
        )
    ada = browse(world.a)

    assert ada.open("/faxes/numbers").all("a[href$='/faxes/numbers/new']") == []
    assert ada.open("/faxes/numbers/new").status == 404
