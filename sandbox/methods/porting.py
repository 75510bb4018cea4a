"""Bringing a number along from another carrier: a request, its papers, and how far it is."""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
from typing import Any

from sandbox import clock
from sandbox.wire.kinds import plain_number
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, listed, method
from sandbox.world import fields_of

FIRST_PORT = 8_100
STATUSES = {
    "": "All", "pending_approval": "Pending Approval", "processing": "Processing",
    "awaiting_documentation": "Awaiting Documentation", "foc_date": "FOC Date Confirmed",
    "completed": "Completed", "cancelled": "Cancelled", "rejected": "Rejected",
}  # fmt: skip
KINDS = {"1", "2", "3", "4", "5"}


@method("addLNPPort")
def add(request: Request) -> Answer:
    numbers = [plain_number(part) for part in request.get("numbers").split(",")]
    if not all(len(number) == 10 for number in numbers):
        raise Refusal("invalid_numbers")
    if request.get("portType") not in KINDS:
        raise Refusal("invalid_porttype")
    port = request.store.free_id("ports", first=FIRST_PORT)
    fields = dict(request.values) | {
        "numbers": ",".join(numbers), "status": "pending_approval", "foc_date": "",
        "attachments": [], "notes": [],
    }  # fmt: skip
    add_note(fields, "You have submitted a new LNP Order.")
    request.store.insert(
        "ports", id=port, reseller_id=request.reseller_id, at=clock.now_seconds(),
        fields=json.dumps(fields),
    )  # fmt: skip
    return {"port": str(port)}


@method("addLNPFile")
def add_file(request: Request) -> Answer:
    row = _own(request)
    try:
        body = base64.b64decode(request.get("file"), validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("no_base64file") from None
    fields = fields_of(row)
    number = request.store.next_number("attachment", first=70)
    fields["attachments"].append({"id": str(number), "bytes": len(body)})
    request.store.run("UPDATE ports SET fields = ? WHERE id = ?", json.dumps(fields), row["id"])
    return {"attachment": str(number)}


@method("getLNPStatus")
def status(request: Request) -> Answer:
    word = fields_of(_own(request))["status"]
    return {"post_status": word, "post_status_description": STATUSES[word]}


@method("getLNPNotes")
def notes(request: Request) -> Answer:
    return listed("list", fields_of(_own(request))["notes"], "no_notes")


@method("getLNPListStatus")
def statuses(_request: Request) -> Answer:
    return {"list_status": STATUSES}


@method("getLNPList")
def ports(request: Request) -> Answer:
    rows = request.store.rows(
        "SELECT * FROM ports WHERE reseller_id = ? ORDER BY id", request.reseller_id
    )
    wanted, state = request.get("portid"), request.get("portStatus")
    found: list[dict[str, Any]] = []
    for row in rows:
        fields = fields_of(row)
        if wanted in ("", str(row["id"])) and state in ("", fields["status"]):
            found.append({
                "portid": str(row["id"]), "numbers": fields["numbers"],
                "foc_date": fields["foc_date"] or False, "status": fields["status"],
            })  # fmt: skip
    return listed("list", found, "no_port")


def add_note(fields: dict[str, Any], text: str) -> None:
    """Write a line about a request, as those who work on it do."""
    day, _, time = clock.wall_clock(clock.now_seconds()).partition(" ")
    fields["notes"].append({"note": text, "date": day, "time": time})


def _own(request: Request) -> sqlite3.Row:
    row: sqlite3.Row | None = request.store.one(
        "SELECT * FROM ports WHERE reseller_id = ? AND id = ?",
        request.reseller_id, request.get("portid"),
    )  # fmt: skip
    if row is None:
        raise Refusal("invalid_portid")
    return row
