"""Past calls priced again under a draft, against reading the same rows bare and the bare loop."""

from __future__ import annotations

import gc
from dataclasses import replace
from time import perf_counter

from bench.cdr_report import FIRST, LAST, fill
from bench.rows import Row
from bench.stage import DATABASES, LONG_AGO, Servers, is_sqlite, raw_connection, staged
from portal import calls, pricing
from portal.core.db import db, session, transaction
from portal.core.money import percent_e4, rate_e8
from portal.core.scope import Scope, bind
from portal.pricing import PackageDetails

CALLS = 1_000_000
PULSE = 6
_PRICED_BY = """
UPDATE calls SET package_version_id = (SELECT max(id) FROM package_versions), carrier_rate_e8 = 900000
"""
_COLUMNS = (
    "id, client_id, carrier_key, direction, account, started_at, destination, disposition, seconds,"
    " free_minutes, state, price, cost, carrier_cost_e8, carrier_rate_e8"
)


def run(servers: Servers, *, quick: bool = False) -> list[Row]:
    """The whole run on paper: what its job does, without the queue."""
    count = CALLS // 20 if quick else CALLS
    found = []
    for database in DATABASES:
        with staged(servers, servers.url(database, "rerating")) as (_, reseller_id):
            fill(reseller_id, count)
            with bind(Scope(reseller_id)):
                ours = _ours()
                db.session.remove()
            floor = _bare()
            name = f"price {count:,} past calls again, {database}"
            found.append(Row(name, floor, ours, ours / floor, "at most 2.0", "seconds"))
    return found


def _ours() -> float:
    details = PackageDetails("Priced again", markup_percent_e4=percent_e4("20"))
    with transaction():
        package = pricing.save_package(details, valid_from=LONG_AGO)
    with raw_connection() as connection:
        connection.cursor().execute(_PRICED_BY)
        connection.commit()
    draft = replace(details, markup_fixed_e8=rate_e8("0.001"))
    with transaction():
        calls.ask_on_paper(package, draft, FIRST, LAST, by_id=None)
    run_id = calls.latest_runs(package)[0].id
    gc.collect()
    begun = perf_counter()
    opened = calls.open_run(run_id)
    assert opened
    lines = [
        line
        for portion in calls.portions(opened.wanted)
        for line in calls.on_paper(opened.wanted, portion, book=opened.book, zone=opened.zone)
    ]
    taken = perf_counter() - begun
    session().rollback()
    assert sum(line.calls for line in lines)
    return taken


def _bare() -> float:
    """The same rows in the same order, a few thousand at a time, priced and added up by client."""
    sums: dict[int, list[int]] = {}
    with raw_connection() as connection:
        cursor = connection.cursor()
        gc.collect()
        begun = perf_counter()
        cursor.execute(
            f"SELECT {_COLUMNS} FROM calls WHERE state = 'rated' ORDER BY client_id, started_at, id"
        )
        while rows := cursor.fetchmany(5_000):
            for row in rows:
                billed = -(-row[8] // PULSE) * PULSE
                price = ((row[14] + 100_000) * 12 * billed + 30_000) // 60_000
                line = sums.setdefault(row[1], [0, 0, 0])
                line[0] += 1
                line[1] += row[11]
                line[2] += price
        taken = perf_counter() - begun
        cursor.close()
        if not is_sqlite():
            connection.rollback()
    return taken
