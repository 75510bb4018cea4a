"""Every posting opens how its amount came about: all of it for staff, without cost for its client."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from portal import billing, calls, entitlements, invoices, ledger, payments, pricing
from portal.billing.models import Fee
from portal.calls.models import Call, CallRecording
from portal.carriers import CarrierCall, CarrierRecording
from portal.core import clock
from portal.core.db import session
from portal.core.money import Money
from portal.core.scope import unscoped
from portal.entitlements import DEFAULT_ON, Service
from portal.invoices import TaxDetails
from portal.ledger import FEES, Reason, check
from portal.ledger.models import Transfer
from portal.pricing.models import PackageVersion
from tests.browser import Browser, Page
from tests.fax_things import give_faxes
from tests.world import World, a_call, record_calls

Browse = Callable[..., Browser]
# What no client reads on any of these pages.
FOR_STAFF = (
    "Profit", "Carrier's charge", "Cost", "Markup", "Posted by", "Name in the books", "Ada",
    "Fee of the gateway", "The defaults then",
)  # fmt: skip


@pytest.fixture
def filled(world: World) -> World:
    """Client a with a posting of every kind that the portal makes."""
    a, north = world.a, world.northwind
    call = a_call(f"{a.uid}_reception", "+16135550188", clock.now() - timedelta(hours=3))
    record_calls(north, [call])
    record_calls(north, [replace(call, rate_e8=2_000_000, total_e8=4_000_000)])
    with world.within(north.owner):
        _record(call)
        paid = payments.add_payment(a.id, Money.of("8"), reference="twice")
        payments.reverse(a.id, _name(paid), reason="A secret of the office")
        given = payments.add_payment(a.id, Money.of("9"), reference="given")
        intent = payments.intent(_intent(a.id, _name(given)))
        payments.refund(
            intent.id, Money.of("2"), reason="Too much", reference=uuid.uuid4(), by=None
        )
        payments.add_charge(a.id, Money.of("3"), reference="cable", description="A cable")
        billing.add_add_on(
            a.id, description="Rented phone", amount=Money.of("4.50"),
            first_day=ledger.posting_day(), reference="phone",
        )  # fmt: skip
        billing.bill_client(a.id)
        invoices.save_settings(replace(invoices.settings(), inclusive=False))
        invoices.save_tax(TaxDetails("HST", 130_000, "HST 1234"))
        _add_invoice(a.id)
    return world


def _record(call: CarrierCall) -> None:
    """The call's first 61 seconds, at 0.01 for each started minute."""
    entitlements.save_default_configuration("standard", [*DEFAULT_ON, Service.CALL_RECORDINGS])
    pricing.save_default_fees(
        replace(pricing.default_fees(), recording_minute_e8=1_000_000),
        valid_from=call.started_at - timedelta(hours=1),
    )
    heard = CarrierRecording(
        "a1", call.account, call.direction, call.started_at, False, call.destination, 61
    )
    assert calls.keep_recordings([heard, heard]) == 1
    calls.charge_recordings(clock.now())


@pytest.fixture
def faxed(filled: World) -> World:
    """A fax among them, as the tests of faxes have them."""
    with filled.within(filled.northwind.owner):
        fax = give_faxes(filled.a.id, "+16135558001")["received"]
        ledger.charge(
            filled.a.id, Money.of("0.0360"), reason=Reason.FAX, source_type="fax",
            source_id=str(fax), kind="received", description="+16135550147", seconds=68,
        )  # fmt: skip
    return filled


def test_each_kind_opens_and_only_staff_read_cost_names_and_sources(
    faxed: World, owner: Browser, browse: Browse
) -> None:
    client, a = browse(faxed.a), faxed.a
    postings = _one_of_each(faxed)

    for reason, name in postings.items():
        seen = owner.open(f"/staff/clients/{a.public_id}/postings/{name}")
        own = client.open(f"/balance/postings/{name}")
        assert (seen.status, own.status) == (200, 200), reason
        for page in (seen, own):
            assert "How this amount was made" in page.words, reason
        assert "Name in the books" in seen.words
        read = [word for word in FOR_STAFF if word in own.text("main")]
        assert read == [], reason
        assert "A secret of the office" not in own.words

    assert {
        Reason.CALL,
        Reason.RECORDING,
        Reason.SMS,
        Reason.FAX,
        Reason.CORRECTION,
        Reason.TAX,
    } <= set(postings)
    assert {Reason.CREDIT_NOTE, Reason.REFUND, Reason.REVERSAL, Reason.ADD_ON_FEE} <= set(postings)


def test_what_is_written_there_is_what_was_charged(filled: World, owner: Browser) -> None:
    base = f"/staff/clients/{filled.a.public_id}/postings"
    said = {
        reason: owner.open(f"{base}/{name}").text("main")
        for reason, name in _one_of_each(filled, newest=False).items()
    }

    base, tax = re.findall(r"13% of \$([\d.]+) = \$([\d.]+)", said[Reason.TAX])[0]
    assert abs(Decimal(base) * 13 / 100 - Decimal(tax)) <= Decimal("0.00501")
    assert "half up to 0.01" in said[Reason.TAX]
    assert "Package Office Standard, its terms since" in said[Reason.SETUP_FEE]
    assert "Rented phone" in said[Reason.ADD_ON_FEE]
    assert "By the daily run of" in said[Reason.ADD_ON_FEE]
    assert "Price before" in said[Reason.CORRECTION]
    assert "61 s, each started minute: 120 s" in said[Reason.RECORDING]
    assert "2 min × $0.01" in said[Reason.RECORDING]
    assert "Default fee since" in said[Reason.RECORDING]
    assert "cost so far" in said[Reason.CORRECTION]
    assert "Together $0.0000" in said[Reason.REVERSAL]
    assert "Went back with this $2.0000" in said[Reason.REFUND]


def test_it_opens_beside_the_history_and_is_a_page_to_send(
    faxed: World, owner: Browser, browse: Browse
) -> None:
    a, client = faxed.a, browse(faxed.a)
    opened = client.open("/balance").all("#history tbody a[hx-target='#drawer']")
    part = client.open(str(opened[0]["href"]), htmx=True)
    lines = owner.open(f"/staff/clients/{a.public_id}/transactions").all("#lines tbody a.plain")
    faxes = next(one for one in lines if "Faxes" in one.get_text())

    items = owner.open(str(faxes["href"]))
    fax = owner.open(str(items.all("#items tbody a")[0]["href"]))

    assert not part.has("main")
    assert "Open as a page" in part.words
    assert "Fax at the number's rate" in fax.text("main")
    reported = owner.open("/staff/reports/faxes").link("$0.0240")
    assert owner.open(reported).title == fax.title


def test_what_shows_a_price_leads_to_the_books(
    filled: World, owner: Browser, browse: Browse
) -> None:
    client, a = browse(filled.a), filled.a

    def booked(browser: Browser, path: str) -> str:
        return browser.open(path).link("What it moved in the books")

    reported = owner.open(f"/staff/reports/client-cdr?client={a.public_id}&period=30")
    call = _priced(reported, "#report-rows td.c-amount a")
    own = _priced(client.open("/calls?period=30"), "#call-rows .price-link")
    texts = owner.open(f"/staff/clients/{a.public_id}/messages?period=30")
    text = _priced(texts, "#report-rows td.c-amount a")
    month = client.open("/balance/months").all("#months td.c-title a")[0]["href"]
    financial = owner.open(f"/staff/reports/financial?client={a.public_id}")
    lines = owner.open(str(financial.all("#report-rows td.c-title a")[0]["href"]))

    with filled.reading(filled.northwind):
        played = (
            session()
            .scalars(
                select(Call.public_id)
                .join(CallRecording, CallRecording.call_id == Call.id)
                .where(CallRecording.carrier_ref == "a1")
            )
            .one()
        )
    recorded = owner.open(f"/staff/clients/{a.public_id}/calls/{played}").link("$0.0200")
    assert "2 min × $0.01" in owner.open(recorded).words
    for browser, path in ((owner, call), (owner, text), (client, own)):
        assert "How this amount was made" in browser.open(booked(browser, path)).words
    assert client.open(str(month)).all("#history tbody a")
    assert lines.all("#lines tbody a.plain")


def test_somebody_elses_posting_does_not_exist(
    filled: World, owner: Browser, browse: Browse
) -> None:
    name = _one_of_each(filled)[Reason.CALL]
    others = [
        browse(filled.b).open(f"/balance/postings/{name}"),
        browse(filled.x).open(f"/balance/postings/{name}"),
        owner.open(f"/staff/clients/{filled.b.public_id}/postings/{name}"),
        browse(filled.globex.owner).open(f"/staff/clients/{filled.a.public_id}/postings/{name}"),
        owner.open(f"/staff/clients/{filled.a.public_id}/postings/{uuid.uuid4()}"),
    ]

    assert [page.status for page in others] == [404] * len(others)


def test_every_worksheet_of_this_world_gives_the_stored_amount_and_a_bent_one_is_found(
    filled: World,
) -> None:
    with unscoped("the proof"):
        assert list(check.findings()) == []
        compared = {one.what: one.rows for one in check.compared()}
        fees = session().scalars(select(Transfer).where(Transfer.reason.in_(FEES))).all()
        assert compared["fees"] == len(fees) > 5
        assert all(compared[what] for what in ("calls", "texts", "taxes of papers"))

    with filled.within(filled.northwind):
        session().execute(update(Fee).where(Fee.kind == "add_on").values(amount=Money.of("4.51")))
        session().execute(update(PackageVersion).values(setup_fee=Money.of("0.01")))
    with unscoped("the proof"):
        found = list(check.findings())
    assert any("Rented phone" in one for one in found)
    assert any("its terms make 0.010000" in one for one in found)


def _priced(page: Page, links: str) -> str:
    """Where the first price above zero leads."""
    return next(str(one["href"]) for one in page.all(links) if "$0.0000" not in one.get_text())


def _one_of_each(world: World, *, newest: bool = True) -> dict[Reason, uuid.UUID]:
    """The newest posting of each kind of client a, or the first."""
    with world.reading(world.northwind):
        rows = session().execute(
            select(Transfer.reason, Transfer.public_id)
            .where(Transfer.client_id == world.a.id)
            .order_by(Transfer.id if newest else Transfer.id.desc())
        )
        return {Reason(reason): name for reason, name in rows}


def _add_invoice(client_id: int) -> None:
    """An invoice of last month over 10.00, and a credit note for 4.00 of it."""
    month = invoices.last_month()
    ledger.charge(
        client_id, Money.of("10"), reason=Reason.CHARGE, source_type="manual", source_id="desk",
        kind="charge", posted_at=datetime.combine(month, time(12), UTC),
    )  # fmt: skip
    done = invoices.issue_month(client_id, month)
    assert done is not None
    assert done.invoice is not None
    invoices.credit_by_hand(
        done.invoice.public_id, Money.of("4"), reason="A desk that never came", form="desk"
    )


def _name(posted: ledger.Posted) -> uuid.UUID:
    assert posted.public_id is not None
    return posted.public_id


def _intent(client_id: int, posting: uuid.UUID) -> uuid.UUID:
    found = payments.payment_behind(client_id, posting)
    assert found is not None
    return found.public_id
