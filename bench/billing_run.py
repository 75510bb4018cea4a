"""The billing run: every client a transaction, against bare inserts of the same rows in the same ones."""

from __future__ import annotations

import gc
from collections import defaultdict
from datetime import date, timedelta
from time import perf_counter
from typing import Any

from bench.imports import written
from bench.rows import Row
from bench.stage import DATABASES, LONG_AGO, Servers, is_sqlite, raw_connection, staged
from portal import billing, identity, ledger, pricing
from portal.core.db import db, session, transaction
from portal.core.money import Money
from portal.core.passwords import hash_password
from portal.core.scope import Scope, bind
from portal.identity import BalanceMode, ChosenPassword, ClientDetails
from portal.pbx.models import SubAccount
from portal.pricing import PackageDetails

CLIENTS = 10_000
LINES = 2
TARGET = "at most 3.0"
_TABLES = ("fees", "ledger_transfers", "ledger_months")


def run(servers: Servers, *, quick: bool = False) -> list[Row]:
    """Two package fees fall due for each client."""
    count = CLIENTS // 10 if quick else CLIENTS
    return [_measure(servers, database, count) for database in DATABASES]


def _measure(servers: Servers, database: str, count: int) -> Row:
    with staged(servers, servers.url(database, "billing")) as (_, reseller_id):
        with bind(Scope(reseller_id)):
            clients = _fill(count)
            today = ledger.posting_day() + timedelta(days=1)
            before = {table: _newest(table) for table in _TABLES}
            gc.collect()
            begun = perf_counter()
            for client_id in clients:
                with transaction():
                    billing.bill_client(client_id, today=today)
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
    chosen = ChosenPassword(hash_password("three blind lamps"))
    clients = []
    with transaction():
        package = pricing.package_id(
            pricing.save_package(
                PackageDetails("Gold", monthly_fee=Money.of("9.95")), valid_from=LONG_AGO
            )
        )
        ledger.account_of(ledger.AccountKind.FEES)
        tomorrow = ledger.posting_day() + timedelta(days=1)
        for at in range(count):
            client = identity.add_client(
                ClientDetails("Priya", f"Raman {at}", f"billed{at}@example.test"),
                password=chosen,
                number=f"{300_000 + at}",
            )
            ledger.open_wallet(client.id, mode=BalanceMode.SOFT)
            clients.append(client.id)
            for line in range(LINES):
                row = SubAccount(account=f"100482_billed{at}x{line}")
                session().add(row)
                session().flush()
                pricing.link_sub_account(row.id, client.id, package, next_billing_day=tomorrow)
    return clients


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
    """The same rows, the two billing days and the balance, a transaction for each client."""
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
        connection.rollback()
        gc.collect()
        begun = perf_counter()
        for client_id in clients:
            if is_sqlite():
                cursor.execute("BEGIN IMMEDIATE")
            for table, statement in statements.items():
                cursor.executemany(statement, grouped[client_id][table])
            cursor.executemany(
                f"UPDATE package_links SET next_billing_day = {mark} WHERE id = {mark}",
                [(day, link_id) for link_id in links[client_id]],
            )
            cursor.execute(
                f"UPDATE ledger_balances SET balance = balance - {mark} WHERE client_id = {mark}",
                (19_900_000, client_id),
            )
            connection.commit()
        taken = perf_counter() - begun
        cursor.close()
    return taken
