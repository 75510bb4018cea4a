"""A report as values: title, columns, rows, totals. Nothing is formatted here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.core.money import Money

Cell = str | int | Money | datetime | None


class Kind(StrEnum):
    """What a column holds; it decides how paper, screen and CSV write it."""

    TEXT = "text"
    PHONE = "phone"
    WHEN = "when"  # aware moment
    SECONDS = "seconds"
    PRICE = "price"  # money of one thing
    SHARE = "share"  # 1e-4 percent points


@dataclass(frozen=True, slots=True)
class Column:
    """``key`` is the stable word in a CSV's first line; ``title`` is for people, translated."""

    key: str
    title: str
    kind: Kind = Kind.TEXT
    width: int = 10  # share of the paper's width

    @property
    def is_number(self) -> bool:
        return self.kind in {Kind.SECONDS, Kind.PRICE, Kind.SHARE}


@dataclass(frozen=True, slots=True)
class Report:
    """Rows are in the columns' order; ``totals`` has a cell for each column, or is empty."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]] = field(default_factory=tuple)
    totals: Sequence[Cell] = ()


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
    if isinstance(value, int) and kind is Kind.SHARE:
        return f"{Decimal(value).scaleb(-4).normalize():f}"
    return value
