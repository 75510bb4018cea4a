"""`/control/seed`, `/control/reset`, `/control/state`: what there is."""

from __future__ import annotations

import json
from typing import Any

from flask import jsonify

from sandbox.control.blueprint import control, done, given, world
from sandbox.control.seed import plant
from sandbox.records import shown_did, shown_sub_account


@control.post("/seed")
def seed() -> Any:
    return done(**plant(world(), given()))


@control.post("/reset")
def reset() -> Any:
    """Forget everything: resellers, calls, texts, faults."""
    world().forget()
    return done(reset=True)


@control.get("/state")
def state() -> Any:
    """Resellers with their lines, numbers and contacts, API passwords left out."""
    store = world().store
    answer = []
    for row in store.rows("SELECT * FROM resellers ORDER BY id"):
        owned = {
            table: store.rows(f"SELECT * FROM {table} WHERE reseller_id = ?", row["id"])
            for table in ("sub_accounts", "dids", "contacts")
        }
        answer.append(
            {
                "login": row["login"], "api_username": row["api_username"], "name": row["name"],
                "allow_ips": row["allow_ips"], "balance_e8": row["balance_e8"],
                "sub_accounts": [
                    shown_sub_account(one) | {"profile": json.loads(one["profile"])}
                    for one in owned["sub_accounts"]
                ],
                "dids": [shown_did(one) for one in owned["dids"]],
                "contacts": [
                    {"number": one["number"], "name": one["name"]} for one in owned["contacts"]
                ],
            }
        )  # fmt: skip
    return jsonify({"resellers": answer})
