"""How a CSV writes its cells: one row of any report, or many rows a column at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.core.cells import spelled
from portal.core.memory import Memory
from portal.reports.table import Cell, Column, Kind, plain_cell


class Csv:
    """For programs: moments in ISO 8601, money with all its places; no cell is a formula."""

    between, end = ",", "\r\n"

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._hours: Memory[str, datetime | None] = Memory(self._hour)

    def cell(self, value: Cell, kind: Kind) -> str:
        """One cell."""
        return spelled(plain_cell(value, kind, self._zone))

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

    def _within_hours(
        self, whens: Sequence[str], hours: Sequence[str], begins: Mapping[str, datetime]
    ) -> Iterable[str]:
        """The same where every hour of UTC is one hour of the zone; ``begins`` says which."""
        texts = ((hour, begin.isoformat()) for hour, begin in begins.items())
        around = {hour: (text[:13], text[19:]) for hour, text in texts}
        return [
            (beside := around[hour])[0] + when[13:19] + beside[1]
            for hour, when in zip(hours, whens, strict=True)
        ]

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
        return self.between.join(self.cell(cell, column.kind) for cell, column in pairs) + self.end

    def lines(self, columns: Iterable[Iterable[str]]) -> str:
        """Many rows at once, from columns of cells that are spelled already."""
        return self.end.join(map(self.between.join, zip(*columns, strict=True))) + self.end


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
