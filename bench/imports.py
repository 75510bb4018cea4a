"""Import, rate, post: the carrier's calls through the real service, against the same rows bare."""

from __future__ import annotations

import gc
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from bench.rating import make_deck
from bench.rows import Row
from bench.stage import (
    CLIENTS,
    DATABASES,
    LINES,
    Servers,
    account,
    is_sqlite,
    raw_connection,
    staged,
)
from portal import calls
from portal.carriers import CarrierCall, Direction, Disposition
from portal.core.db import db, transaction
from portal.core.scope import Scope, bind

Tables = dict[str, tuple[list[str], list[tuple[Any, ...]]]]

CALLS = 100_000
SEED = 20261120
TARGETS = {"SQLite": "at most 3.0", "PostgreSQL": "at most 2.5"}
# What one import writes, in the order in which rows may refer to each other.
ACCOUNTS = "ledger_accounts"
TABLES = (
    "calls", "ledger_transfers", "ledger_usage_days", "call_days", "call_months", "call_line_days",
    "call_line_months",
)  # fmt: skip


def run(servers: Servers, *, quick: bool = False) -> list[Row]:
    """Ours first, then exactly its rows on an equal database by COPY or one executemany."""
    count = CALLS // 10 if quick else CALLS
    rows = make_rows(count)
    return [_measure(servers, database, rows) for database in DATABASES]


def make_rows(count: int) -> list[CarrierCall]:
    """Two months of calls of all lines: 85 % answered, to numbers of a 50,000-prefix deck."""
    dice = random.Random(SEED)
    deck = make_deck()
    prefixes = list(deck)
    start = datetime(2026, 9, 1, tzinfo=UTC)
    rows = []
    for at in range(count):
        prefix = dice.choice(prefixes)
        answered = dice.random() < 0.85
        seconds = dice.randrange(1, 1_200) if answered else 0
        rows.append(
            CarrierCall(
                uniqueid=str(10**9 + at), direction=Direction.OUT,
                account=account(dice.randrange(CLIENTS * LINES)),
                started_at=start + timedelta(seconds=at * 5_000_000 // count), ambiguous=False,
                caller_id_name="", caller_number="16135550142",
                destination=(prefix + str(dice.randrange(10**10, 10**11)))[:12],
                description="Canada",
                disposition=Disposition.ANSWERED if answered else Disposition.NO_ANSWER,
                seconds=seconds, rate_e8=deck[prefix], total_e8=deck[prefix] * seconds // 60,
                onnet=False, destination_type="OUT",
            )
        )  # fmt: skip
    return rows


def _measure(servers: Servers, database: str, rows: list[CarrierCall]) -> Row:
    with staged(servers, servers.url(database, "import")) as (_, reseller_id):
        gc.collect()
        begun = perf_counter()
        with bind(Scope(reseller_id)):
            for first in range(0, len(rows), calls.BATCH):
                with transaction():
                    calls.record(rows[first : first + calls.BATCH])
        ours = perf_counter() - begun
        db.session.remove()
        rows_of = written([ACCOUNTS, *TABLES])
    with staged(servers, servers.url(database, "floor")):
        _add_missing_accounts(rows_of.pop(ACCOUNTS))
        floor = bare_insert(rows_of)
    name = f"import, rate, post {len(rows):,} calls, {database}"
    return Row(name, floor, ours, ours / floor, TARGETS[database], "seconds")


def written(tables: Sequence[str]) -> Tables:
    """Columns and rows of tables as they are now, in the open application context."""
    found = {}
    with raw_connection() as connection:
        cursor = connection.cursor()
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in cursor.description]
            found[table] = (names, [tuple(row) for row in cursor.fetchall()])
        cursor.close()
    return found


def _add_missing_accounts(accounts: tuple[list[str], list[tuple[Any, ...]]]) -> None:
    """The reseller's own accounts are opened by the first charge; here before the clock starts."""
    names, rows = accounts
    mark = "?" if is_sqlite() else "%s"
    with raw_connection() as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT id FROM {ACCOUNTS}")
        known = {row[0] for row in cursor.fetchall()}
        missing = [row for row in rows if row[names.index("id")] not in known]
        marks = ",".join([mark] * len(names))
        cursor.executemany(f"INSERT INTO {ACCOUNTS} ({','.join(names)}) VALUES ({marks})", missing)
        connection.commit()
        cursor.close()


def bare_insert(rows_of: Tables) -> float:
    """Seconds for one transaction, the same indexes, constraints and triggers; nothing is looked up or rated."""
    with raw_connection() as connection:
        cursor = connection.cursor()
        gc.collect()
        begun = perf_counter()
        if is_sqlite():
            cursor.execute("BEGIN IMMEDIATE")
        for table, (names, rows) in rows_of.items():
            columns = ",".join(names)
            if is_sqlite():
                marks = ",".join("?" * len(names))
                cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
                continue
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        connection.commit()
        taken = perf_counter() - begun
        cursor.close()
    return taken
