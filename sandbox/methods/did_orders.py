"""Buying and giving back numbers."""

from __future__ import annotations

from sandbox import clock
from sandbox.deck import e8
from sandbox.inventory import FREE, LOCAL, everything
from sandbox.methods.catalogues import SERVERS
from sandbox.methods.client_numbers import connect
from sandbox.methods.dids import own
from sandbox.records import DID, add_did
from sandbox.wire.kinds import plain_number, truth
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, method

# (setup, monthly) in dollars by billing type.
FEES = {"1": ("0.50", "0.99"), "2": ("1.00", "4.95")}
TOLL_FREE_FEES = ("0", "0.99")


@method("orderDID", "orderTollFree")
def order(request: Request) -> Answer:
    did = plain_number(request.get("did"))
    toll_free = request.method == "orderTollFree"
    offers = {offer.did: offer for offer in everything()}
    offer = offers.get(did)
    if offer is None or offer.kind != (FREE if toll_free else LOCAL):
        raise Refusal("invalid_did")
    if request.world.did(did) is not None:
        raise Refusal("did_in_use")
    if request.get("pop") not in {server["server_pop"] for server in SERVERS}:
        raise Refusal("invalid_serverpop")
    account = request.get("account")
    if account:
        for name in ("monthly", "setup", "minute"):
            if not request.get(name):
                raise Refusal(f"missing_{name}")
        row = request.world.sub_account(account)
        if row is None or row["reseller_id"] != request.reseller_id:
            raise Refusal("invalid_account")
    setup, monthly = TOLL_FREE_FEES if toll_free else FEES[request.get("billing_type", "1")]
    price = e8(setup) + e8(monthly)
    if request.reseller["balance_e8"] < price:
        raise Refusal("non_sufficient_funds")
    if truth(request.get("test")):
        return {}
    with request.store.changing():
        fields = {name: value for name, value in request.values.items() if name in DID}
        fields["description"] = f"{offer.ratecenter}, {offer.state}" if offer.state else "TOLL FREE"
        add_did(request.world, request.reseller, did, fields)
        pay(request, did, e8(setup), f"DID Setup Fee: {did}")
        pay(request, did, e8(monthly), f"DID Monthly Fee: {did}")
        if account:
            connect(request)
    return {}


def pay(request: Request, did: str, amount_e8: int, description: str) -> None:
    """Take a fee for a number from the reseller."""
    if not amount_e8:
        return
    now = clock.now_seconds()
    number = request.store.next_number("transaction", first=12_964_421)
    request.store.insert(
        "transactions", reseller_id=request.reseller_id, at=now, uniqueid=f"{number}x{did[:5]}i8c",
        type=f"DID{did}", description=description, amount_e8=-amount_e8,
    )  # fmt: skip
    request.store.run(
        "UPDATE resellers SET balance_e8 = balance_e8 - ? WHERE id = ?",
        amount_e8, request.reseller_id,
    )  # fmt: skip


@method("cancelDID")
def cancel(request: Request) -> Answer:
    own(request)
    if not truth(request.get("test")):
        request.store.run("DELETE FROM dids WHERE did = ?", plain_number(request.get("did")))
    return {}
