"""A year as a carrier would tell it: raw rows of its lists, drawn by one seed, and when each came in.

Nothing here knows the portal. Moments of rows are the carrier's wall clock (plain Eastern time).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

EASTERN, HOME = ZoneInfo("America/Toronto"), ZoneInfo("America/Vancouver")
BEGAN = datetime(2024, 12, 20, 12, tzinfo=UTC)
FIRST_LOOK = datetime(2025, 1, 4, 8, 30, tzinfo=UTC)
LOOKS = tuple(FIRST_LOOK + timedelta(days=7 * week) for week in range(52))

DESK, SHOP = "100482_desk", "100482_shop"
DESK_DID, SHOP_DID = "6135550142", "6045550163"
NEW_PACKAGE_FROM = datetime(2025, 6, 16, 17, 20, 31, tzinfo=UTC)  # of the desk
NEW_EXCHANGE_FROM = datetime(2025, 9, 10, 3, 0, tzinfo=UTC)
OLD_EXCHANGE, NEW_EXCHANGE = "1.35", "1.42125"

_PLACES = (
    ("15145550117", ("0.0052", "0.0090", "0.00625")),
    ("12125550123", ("0.0040", "0.0111")),
    ("442079460123", ("0.0150", "0.0333")),
    ("33199000123", ("0.0210", "0.03337")),
)


@dataclass
class Look:
    """What the carrier's lists have new, or otherwise than before, at one look at them."""

    at: datetime
    calls: list[dict[str, Any]] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    faxes: list[dict[str, Any]] = field(default_factory=list)
    fees: list[dict[str, Any]] = field(default_factory=list)


def looks() -> list[Look]:
    """The year, look by look."""
    dice = Random(2025)
    found = [Look(at) for at in LOOKS]
    for number, at in enumerate(_moments(dice, 950)):
        place = _first_look_after(at) + (dice.choice((2, 3, 5)) if dice.random() < 0.04 else 0)
        row = _call(dice, number, at)
        _put(found, place, "calls", row)
        if dice.random() < 0.03 and row["seconds"] != "0":
            _put(found, place + 1, "calls", _call_changed(row, int(row["seconds"]) + 31))
    for number, at in enumerate(_moments(dice, 150)):
        _put(found, _first_look_after(at), "texts", _text(dice, number, at))
    for number, at in enumerate(_moments(dice, 30)):
        _put(found, _first_look_after(at), "faxes", _fax(dice, number, at))
    for month in range(1, 13):
        for number, (did, amount) in enumerate(((DESK_DID, "-0.99"), (SHOP_DID, "-4.95"))):
            at = datetime(2025, month, 5 + number, 13, 0, 3, tzinfo=UTC)
            row = _fee(f"{month:02}{number}x{did[:5]}i8c", at, did, amount)
            _put(found, _first_look_after(at), "fees", row)
    _put(found, 20, "fees", _recharge("55x9p", LOOKS[19], "50.00"))
    return found


def wall(at: datetime) -> str:
    """The carrier's clock."""
    return f"{at.astimezone(EASTERN):%Y-%m-%d %H:%M:%S}"


def _moments(dice: Random, count: int) -> Iterator[datetime]:
    """Some on the hours that clock changes skip and repeat, the others anywhere; late on the last days."""
    yield datetime(2025, 11, 2, 5, 30, tzinfo=UTC)
    yield datetime(2025, 11, 2, 6, 30, tzinfo=UTC)
    yield datetime(2025, 3, 9, 6, 59, 59, tzinfo=UTC)
    yield datetime(2025, 3, 9, 7, 0, 1, tzinfo=UTC)
    yield NEW_PACKAGE_FROM - timedelta(seconds=1)
    yield NEW_PACKAGE_FROM
    yield NEW_EXCHANGE_FROM - timedelta(seconds=1)
    yield NEW_EXCHANGE_FROM
    whole = int((LOOKS[-1] - FIRST_LOOK).total_seconds())
    for _ in range(count):
        yield FIRST_LOOK + timedelta(seconds=dice.randrange(whole - 3600))


def _first_look_after(at: datetime) -> int:
    # An hour between: the repeated hour is read as its first pass.
    return next(place for place, look in enumerate(LOOKS) if look > at + timedelta(hours=1))


def _put(found: list[Look], place: int, name: str, row: dict[str, Any]) -> None:
    getattr(found[min(place, len(found) - 1)], name).append(row)


def _call(dice: Random, number: int, at: datetime) -> dict[str, Any]:
    desk = dice.random() < 0.6
    comes = dice.random() < 0.35
    missed = dice.random() < 0.12
    seconds = 0 if missed else dice.choice((1, 6, 29, 30, 31, 59, 60, 61, dice.randrange(1, 1_500)))
    far, rates = dice.choice(_PLACES)
    row = {
        "date": wall(at),
        "callerid": f'"Nadia" <{far}>' if comes else f"<{DESK_DID}>",
        "destination": (DESK_DID if desk else SHOP_DID) if comes else far,
        "description": "Inbound DID" if comes else "Somewhere",
        "account": DESK if desk else SHOP,
        "disposition": "NO ANSWER" if missed else "ANSWERED",
        "rate": "0.0050" if comes else dice.choice(rates),
        "uniqueid": f"17{number:06}",
        "destination_type": "IN:CAN" if comes else "OUT:CAN",
        "_client": "desk" if desk else "shop",
    }
    return _call_changed(row, seconds)


def _call_changed(row: dict[str, Any], seconds: int) -> dict[str, Any]:
    """The same call with other seconds; the carrier bills steps of six, to five decimals."""
    steps = -(-seconds // 6)
    total = round(float(row["rate"]) * steps / 10, 5)
    duration = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return row | {"seconds": str(seconds), "total": f"{total:.5f}", "duration": duration}


def _text(dice: Random, number: int, at: datetime) -> dict[str, Any]:
    desk = dice.random() < 0.7
    return {
        "id": str(9_000 + number), "date": wall(at), "type": dice.choice("011"),
        "did": DESK_DID if desk else SHOP_DID, "contact": f"51455501{number % 9:02}",
        "message": f"Text {number}", "_client": "desk" if desk else "shop",
        "_kind": dice.choice(("sms", "sms", "mms")),
    }  # fmt: skip


def _fax(dice: Random, number: int, at: datetime) -> dict[str, Any]:
    seconds = dice.randrange(20, 400)
    return {
        "id": str(500 + number), "date": wall(at), "callerid": "Lab <6135550190>",
        "destination": DESK_DID, "folder": "INBOX", "description": "Received", "pages": "2",
        "duration": f"00:{seconds // 60:02}:{seconds % 60:02}", "status": "SUCCESS",
        "rate": "0.009", "total": f"{round(0.009 * seconds / 60, 3):.3f}", "_seconds": seconds,
    }  # fmt: skip


def _fee(name: str, at: datetime, did: str, amount: str) -> dict[str, Any]:
    return {
        "date": wall(at), "uniqueid": name, "type": f"DID{did}", "ammount": amount,
        "description": f"DID Monthly Fee: {did}",
    }  # fmt: skip


def _recharge(name: str, at: datetime, amount: str) -> dict[str, Any]:
    return {
        "date": wall(at), "uniqueid": name, "type": "Credit Card", "ammount": amount,
        "description": "Automatic recharge",
    }  # fmt: skip
