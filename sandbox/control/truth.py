"""What really happened: each leg once, each text once, in UTC."""

from __future__ import annotations

import json
from typing import Any

from flask import jsonify, request

from sandbox import clock, faxes, media
from sandbox.control.blueprint import control, world
from sandbox.deck import e8_text
from sandbox.world import World

PAGE = 50_000


def users_of(carrier: World) -> dict[int, str]:
    """API users by the reseller's number."""
    rows = carrier.store.rows("SELECT id, api_username FROM resellers")
    return {row["id"]: row["api_username"] for row in rows}


def leg_view(carrier: World, leg: Any, users: dict[int, str] | None = None) -> dict[str, Any]:
    """One leg for the control API: its final seconds and cost, whatever the lists show now."""
    users = users_of(carrier) if users is None else users
    return {
        "id": leg["id"], "api_username": users.get(leg["reseller_id"], ""),
        "account": leg["account"], "uniqueid": leg["uniqueid"], "direction": leg["direction"],
        "started_at": clock.utc_text(leg["started_at"]), "shows_at": clock.utc_text(leg["shows_at"]),
        "seconds": leg["seconds"], "disposition": leg["disposition"], "callerid": leg["callerid"],
        "destination": leg["destination"], "description": leg["description"],
        "destination_type": leg["destination_type"], "did": leg["did"],
        "rate": e8_text(leg["rate_e8"]), "total": e8_text(leg["total_e8"]),
        "corrects_at": clock.utc_text(leg["corrects_at"]) if leg["corrects_at"] else None,
        "pair": leg["pair"], "copy_of": leg["copy_of"], "cause": leg["cause"],
    }  # fmt: skip


def _window(column: str) -> tuple[str, list[Any]]:
    where = "1 = 1"
    values: list[Any] = []
    for name, sign in (("since", ">="), ("until", "<")):
        at = clock.instant(request.args.get(name))
        if at is not None:
            where, values = f"{where} AND {column} {sign} ?", [*values, at]
    user = request.args.get("api_username")
    if user:
        where += " AND reseller_id = (SELECT id FROM resellers WHERE api_username = ?)"
        values.append(user)
    return where, values


@control.get("/truth/calls")
def truth_calls() -> Any:
    """`?since&until&api_username&account&after&limit&copies=1`; `next` is the `after` of the next page."""
    where, values = _window("started_at")
    if request.args.get("copies") != "1":
        where += " AND copy_of IS NULL"
    if request.args.get("account"):
        where, values = f"{where} AND account = ?", [*values, request.args["account"]]
    limit = min(PAGE, int(request.args.get("limit", PAGE)))
    rows = world().store.rows(
        f"SELECT * FROM calls WHERE {where} AND id > ? ORDER BY id LIMIT ?",
        *values, int(request.args.get("after", 0)), limit,
    )  # fmt: skip
    users = users_of(world())
    return jsonify(
        {
            "calls": [leg_view(world(), row, users) for row in rows],
            "next": rows[-1]["id"] if len(rows) == limit else None,
        }
    )


def message_view(carrier: World, row: Any, users: dict[int, str] | None = None) -> dict[str, Any]:
    """One text for the control API."""
    users = users_of(carrier) if users is None else users
    return {
        "row": row["row"], "kind": row["kind"], "id": row["id"],
        "api_username": users.get(row["reseller_id"], ""), "did": row["did"],
        "contact": row["contact"], "direction": "in" if row["type"] else "out",
        "message": row["message"], "at": clock.utc_text(row["at"]),
        "carrier_status": row["carrier_status"],
        "media": media.addresses(carrier, json.loads(row["media"])),
        "removed": bool(row["removed"]), "cause": row["cause"],
    }  # fmt: skip


@control.get("/truth/messages")
def truth_messages() -> Any:
    """`?since&until&api_username&direction&after&limit`; every accepted text, duplicates and all."""
    where, values = _window("at")
    if request.args.get("direction"):
        where, values = f"{where} AND type = ?", [*values, int(request.args["direction"] == "in")]
    limit = min(PAGE, int(request.args.get("limit", PAGE)))
    rows = world().store.rows(
        f"SELECT * FROM messages WHERE {where} AND row > ? ORDER BY row LIMIT ?",
        *values, int(request.args.get("after", 0)), limit,
    )  # fmt: skip
    users = users_of(world())
    return jsonify(
        {
            "messages": [message_view(world(), row, users) for row in rows],
            "next": rows[-1]["row"] if len(rows) == limit else None,
        }
    )


@control.get("/truth/faxes")
def truth_faxes() -> Any:
    """`?since&until&api_username&direction&after&limit`; every fax, also those that failed."""
    where, values = _window("at")
    if request.args.get("direction"):
        where, values = f"{where} AND direction = ?", [*values, request.args["direction"]]
    limit = min(PAGE, int(request.args.get("limit", PAGE)))
    rows = world().store.rows(
        f"SELECT * FROM faxes WHERE {where} AND id > ? ORDER BY id LIMIT ?",
        *values, int(request.args.get("after", 0)), limit,
    )  # fmt: skip
    users = users_of(world())
    return jsonify(
        {
            "faxes": [faxes.view(world(), row, users) for row in rows],
            "next": rows[-1]["id"] if len(rows) == limit else None,
        }
    )
