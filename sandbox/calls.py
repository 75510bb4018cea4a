"""Calls as the carrier writes them down: legs with their prices, twins, pairs and corrections."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sandbox import clock, fiction
from sandbox.deck import E8, PREMIUM, e8, rate_of, total_e8
from sandbox.world import World, fields_of

ANSWERED, NO_ANSWER, BUSY, FAILED = "ANSWERED", "NO ANSWER", "BUSY", "FAILED"
DISPOSITIONS = (ANSWERED, NO_ANSWER, BUSY, FAILED)
INBOUND_RATE_E8 = e8("0.0100")
TOLL_FREE_RATE_E8 = e8("0.0190")
INCREMENT_SECONDS = 6
FIRST_UNIQUEID = 128_238_059
RECHARGE_BELOW_E8, RECHARGE_E8 = 50 * E8, 500 * E8
TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")
Leg = dict[str, Any]


@dataclass
class Line:
    """A sub-account ready to make calls: what a leg needs to know about it."""

    reseller_id: int
    account: str
    client: str = ""
    caller_number: str = ""
    caller_name: str = ""
    canada_route: str = PREMIUM
    international_route: str = PREMIUM
    extension: str = ""
    locked: bool = False  # no international calls
    profile: dict[str, Any] = field(default_factory=dict)


def line_of(row: sqlite3.Row) -> Line:
    """A line from its sub-account's row."""
    fields = fields_of(row)
    return Line(
        reseller_id=row["reseller_id"],
        account=row["account"],
        client=str(fields.get("reseller_client") or ""),
        caller_number=str(fields.get("callerid_number") or ""),
        caller_name=str(fields.get("description") or ""),
        canada_route=str(fields.get("canada_routing") or PREMIUM),
        international_route=str(fields.get("international_route") or PREMIUM),
        extension=str(fields.get("internal_extension") or ""),
        locked=str(fields.get("lock_international")) == "1",
        profile=json.loads(row["profile"]),
    )


def outbound(
    line: Line, destination: str, *, seconds: int, started_at: int, disposition: str = ANSWERED,
    caller: str = "", cause: str = "traffic",
) -> Leg:  # fmt: skip
    """A leg from a sub-account to a number outside, at the deck's rate for its route."""
    number = fiction.international(destination)
    rate = rate_of(number)
    name = rate.destination if rate else "Unknown destination"
    if name.startswith("USA"):
        kind, route = "OUT:USA", PREMIUM
    elif name.startswith("Canada"):
        kind, route = "OUT:CAN", line.canada_route
    else:
        kind, route = "OUT:INTL", line.international_route
    return _leg(
        line, "out", kind,
        callerid=caller or fiction.callerid(line.caller_name, line.caller_number or line.account),
        destination=destination, description=name, disposition=disposition, seconds=seconds,
        rate_e8=rate.rate_e8(route) if rate else 0,
        increment=rate.increment_seconds if rate else INCREMENT_SECONDS,
        started_at=started_at, cause=cause,
    )  # fmt: skip


def on_net(
    line: Line, destination: str, *, seconds: int, started_at: int, disposition: str = ANSWERED,
    caller: str = "", cause: str = "traffic",
) -> Leg:  # fmt: skip
    """A leg to a number or account of this same carrier: it costs nothing."""
    return _leg(
        line, "out", "OUT:VOIPMS",
        callerid=caller or fiction.callerid(line.caller_name, line.caller_number or line.account),
        destination=destination, description="VoIP.ms to VoIP.ms call", disposition=disposition,
        seconds=seconds, rate_e8=0, started_at=started_at, cause=cause,
    )  # fmt: skip


def internal(
    line: Line, extension: str, *, seconds: int, started_at: int, disposition: str = ANSWERED,
    caller: str = "", cause: str = "traffic",
) -> Leg:  # fmt: skip
    """A leg from one extension of the reseller's account to another."""
    return _leg(
        line, "out", "OUT:INTERNAL",
        callerid=caller or fiction.callerid(line.caller_name, line.extension or line.account),
        destination=extension, description="Internal Extension", disposition=disposition,
        seconds=seconds, rate_e8=0, started_at=started_at, cause=cause,
    )  # fmt: skip


def inbound(
    line: Line, did: str, *, caller: str, seconds: int, started_at: int, flat: bool = False,
    disposition: str = ANSWERED, on_net: bool = False, cause: str = "traffic",
) -> Leg:  # fmt: skip
    """A leg that comes in over a number; a flat-rate number costs nothing a minute."""
    rate_e8 = TOLL_FREE_RATE_E8 if did[:3] in TOLL_FREE else INBOUND_RATE_E8
    kind = "IN:CAN" if did[:3] in fiction.NANP["CA"] else "IN:USA"
    return _leg(
        line, "in", "IN:VOIPMS" if on_net else "IN:TF" if did[:3] in TOLL_FREE else kind,
        callerid=caller, destination=did,
        description="Inbound - VoIP.ms" if on_net else "Inbound - Per Minute DID",
        disposition=disposition, seconds=seconds, rate_e8=0 if flat or on_net else rate_e8,
        started_at=started_at, did=did, cause=cause,
    )  # fmt: skip


def _leg(
    line: Line, direction: str, kind: str, *, callerid: str, destination: str, description: str,
    disposition: str, seconds: int, rate_e8: int, started_at: int, did: str = "",
    increment: int = INCREMENT_SECONDS, cause: str,
) -> Leg:  # fmt: skip
    seconds = seconds if disposition == ANSWERED else 0
    return {
        "id": 0, "reseller_id": line.reseller_id, "account": line.account, "client": line.client,
        "uniqueid": "", "direction": direction, "started_at": started_at, "shows_at": started_at,
        "seconds": seconds, "increment_seconds": increment, "rate_e8": rate_e8,
        "total_e8": total_e8(rate_e8, seconds, increment), "first_seconds": None,
        "first_total_e8": None, "corrects_at": None, "callerid": callerid,
        "destination": destination, "description": description, "disposition": disposition,
        "destination_type": kind, "did": did, "pair": "", "copy_of": None, "cause": cause,
        "recorded_seconds": None,
    }  # fmt: skip


def forwarded(arriving: Leg, leaving: Leg, *, one_uniqueid: bool) -> list[Leg]:
    """Two legs of one forwarded call, on one uniqueid or on two."""
    leaving["callerid"] = arriving["callerid"]
    arriving["pair"] = leaving["pair"] = "one" if one_uniqueid else "two"
    return [arriving, leaving]


def begun_with(leg: Leg, first_seconds: int, *, corrects_at: int) -> Leg:
    """The same leg, shown with other seconds until it is corrected."""
    total = total_e8(leg["rate_e8"], first_seconds, leg["increment_seconds"])
    return {
        **leg, "first_seconds": first_seconds, "first_total_e8": total, "corrects_at": corrects_at
    }  # fmt: skip


def twin_of(leg: Leg, *, respelled: bool = True) -> Leg:
    """The second row that the lists show for the same leg, with the caller in +1 form."""
    number = leg["callerid"]
    if respelled:
        name, angle, rest = number.rpartition("<")
        digits = rest.rstrip(">") if angle else number
        digits = (
            f"+1{digits}" if len(digits) == 10 and digits.isdigit() else f"+{digits.lstrip('+')}"
        )
        number = f"{name}<{digits}>" if angle else digits
    return {**leg, "id": 0, "callerid": number, "copy_of": leg["id"]}


def record(world: World, groups: Iterable[list[Leg]], *, twin_share: float = 0.0) -> list[Leg]:
    """Write calls down; a group with a pair is one call with two legs. Answers the legs with ids."""
    legs: list[Leg] = []
    with world.store.changing():
        listed = [group for group in groups if group]
        size = sum(len(group) for group in listed)
        uniqueid = world.store.next_number("uniqueid", first=FIRST_UNIQUEID, count=3 * size + 1)
        number = world.store.next_number("call", count=2 * size + 1)
        draw = Random(f"twins:{uniqueid}")
        for group in listed:
            mark = f"{uniqueid}" if group[0]["pair"] else ""
            for place, leg in enumerate(group):
                if place == 0 or leg["pair"] == "two" or not leg["pair"]:
                    uniqueid += 1 + draw.randrange(2)
                leg |= {"id": number, "uniqueid": leg["uniqueid"] or str(uniqueid)}
                legs.append(leg)
                number += 1
                if leg["direction"] == "in" and draw.random() < twin_share:
                    legs.append({**twin_of(leg), "id": number})
                    number += 1
            for leg in group:
                leg["pair"] = mark
        _record(world, legs)
        for leg in legs:
            if leg["copy_of"]:
                leg["pair"] = ""
        world.store.insert_many("calls", legs)
        _charge(world, [leg for leg in legs if not leg["copy_of"]])
    return legs


def _record(world: World, legs: list[Leg]) -> None:
    """Record what was answered on lines and numbers that have recording on."""
    on: dict[str, bool] = {}
    for leg in legs:
        for name in (leg["account"], leg["did"]):
            if name and name not in on:
                row = world.sub_account(name)
                fields = fields_of(row) if row else world.did(name) or {}
                on[name] = str(fields.get("record_calls")) == "1"
        if leg["disposition"] == ANSWERED and (on.get(leg["account"]) or on.get(leg["did"])):
            leg["recorded_seconds"] = leg["seconds"]


def _charge(world: World, legs: list[Leg]) -> None:
    for reseller_id in {leg["reseller_id"] for leg in legs}:
        row = world.store.one("SELECT * FROM resellers WHERE id = ?", reseller_id)
        if row is None:
            continue
        balance, payments = row["balance_e8"], []
        own = (leg for leg in legs if leg["reseller_id"] == reseller_id and leg["total_e8"])
        for leg in sorted(own, key=lambda leg: leg["started_at"]):
            balance -= leg["total_e8"]
            if balance < RECHARGE_BELOW_E8 and row["auto_recharge"]:
                balance += RECHARGE_E8
                payments.append(payment(reseller_id, leg["started_at"], RECHARGE_E8))
        world.store.insert_many("transactions", payments)
        world.store.run("UPDATE resellers SET balance_e8 = ? WHERE id = ?", balance, reseller_id)


def payment(reseller_id: int, at: int, amount_e8: int) -> dict[str, Any]:
    """A row of the transaction history for money that came in."""
    return {
        "reseller_id": reseller_id, "at": at, "uniqueid": f"{at}x{reseller_id}p",
        "type": "Credit Card", "description": "Automatic recharge", "amount_e8": amount_e8,
    }  # fmt: skip


def correct(world: World, call_id: int, seconds: int) -> sqlite3.Row | None:
    """Change the seconds of a call already shown, and its cost with them."""
    row = world.store.one("SELECT * FROM calls WHERE id = ?", call_id)
    if row is None:
        return None
    total = total_e8(row["rate_e8"], seconds, row["increment_seconds"])
    with world.store.changing():
        world.store.run(
            "UPDATE calls SET seconds = ?, total_e8 = ?, first_seconds = NULL, corrects_at = NULL,"
            " disposition = CASE WHEN ? > 0 THEN 'ANSWERED' ELSE disposition END"
            " WHERE id = ? OR copy_of = ?",
            seconds, total, seconds, call_id, call_id,
        )  # fmt: skip
        world.store.run(
            "UPDATE resellers SET balance_e8 = balance_e8 - ? WHERE id = ?",
            total - row["total_e8"], row["reseller_id"],
        )  # fmt: skip
    return world.store.one("SELECT * FROM calls WHERE id = ?", call_id)


def shown(row: sqlite3.Row, at: int) -> tuple[int, int]:
    """Seconds and cost of a row as the lists show them at an instant."""
    if row["corrects_at"] is not None and at < row["corrects_at"]:
        return row["first_seconds"], row["first_total_e8"]
    return row["seconds"], row["total_e8"]


def ended_now(seconds: int) -> int:
    """When a call that has just ended must have begun."""
    return clock.now_seconds() - seconds
