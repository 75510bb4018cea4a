"""What the carrier takes for numbers each month, on a day of the month that follows from the number."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sandbox import clock
from sandbox.deck import e8
from sandbox.world import World

VOICE_E8, FAX_E8 = e8("0.99"), e8("1.99")
_TAKEN = "fees:day"


def settle(world: World) -> None:
    """Take today's fees, once a day."""
    today = clock.eastern_day(clock.now_seconds())
    if world.store.recall(_TAKEN) == str(today):
        return
    with world.store.changing():
        for row in world.store.rows("SELECT id FROM resellers"):
            taken = take(world, row["id"], today, today)
            world.store.run(
                "UPDATE resellers SET balance_e8 = balance_e8 - ? WHERE id = ?", taken, row["id"]
            )
        world.store.remember(_TAKEN, str(today))


def take(world: World, reseller_id: int, first: date, last: date) -> int:
    """Write the fees of these days that are not written yet; what they come to."""
    rows = [
        _row(reseller_id, did, day, amount, words)
        for did, amount, words in _numbers(world, reseller_id)
        for day in _days(did, first, last)
    ]
    known = {
        row["uniqueid"]
        for row in world.store.rows(
            "SELECT uniqueid FROM transactions WHERE reseller_id = ?", reseller_id
        )
    }
    fresh = [row for row in rows if row["uniqueid"] not in known]
    world.store.insert_many("transactions", fresh)
    return -sum(row["amount_e8"] for row in fresh)


def _numbers(world: World, reseller_id: int) -> list[tuple[str, int, str]]:
    return [
        (row["did"], amount, words)
        for table, amount, words in (
            ("dids", VOICE_E8, "DID"),
            ("fax_numbers", FAX_E8, "FAX"),
        )
        for row in world.store.rows(
            f"SELECT did FROM {table} WHERE reseller_id = ? ORDER BY did", reseller_id
        )
    ]


def _days(did: str, first: date, last: date) -> list[date]:
    wanted = 1 + int(did[-2:]) % 28
    found, month = [], first.replace(day=1)
    while month <= last:
        day = month.replace(day=wanted)
        if first <= day <= last:
            found.append(day)
        month = (month.replace(day=28) + timedelta(days=5)).replace(day=1)
    return found


def _row(reseller_id: int, did: str, day: date, amount_e8: int, words: str) -> dict[str, Any]:
    noon = int(datetime.combine(day, time(12), UTC).timestamp())
    return {
        "reseller_id": reseller_id, "at": noon, "uniqueid": f"{day:%y%m%d}{did[-4:]}x{did[:5]}i8c",
        "type": f"DID{did}", "description": f"{words} Monthly Fee: {did}", "amount_e8": -amount_e8,
    }  # fmt: skip
