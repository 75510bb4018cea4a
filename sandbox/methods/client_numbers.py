"""Connecting numbers to a reseller's clients."""

from __future__ import annotations

from datetime import timedelta

from sandbox import clock
from sandbox.deck import e8, e8_text
from sandbox.methods.client_money import CHARGE, book
from sandbox.methods.dids import own, save
from sandbox.wire.kinds import plain_number, truth
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, method
from sandbox.world import fields_of


@method("connectDID")
def connect(request: Request) -> Answer:
    record, did = own(request), plain_number(request.get("did"))
    row = request.world.sub_account(request.get("account"))
    if row is None or row["reseller_id"] != request.reseller_id:
        raise Refusal("invalid_account")
    if record["reseller_account"]:
        raise Refusal("did_in_use")
    today = clock.eastern_day(clock.now_seconds())
    next_billing = request.get("next_billing") or str(today + timedelta(days=30))
    if next_billing < str(today):
        raise Refusal("invalid_resellernextbilling")
    client = str(fields_of(row)["reseller_client"])
    monthly, setup = e8(request.get("monthly")), e8(request.get("setup"))
    if client not in ("", "0"):
        if setup and not truth(request.get("dont_charge_setup")):
            book(request, int(client), CHARGE, setup, f"DID Setup Fee: {did}")
        if monthly and not truth(request.get("dont_charge_monthly")):
            book(request, int(client), CHARGE, monthly, f"DID{did}")
    return save(
        request,
        record
        | {
            "reseller_account": row["account"],
            "client": "" if client == "0" else client,
            "reseller_next_billing": next_billing,
            "reseller_monthly": e8_text(monthly),
            "reseller_minute": e8_text(e8(request.get("minute"))),
            "reseller_setup": e8_text(setup),
        },
    )


@method("unconnectDID")
def unconnect(request: Request) -> Answer:
    free = {
        "reseller_account": "", "client": "", "reseller_next_billing": "0000-00-00",
        "reseller_monthly": "0.00000000", "reseller_minute": "0.00000000",
        "reseller_setup": "0.00000000",
    }  # fmt: skip
    return save(request, own(request) | free)
