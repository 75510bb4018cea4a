"""The billing run: a hundred clients a transaction, against bare inserts of the same rows in the same ones."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from time import perf_counter
from typing import Any

from bench.imports import written
from bench.rows import Row
from bench.stage import DATABASES, LONG_AGO, Servers, is_sqlite, raw_connection, staged
from portal import billing, ledger, pricing
from portal.core import scope
from portal.core.db import Base, db, session, transaction
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.pricing import PackageDetails

CLIENTS = 10_000
LINES = 2
FIRST = 10_000  # the key of the first client
FILL_AT_ONCE = 5_000
TARGET = "at most 3.0"
_TABLES = ("fees", "ledger_transfers", "ledger_months")


def run(servers: Servers, *, quick: bool = False) -> list[Row]:
    """Two package fees fall due for each client."""
    count = CLIENTS // 10 if quick else CLIENTS
    return [_measure(servers, database, count) for database in DATABASES]


def _measure(servers: Servers, database: str, count: int) -> Row:
    with staged(servers, servers.url(database, "billing")) as (_, reseller_id):
        with bind(Scope(reseller_id)):
            _fill(count)
            today = ledger.posting_day() + timedelta(days=1)
            before = {table: _newest(table) for table in _TABLES}
            gc.collect()
            begun = perf_counter()
            last: int | None = 0
            while last is not None:
                with transaction():
                    clients = billing.clients_to_bill(today, after=last)
                    billing.bill_clients(clients, today=today)
                last = clients[-1] if clients else None
            ours = perf_counter() - begun
        db.session.remove()
        rows = {
            table: (names, [row for row in found if row[names.index("id")] > before[table]])
            for table, (names, found) in written(_TABLES).items()
        }
        ids = dict(_accounts())
    with staged(servers, servers.url(database, "billing-floor")) as (_, reseller_id):
        with bind(Scope(reseller_id)):
            clients = _fill(count)
            with transaction():  # the account of fees is opened before the clock starts
                ledger.account_of(ledger.AccountKind.FEES)
        assert dict(_accounts()) == ids
        floor = _bare(clients, rows, today)
    name = f"billing run of {count:,} clients, {database}"
    return Row(name, floor, ours, ours / floor, TARGET, "seconds")


def _fill(count: int) -> list[int]:
    """Clients with two lines each under a package; its fee falls due tomorrow."""
    reseller_id = scope.reseller_id()
    tomorrow = ledger.posting_day() + timedelta(days=1)
    with transaction():
        package = pricing.save_package(
            PackageDetails("Gold", monthly_fee=Money.of("9.95")), valid_from=LONG_AGO
        )
        ledger.account_of(ledger.AccountKind.FEES)
        session().flush()
        for name, rows in _tables(reseller_id, count, pricing.package_id(package), tomorrow):
            table = Base.metadata.tables[name]
            for first in range(0, len(rows), FILL_AT_ONCE):
                session().execute(table.insert(), rows[first : first + FILL_AT_ONCE])
    with raw_connection() as connection:
        if not is_sqlite():
            connection.driver_connection.autocommit = True
        connection.cursor().execute("ANALYZE")
        if not is_sqlite():
            connection.driver_connection.autocommit = False
    return list(range(FIRST, FIRST + count))


def _tables(
    reseller_id: int, count: int, package: int, due: date
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Straight into the tables: how clients get there is no part of this."""
    keys = range(FIRST, FIRST + count)
    lines = [key * LINES + line for key in keys for line in range(LINES)]
    owned = {"reseller_id": reseller_id}
    yield "clients", [
        owned | {
            "id": key, "number": f"{300_000 + key}", "first_name": "Priya", "last_name": f"Raman {key}",
            "email": f"billed{key}@example.test",
        }
        for key in keys
    ]  # fmt: skip
    yield (
        "ledger_accounts",
        [owned | {"id": key, "client_id": key, "kind": "wallet"} for key in keys],
    )
    yield "ledger_balances", [owned | {"account_id": key, "client_id": key} for key in keys]
    yield (
        "sub_accounts",
        [owned | {"id": line, "account": f"100482_billed{line}"} for line in lines],
    )
    yield "package_links", [
        owned | {
            "id": line, "client_id": line // LINES, "sub_account_id": line, "package_id": package,
            "valid_from": LONG_AGO, "anchor_day": due.day, "next_billing_day": due,
        }
        for line in lines
    ]  # fmt: skip


def _newest(table: str) -> int:
    with raw_connection() as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
        [newest] = cursor.fetchone()
        cursor.close()
    return int(newest)


def _accounts() -> list[tuple[int, int | None]]:
    with raw_connection() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT id, client_id FROM ledger_accounts")
        found = [(row[0], row[1]) for row in cursor.fetchall()]
        cursor.close()
    return found


def _bare(clients: list[int], tables: Any, today: date) -> float:
    """The same rows, the billing days and the balances, a transaction for as many clients."""
    mark = "?" if is_sqlite() else "%s"
    day = (today + timedelta(days=30)).isoformat() if is_sqlite() else today + timedelta(days=30)
    grouped: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    statements = {}
    for table, (names, rows) in tables.items():
        marks = ",".join([mark] * len(names))
        statements[table] = f"INSERT INTO {table} ({','.join(names)}) VALUES ({marks})"
        owner = names.index("client_id")
        for row in rows:
            grouped[row[owner]][table].append(row)
    with raw_connection() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT client_id, id FROM package_links")
        links: dict[int, list[int]] = defaultdict(list)
        for client_id, link_id in cursor.fetchall():
            links[client_id].append(link_id)
        cursor.execute("SELECT client_id, account_id FROM ledger_balances")
        wallets = dict(cursor.fetchall())
        connection.rollback()
        gc.collect()
        begun = perf_counter()
        for first in range(0, len(clients), billing.AT_ONCE):
            part = clients[first : first + billing.AT_ONCE]
            if is_sqlite():
                cursor.execute("BEGIN IMMEDIATE")
            for table, statement in statements.items():
                rows = [row for client_id in part for row in grouped[client_id][table]]
                cursor.executemany(statement, rows)
            cursor.executemany(
                f"UPDATE package_links SET next_billing_day = {mark} WHERE id = {mark}",
                [(day, link_id) for client_id in part for link_id in links[client_id]],
            )
            cursor.executemany(
                f"UPDATE ledger_balances SET balance = balance - {mark} WHERE account_id = {mark}",
                [(19_900_000, wallets[client_id]) for client_id in part],
            )
            connection.commit()
        taken = perf_counter() - begun
        cursor.close()
    return taken
