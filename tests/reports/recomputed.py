"""The generated year added up again from its raw rows with fractions: small arithmetic of its own.

It knows the terms from `tests/reports/year.py` and the rules from docs/money.md, and imports nothing
of the portal.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from tests.reports import year

Key = tuple[str, str, str]  # client, month, what

DID_MINUTE, FAX_MINUTE = Fraction("0.0120"), Fraction("0.0120")
TEXT_PRICE = {"0sms": "0.015", "1sms": "0.005", "0mms": "0.04", "1mms": "0.02"}
TEXT_COST = {"sms": Fraction("0.0075"), "mms": Fraction("0.02")}


def recompute(looks: list[year.Look]) -> dict[Key, int]:
    """Micro-units by client, month (of the look) and what: revenue and cost of each kind."""
    found: dict[Key, int] = defaultdict(int)
    before: dict[str, tuple[int, int]] = {}
    for look in looks:
        month = _month(look.at)
        for row in look.calls:
            price, cost = _price(row), _cost(row["total"], row["date"])
            was = before.get(row["uniqueid"], (0, 0))
            before[row["uniqueid"]] = price, cost
            found[row["_client"], month, "calls"] += price - was[0]
            found[row["_client"], month, "cost:call"] += cost - was[1]
        for row in look.texts:
            kind = row["_kind"]
            found[row["_client"], month, "messages"] += _half_up(
                Fraction(TEXT_PRICE[row["type"] + kind])
            )
            cost = _half_up(TEXT_COST[kind] * _exchange(_moment(row["date"])))
            found[row["_client"], month, "cost:text"] += cost
        for row in look.faxes:
            at = _moment(row["date"])
            billed = _billed(row["_seconds"], _terms("desk", at)[2])
            found["desk", month, "faxes"] += _half_up(FAX_MINUTE * billed / 60)
            found["desk", month, "cost:fax"] += _cost(row["total"], row["date"])
        for row in look.fees:
            if row["type"].startswith("DID"):  # in the month in which the carrier took it
                client = "desk" if row["type"].endswith(year.DESK_DID) else "shop"
                own = _month(_moment(row["date"]))
                found[client, own, "cost:number"] += _cost(row["ammount"][1:], row["date"])
    return {key: value for key, value in found.items() if value}


def _price(row: dict[str, Any]) -> int:
    at, seconds = _moment(row["date"]), int(row["seconds"])
    if not seconds:
        return 0
    fixed, percent, pulse, own = _terms(row["_client"], at)
    billed = _billed(seconds, pulse)
    if row["destination_type"].startswith("IN"):
        return _half_up(DID_MINUTE * billed / 60)
    if own and row["destination"].startswith("44"):
        return _half_up(own * billed / 60)
    rate = (Fraction(row["rate"]) * _exchange(at) + fixed) * (1 + percent)
    return _half_up(rate * billed / 60)


def _terms(client: str, at: datetime) -> tuple[Fraction, Fraction, int, Fraction | None]:
    """Fixed, percent, pulse, and a rate of its own to 44."""
    if client == "desk" and at < year.NEW_PACKAGE_FROM:
        return Fraction("0.0025"), Fraction("0.20"), 6, None
    return Fraction(0), Fraction("0.35"), 30, Fraction("0.02")


def _cost(total: str, wall: str) -> int:
    return _half_up(Fraction(total) * _exchange(_moment(wall)))


def _exchange(at: datetime) -> Fraction:
    return Fraction(year.OLD_EXCHANGE if at < year.NEW_EXCHANGE_FROM else year.NEW_EXCHANGE)


def _billed(seconds: int, pulse: int) -> int:
    return -(-seconds // pulse) * pulse


def _half_up(amount: Fraction) -> int:
    return int((amount * 1_000_000 + Fraction(1, 2)).__floor__())


def _moment(wall: str) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=year.EASTERN).astimezone(UTC)


def _month(at: datetime) -> str:
    return f"{at.astimezone(year.HOME):%Y-%m}"
