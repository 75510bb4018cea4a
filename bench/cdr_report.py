"""Reports over a million calls (five with --long), against the same questions in bare SQL."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Any

from flask_babel import force_locale
from sqlalchemy import event, select

from bench.rows import Row
from bench.stage import (
    CLIENTS,
    DATABASES,
    LINES,
    LONG_AGO,
    Servers,
    is_sqlite,
    raw_connection,
    staged,
)
from portal import calls, identity
from portal.core.db import Base, db, session, transaction
from portal.core.scope import Scope, bind
from portal.reports import FOR_STAFF, GLOBAL_CDR, Report, ReportKind

CALLS, MANY_CALLS = 1_000_000, 5_000_000
PAGE_MS = 200
# There are calls here, and nothing that the other reports would have to read.
_OF_CALLS = (
    ReportKind.FINANCIAL, ReportKind.MARGIN, ReportKind.GLOBAL_CDR, ReportKind.CLIENT_CDR,
    ReportKind.SUB_ACCOUNTS, ReportKind.NUMBERS,
)  # fmt: skip
PATTERN = 50_000
SPAN = timedelta(days=91)
ROUNDS = 7
SEED = 20261121
FIRST, LAST = date(2026, 8, 1), date(2026, 10, 31)
TIMES = {"since": FIRST.isoformat(), "until": LAST.isoformat()}
_COLUMNS = (
    "public_id", "reseller_id", "client_id", "sub_account_id", "did_id", "carrier_key", "direction",
    "account", "started_at", "local_day", "ambiguous_hour", "caller_name", "caller_number", "destination", "description",
    "disposition", "seconds", "billed_seconds", "free_minutes", "state", "rate_e8", "price", "cost",
    "carrier_cost_e8", "onnet", "worksheet", "corrections", "imported_at",
)  # fmt: skip
_SUMS = "calls, answered, seconds, billed_seconds, price, cost"
_SUMMED = ", ".join(f"sum({word})" for word in _SUMS.split(", "))
_ROLL_UPS = (
    f"""
INSERT INTO call_days (reseller_id, client_id, owner, day, direction, {_SUMS}, no_answer, busy, failed)
SELECT reseller_id, client_id, client_id, local_day, direction, {{sums}}, 0, 0, 0
FROM calls GROUP BY reseller_id, client_id, local_day, direction""",
    f"""
INSERT INTO call_months (reseller_id, client_id, owner, month, direction, {_SUMS}, no_answer, busy, failed)
SELECT reseller_id, client_id, owner, {{month}}, direction, {_SUMMED}, 0, 0, 0
FROM call_days GROUP BY reseller_id, client_id, owner, {{month}}, direction""",
    f"""
INSERT INTO call_line_days (reseller_id, client_id, owner, sub_account, did, day, {_SUMS})
SELECT reseller_id, client_id, client_id, sub_account_id, coalesce(did_id, 0), local_day, {{sums}}
FROM calls GROUP BY reseller_id, client_id, sub_account_id, did_id, local_day""",
    f"""
INSERT INTO call_line_months (reseller_id, client_id, owner, sub_account, did, month, {_SUMS})
SELECT reseller_id, client_id, owner, sub_account, did, {{month}}, {_SUMMED}
FROM call_line_days GROUP BY reseller_id, client_id, owner, sub_account, did, {{month}}""",
    """
INSERT INTO ledger_months (reseller_id, client_id, month, account, reason, items, seconds, amount)
SELECT reseller_id, client_id, month, 'calls', 'call', sum(answered), sum(seconds), sum(price)
FROM call_months GROUP BY reseller_id, client_id, month""",
    """
INSERT INTO cost_months (reseller_id, client_id, owner, month, kind, amount)
SELECT reseller_id, client_id, owner, month, 'call', sum(cost)
FROM call_months GROUP BY reseller_id, client_id, owner, month""",
)
_OF_CALLS_SUMMED = (
    "count(*), sum(CASE WHEN disposition = 'answered' THEN 1 ELSE 0 END), sum(seconds),"
    " sum(billed_seconds), sum(price), sum(cost)"
)


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
    words = dict(TIMES)
    if report.kind is ReportKind.CLIENT_CDR:
        [one] = identity.clients_by_id(identity.open_client_ids()[:1]).values()
        words["client"] = str(one.public_id)
    chosen = report.choose(words)
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
    """Straight into the tables: how calls get there is another measurement.

    The first calls are made one by one; the database copies them, each time a little later.
    """
    sqlite = is_sqlite()
    lines = _lines(reseller_id)
    with raw_connection() as connection:
        cursor = connection.cursor()
        if sqlite:
            cursor.execute("PRAGMA cache_size = -400000")
            cursor.execute("BEGIN")
        pattern = min(count, PATTERN)
        step = int(SPAN.total_seconds()) * pattern // count
        rows = _rows(reseller_id, lines, pattern, timedelta(seconds=step))
        columns = ",".join(_COLUMNS)
        if sqlite:
            marks = ",".join("?" * len(_COLUMNS))
            cursor.executemany(f"INSERT INTO calls ({columns}) VALUES ({marks})", rows)
        else:
            with cursor.copy(f"COPY calls ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        for turn in range(1, -(-count // pattern)):
            many = min(pattern, count - turn * pattern)
            cursor.execute(_later(turn, turn * step, many, sqlite=sqlite))
        month = (
            "date({0}, 'start of month')" if sqlite else "CAST(date_trunc('month', {0}) AS date)"
        )
        for statement in _ROLL_UPS:
            words = {"sums": _OF_CALLS_SUMMED, "month": month.format("day")}
            cursor.execute(statement.format(**words))
        connection.commit()
        if sqlite:
            cursor.execute("PRAGMA cache_size = -2000")
        else:
            connection.driver_connection.autocommit = True
        cursor.execute("ANALYZE" if sqlite else "VACUUM ANALYZE")
        if not sqlite:
            connection.driver_connection.autocommit = False
        cursor.close()


def _later(turn: int, seconds: int, many: int, *, sqlite: bool) -> str:
    """The first calls once more, so much later, under other names."""
    moved = {"carrier_key": f"'{turn}-' || carrier_key"}
    if sqlite:
        moved["public_id"] = "lower(hex(randomblob(16)))"
        at = f"datetime(started_at, '+{seconds} seconds')"
        moved["started_at"] = moved["imported_at"] = f"{at} || '.000000'"
        moved["local_day"] = f"date({at}, '-4 hours')"
    else:
        moved["public_id"] = "gen_random_uuid()"
        at = f"(started_at + interval '{seconds} seconds')"
        moved["started_at"] = moved["imported_at"] = at
        moved["local_day"] = f"CAST({at} AT TIME ZONE 'UTC' - interval '4 hours' AS date)"
    values = ",".join(moved.get(name, name) for name in _COLUMNS)
    return f"INSERT INTO calls ({','.join(_COLUMNS)}) SELECT {values} FROM calls ORDER BY id LIMIT {many}"


def _rows(
    reseller_id: int, lines: list[tuple[int, int, str, int]], count: int, span: timedelta
) -> Iterator[tuple[Any, ...]]:
    dice = random.Random(SEED)
    begin = datetime(2026, 8, 1, 12, tzinfo=UTC)
    sqlite = is_sqlite()
    for at in range(count):
        moment = (begin + span * at / count).replace(microsecond=0)
        day = (moment - timedelta(hours=4)).date()
        answered = dice.random() < 0.85
        seconds = dice.randrange(1, 1_200) if answered else 0
        cost = seconds * 150
        client_id, line_id, account, did_id = dice.choice(lines)
        direction = dice.choice(("in", "out"))
        yield (
            uuid.UUID(int=dice.getrandbits(128)).hex, reseller_id, client_id, line_id,
            did_id if direction == "in" else None, f"{at}|out|x", direction, account,
            moment.replace(tzinfo=None).isoformat(" ", "microseconds") if sqlite else moment,
            day.isoformat() if sqlite else day, False, "", "16135550142",
            f"1613555{dice.randrange(10**4):04}", "Canada", "answered" if answered else "no_answer",
            seconds, -(-seconds // 6) * 6, 0, "rated" if answered else "unanswered", 900_000,
            cost * 5 // 4, cost, cost * 100, False, "{}", 0,
            moment.replace(tzinfo=None).isoformat(" ", "microseconds") if sqlite else moment,
        )  # fmt: skip


def _lines(reseller_id: int) -> list[tuple[int, int, str, int]]:
    """Client, sub-account, login and number of every line; the numbers are made here."""
    tables = Base.metadata.tables
    link, line = tables["package_links"].c, tables["sub_accounts"].c
    with bind(Scope(reseller_id)), transaction():
        found = session().execute(
            select(link.client_id, line.id, line.account)
            .where(line.id == link.sub_account_id)
            .order_by(line.id)
        )
        lines = [(client_id, line_id, account, line_id) for client_id, line_id, account in found]
        assert len(lines) == CLIENTS * LINES
        owned = {"reseller_id": reseller_id}
        session().execute(
            tables["dids"].insert(),
            [owned | {"id": line[3], "number": f"+1613556{line[3]:04}"} for line in lines],
        )
        session().execute(
            tables["did_links"].insert(),
            [
                owned | {
                    "did_id": did_id, "client_id": client_id, "sub_account_id": line_id,
                    "valid_from": LONG_AGO,
                }
                for client_id, line_id, _, did_id in lines
            ],
        )  # fmt: skip
    return lines
