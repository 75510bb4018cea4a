"""Sub-accounts: create, change as a whole, delete, list."""

from __future__ import annotations

import json
import re
import sqlite3

from sandbox import clock
from sandbox.methods import catalogues
from sandbox.records import SUB_ACCOUNT, UNCHECKED, add_sub_account, shown_sub_account
from sandbox.wire.kinds import UNSET_DAY
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, listed, method
from sandbox.world import fields_of

CHOICES = {
    "protocol": (catalogues.PROTOCOLS, "invalid_protocol"),
    "auth_type": (catalogues.AUTH_TYPES, "invalid_authtype"),
    "device_type": (catalogues.DEVICE_TYPES, "invalid_devicetype"),
    "lock_international": (catalogues.LOCK_INTERNATIONAL, "invalid_lockinternational"),
    "music_on_hold": (catalogues.MUSIC_ON_HOLD, "invalid_musiconhold"),
    "dtmf_mode": (catalogues.DTMF_MODES, "invalid_dtmfmode"),
    "nat": (catalogues.NAT, "invalid_nat"),
    "language": (catalogues.LANGUAGES, "invalid_language"),
}
RANGES = {
    "max_expiry": (60, 3600, "invalid_max_expiry"),
    "rtp_timeout": (1, 3600, "invalid_rtp_timeout"),
    "rtp_hold_timeout": (1, 3600, "invalid_rtp_hold_timeout"),
    "internal_dialtime": (1, 60, "invalid_internaldialtime"),
}
PASSWORD = re.compile(r"[A-Za-z0-9!#$%&/()=?*\[\]_:.,{}+-]*")


@method("createSubAccount")
def create(request: Request) -> Answer:
    username = request.get("username")
    if not 2 <= len(username) <= 12:
        raise Refusal("invalid_username")
    account = f"{request.reseller['login']}_{username}"
    if request.world.sub_account(account):
        raise Refusal("used_username")
    _check(request, number=0)
    if request.get("auth_type") == "1":
        _password(request.get("password"))
    row = add_sub_account(request.world, request.reseller, username, request.values)
    return {"id": row["id"], "account": row["account"]}


@method("setSubAccount")
def change(request: Request) -> Answer:
    row = _own(request)
    _check(request, number=row["id"])
    before, old = fields_of(row), json.loads(row["old_passwords"])
    password = request.get("password")
    if password and password != before["password"]:
        _password(password)
        if password in old:
            raise Refusal("used_password")
        old.append(before["password"])
    after = {name: request.get(name, "0" if name in UNCHECKED else "") for name in SUB_ACCOUNT} | {
        "protocol": before["protocol"]
    }
    after["password"] = password or before["password"]
    request.store.run(
        "UPDATE sub_accounts SET fields = ?, old_passwords = ? WHERE id = ?",
        json.dumps(after), json.dumps(old), row["id"],
    )  # fmt: skip
    return {}


@method("delSubAccount")
def delete(request: Request) -> Answer:
    row = _own(request)
    routed = request.store.value(
        "SELECT COUNT(*) FROM dids WHERE reseller_id = ? AND (fields LIKE ? OR fields LIKE ?)",
        request.reseller_id, f'%"account:{row["account"]}"%', f'%"{row["account"]}"%',
    )  # fmt: skip
    if routed:
        raise Refusal("account_with_dids")
    request.store.run("DELETE FROM sub_accounts WHERE id = ?", row["id"])
    return {}


@method("getSubAccounts")
def sub_accounts(request: Request) -> Answer:
    rows = request.store.rows(
        "SELECT * FROM sub_accounts WHERE reseller_id = ? ORDER BY id", request.reseller_id
    )
    wanted = request.get("account")
    if wanted and wanted.isdigit():
        of_client = [row for row in rows if fields_of(row)["reseller_client"] == wanted]
        return listed("accounts", [shown_sub_account(row) for row in of_client], "no_subaccount")
    if wanted:
        rows = [row for row in rows if row["account"] == wanted]
        if not rows:
            raise Refusal("invalid_account")
    return listed("accounts", [shown_sub_account(row) for row in rows], "no_account")


def _own(request: Request) -> sqlite3.Row:
    row: sqlite3.Row | None = request.store.one(
        "SELECT * FROM sub_accounts WHERE reseller_id = ? AND id = ?",
        request.reseller_id, request.get("id"),
    )  # fmt: skip
    if row is None:
        raise Refusal("invalid_id")
    return row


def _check(request: Request, *, number: int) -> None:
    for name, (choices, word) in CHOICES.items():
        text = request.get(name)
        if text and text not in {choice["value"] for choice in choices}:
            raise Refusal(word)
    codecs = {choice["value"] for choice in catalogues.CODECS} | {"all"}
    if not set(request.get("allowed_codecs").split(";")) <= codecs:
        raise Refusal("invalid_allowedcodecs")
    for name, (low, high, word) in RANGES.items():
        if request.get(name) and not low <= int(request.get(name)) <= high:
            raise Refusal(word)
    if int(request.get("rtp_timeout", "0")) > int(request.get("rtp_hold_timeout", "3600")):
        raise Refusal("rtp_timeout_greater_than_rtp_hold_timeout")
    if request.get("auth_type") == "2" and not request.get("ip"):
        raise Refusal("missing_ip")
    _extension(request, number)
    _client_and_package(request)


def _extension(request: Request, number: int) -> None:
    extension = request.get("internal_extension")
    if not extension or extension == "0":
        return
    if len(extension) > 5:
        raise Refusal("invalid_extension_length")
    for row in request.store.rows(
        "SELECT * FROM sub_accounts WHERE reseller_id = ? AND id != ?", request.reseller_id, number
    ):
        if fields_of(row)["internal_extension"] == extension:
            raise Refusal("used_extension")


def _client_and_package(request: Request) -> None:
    client, package = request.get("reseller_client", "0"), request.get("reseller_package", "0")
    if client != "0" and package == "0":
        raise Refusal("missing_resellerpackage")
    if package != "0" and client == "0":
        raise Refusal("missing_resellerclient")
    for table, value, word in (
        ("clients", client, "invalid_resellerclient"),
        ("packages", package, "invalid_resellerpackage"),
    ):
        if value != "0" and not request.store.one(
            f"SELECT 1 FROM {table} WHERE reseller_id = ? AND id = ?", request.reseller_id, value
        ):
            raise Refusal(word)
    next_billing = request.get("reseller_nextbilling", UNSET_DAY)
    if next_billing != UNSET_DAY and next_billing < str(clock.eastern_day(clock.now_seconds())):
        raise Refusal("invalid_resellernextbilling")


def _password(password: str) -> None:
    if not password:
        raise Refusal("missing_password")
    if not PASSWORD.fullmatch(password):
        raise Refusal("invalid_password_ilegal_characters")
    for pattern, word in (
        (".{8}", "lessthan_8characters_long"), ("[a-z]", "missing_lowercase"),
        ("[A-Z]", "missing_uppercase"), ("[0-9]", "missing_number"),
    ):  # fmt: skip
        if not re.search(pattern, password):
            raise Refusal(f"invalid_password_{word}")
