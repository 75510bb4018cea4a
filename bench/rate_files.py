"""A deck of 50,000 rates from a file, compared and applied, against the same rows bare; then a search."""

from __future__ import annotations

import gc
import uuid
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import select

from bench.imports import bare_insert, written
from bench.rating import make_deck
from bench.rows import Row
from bench.stage import DATABASES, Servers, is_sqlite, raw_connection, staged
from jobs.rates import apply_rates, compare_rates
from portal import pricing
from portal.core import storage
from portal.core.db import db, finish_reading, session, transaction
from portal.core.money import plain
from portal.core.scope import Scope, bind
from portal.pricing.models import Package
from portal.pricing.rate_files import guess, look

TIMES = 15
TABLE = "area_rates"


def run(servers: Servers, *, quick: bool = False) -> list[Row]:
    """Two lines for each database: the file, and finding one prefix in the table."""
    deck = make_deck()
    prefixes = list(deck)[: len(deck) // 10] if quick else list(deck)
    lines = [f"{prefix},{plain(deck[prefix], 8)},Place {at}" for at, prefix in enumerate(prefixes)]
    content = "\n".join(["prefix,rate,destination", *lines]).encode()
    return [row for database in DATABASES for row in _measure(servers, database, content)]


def _measure(servers: Servers, database: str, content: bytes) -> list[Row]:
    with staged(servers, servers.url(database, "rates")) as (_, reseller_id):
        with bind(Scope(reseller_id)):
            package = session().scalars(select(Package.public_id)).one()
            gc.collect()
            begun = perf_counter()
            _take_in(package, content)
            ours = perf_counter() - begun
            found = _search(package, reseller_id, database)
        db.session.remove()
        rows = written([TABLE])
    with staged(servers, servers.url(database, "floor")):
        floor = bare_insert(rows)
    count = len(rows[TABLE][1])
    name = f"{count:,} rates of a file compared and applied, {database}"
    return [Row(name, floor, ours, ours / floor, "", "seconds"), found]


def _take_in(package: uuid.UUID, content: bytes) -> None:
    sheet = look(content)
    draft = storage.draft(ending="csv")
    draft.write_bytes(content)
    with transaction():
        made = pricing.start_rate_import(
            package, sheet, file_name="rates.csv",
            stored_as=storage.keep(draft, ending="csv"), by_id=None,
        )  # fmt: skip
        pricing.choose_columns(
            made, guess(sheet.headings, sheet.sample), valid_from=None, ends_missing=False
        )
    number = pricing.find_import(package, made).id
    finish_reading()
    compare_rates(import_id=number)
    with transaction():
        pricing.ask_to_apply(made)
    apply_rates(import_id=number)


def _search(package: uuid.UUID, reseller_id: int, database: str) -> Row:
    def ours() -> None:
        assert pricing.area_rates(package, text="44").rows
        finish_reading()

    mark = "?" if is_sqlite() else "%s"
    bare = (
        f"SELECT * FROM {TABLE} WHERE reseller_id = {mark} AND area_kind = 'prefix'"
        f" AND area LIKE '44%%' ORDER BY area LIMIT 51"
    )
    if is_sqlite():
        bare = bare.replace("%%", "%")
    with raw_connection() as connection:
        cursor = connection.cursor()
        floor = _milliseconds(lambda: cursor.execute(bare, (reseller_id,)).fetchall())
        cursor.close()
        connection.rollback()
    taken = _milliseconds(ours)
    return Row(f"find prefixes among them, {database}", floor, taken, taken / floor, "", "ms")


def _milliseconds(work: Callable[[], Any]) -> float:
    taken = []
    for _ in range(TIMES):
        begun = perf_counter()
        work()
        taken.append((perf_counter() - begun) * 1000)
    return median(taken)
