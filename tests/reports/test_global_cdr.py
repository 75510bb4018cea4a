"""The report of all calls: its numbers, its filters, its CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale

from portal import calls, ledger
from portal.core.errors import NotFound
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.ledger import Reason
from portal.reports import global_cdr, statement
from tests.browser import Browser
from tests.world import World, a_call, build_world, record_calls

HOSTILE = (
    '=HYPERLINK("http://evil.example","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1,2)",
    "\t=1+1",
    "|calc",
    '<script>alert(1)</script>","',
)


def test_totals_of_the_report_are_those_of_calls_roll_ups_and_ledger(app_on_each: Flask) -> None:
    world = build_world()

    with bind(Scope(world.northwind.id)), force_locale("en"):
        chosen = global_cdr.choose({"since": _days_ago(60)})
        summary = global_cdr.summarise(chosen)
        raw = calls.totals(chosen.wanted)
        from_calls = dict(calls.sums_by_client(chosen.wanted))
        rows = calls.search(chosen.wanted, rows=5_000).rows
        report = global_cdr.report(rows, summary.totals)

        assert summary.totals == raw
        assert {part.client_id: part.totals for part in summary.clients} == from_calls
        for column in (6, 7, 8, 9, 10):
            cells = [row[column] for row in report.rows if row[column] is not None]
            start = Money(0) if isinstance(cells[0], Money) else 0
            assert sum(cells, start) == report.totals[column]  # type: ignore[call-overload]
        for part in summary.clients:
            assert part.client_id is not None
            period = statement.choose({"since": _days_ago(60)})
            charged = statement.build(part.client_id, period)
            of_calls = [one.amount for one in charged.charges if one.reason is Reason.CALL]
            assert of_calls == [part.totals.price]


def test_a_statement_ends_with_the_balance_and_adds_up(app_on_each: Flask) -> None:
    world = build_world()

    with bind(Scope(world.northwind.id)):
        for client in (world.a, world.b):
            made = statement.build(client.id, statement.choose({"since": _days_ago(80)}))

            totals = made.totals
            assert totals.closing == ledger.balance_of(client.id)
            assert totals.opening + totals.payments - totals.charges == totals.closing
            assert sum((one.amount for one in made.charges), Money(0)) == totals.charges
            assert sum((one.amount for one in made.payments), Money(0)) == totals.payments


@pytest.mark.parametrize(
    "words",
    [
        {"direction": "in"},
        {"result": "no_answer"},
        {"state": "free,unanswered"},
        {"q": "0155"},
        {"direction": "out", "result": "answered", "q": "613"},
    ],
)
def test_a_filter_finds_the_calls_it_names_and_sums_them(
    world: World, words: dict[str, str]
) -> None:
    with bind(Scope(world.northwind.id)):
        chosen = global_cdr.choose(words)

        summary = global_cdr.summarise(chosen)

        rows = calls.search(chosen.wanted, rows=5_000).rows
        assert 0 < len(rows) < calls.totals(global_cdr.choose({}).wanted).calls
        assert summary.totals.calls == len(rows)
        assert summary.totals.cost == sum((row.cost for row in rows), Money(0))
        assert all(words.get("direction") in {None, row.direction} for row in rows)
        assert global_cdr.choose(chosen.filters) == chosen, "an address leads back to the same"


def test_a_period_has_at_most_92_days_and_nonsense_is_the_usual_one(world: World) -> None:
    with bind(Scope(world.northwind.id)):
        year = global_cdr.choose({"since": "2020-01-01"}).period
        usual = global_cdr.choose({"since": "soon", "until": "9999-99-99", "state": "drop"}).period
        later = global_cdr.choose({"since": "8999-01-01", "until": "8999-01-02"}).period

    assert len(year.days) == 92
    assert len(usual.days) == 30
    assert year.last == usual.last == later.last, "never after today"


def test_another_resellers_client_is_not_there(world: World) -> None:
    with bind(Scope(world.northwind.id)), pytest.raises(NotFound):
        global_cdr.choose({"client": str(world.x.public_id)})


def test_the_page_shows_the_sums_of_its_filter(
    world: World, browse: Callable[..., Browser]
) -> None:
    ada = browse(world.northwind.owner)

    page = ada.open("/staff/reports/global-cdr")
    one = ada.open("/staff/reports/global-cdr", client=str(world.b.public_id))

    with world.reading(world.northwind):
        everything = calls.totals(global_cdr.choose({}).wanted)
        of_b = calls.totals(global_cdr.choose({"client": str(world.b.public_id)}).wanted)
    assert page.texts("#report-totals .figure-value")[0] == f"{everything.calls:,}"
    assert one.texts("#report-totals .figure-value")[0] == f"{of_b.calls:,}" == "1"
    assert len(page.all("#report-rows tbody tr")) == 50
    assert page.has("#report-totals svg")


def test_older_calls_come_as_rows_alone(world: World, browse: Callable[..., Browser]) -> None:
    ada = browse(world.northwind.owner)
    first = ada.open("/staff/reports/global-cdr")
    older = str(first.find("#report-rows a[rel=next]")["href"])

    page = ada.open(older, htmx=True)

    assert page.find("section")["id"] == "report-rows"
    assert not set(page.texts("time")) & set(first.texts("#report-rows time"))


def test_totals_are_a_fragment_of_their_own(world: World, browse: Callable[..., Browser]) -> None:
    ada = browse(world.northwind.owner)
    page = ada.open("/staff/reports/global-cdr", q="613")

    part = ada.open("/staff/reports/global-cdr/totals", htmx=True, q="613")

    assert part.texts(".figure-value") == page.texts("#report-totals .figure-value")


def test_the_csv_has_every_call_to_the_micro_and_no_formula(
    world: World, browse: Callable[..., Browser]
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    record_calls(
        world.northwind,
        [
            a_call(
                "100482_reception",
                "",
                now - timedelta(minutes=at),
                inbound=world.a.dids[0],
                name=name,
            )
            for at, name in enumerate(HOSTILE, start=1)
        ],
    )

    answer = browse(world.northwind.owner).open("/staff/reports/global-cdr.csv")

    rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))
    with world.reading(world.northwind):
        whole = calls.totals(global_cdr.choose({}).wanted)
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert len(rows) == whole.calls
    for column, total in (("price", whole.price), ("cost", whole.cost), ("profit", whole.profit)):
        assert sum(Decimal(row[column]) for row in rows) == total.decimal
    assert sum(int(row["duration_seconds"]) for row in rows) == whole.seconds
    texts = [row[name] for row in rows for name in ("client", "caller", "destination")]
    assert not [text for text in texts if text.startswith(("=", "@", "|", "-", "\t"))]
    assert datetime.fromisoformat(rows[0]["when"]).utcoffset() is not None


def test_a_client_has_no_way_to_the_report_of_all_calls(
    world: World, browse: Callable[..., Browser]
) -> None:
    priya = browse(world.a)

    for path in ("/staff/reports/global-cdr", "/staff/reports/global-cdr.csv"):
        assert priya.open(path).path == "/staff/login"


def _days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).date().isoformat()
