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
from portal.reports import GLOBAL_CDR, statement
from tests.browser import Browser
from tests.world import World, a_call, build_world, record_calls

HOSTILE = (
    '=HYPERLINK("http://evil.example","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1,2)",
    "\t=1+1",
    "|calc",
    "\uff1d1+1",
    '<script>alert(1)</script>","',
)


def test_totals_of_the_report_are_those_of_calls_roll_ups_and_ledger(app_on_each: Flask) -> None:
    world = build_world()

    with bind(Scope(world.northwind.id)), force_locale("en"):
        chosen = GLOBAL_CDR.choose({"since": _days_ago(60)})
        summary = GLOBAL_CDR.summary(chosen)
        raw = calls.totals(chosen.wanted)
        from_calls = dict(calls.sums_by_client(chosen.wanted))
        put = GLOBAL_CDR.cells()
        rows = [put(row) for row in calls.search(chosen.wanted, rows=5_000).rows]

        assert summary.count == raw.calls == len(rows)
        assert summary.totals[7:12] == (
            raw.seconds, raw.billed_seconds, raw.cost, raw.price, raw.profit,
        )  # fmt: skip
        for column in (7, 8, 9, 10, 11):
            cells = [row[column] for row in rows if row[column] is not None]
            start = Money(0) if isinstance(cells[0], Money) else 0
            assert sum(cells, start) == summary.totals[column]  # type: ignore[call-overload]
        for client in (world.a, world.b):
            part = next(
                one for one in summary.parts if one.words["client"] == str(client.public_id)
            )
            assert part.cells[4] == from_calls[client.id].price
            period = statement.choose({"since": _days_ago(60)})
            charged = statement.build(client.id, period)
            of_calls = [one.amount for one in charged.charges if one.reason is Reason.CALL]
            assert of_calls == [part.cells[4]]


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
    with bind(Scope(world.northwind.id)), force_locale("en"):
        chosen = GLOBAL_CDR.choose(words)

        summary = GLOBAL_CDR.summary(chosen)

        rows = calls.search(chosen.wanted, rows=5_000).rows
        assert 0 < len(rows) < calls.totals(GLOBAL_CDR.choose({}).wanted).calls
        assert summary.count == len(rows)
        assert summary.totals[9] == sum((row.cost for row in rows), Money(0))
        assert all(words.get("direction") in {None, row.direction} for row in rows)
        assert GLOBAL_CDR.choose(chosen.filters).wanted == chosen.wanted, (
            "an address leads back to the same"
        )


def test_a_period_has_at_most_92_days_and_nonsense_is_the_usual_one(world: World) -> None:
    with bind(Scope(world.northwind.id)), force_locale("en"):
        long = GLOBAL_CDR.choose({"since": "2020-01-01", "result": "failed"}).period
        usual = GLOBAL_CDR.choose({"since": "soon", "until": "9999-99-99", "state": "drop"}).period
        later = GLOBAL_CDR.choose({"since": "8999-01-01", "until": "8999-01-02"}).period

    assert len(long.days) == 92
    assert len(usual.days) == 30
    assert long.last == usual.last == later.last, "never after today"


def test_another_resellers_client_is_not_there(world: World) -> None:
    with bind(Scope(world.northwind.id)), pytest.raises(NotFound):
        GLOBAL_CDR.choose({"client": str(world.x.public_id)})


def test_the_page_shows_the_sums_of_its_filter(
    world: World, browse: Callable[..., Browser]
) -> None:
    ada = browse(world.northwind.owner)

    page = ada.open("/staff/reports/global-cdr")
    one = ada.open("/staff/reports/global-cdr", client=str(world.b.public_id))

    with world.reading(world.northwind), force_locale("en"):
        everything = calls.totals(GLOBAL_CDR.choose({}).wanted)
        of_b = calls.totals(GLOBAL_CDR.choose({"client": str(world.b.public_id)}).wanted)
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
    with world.reading(world.northwind), force_locale("en"):
        whole = calls.totals(GLOBAL_CDR.choose({}).wanted)
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert len(rows) == whole.calls
    for column, total in (("price", whole.price), ("cost", whole.cost), ("profit", whole.profit)):
        assert sum(Decimal(row[column]) for row in rows) == total.decimal
    assert sum(int(row["duration_seconds"]) for row in rows) == whole.seconds
    texts = [row[name] for row in rows for name in ("client", "caller", "destination")]
    assert not [text for text in texts if text.startswith(("=", "\uff1d", "@", "|", "-", "\t"))]
    assert datetime.fromisoformat(rows[0]["when"]).utcoffset() is not None


def test_a_client_has_no_way_to_the_report_of_all_calls(
    world: World, browse: Callable[..., Browser]
) -> None:
    priya = browse(world.a)

    for path in ("/staff/reports/global-cdr", "/staff/reports/global-cdr.csv"):
        assert priya.open(path).path == "/staff/login"


def _days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).date().isoformat()
