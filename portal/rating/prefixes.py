"""Longest-prefix tables, and which of several dated rows is in force."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar

V = TypeVar("V")

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_KEPT_TABLES = 8


class DuplicateRow(ValueError):
    """Two rows for the same key from the same moment: there is no right one to choose."""


class Dated(NamedTuple, Generic[V]):
    """A value for a key from one instant (inside) to another (outside); None is open."""

    key: str
    value: V
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def in_force(rows: Iterable[Dated[V]], at: datetime) -> dict[str, V]:
    """The value of each key at an instant: of the rows that cover it, the one that began last.

    Raises DuplicateRow for two rows of one key that begin at the same moment, whatever `at` is.
    """
    began: dict[str, datetime] = {}
    chosen: dict[str, V] = {}
    for row in refuse_duplicates(rows):
        start = row.valid_from or _BEGINNING
        covers = start <= at and (row.valid_until is None or at < row.valid_until)
        if covers and (row.key not in began or start > began[row.key]):
            began[row.key] = start
            chosen[row.key] = row.value
    return chosen


def refuse_duplicates(rows: Iterable[Dated[V]]) -> list[Dated[V]]:
    """The rows as a list; raises DuplicateRow when a key begins twice at the same moment."""
    kept = list(rows)
    seen: set[tuple[str, datetime]] = set()
    for row in kept:
        mark = (row.key, row.valid_from or _BEGINNING)
        if mark in seen:
            raise DuplicateRow(row.key)
        seen.add(mark)
    return kept


def moments(rows: Iterable[Dated[V]]) -> tuple[datetime, ...]:
    """Every instant at which something begins or ends, in order."""
    edges = {edge for row in rows for edge in (row.valid_from, row.valid_until) if edge}
    return tuple(sorted(edges))


class PrefixTable(Generic[V]):
    """Prefix → value; the longest prefix of a number decides. Immutable.

    Prefixes are digits without "+". Only the lengths that occur are tried.
    """

    __slots__ = ("by_prefix", "lengths")

    def __init__(self, by_prefix: Mapping[str, V]) -> None:
        for prefix in by_prefix:
            if not (prefix.isascii() and prefix.isdigit()):
                raise ValueError(f"a prefix is digits only: {prefix!r}")
        self.by_prefix: Mapping[str, V] = MappingProxyType(dict(by_prefix))
        self.lengths = tuple(sorted({len(prefix) for prefix in by_prefix}, reverse=True))

    @classmethod
    def of(cls, rows: Iterable[tuple[str, V]]) -> PrefixTable[V]:
        """A table from (prefix, value) rows; raises DuplicateRow when a prefix occurs twice."""
        table: dict[str, V] = {}
        for prefix, value in rows:
            if prefix in table:
                raise DuplicateRow(prefix)
            table[prefix] = value
        return cls(table)

    def match(self, digits: str) -> tuple[str, V] | None:
        """The longest prefix of `digits` (no "+") with its value."""
        for length in self.lengths:
            prefix = digits[:length]
            if prefix in self.by_prefix:
                return prefix, self.by_prefix[prefix]
        return None

    @property
    def moments(self) -> tuple[datetime, ...]:
        return ()

    def at(self, instant: datetime) -> PrefixTable[V]:
        """Itself: a plain table is in force always. (So a deck may be dated or not.)"""
        return self

    def __len__(self) -> int:
        return len(self.by_prefix)


class DatedPrefixes(Generic[V]):
    """Prefix rows with effective dates; `at(instant)` is the plain table in force.

    Tables are built once per stretch of time between two changes and a few are kept.
    """

    def __init__(self, rows: Iterable[Dated[V]]) -> None:
        self._rows = refuse_duplicates(rows)
        self.moments = moments(self._rows)
        self._tables: dict[int, PrefixTable[V]] = {}

    def at(self, instant: datetime) -> PrefixTable[V]:
        stretch = bisect_right(self.moments, instant)
        table = self._tables.get(stretch)
        if table is None:
            if len(self._tables) >= _KEPT_TABLES:
                self._tables.pop(next(iter(self._tables)))
            table = self._tables[stretch] = PrefixTable(in_force(self._rows, instant))
        return table
