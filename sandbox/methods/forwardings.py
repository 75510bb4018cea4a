"""Forwardings: entries that send a number's calls on to another telephone."""

from __future__ import annotations

import json
import sqlite3

from sandbox.wire.kinds import plain_number
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, listed, method
from sandbox.world import fields_of

FIRST_ID = 18_635
DEFAULTS = {
    "phone_number": "", "callerid_override": "", "description": "", "dtmf_digits": "",
    "pause": "0", "diversion_header": "0",
}  # fmt: skip


@method("getForwardings")
def forwardings(request: Request) -> Answer:
    rows = request.store.rows(
        "SELECT * FROM forwardings WHERE reseller_id = ? ORDER BY id", request.reseller_id
    )
    wanted = request.get("forwarding")
    if wanted:
        rows = [row for row in rows if str(row["id"]) == wanted]
        if not rows:
            raise Refusal("invalid_forwarding")
    shown = [{"forwarding": str(row["id"]), **fields_of(row)} for row in rows]
    return listed("forwardings", shown, "no_forwarding")


@method("setForwarding")
def set_forwarding(request: Request) -> Answer:
    """With an id the entry is replaced, without one it is made."""
    fields = {name: request.get(name, unset) for name, unset in DEFAULTS.items()}
    fields["phone_number"] = plain_number(fields["phone_number"])
    if request.get("forwarding"):
        row = _own(request)
        request.store.run(
            "UPDATE forwardings SET fields = ? WHERE id = ?", json.dumps(fields), row["id"]
        )
        return {"forwarding": row["id"]}
    number = request.store.free_id("forwardings", first=FIRST_ID)
    request.store.insert(
        "forwardings", id=number, reseller_id=request.reseller_id, fields=json.dumps(fields)
    )
    return {"forwarding": number}


@method("delForwarding")
def delete(request: Request) -> Answer:
    request.store.run("DELETE FROM forwardings WHERE id = ?", _own(request)["id"])
    return {}


def _own(request: Request) -> sqlite3.Row:
    row: sqlite3.Row | None = request.store.one(
        "SELECT * FROM forwardings WHERE reseller_id = ? AND id = ?",
        request.reseller_id, request.get("forwarding"),
    )  # fmt: skip
    if row is None:
        raise Refusal("invalid_forwarding")
    return row
