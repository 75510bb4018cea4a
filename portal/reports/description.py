"""What a report is, said once: the page, CSV, XLSX, PDF and the schedule all read this."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from portal.core.money import Money
from portal.core.paging import Page
from portal.reports.period import QUICK, Period
from portal.reports.reading import every_page
from portal.reports.spelling import Csv
from portal.reports.table import Cell, Column, Kind
from portal.reports.values import ReportKind


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter with given answers, under ``name`` in the address; ``is_long`` is drawn as a list."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    now: str = ""
    is_long: bool = False
    every: str = ""  # what no answer is called; empty: All

    @property
    def said(self) -> str:
        """The answer in words; empty for none."""
        return next((text for value, text in self.options if value == self.now and value), "")


@dataclass(frozen=True)
class Chosen:
    """What was asked for, checked. ``wanted`` is the report's own filter.

    ``words`` is the plain form without the period: what an address and a stored file keep. ``needs``
    is a sentence when something must be chosen before there is anything to read.
    """

    period: Period
    wanted: Any
    choices: tuple[Choice, ...] = ()
    text: str = ""
    text_label: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    needs: str = ""

    @property
    def filters(self) -> dict[str, str]:
        """With the days themselves: a file stays what it was asked to be."""
        return self.period.as_filters() | dict(self.words)

    @property
    def address(self) -> dict[str, str]:
        """With the choice of the period, which moves on with the days."""
        return self.period.as_words() | dict(self.words)

    @property
    def said(self) -> list[tuple[str, str]]:
        """The filter in words, so that a printed total can be understood."""
        pairs = [(choice.label, choice.said) for choice in self.choices]
        return [(label, text) for label, text in [*pairs, (self.text_label, self.text)] if text]


@dataclass(frozen=True, slots=True)
class Figure:
    """One key number, and a second one below it."""

    label: str
    value: Cell
    kind: Kind
    note: str = ""
    note_value: Cell = None
    note_kind: Kind = Kind.COUNT


@dataclass(frozen=True, slots=True)
class Part:
    """A line of the smaller table above the rows; ``words`` lead to the report of this part alone."""

    cells: Sequence[Cell]
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DaySum:
    """What one day (or the month that begins with it) brought and cost."""

    day: date
    price: Money
    cost: Money


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures, the line below the rows (in the columns' order), the same by parts, and by day."""

    figures: tuple[Figure, ...]
    totals: Sequence[Cell]
    count: int
    parts_title: str = ""
    part_columns: tuple[Column, ...] = ()
    parts: tuple[Part, ...] = ()
    days: tuple[DaySum, ...] = ()


class Report(ABC):
    """A report. Rows are the business's own; ``cells`` puts one into the columns' order."""

    kind: ClassVar[ReportKind]
    landscape: ClassVar[bool] = True
    symbol: ClassVar[str] = "list"
    # Whether what it shows belongs to days: without them there is no period to choose.
    tells_live: ClassVar[str] = ""
    quick: ClassVar[tuple[str, ...]] = QUICK
    usual: ClassVar[str] = "30"  # the choice that a cleared filter goes back to

    @property
    def word(self) -> str:
        """Its name in an address."""
        return self.kind.value.replace("_", "-")

    @abstractmethod
    def title(self) -> str:
        """As a menu and a paper call it."""

    @abstractmethod
    def sentence(self) -> str:
        """What it answers."""

    @abstractmethod
    def choose(self, given: Mapping[str, str]) -> Chosen:
        """Read an address's words; unknown ones count as not given, another's things are NotFound."""

    @abstractmethod
    def columns(self) -> tuple[Column, ...]:
        """Titled in the language of the moment."""

    @abstractmethod
    def page(
        self, chosen: Chosen, *, after: str | None = None, before: str | None = None, rows: int = 50
    ) -> Page[Any]:
        """One page of rows by cursor."""

    @abstractmethod
    def cells(self) -> Callable[[Any], Sequence[Cell]]:
        """What puts a row into cells; holds the words that would else be looked up for each row."""

    @abstractmethod
    def count(self, chosen: Chosen, most: int) -> int:
        """How many rows, counted no further than one beyond ``most``."""

    @abstractmethod
    def summary(self, chosen: Chosen) -> Summary:
        """Totals that equal the books."""

    def chunks(self, chosen: Chosen) -> Iterator[Sequence[Any]]:
        """Every row, in readings of their own, as the scope that is bound now."""
        return every_page(lambda after, rows: self.page(chosen, after=after, rows=rows))

    def lines(self, chosen: Chosen, spelling: Csv) -> Iterator[tuple[int, str]]:
        """Every row as a file's lines, so many at a time: how many, and their text."""
        columns, cells = self.columns(), self.cells()
        return (
            (len(rows), "".join(spelling.line(cells(row), columns) for row in rows))
            for rows in self.chunks(chosen)
        )
