"""Planting resellers with their lines, numbers, contacts, packages and clients."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from typing import Any

from sandbox import clock, fees
from sandbox.deck import e8
from sandbox.fax_machines import describe
from sandbox.records import FAX, SUB_ACCOUNT, add_did, add_fax, add_sub_account, save_did
from sandbox.traffic import history
from sandbox.world import World, fields_of

FIRST_LOGIN = 100_000
PACKAGE = {
    "name": "Standard", "markup_fixed": "0.00000000", "markup_percentage": "20", "pulse": "6",
    "international_route": "1", "canada_route": "1", "monthly_fee": "0.00", "setup_fee": "0.00",
    "free_minutes": "0",
}  # fmt: skip
CLIENT_FIELDS = [
    "email",
    "password",
    "company",
    "firstname",
    "lastname",
    "address",
    "city",
    "state",
    "country",
    "zip",
    "phone_number",
    "balance_management",
]


def plant(world: World, wish: dict[str, Any]) -> dict[str, Any]:
    """Make what the wish names; what exists already is brought up to date. See README.md."""
    with world.store.changing():
        made = [_reseller(world, item) for item in wish.get("resellers", [])]
        fresh = [answer.pop("id") for answer in made if answer.pop("fresh")]
        for answer in made:
            answer.pop("id", None)
        days = float(wish.get("history_days", world.options.history_days))
        calls = history.fill(world, days=days, reseller_ids=fresh) if fresh and days > 0 else 0
        today = clock.eastern_day(clock.now_seconds())
        for number in fresh if days > 0 else ():
            fees.take(world, number, today - timedelta(days=days), today)
    return {"resellers": made, "calls": calls}


def _reseller(world: World, wish: dict[str, Any]) -> dict[str, Any]:
    row = world.reseller(wish["api_username"])
    fields = {
        "api_password": wish.get("api_password"),
        "name": wish.get("name"),
        "allow_ips": _joined(wish.get("allow_ips")),
        "api_enabled": None if "api_enabled" not in wish else int(bool(wish["api_enabled"])),
        "balance_e8": e8(str(wish["balance"])) if "balance" in wish else None,
        "auto_recharge": None if "auto_recharge" not in wish else int(bool(wish["auto_recharge"])),
        "texts_per_day": wish.get("texts_per_day"),
        "zone": wish.get("zone"),
        "limit_per_minute": wish.get("limit_per_minute"),
        "messages_per_day": wish.get("messages_per_day"),
    }
    fields = {name: value for name, value in fields.items() if value is not None}
    fresh = row is None
    if row is None:
        login = str(wish.get("login") or world.store.next_number("login", first=FIRST_LOGIN))
        defaults: dict[str, Any] = {
            "api_password": "secret",
            "allow_ips": "127.0.0.1",
            "balance_e8": e8("500"),
        }
        world.store.insert(
            "resellers", login=login, api_username=wish["api_username"], **(defaults | fields)
        )
    elif fields:
        names = ", ".join(f"{name} = ?" for name in fields)
        world.store.run(f"UPDATE resellers SET {names} WHERE id = ?", *fields.values(), row["id"])
    row = world.reseller(wish["api_username"])
    assert row is not None
    answer: dict[str, Any] = {
        "id": row["id"], "fresh": fresh, "login": row["login"], "api_username": row["api_username"],
        "clients": [_client(world, row, item) for item in wish.get("clients", [])],
        "packages": [_package(world, row, item) for item in wish.get("packages", [])],
        "sub_accounts": [_sub_account(world, row, item) for item in wish.get("sub_accounts", [])],
        "dids": [_did(world, row, item) for item in wish.get("dids", [])],
    }  # fmt: skip
    for item in wish.get("contacts", []):
        _contact(world, row, item)
    for item in wish.get("faxes", []):
        _fax(world, row, item)
    for item in wish.get("fax_machines", []):
        describe(world, item)
    return answer


def _joined(value: Any) -> str | None:
    return ",".join(value) if isinstance(value, list) else value


def _sub_account(world: World, reseller: sqlite3.Row, wish: dict[str, Any]) -> dict[str, Any]:
    username, profile = wish["username"], wish.get("profile")
    fields = {name: str(value) for name, value in wish.items() if name in SUB_ACCOUNT}
    if "extension" in wish:
        fields["internal_extension"] = str(wish["extension"])
    row = world.sub_account(f"{reseller['login']}_{username}")
    if row is None:
        row = add_sub_account(
            world, reseller, username, fields, profile=profile, number=wish.get("id")
        )
    else:
        world.store.run(
            "UPDATE sub_accounts SET fields = ?, profile = ? WHERE id = ?",
            json.dumps(fields_of(row) | fields),
            row["profile"] if profile is None else json.dumps(profile), row["id"],
        )  # fmt: skip
    return {"id": row["id"], "account": row["account"], "username": username}


def _did(world: World, reseller: sqlite3.Row, wish: dict[str, Any]) -> str:
    did = str(wish["did"])
    fields = {
        name: ("1" if value else "0") if isinstance(value, bool) else value
        for name, value in wish.items()
    }
    account = wish.get("account")
    if account:
        full = account if "_" in account else f"{reseller['login']}_{account}"
        fields["routing"] = f"account:{full}"
    record = world.did(did)
    if record is None:
        add_did(world, reseller, did, fields)
    else:
        save_did(world, did, record | {name: str(value) for name, value in fields.items()})
    return did


def _fax(world: World, reseller: sqlite3.Row, wish: dict[str, Any]) -> None:
    did = str(wish["did"])
    known = world.store.one("SELECT * FROM fax_numbers WHERE did = ?", did)
    if known is None:
        add_fax(world, reseller, did, wish)
        return
    fields = {name: str(value) for name, value in wish.items() if name in FAX}
    world.store.run(
        "UPDATE fax_numbers SET fields = ? WHERE did = ?",
        json.dumps(fields_of(known) | fields),
        did,
    )


def _contact(world: World, reseller: sqlite3.Row, wish: Any) -> None:
    item = wish if isinstance(wish, dict) else {"number": str(wish)}
    world.store.run(
        "INSERT OR REPLACE INTO contacts"
        " (reseller_id, number, name, replies, delay_seconds, did, delivery)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        reseller["id"], str(item["number"]), item.get("name", ""), json.dumps(item.get("replies", [])),
        float(item.get("delay_seconds", 4)), str(item.get("did", "")), str(item.get("delivery", "")),
    )  # fmt: skip


def _package(world: World, reseller: sqlite3.Row, wish: dict[str, Any]) -> int:
    number = wish.get("package") or world.store.free_id("packages", first=92_364)
    fields = PACKAGE | {name: str(value) for name, value in wish.items() if name in PACKAGE}
    world.store.run(
        "INSERT OR REPLACE INTO packages (id, reseller_id, fields) VALUES (?, ?, ?)",
        number, reseller["id"], json.dumps(fields),
    )  # fmt: skip
    return int(number)


def _client(world: World, reseller: sqlite3.Row, wish: dict[str, Any]) -> int:
    number = wish.get("client") or world.store.free_id("clients", first=561_115)
    fields = {name: str(wish.get(name, "")) for name in CLIENT_FIELDS}
    world.store.run(
        "INSERT OR REPLACE INTO clients (id, reseller_id, fields) VALUES (?, ?, ?)",
        number, reseller["id"], json.dumps(fields),
    )  # fmt: skip
    return int(number)
