"""The list of recorded calls, page by page; the sound itself is nobody's business here."""

from __future__ import annotations

import base64
import sqlite3
from typing import Any

from sandbox import clock
from sandbox.methods.cdr import account_of
from sandbox.wire.kinds import span
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, listed, method

ROWS_A_PAGE = 50
TYPES = {"all": "", "incoming": " AND direction = 'in'", "outgoing": " AND direction = 'out'"}


@method("getCallRecordings")
def call_recordings(request: Request) -> Answer:
    where, values = account_of(request)
    chosen = request.get("call_type", "all")
    if chosen not in TYPES:
        raise Refusal("invalid_call_type")
    first, last = span(request.get("date_from"), request.get("date_to"))
    rows = request.store.rows(
        f"SELECT * FROM calls WHERE {where}{TYPES[chosen]} AND recorded_seconds IS NOT NULL"
        " AND copy_of IS NULL AND started_at >= ? AND started_at < ?"
        " ORDER BY started_at DESC, id DESC",
        *values, *clock.day_range(first, last, clock.DEFAULT_TIMEZONE_HOURS),
    )  # fmt: skip
    rows = [row for row in rows if str(first) <= clock.wall_day(row["started_at"]) <= str(last)]
    start = int(request.get("start", "0"))
    page = rows[start : start + int(request.get("length", str(ROWS_A_PAGE)))]
    return listed("recordings", [_row(row) for row in page], "no_recording")


def _row(row: sqlite3.Row) -> dict[str, Any]:
    minutes, seconds = divmod(row["recorded_seconds"], 60)
    hours, minutes = divmod(minutes, 60)
    name = f"{row['account']}-{row['uniqueid']}-{row['direction']}"
    return {
        "callrecording": base64.b64encode(name.encode()).decode(),
        "datetime": clock.wall_clock(row["started_at"]),
        # A number here, not text as in the call list.
        "destination": int(row["destination"]) if row["destination"].isdigit() else row["destination"],
        "type": "Incoming" if row["direction"] == "in" else "Outgoing",
        "subaccount": row["account"],
        "duration": f"{hours:02d}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}",
    }  # fmt: skip
