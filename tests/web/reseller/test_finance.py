"""The financial and margin reports on their pages, and as files: the numbers of the books."""

from __future__ import annotations

import csv
import io

from portal import ledger
from portal.core.money import Money
from tests.browser import Browser
from tests.world import World


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
    rows = _csv(owner, "/staff/reports/margin.csv")

    kinds = {row["kind"] for row in rows}
    assert kinds <= {"Text below cost", "Client at a loss", "Number of nobody", "Rate below cost"}
    assert all(float(row["loss"]) >= 0 for row in rows)
    assert "Nothing matches" in owner.open("/staff/reports/margin?kind=rate").text("main")


def _csv(owner: Browser, address: str) -> list[dict[str, str]]:
    text = owner.open(address).body.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def _sum(rows: list[dict[str, str]], name: str) -> Money:
    return sum((Money.of(row[name] or "0") for row in rows), Money(0))
