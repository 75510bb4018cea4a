"""The reseller's clients as the carrier knows them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from sandbox.control.seed import CLIENT_FIELDS
from sandbox.methods import catalogues
from sandbox.wire.kinds import email as is_email
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, listed, method
from sandbox.world import fields_of

FIRST_CLIENT = 561_115


def own_client(request: Request, number: str) -> sqlite3.Row:
    """The reseller's client of that number."""
    row: sqlite3.Row | None = request.store.one(
        "SELECT * FROM clients WHERE reseller_id = ? AND id = ?", request.reseller_id, number
    )
    if row is None:
        raise Refusal("invalid_client")
    return row


def own_package(request: Request, number: str) -> dict[str, Any]:
    row = request.store.one(
        "SELECT * FROM packages WHERE reseller_id = ? AND id = ?", request.reseller_id, number
    )
    if row is None:
        raise Refusal("invalid_package")
    return fields_of(row)


@method("signupClient")
def sign_up(request: Request) -> Answer:
    if request.get("email") != request.get("confirm_email"):
        raise Refusal("mismatch_email_confirm")
    if request.get("password") != request.get("confirm_password"):
        raise Refusal("mismatch_password_confirm")
    _check(request, used="invalid_email")
    number = request.store.free_id("clients", first=FIRST_CLIENT)
    fields = {name: request.get(name) for name in CLIENT_FIELDS}
    fields["balance_management"] = request.get("balance_management", "0")
    request.store.insert(
        "clients", id=number, reseller_id=request.reseller_id, fields=json.dumps(fields)
    )
    return {"client": str(number)}


def _check(request: Request, *, used: str, number: int = 0) -> None:
    country = request.get("country")
    known = {choice["value"] for choice in catalogues.COUNTRIES}
    if country and len(country) == 2 and country not in known:
        raise Refusal("invalid_country")
    if not any(character.isdigit() for character in request.get("phone_number")):
        raise Refusal("invalid_phonenumber")
    if request.get("balance_management") not in ("", "0", "1"):
        raise Refusal("invalid_balancemanagement")
    if len(request.get("password")) < 6:
        raise Refusal("weak_password")
    for row in _all(request):
        if row["id"] != number and fields_of(row)["email"] == request.get("email"):
            raise Refusal(used)


def _all(request: Request) -> list[sqlite3.Row]:
    rows: list[sqlite3.Row] = request.store.rows(
        "SELECT * FROM clients WHERE reseller_id = ? ORDER BY id", request.reseller_id
    )
    return rows


@method("getClients")
def clients(request: Request) -> Answer:
    wanted = request.get("client")
    rows = [
        {"client": str(row["id"]), **fields_of(row)}
        for row in _all(request)
        if wanted in ("", str(row["id"]), fields_of(row)["email"])
    ]
    if wanted and not rows:
        raise Refusal("invalid_client")
    return listed("clients", rows, "no_client")


@method("setClient")
def set_client(request: Request) -> Answer:
    row = own_client(request, request.get("client"))
    _check(request, used="used_email", number=row["id"])
    fields = {name: request.get(name) for name in CLIENT_FIELDS}
    fields["balance_management"] = request.get("balance_management", "0")
    request.store.run("UPDATE clients SET fields = ? WHERE id = ?", json.dumps(fields), row["id"])
    return {}


@method("delClient")
def delete_client(request: Request) -> Answer:
    row = own_client(request, request.get("client"))
    number = str(row["id"])
    for table, name in (("sub_accounts", "reseller_client"), ("dids", "client")):
        owned = request.store.rows(
            f"SELECT * FROM {table} WHERE reseller_id = ?", request.reseller_id
        )
        if any(str(fields_of(one).get(name)) == number for one in owned):
            raise Refusal("account_with_dids")
    request.store.run("DELETE FROM clients WHERE id = ?", row["id"])
    return {}


@method("getPackages")
def packages(request: Request) -> Answer:
    wanted = request.get("package")
    rows = [
        {"package": str(row["id"]), **fields_of(row)}
        for row in request.store.rows(
            "SELECT * FROM packages WHERE reseller_id = ? ORDER BY id", request.reseller_id
        )
        if wanted in ("", str(row["id"]))
    ]
    if wanted and not rows:
        raise Refusal("invalid_package")
    return listed("packages", rows, "no_package")


@method("getClientPackages")
def client_packages(request: Request) -> Answer:
    number = str(own_client(request, request.get("client"))["id"])
    used = {
        str(fields_of(row)["reseller_package"])
        for row in request.store.rows(
            "SELECT * FROM sub_accounts WHERE reseller_id = ?", request.reseller_id
        )
        if str(fields_of(row)["reseller_client"]) == number
    } - {"0", ""}
    rows = [
        {"value": package, "description": own_package(request, package)["name"]}
        for package in sorted(used)
    ]
    return listed("packages", rows, "no_package")


@method("getClientThreshold")
def threshold(request: Request) -> Answer:
    row = own_client(request, request.get("client"))
    return {
        "threshold_information": {
            "threshold": str(row["threshold"]),
            "email": row["threshold_email"] or fields_of(row)["email"],
        }
    }


@method("setClientThreshold")
def set_threshold(request: Request) -> Answer:
    row = own_client(request, request.get("client"))
    text = request.get("threshold")
    if not text.isdigit() or not 1 <= int(text) <= 250:
        raise Refusal("Invalid_threshold")
    email = request.get("email")
    if email and not is_email(email):
        raise Refusal("invalid_email")
    request.store.run(
        "UPDATE clients SET threshold = ?, threshold_email = ? WHERE id = ?",
        int(text), email, row["id"],
    )  # fmt: skip
    return {}
