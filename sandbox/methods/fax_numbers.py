"""Fax numbers: a list of their own, apart from the voice numbers."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta

from sandbox import clock
from sandbox.deck import e8, e8_text
from sandbox.records import shown_fax
from sandbox.wire.kinds import plain_number
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, listed, method
from sandbox.world import fields_of

FREE = {
    "reseller_account": "", "reseller_next_billing": "0000-00-00",
    "reseller_monthly": "0.00000000", "reseller_minute": "0.00000000",
    "reseller_setup": "0.00000000",
}  # fmt: skip


@method("getFaxNumbersInfo")
def fax_numbers(request: Request) -> Answer:
    rows = request.store.rows(
        "SELECT * FROM fax_numbers WHERE reseller_id = ? ORDER BY did", request.reseller_id
    )
    if request.get("did"):
        did = plain_number(request.get("did"))
        rows = [row for row in rows if row["did"] == did]
        if not rows:
            raise Refusal("invalid_did")
    return listed("numbers", [shown_fax(row) for row in rows], "no_numbers")


@method("connectFAX")
def connect(request: Request) -> Answer:
    row = own(request)
    account = request.world.sub_account(request.get("account"))
    if account is None or account["reseller_id"] != request.reseller_id:
        raise Refusal("invalid_account")
    if fields_of(row)["reseller_account"]:
        raise Refusal("did_in_use")
    today = clock.eastern_day(clock.now_seconds())
    next_billing = request.get("next_billing") or str(today + timedelta(days=30))
    if next_billing < str(today):
        raise Refusal("invalid_resellernextbilling")
    return save(
        request,
        row,
        {
            "reseller_account": account["account"],
            "reseller_next_billing": next_billing,
            **{
                f"reseller_{name}": e8_text(e8(request.get(name)))
                for name in ("monthly", "minute", "setup")
            },
        },
    )


@method("unconnectFAX")
def unconnect(request: Request) -> Answer:
    return save(request, own(request), FREE)


def save(request: Request, row: sqlite3.Row, changes: dict[str, str]) -> Answer:
    """Keep changed fields of a fax number."""
    request.store.run(
        "UPDATE fax_numbers SET fields = ? WHERE did = ?",
        json.dumps(fields_of(row) | changes), row["did"],
    )  # fmt: skip
    return {}


def own(request: Request) -> sqlite3.Row:
    """The reseller's number that the request names."""
    row: sqlite3.Row | None = request.store.one(
        "SELECT * FROM fax_numbers WHERE reseller_id = ? AND did = ?",
        request.reseller_id, plain_number(request.get("did")),
    )  # fmt: skip
    if row is None:
        raise Refusal("invalid_did")
    return row
