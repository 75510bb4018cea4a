"""Call lists, in the carrier's clock and with its oddities."""

from __future__ import annotations

import sqlite3
from datetime import date
from functools import lru_cache
from typing import Any

from sandbox import calls, clock
from sandbox.deck import e8_text
from sandbox.wire.kinds import span, truth
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, listed, method
from sandbox.world import fields_of

STATUSES = {
    "answered": calls.ANSWERED, "noanswer": calls.NO_ANSWER, "busy": calls.BUSY,
    "failed": calls.FAILED,
}  # fmt: skip
CALL_TYPES = {
    "all": ("All Calls", ""),
    "outgoing": ("Outgoing Calls", "direction = 'out'"),
    "incoming": ("Incoming Calls", "direction = 'in'"),
}
BILLINGS = {
    "all": ("All Calls", ""),
    "free": ("Free Calls", "total_e8 = 0"),
    "billed": ("Billed Calls", "total_e8 > 0"),
}


@method("getCDR")
def cdr(request: Request) -> Answer:
    rows = [
        _row(row, zone, now, priced=True)
        for row, zone, now in _found(request, *account_of(request))
    ]
    return listed("cdr", rows, "no_cdr")


@method("getResellerCDR")
def reseller_cdr(request: Request) -> Answer:
    client = request.get("client")
    if not request.store.one(
        "SELECT 1 FROM clients WHERE reseller_id = ? AND id = ?", request.reseller_id, client
    ):
        raise Refusal("invalid_client")
    where, values = account_of(request)
    found = _found(request, f"{where} AND client = ?", [*values, client])
    return listed("cdr", [_row(row, zone, now, priced=False) for row, zone, now in found], "no_cdr")


def account_of(request: Request) -> tuple[str, list[Any]]:
    """The condition for the asked account: all of the reseller's, or one that is theirs."""
    account = request.get("account")
    if account in ("", "all"):
        return "reseller_id = ?", [request.reseller_id]
    known = account == request.reseller["login"] or request.store.one(
        "SELECT 1 FROM sub_accounts WHERE reseller_id = ? AND account = ?",
        request.reseller_id, account,
    )  # fmt: skip
    if not known:
        raise Refusal("invalid_account")
    return "reseller_id = ? AND account = ?", [request.reseller_id, account]


def _found(request: Request, where: str, values: list[Any]) -> list[tuple[sqlite3.Row, float, int]]:
    zone = clock.timezone_hours(request.get("timezone"))
    if zone is None:
        raise Refusal("invalid_timezone")
    wanted = [word for name, word in STATUSES.items() if truth(request.get(name))]
    if not wanted:
        raise Refusal("no_callstatus")
    first, last = span(request.get("date_from"), request.get("date_to"))
    where += f" AND disposition IN ({', '.join('?' * len(wanted))})"
    values = [*values, *wanted]
    for name, choices in (("calltype", CALL_TYPES), ("callbilling", BILLINGS)):
        choice = request.get(name, "all")
        if choice in choices:
            where += f" AND {choices[choice][1]}" if choices[choice][1] else ""
        elif name == "calltype" and request.store.one(
            "SELECT 1 FROM dids WHERE reseller_id = ? AND did = ?", request.reseller_id, choice
        ):
            where, values = f"{where} AND did = ?", [*values, choice]
        else:
            raise Refusal("invalid_call_type")
    start, end = clock.day_range(first, last, zone)
    now = clock.now_seconds()
    rows = request.store.rows(
        f"SELECT * FROM calls WHERE {where} AND started_at >= ? AND started_at < ?"
        " AND shows_at <= ? ORDER BY started_at DESC, id DESC",
        *values, start, end, now,
    )  # fmt: skip
    low, high = _net(first), _net(last, end=True)
    base = round((zone + 5) * clock.HOUR)
    return [
        (row, zone, now)
        for row in rows
        if low <= row["started_at"] + clock.eastern_offset_seconds(row["started_at"]) + base < high
    ]


@lru_cache(maxsize=4096)
def _net(day: date, *, end: bool = False) -> int:
    days = day.toordinal() - date(1970, 1, 1).toordinal() + (1 if end else 0)
    return days * 24 * clock.HOUR


def _row(row: sqlite3.Row, zone: float, now: int, *, priced: bool) -> dict[str, str]:
    seconds, total = calls.shown(row, now)
    minutes, rest = divmod(seconds, 60)
    answer = {
        "date": clock.wall_clock(row["started_at"], zone),
        "callerid": row["callerid"],
        "destination": row["destination"],
        "description": row["description"],
        "account": row["account"],
        "disposition": row["disposition"],
        "duration": f"{minutes // 60:02d}:{minutes % 60:02d}:{rest:02d}",
        "seconds": str(seconds),
    }
    if priced:
        answer["rate"] = e8_text(row["rate_e8"])
    return answer | {
        "total": e8_text(total),
        "uniqueid": row["uniqueid"],
        "destination_type": row["destination_type"],
        "ip": "",
        "useragent": "",
        "call_logs": f"Call logs for UniqueID: {row['uniqueid']}",
    }


@method("getCallAccounts")
def call_accounts(request: Request) -> Answer:
    client = request.get("client")
    rows = request.store.rows(
        "SELECT * FROM sub_accounts WHERE reseller_id = ? ORDER BY account", request.reseller_id
    )
    if client:
        rows = [row for row in rows if str(fields_of(row).get("reseller_client")) == client]
    accounts = [row["account"] for row in rows]
    if not client:
        accounts.insert(0, request.reseller["login"])
    choices = [{"value": "all", "description": "All Accounts"}]
    return {"accounts": choices + [{"value": name, "description": name} for name in accounts]}


@method("getCallTypes")
def call_types(request: Request) -> Answer:
    choices = [{"value": key, "description": name} for key, (name, _) in CALL_TYPES.items()]
    for row in request.store.rows(
        "SELECT * FROM dids WHERE reseller_id = ? ORDER BY did", request.reseller_id
    ):
        if request.get("client") in ("", str(fields_of(row).get("client") or "")):
            choices.append(
                {"value": row["did"], "description": f"Incoming Calls to DID {row['did']}"}
            )
    return {"call_types": choices}


@method("getCallBilling")
def call_billing(_request: Request) -> Answer:
    rows = [{"value": key, "description": name} for key, (name, _) in BILLINGS.items()]
    return {"call_billing": rows}
