"""Buying, changing and giving back fax numbers."""

from __future__ import annotations

import json
from typing import Any

from sandbox import fax_stock
from sandbox.deck import e8
from sandbox.methods.did_orders import pay
from sandbox.methods.fax_numbers import own, save
from sandbox.records import add_fax
from sandbox.wire.kinds import truth
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, method
from sandbox.world import fields_of

SETUP, MONTHLY = "0.50", "1.99"
MOST_AT_ONCE = 10
# Written name -> kept name; a field left out falls back to unchecked or empty.
EMAIL = {"email": "email", "email_enable": "email_enabled", "email_attach_file": "attach_file"}
CALLBACK = {
    "url_callback": "url", "url_callback_enable": "url_enabled", "url_callback_retry": "retry",
}  # fmt: skip
REST = {
    "note": "note", "fax_to_sip_enabled": "fax_to_sip_enabled",
    "fax_to_sip_enabled_account": "fax_to_sip_enabled_account",
}  # fmt: skip
TEXTS = {"email", "url", "note", "fax_to_sip_enabled_account"}


@method("orderFaxNumber")
def order(request: Request) -> Answer:
    """The carrier chooses the numbers; only the answer, or the list, tells which they are."""
    wanted = next(
        (one for one in fax_stock.locations() if str(one.id) == request.get("location")), None
    )
    count = int(request.get("quantity"))
    if wanted is None:
        raise Refusal("invalid_location")
    if not 1 <= count <= MOST_AT_ONCE:
        raise Refusal("invalid_quantity")
    numbers = fax_stock.free(request.world, wanted)[:count]
    if len(numbers) < count:
        raise Refusal("unsifficient_stock")
    if request.reseller["balance_e8"] < count * (e8(SETUP) + e8(MONTHLY)):
        raise Refusal("non_sufficient_funds")
    if truth(request.get("test")):
        return {"dids": numbers}
    settings = _settings(request, EMAIL | CALLBACK)
    with request.store.changing():
        for did in numbers:
            place = {
                "description": wanted.description, "state": wanted.place, "city": wanted.centre,
                "country": fax_stock.COUNTRIES[wanted.country][1],
            }  # fmt: skip
            add_fax(request.world, request.reseller, did, place | settings)
            pay(request, did, e8(SETUP), f"FAX Setup Fee: {did}")
            pay(request, did, e8(MONTHLY), f"FAX Monthly Fee: {did}")
    return {"dids": numbers}


@method("cancelFaxNumber")
def cancel(request: Request) -> Answer:
    row = request.store.one(
        "SELECT * FROM fax_numbers WHERE reseller_id = ? AND id = ?",
        request.reseller_id, request.get("id"),
    )  # fmt: skip
    if row is None:
        raise Refusal("invalid_id")
    if not truth(request.get("test")):
        request.store.run("DELETE FROM fax_numbers WHERE did = ?", row["did"])
    return {"deleted_did": row["did"]}


@method("setFaxNumberInfo")
def set_info(request: Request) -> Answer:
    return _set(request, EMAIL | CALLBACK | REST)


@method("setFaxNumberEmail")
def set_email(request: Request) -> Answer:
    return _set(request, EMAIL)


@method("setFaxNumberURLCallback")
def set_callback(request: Request) -> Answer:
    return _set(request, CALLBACK)


def _set(request: Request, names: dict[str, str]) -> Answer:
    row = own(request)
    settings = _settings(request, names)
    return {} if truth(request.get("test")) else save(request, row, settings)


def _settings(request: Request, names: dict[str, str]) -> dict[str, str]:
    return {
        kept: request.get(written) if kept in TEXTS else str(int(truth(request.get(written))))
        for written, kept in names.items()
    }


@method("getEmailToFax")
def mail_senders(request: Request) -> Answer:
    rows = _senders(request)
    if not rows:
        raise Refusal("invalid_id" if request.get("id") else "no_emailtofax")
    return {"emailToFax": [{"id": str(number), **fields} for number, fields in rows]}


@method("setEmailToFax")
def set_mail_sender(request: Request) -> Answer:
    number = request.store.one(
        "SELECT did FROM fax_numbers WHERE reseller_id = ? AND id = ?",
        request.reseller_id, request.get("from_number_id"),
    )  # fmt: skip
    if number is None:
        raise Refusal("invalid_from_number")
    if request.get("id") and not _senders(request):
        raise Refusal("invalid_id")
    fields = {
        "enabled": str(int(truth(request.get("enabled")))), "email": request.get("auth_email"),
        "security_code": request.get("security_code"),
        "security_code_enabled": str(int(truth(request.get("security_code_enabled")))),
        "from": number["did"],
    }  # fmt: skip
    if not truth(request.get("test")):
        request.store.run(
            "INSERT OR REPLACE INTO mail_senders (id, reseller_id, fields) VALUES (?, ?, ?)",
            request.get("id") or request.store.free_id("mail_senders", first=310),
            request.reseller_id, json.dumps(fields),
        )  # fmt: skip
    return {}


@method("delEmailToFax")
def delete_mail_sender(request: Request) -> Answer:
    if not _senders(request):
        raise Refusal("invalid_id")
    if not truth(request.get("test")):
        request.store.run("DELETE FROM mail_senders WHERE id = ?", request.get("id"))
    return {}


def _senders(request: Request) -> list[tuple[int, dict[str, Any]]]:
    rows = request.store.rows(
        "SELECT * FROM mail_senders WHERE reseller_id = ? ORDER BY id", request.reseller_id
    )
    wanted = request.get("id")
    return [(row["id"], fields_of(row)) for row in rows if wanted in ("", str(row["id"]))]
