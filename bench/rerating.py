"""Past calls priced again under a draft, against reading the same rows bare and the bare loop."""

from __future__ import annotations

import gc
from dataclasses import replace
from time import perf_counter

from bench.cdr_report import FIRST, LAST, fill
from bench.rating import bare_loop, make_deck
from bench.rows import Row
from bench.stage import DATABASES, Servers, is_sqlite, raw_connection, staged
from jobs.rating_runs import price_on_paper
from portal import calls, pricing
from portal.core.db import db, session, transaction
from portal.core.money import rate_e8
from portal.core.scope import Scope, bind

CALLS = 1_000_000
MOST = 60
TURNS = 3
# Priced by the package that the draft changes; calls in come to the numbers of their lines.
_SETTLED = """
UPDATE calls SET package_version_id = (SELECT max(id) FROM package_versions), carrier_rate_e8 = 900000,
    destination = CASE direction WHEN 'in' THEN '1613' || (5560000 + did_id) ELSE destination END
"""
# What the bare loop takes, and what a run adds up.
_COLUMNS = (
    "direction, destination, seconds, disposition, carrier_rate_e8, carrier_cost_e8, started_at,"
    " client_id, price, cost, id, account, free_minutes, state, onnet"
)


def run(servers: Servers, *, quick: bool = False) -> list[Row]:
    """The whole run on paper, its progress too: what its job does, without the queue."""
    count = CALLS // 20 if quick else CALLS
    found, deck = [], make_deck()
    for database in DATABASES:
        with staged(servers, servers.url(database, "rerating")) as (_, reseller_id):
            fill(reseller_id, count)
            _settle()
            with bind(Scope(reseller_id)):
                turns = [(_bare(reseller_id, deck), _ours()) for _ in range(TURNS)]
                db.session.remove()
            floor, ours = (min(turn[at] for turn in turns) for at in (0, 1))
            name = f"price {count:,} past calls again, {database}"
            found.append(Row(name, floor, ours, ours / floor, "at most 2.0", "seconds"))
            if count == CALLS:
                whole = f"{name}, from asking to the end"
                found.append(Row(whole, MOST, ours, ours / MOST, "at most 1.0", "seconds"))
    return found


def _settle() -> None:
    with raw_connection() as connection:
        connection.cursor().execute(_SETTLED)
        connection.commit()
        if not is_sqlite():
            connection.driver_connection.autocommit = True
            connection.cursor().execute("VACUUM ANALYZE calls")
            connection.driver_connection.autocommit = False


def _ours() -> float:
    package = pricing.list_packages()[0]
    draft = replace(package.details, markup_fixed_e8=rate_e8("0.001"))
    with transaction():
        calls.ask_on_paper(package.public_id, draft, FIRST, LAST, by_id=None)
    run_id = calls.latest_runs(package.public_id)[0].id
    session().rollback()
    gc.collect()
    begun = perf_counter()
    price_on_paper(run_id)
    taken = perf_counter() - begun
    assert sum(line.calls for line in calls.lines_of(run_id))
    session().rollback()
    return taken


def _bare(reseller_id: int, deck: dict[str, int]) -> float:
    """The same rows in the same order by the bare driver and the bare loop, added up by client."""
    sums: dict[int, list[int]] = {}
    with raw_connection() as connection:
        cursor = connection.cursor()
        gc.collect()
        begun = perf_counter()
        cursor.execute(
            f"SELECT {_COLUMNS} FROM calls WHERE reseller_id = {reseller_id} AND state = 'rated'"
            " ORDER BY started_at, id"
        )
        while rows := cursor.fetchmany(calls.BATCH):
            for row, made in zip(rows, bare_loop(deck, rows), strict=True):
                line = sums.setdefault(row[7], [0, 0, 0, 0, 0])
                line[0] += 1
                line[1] += row[2]
                line[2] += row[8]
                line[3] += row[9]
                line[4] += made[12]
        taken = perf_counter() - begun
        cursor.close()
        if not is_sqlite():
            connection.rollback()
    return taken
