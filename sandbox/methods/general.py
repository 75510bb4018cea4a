"""General methods: balance, transactions, and where a request comes from."""

from __future__ import annotations

from sandbox import clock
from sandbox.deck import e8_text
from sandbox.wire.kinds import span, truth
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, method
from sandbox.world import World


@method("getBalance")
def balance(request: Request) -> Answer:
    answer = {"current_balance": e8_text(request.reseller["balance_e8"], 6)}
    if truth(request.get("advanced")):
        answer |= statistics(request.world, "reseller_id = ?", request.reseller_id)
    return {"balance": answer}


def statistics(world: World, where: str, *values: object) -> dict[str, str]:
    """Totals of the last 30 days and of today, for calls that match."""
    now = clock.now_seconds()
    answer: dict[str, str] = {}
    today = clock.eastern_day(now)
    for word, since in (
        ("total", now - 30 * 24 * clock.HOUR),
        ("today", clock.day_range(today, today, -5)[0] + clock.HOUR),
    ):
        spent, calls, seconds = world.store.one(  # type: ignore[misc]
            "SELECT COALESCE(SUM(total_e8), 0), COUNT(*), COALESCE(SUM(seconds), 0) FROM calls"
            f" WHERE {where} AND started_at >= ? AND shows_at <= ? AND copy_of IS NULL",
            *values, since, now,
        )  # fmt: skip
        answer |= {
            f"spent_{word}": e8_text(spent, 6), f"calls_{word}": str(calls),
            f"time_{word}": hours(seconds),
        }  # fmt: skip
    return answer


def hours(seconds: int) -> str:
    """`10:17:48`, and `10:50` below one hour."""
    whole, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{whole}:{minutes:02d}:{left:02d}" if whole else f"{minutes}:{left:02d}"


@method("getTransactionHistory")
def transactions(request: Request) -> Answer:
    first, last = span(request.get("date_from"), request.get("date_to"))
    start, end = clock.day_range(first, last, -5)
    rows = [
        {
            "date": clock.wall_clock(row["at"]), "uniqueid": row["uniqueid"], "type": row["type"],
            "description": row["description"], "ammount": e8_text(row["amount_e8"], 8),
            "_units": row["amount_e8"],
        }
        for row in request.store.rows(
            "SELECT * FROM transactions WHERE reseller_id = ? AND at >= ? AND at < ? ORDER BY at, id",
            request.reseller_id, start, end,
        )
        if str(first) <= clock.wall_day(row["at"]) <= str(last)
    ]  # fmt: skip
    calls = request.store.value(
        "SELECT COALESCE(SUM(total_e8), 0) FROM calls WHERE reseller_id = ? AND started_at >= ?"
        " AND started_at < ? AND copy_of IS NULL",
        request.reseller_id, start, min(end, clock.now_seconds()),
    )  # fmt: skip
    if not rows and not calls:
        raise Refusal("no_transactions")
    money_in = sum(row["_units"] for row in rows if row["_units"] > 0)
    money_out = sum(row["_units"] for row in rows if row["_units"] < 0) - calls
    # The real list ends with rows that add up the others and are no transactions.
    for description, units in (
        ("Total Calls", -calls),
        ("Total Credits", money_in),
        ("Total Debits", money_out),
    ):
        rows.append(
            {
                "date": f"{first} to {last}", "uniqueid": "n/a", "type": "Total",
                "description": description, "ammount": e8_text(units, 8),
            }
        )  # fmt: skip
    return {"transactions": [{k: v for k, v in row.items() if k != "_units"} for row in rows]}


@method("getIP")
def ip(request: Request) -> Answer:
    return {"ip": request.address}
