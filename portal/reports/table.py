"""Cells and columns of a report. Nothing is formatted here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.core.money import Money, plain

Cell = str | int | Money | date | datetime | None


class Kind(StrEnum):
    """What a column holds; it decides how paper, screen and files write it."""

    TEXT = "text"
    PHONE = "phone"
    WHEN = "when"  # aware moment
    DAY = "day"
    MONTH = "month"  # its first day
    COUNT = "count"
    SECONDS = "seconds"
    MINUTES = "minutes"  # seconds, shown as minutes
    PRICE = "price"  # money of one thing
    MONEY = "money"  # a sum
    RATE = "rate"  # a minute's price in 1e-8
    SHARE = "share"  # 1e-4 percent points


_NUMBERS = frozenset(Kind) - {Kind.TEXT, Kind.PHONE, Kind.WHEN, Kind.DAY, Kind.MONTH}


@dataclass(frozen=True, slots=True)
class Column:
    """``key`` is the stable word in a file's first line; ``title`` is for people, translated.

    On screen a column may stand below another (``under`` names it), or be told by its icon alone
    (``as_icon_of``); ``part`` is its place on a telephone's card: title, amount, meta, state, full.
    What is not ``on_paper`` is in files alone: a page has room for some.
    """

    key: str
    title: str
    kind: Kind = Kind.TEXT
    width: int = 10  # share of the paper's width
    under: str = ""
    as_icon_of: str = ""
    part: str = ""
    on_paper: bool = True
    on_screen: bool = True  # or in files only

    @property
    def is_number(self) -> bool:
        return self.kind in _NUMBERS


def margin_e4(price: Money, cost: Money) -> int | None:
    """What remains of a price, in 1e-4 percent points; none where there is no price."""
    if price <= Money(0):
        return None
    profit = (price - cost).micros
    return profit * 1_000_000 // price.micros


def plain_cell(value: Cell, kind: Kind, zone: ZoneInfo) -> str | int | None:
    """A cell for a program: moments in ISO 8601 with their offset, money with all its places.

    Lengths are whole seconds, shares percents. Texts come back as they are; whoever writes them to a
    file that a spreadsheet opens must keep them from being formulas.
    """
    if isinstance(value, Money):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, date):
        return f"{value:%Y-%m}" if kind is Kind.MONTH else value.isoformat()
    if isinstance(value, int) and kind is Kind.SHARE:
        return f"{Decimal(value).scaleb(-4).normalize():f}"
    if isinstance(value, int) and kind is Kind.RATE:
        return plain(value, 8)
    return value
