"""The financial and margin reports on their pages, and as files: the numbers of the books."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from portal import ledger, numbers, pricing, reconciling
from portal.carriers import CarrierDid, CarrierTransaction
from portal.core import clock
from portal.core.db import session
from portal.core.money import Money, rate_e8
from portal.pricing import DeckLine, TextCost
from portal.reconciling import Finding, Part
from portal.reconciling.models import Reconciliation
from portal.reconciling.values import Difference
from tests.browser import Browser
from tests.world import World, carrier_did


def test_the_financial_report_adds_up_to_the_books_and_opens_into_one_client(
    world: World, owner: Browser
) -> None:
    page = owner.open("/staff/reports/financial")
    rows = _csv(owner, "/staff/reports/financial.csv")
    alone = _csv(owner, f"/staff/reports/financial.csv?client={world.a.public_id}")
    with world.reading(world.northwind):
        owed = sum((ledger.totals(one.id).charges for one in (world.a, world.b)), Money(0))
        own = ledger.totals(world.a.id)

    assert _sum(rows, "revenue") == owed
    assert (_sum(alone, "revenue"), _sum(alone, "deposits")) == (own.charges, own.payments)
    assert _sum(rows, "profit") == _sum(rows, "revenue") - _sum(rows, "cost")
    assert len(rows) == 12
    for name in (world.a.title, world.b.title):
        assert name in page.text("#report-totals")
    one = owner.open(page.link(world.a.title))
    assert world.b.title not in one.text("#report-totals")


def test_the_margin_report_names_what_is_paid_for_and_earns_nothing(
    world: World, owner: Browser
) -> None:
    none = owner.open("/staff/reports/margin?kind=rate").text("main")
    with world.within(world.northwind):
        numbers.record_inventory([*_numbers_of(world), carrier_did("+16135550199")])
        reconciling.record_charges([_fee(world.a.dids[0], "2.25"), _fee("+16135550199", "0.85")])
        pricing.save_text_costs(TextCost(mms_out=Money.of("0.0500")))
        pricing.record_deck("value", [DeckLine("44", "United Kingdom", rate_e8("0.03"))])
        pricing.set_area_rate(
            world.northwind.packages["Pay as you go"], "prefix", "44", rate_e8=rate_e8("0.02")
        )

    rows = _csv(owner, "/staff/reports/margin.csv")

    losses = {(row["kind"], row["item"]): row["loss"] for row in rows}
    at_a_loss = [losses.pop(key) for key in list(losses) if key[0] == "Client at a loss"]
    assert "Nothing matches" in none
    assert all(Decimal(loss) > 0 for loss in at_a_loss)
    assert losses == {
        ("Rate below cost", "Pay as you go"): "0.01000000",
        ("Number below cost", "'+1 613 555 0142"): "0.75000000",
        ("Number of nobody", "'+1 613 555 0199"): "0.85000000",
        **{
            ("Text below cost", f"'+1 613 555 {last}"): "0.01000000"
            for last in ("0142", "0178", "0163")
        },
    }


def test_a_comparison_is_asked_for_stopped_and_read_and_a_reader_may_only_read(
    world: World, owner: Browser, reader: Browser
) -> None:
    address = "/staff/reports/reconciliation"
    january = {"since": "2026-01-01", "until": "2026-01-31", "parts": ["calls", "fees"]}
    owner.open(address)
    early = owner.post(address, january | {"since": "2026-02-01"})
    none = owner.post(address, january | {"parts": []})
    run = owner.post(address, january)
    busy = owner.post(address, january)
    _found(world, run.path)

    page = owner.open(run.path, part="calls")
    seen = reader.open(page.path)

    assert (early.status, none.status, busy.status) == (422, 422, 422)
    assert "ends before it begins" in early.text("#until-error")
    assert "at least one list" in none.text("#parts-error")
    assert "Only at the carrier" in page.text("#reconciliation-lines")
    assert "+1 514 555 0117" in page.text("#reconciliation-lines")
    assert "fees" not in page.text("#reconciliation-lines").lower()
    assert "Bring in" not in seen.text("main")
    stopped = owner.submit('form[action$="/stop"]')
    assert "Stopped" in stopped.text("#reconciliation")
    rows = _csv(owner, f"{page.path}.csv")
    assert {row["finding"] for row in rows} == {"Only at the carrier"}
    assert reader.post(address, january).status == 403


def _found(world: World, path: str) -> None:
    """What its job would have found at the carrier."""
    name = uuid.UUID(path.rsplit("/", 1)[1])
    with world.within(world.northwind):
        run = session().scalars(
            select(Reconciliation.id).where(Reconciliation.public_id == name)
        ).one()  # fmt: skip
        assert reconciling.claim(run)
        found = [
            Difference(part, Finding.THEIRS_ONLY, "1", clock.now(), what, theirs_e8=900_000)
            for part, what in ((Part.CALLS, "+15145550117"), (Part.FEES, "DID Monthly Fee"))
        ]
        reconciling.note(run, found, compared=2)


def _csv(owner: Browser, address: str) -> list[dict[str, str]]:
    text = owner.open(address).body.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def _sum(rows: list[dict[str, str]], name: str) -> Money:
    return sum((Money.of(row[name] or "0") for row in rows), Money(0))


def _numbers_of(world: World) -> list[CarrierDid]:
    return [carrier_did(row.number) for row in numbers.all_dids()]


def _fee(number: str, amount: str) -> CarrierTransaction:
    """What the carrier took for a number last week."""
    at = clock.now() - timedelta(days=7)
    return CarrierTransaction(
        f"fee {number}", at, False, f"DID{number[2:]}", "DID Monthly Fee", -rate_e8(amount), number[2:]
    )  # fmt: skip
