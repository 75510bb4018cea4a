"""A client's payments, charges and balance at the carrier."""

from __future__ import annotations

from typing import Any

from sandbox import clock
from sandbox.deck import e8, e8_text
from sandbox.methods.clients import own_client
from sandbox.methods.general import statistics
from sandbox.wire.kinds import truth
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, listed, method

CHARGE, DEPOSIT = "charge", "deposit"


def book(request: Request, client: int, kind: str, amount_e8: int, description: str) -> None:
    """One line of a client's account."""
    request.store.insert(
        "client_entries", client_id=client, kind=kind, at=clock.now_seconds(),
        amount_e8=amount_e8, description=description,
    )  # fmt: skip


@method("addPayment")
def add_payment(request: Request) -> Answer:
    return _add(request, DEPOSIT, "payment")


@method("addCharge")
def add_charge(request: Request) -> Answer:
    return _add(request, CHARGE, "charge")


def _add(request: Request, kind: str, parameter: str) -> Answer:
    client = own_client(request, request.get("client"))
    amount = e8(request.get(parameter))
    if amount <= 0:
        raise Refusal(f"invalid_{parameter}")
    if not truth(request.get("test")):
        book(request, client["id"], kind, amount, request.get("description"))
    return {}


@method("getCharges")
def charges(request: Request) -> Answer:
    return listed("charges", _entries(request, CHARGE), "no_transactions")


@method("getDeposits")
def deposits(request: Request) -> Answer:
    return listed("deposits", _entries(request, DEPOSIT), "no_transactions")


def _entries(request: Request, kind: str) -> list[dict[str, Any]]:
    client = own_client(request, request.get("client"))
    return [
        {
            "id": str(row["id"]),
            "date": clock.wall_day(row["at"]),
            "amount": float(e8_text(row["amount_e8"])),
            "description": row["description"],
        }
        for row in request.store.rows(
            "SELECT * FROM client_entries WHERE client_id = ? AND kind = ? ORDER BY id DESC",
            client["id"], kind,
        )
    ]  # fmt: skip


@method("getResellerBalance")
def balance(request: Request) -> Answer:
    client = own_client(request, request.get("client"))
    where, values = "reseller_id = ? AND client = ?", (request.reseller_id, str(client["id"]))
    booked = request.store.value(
        "SELECT COALESCE(SUM(CASE kind WHEN 'deposit' THEN amount_e8 ELSE -amount_e8 END), 0)"
        " FROM client_entries WHERE client_id = ?",
        client["id"],
    )
    spent = request.store.value(
        f"SELECT COALESCE(SUM(total_e8), 0) FROM calls WHERE {where} AND copy_of IS NULL", *values
    )
    return {
        "balance": {
            "current_balance": e8_text(booked - spent, 6),
            **statistics(request.world, where, *values),
        }
    }
