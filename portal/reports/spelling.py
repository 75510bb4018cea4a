"""How a file writes its cells: CSV for programs, and the lines of a workbook's sheet."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from portal.core.cells import spelled
from portal.core.memory import Memory
from portal.core.money import Money
from portal.reports.table import Cell, Column, Kind, plain_cell

# The kinds that a workbook formats, in the order of its styles after the plain and the bold one.
FORMATS: Final = {
    Kind.WHEN: "yyyy-mm-dd hh:mm:ss", Kind.DAY: "yyyy-mm-dd", Kind.MONTH: "yyyy-mm",
    Kind.SECONDS: "[h]:mm:ss", Kind.MINUTES: "[h]:mm:ss", Kind.PRICE: "#,##0.0000##",
    Kind.MONEY: "#,##0.0000##", Kind.RATE: "0.000000##", Kind.SHARE: "0.0%", Kind.COUNT: "#,##0",
}  # fmt: skip
BOLD: Final = 1
_STYLES = {kind: at for at, kind in enumerate(FORMATS, start=BOLD + 1)}
_LONGEST_TEXT = 32_000
_SECONDS_A_DAY = 86_400
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001  # a workbook knows no zones
_PARTS_OF_AN_HOUR = {
    f"{second // 60:02}:{second % 60:02}": second / _SECONDS_A_DAY for second in range(3_600)
}
# What XML cannot hold is written as a workbook escapes it; what looks like that is escaped itself.
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


class Spelling(ABC):
    """Cells of a file as text. A line is ``begin``, its cells with ``between``, ``end``."""

    begin: str
    between: str
    end: str

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._hours: Memory[str, datetime | None] = Memory(self._hour)

    @abstractmethod
    def cell(self, value: Cell, kind: Kind) -> str:
        """One cell."""

    def moments(self, whens: Sequence[str]) -> Iterable[str]:
        """A column of moments that stand as ``2026-11-20 14:07:31`` in UTC, in the reader's zone.

        Where a zone is whole hours away, an hour of it is worked out once.
        """
        hours = [when[:13] for when in whens]
        begins = {hour: self._hours[hour] for hour in set(hours)}
        known = {hour: begin for hour, begin in begins.items() if begin is not None}
        if len(known) < len(begins):
            return [self.cell(_utc(when[:19]), Kind.WHEN) for when in whens]
        return self._within_hours(whens, hours, known)

    @abstractmethod
    def _within_hours(
        self, whens: Sequence[str], hours: Sequence[str], begins: Mapping[str, datetime]
    ) -> Iterable[str]:
        """The same where every hour of UTC is one hour of the zone; ``begins`` says which."""

    def _hour(self, text: str) -> datetime | None:
        """When an hour of UTC begins in the zone; None where it is not one hour there."""
        begin = _utc(f"{text}:00").astimezone(self._zone)
        end = _utc(f"{text}:59:59").astimezone(self._zone)
        away = begin.utcoffset()
        if away != end.utcoffset() or away is None or away % timedelta(hours=1):
            return None
        return begin

    def line(self, cells: Sequence[Cell], columns: Sequence[Column]) -> str:
        """One row of any report."""
        pairs = zip(cells, columns, strict=True)
        return (
            self.begin + self.between.join(self.cell(cell, column.kind) for cell, column in pairs)
        ) + self.end

    def lines(self, columns: Iterable[Iterable[str]]) -> str:
        """Many rows at once, from columns of cells that are spelled already."""
        glue = self.end + self.begin
        return self.begin + glue.join(map(self.between.join, zip(*columns, strict=True))) + self.end


class Csv(Spelling):
    """For programs: moments in ISO 8601, money with all its places; no cell is a formula."""

    begin, between, end = "", ",", "\r\n"

    def cell(self, value: Cell, kind: Kind) -> str:
        return spelled(plain_cell(value, kind, self._zone))

    def _within_hours(
        self, whens: Sequence[str], hours: Sequence[str], begins: Mapping[str, datetime]
    ) -> Iterable[str]:
        texts = ((hour, begin.isoformat()) for hour, begin in begins.items())
        around = {hour: (text[:13], text[19:]) for hour, text in texts}
        return [
            (beside := around[hour])[0] + when[13:19] + beside[1]
            for hour, when in zip(hours, whens, strict=True)
        ]


class SheetXml(Spelling):
    """Lines of a workbook's sheet. Texts are texts, whatever they begin with."""

    begin, between, end = "<row>", "", "</row>"

    def cell(self, value: Cell, kind: Kind) -> str:
        if value is None or value == "":
            return "<c/>"
        if isinstance(value, str):
            return text_cell(value)
        return f'<c s="{_STYLES.get(kind, 0)}"><v>{self._number(value, kind)}</v></c>'

    def _within_hours(
        self, whens: Sequence[str], hours: Sequence[str], begins: Mapping[str, datetime]
    ) -> Iterable[str]:
        days = {hour: _days(begin) for hour, begin in begins.items()}
        before, parts = f'<c s="{_STYLES[Kind.WHEN]}"><v>', _PARTS_OF_AN_HOUR
        return [
            f"{before}{days[hour] + parts[when[14:19]]:.8f}</v></c>"
            for hour, when in zip(hours, whens, strict=True)
        ]

    def _number(self, value: Cell, kind: Kind) -> float | int | Decimal | str:
        if isinstance(value, Money):
            return f"{value.decimal.normalize():f}"
        if isinstance(value, datetime):
            return f"{_days(value.astimezone(self._zone).replace(microsecond=0)):.8f}"
        if isinstance(value, date):
            return (value - _FIRST_DAY.date()).days
        assert isinstance(value, int)
        if kind in {Kind.SECONDS, Kind.MINUTES}:
            return value / _SECONDS_A_DAY
        if kind is Kind.RATE:
            return f"{Decimal(value).scaleb(-8).normalize():f}"
        return value / 1_000_000 if kind is Kind.SHARE else value


def text_cell(text: str, style: int = 0) -> str:
    """A text in a sheet."""
    kept = escape(_ESCAPED.sub(_coded, text[:_LONGEST_TEXT]))
    space = ' xml:space="preserve"' if kept != kept.strip() else ""
    look = f' s="{style}"' if style else ""
    return f'<c t="inlineStr"{look}><is><t{space}>{kept}</t></is></c>'


def _coded(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _days(local: datetime) -> float:
    """A workbook's moment: days by the clock on the wall."""
    return (local.replace(tzinfo=None) - _FIRST_DAY) / timedelta(days=1)
