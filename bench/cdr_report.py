"""Reports over a million calls (five with --long), against the same questions in bare SQL."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Any

from flask_babel import force_locale
from sqlalchemy import event

from bench.rows import Row
from bench.stage import CLIENTS, DATABASES, Servers, is_sqlite, raw_connection, staged
from portal import calls
from portal.core.db import db, session
from portal.core.scope import Scope, bind
from portal.reports import FOR_STAFF, GLOBAL_CDR, Report, ReportKind

CALLS, MANY_CALLS = 1_000_000, 5_000_000
PAGE_MS = 200
# There are calls here, and nothing that the other reports would have to read.
_OF_CALLS = (ReportKind.GLOBAL_CDR, ReportKind.MARGIN, ReportKind.SUB_ACCOUNTS)
FILL_AT_ONCE = 50_000
ROUNDS = 7
SEED = 20261121
FIRST, LAST = date(2026, 8, 1), date(2026, 10, 31)
TIMES = {"since": FIRST.isoformat(), "until": LAST.isoformat()}
_COLUMNS = (
    "public_id", "reseller_id", "client_id", "carrier_key", "direction", "account", "started_at",
    "local_day", "ambiguous_hour", "caller_name", "caller_number", "destination", "description",
    "disposition", "seconds", "billed_seconds", "free_minutes", "state", "rate_e8", "price", "cost",
    "carrier_cost_e8", "onnet", "worksheet", "corrections", "imported_at",
)  # fmt: skip
_ROLL_UP = """
INSERT INTO call_days (reseller_id, client_id, owner, day, direction, calls, answered, no_answer,
    busy, failed, seconds, billed_seconds, price, cost)
SELECT reseller_id, client_id, client_id, local_day, direction, count(*),
    sum(CASE WHEN disposition = 'answered' THEN 1 ELSE 0 END), 0, 0, 0, sum(seconds),
    sum(billed_seconds), sum(price), sum(cost)
FROM calls GROUP BY reseller_id, client_id, local_day, direction
"""


def run(servers: Servers, *, quick: bool = False, long: bool = False) -> list[Row]:
    """Totals from roll-ups, totals of a filter, the newest page, a deep page, and the pages of reports of calls."""
    count = MANY_CALLS if long else CALLS // 10 if quick else CALLS
    found = []
    for database in DATABASES:
        with staged(servers, servers.url(database, "report")) as (_, reseller_id):
            fill(reseller_id, count)
            with bind(Scope(reseller_id)), force_locale("en"):
                where = f"{count:,} calls, {database}"
                found += _compare(where, reseller_id, quick=quick)
                found += [_page(report, where) for report in FOR_STAFF if report.kind in _OF_CALLS]
                session().rollback()
    return found


def _compare(where: str, reseller_id: int, *, quick: bool) -> Iterator[Row]:
    plain = GLOBAL_CDR.choose(TIMES)
    filtered = GLOBAL_CDR.choose(TIMES | {"direction": "in", "result": "answered"})
    since, until = _bound(plain.wanted.since), _bound(plain.wanted.until)
    mark = "?" if is_sqlite() else "%s"
    sums = "count(*), sum(seconds), sum(billed_seconds), sum(price), sum(cost)"
    period = f"reseller_id = {mark} AND started_at >= {mark} AND started_at < {mark}"
    with raw_connection() as connection:
        cursor = connection.cursor()

        def ask(statement: str, *values: Any) -> list[Any]:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

        yield _row(
            f"report: totals of 92 days, {where}",
            lambda: ask(
                "SELECT owner, sum(calls), sum(answered), sum(seconds), sum(billed_seconds),"
                f" sum(price), sum(cost) FROM call_days WHERE reseller_id = {mark}"
                f" AND day >= {mark} AND day <= {mark} GROUP BY owner",
                reseller_id, str(FIRST), str(LAST),
            )
            + ask(
                "SELECT day, sum(calls), sum(answered), sum(price), sum(cost) FROM call_days"
                f" WHERE reseller_id = {mark} AND day >= {mark} AND day <= {mark} GROUP BY day",
                reseller_id, str(FIRST), str(LAST),
            )
            + ask(f"SELECT * FROM clients WHERE reseller_id = {mark}", reseller_id),
            _queries_of(lambda: GLOBAL_CDR.summary(plain), cursor),
            "at most 1.3",
        )  # fmt: skip
        yield _row(
            f"report: totals of a filter, {where}",
            lambda: ask(
                f"SELECT client_id, {sums} FROM calls WHERE {period}"
                " AND direction = 'in' AND disposition = 'answered' GROUP BY client_id",
                reseller_id, since, until,
            )
            + ask(f"SELECT * FROM clients WHERE reseller_id = {mark}", reseller_id),
            _queries_of(lambda: GLOBAL_CDR.summary(filtered), cursor),
            "at most 1.3",
        )  # fmt: skip
        newest = f"SELECT * FROM calls WHERE {period} ORDER BY started_at DESC, id DESC LIMIT 51"
        yield _row(
            f"report: newest 50, {where}",
            lambda: ask(newest, reseller_id, since, until),
            _queries_of(lambda: calls.search(plain.wanted), cursor),
            "at most 2.0",
        )
        deep = calls.search(plain.wanted, rows=20_000 if quick else 200_000).older
        assert deep is not None
        at, last_id = ask(
            f"SELECT started_at, id FROM calls WHERE public_id = {mark}", _name(deep)
        )[0]
        beyond = (
            f"AND (started_at, id) < ({mark}, {mark}) ORDER BY started_at DESC, id DESC LIMIT 51"
        )
        yield _row(
            f"report: a deep page, {where}",
            lambda: ask(f"SELECT * FROM calls WHERE {period} {beyond}", reseller_id, since, until, at, last_id),
            _queries_of(lambda: calls.search(plain.wanted, after=deep), cursor),
            "at most 2.0",
        )  # fmt: skip
        cursor.close()
        connection.rollback()


def _queries_of(work: Callable[[], Any], cursor: Any) -> Callable[[], Any]:
    """The very statements that this sends, by themselves: the database's part of it."""
    sent: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        sent.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    return lambda: [cursor.execute(*one).fetchall() for one in sent]


def _page(report: Report, where: str) -> Row:
    """Everything a report's page asks before it is drawn: its totals and its first rows."""
    chosen = report.choose(TIMES)
    turns = []
    for _ in range(3):
        begun = perf_counter()
        report.summary(chosen)
        report.page(chosen)
        turns.append((perf_counter() - begun) * 1_000)
    ours, name = min(turns), f"page of the report {report.word}, {where}"
    return Row(name, PAGE_MS, ours, ours / PAGE_MS, "at most 1.0", "ms")


def _row(name: str, floor: Callable[[], Any], ours: Callable[[], Any], target: str) -> Row:
    """Turns of both, the best of each: what a busy machine adds is no part of either."""
    turns = [(_milliseconds(floor), _milliseconds(ours)) for _ in range(ROUNDS)]
    of_floor, of_ours = (min(turn[at] for turn in turns) for at in (0, 1))
    return Row(name, of_floor, of_ours, of_ours / of_floor, target, "ms")


def _milliseconds(work: Callable[[], Any]) -> float:
    begun = perf_counter()
    work()
    return (perf_counter() - begun) * 1_000


def _bound(at: datetime) -> Any:
    return at.replace(tzinfo=None).isoformat(" ", "microseconds") if is_sqlite() else at


def _name(public_id: str) -> str:
    return uuid.UUID(public_id).hex if is_sqlite() else public_id


def fill(reseller_id: int, count: int) -> None:
    """Straight into the tables: how calls get there is another measurement."""
    sqlite = is_sqlite()
    columns = ",".join(_COLUMNS)
    with raw_connection() as connection:
        cursor = connection.cursor()
        for first in range(0, count, FILL_AT_ONCE):
            rows = list(_rows(reseller_id, first, min(FILL_AT_ONCE, count - first), count))
            if sqlite:
                cursor.execute("BEGIN")
                marks = ",".join("?" * len(_COLUMNS))
                cursor.executemany(f"INSERT INTO calls ({columns}) VALUES ({marks})", rows)
            else:
                with cursor.copy(f"COPY calls ({columns}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            connection.commit()
        if sqlite:
            cursor.execute("BEGIN")
        cursor.execute(_ROLL_UP)
        connection.commit()
        if not sqlite:
            connection.driver_connection.autocommit = True
            cursor.execute("VACUUM ANALYZE calls")
            cursor.execute("ANALYZE call_days")
            connection.driver_connection.autocommit = False
        else:
            cursor.execute("ANALYZE")
        cursor.close()


def _rows(reseller_id: int, first: int, count: int, all_calls: int) -> Iterator[tuple[Any, ...]]:
    dice = random.Random(SEED + first)
    begin = datetime(2026, 8, 1, 12, tzinfo=UTC)
    span = timedelta(days=91)
    sqlite = is_sqlite()
    clients = _client_ids()
    for at in range(first, first + count):
        moment = begin + span * at / all_calls
        day = (moment - timedelta(hours=4)).date()
        answered = dice.random() < 0.85
        seconds = dice.randrange(1, 1_200) if answered else 0
        cost = seconds * 150
        yield (
            uuid.UUID(int=dice.getrandbits(128)).hex, reseller_id, dice.choice(clients), f"{at}|out|x",
            dice.choice(("in", "out")), "100482_line0",
            moment.replace(tzinfo=None).isoformat(" ", "microseconds") if sqlite else moment,
            day.isoformat() if sqlite else day, False, "", "16135550142",
            f"1613555{dice.randrange(10**4):04}", "Canada", "answered" if answered else "no_answer",
            seconds, -(-seconds // 6) * 6, 0, "rated" if answered else "unanswered", 900_000,
            cost * 5 // 4, cost, cost * 100, False, "{}", 0,
            moment.replace(tzinfo=None).isoformat(" ", "microseconds") if sqlite else moment,
        )  # fmt: skip


def _client_ids() -> list[int]:
    with raw_connection() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT id FROM clients ORDER BY id")
        found = [row[0] for row in cursor.fetchall()]
        connection.rollback()
        cursor.close()
    assert len(found) == CLIENTS
    return found
