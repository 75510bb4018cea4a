"""Filters of lists: read from the address, where a word that means nothing is no filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from portal.calls import CallFilter, CallSort
from portal.core import clock
from portal.core.period import days, local_day
from portal.ledger import HistoryFilter, HistoryKind

# Raw rows are summed over at most so many days (rulings 30).
MOST_DAYS = 92
PERIODS = ("today", "7", "30", "month", "last-month")
DIRECTIONS = ("in", "out", "internal")
RESULTS = ("answered", "no_answer", "busy", "failed")
_LONGEST_TEXT = 80

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Span:
    """Days from first to last, both included; ``quick`` names the choice they came from."""

    first: date
    last: date
    quick: str = ""


@dataclass(frozen=True, slots=True)
class CallsChosen:
    """What the address says of a list of calls."""

    span: Span
    text: str = ""
    line: str = ""
    direction: str = ""
    result: str = ""
    sort: CallSort = CallSort.WHEN

    @property
    def any(self) -> bool:
        """Is something set besides the usual period?"""
        return bool(
            self.text or self.line or self.direction or self.result or self.span.quick != "7"
        )

    def words(self) -> dict[str, str]:
        """The same as it stands in an address."""
        period = (
            {"period": self.span.quick}
            if self.span.quick
            else {"since": self.span.first.isoformat(), "until": self.span.last.isoformat()}
        )
        rest = {
            "q": self.text,
            "line": self.line,
            "direction": self.direction,
            "result": self.result,
            "sort": "" if self.sort is CallSort.WHEN else self.sort.value,
        }
        return period | {name: word for name, word in rest.items() if word}

    def as_filter(
        self, zone: ZoneInfo, *, client_id: int | None = None, sub_account_id: int | None = None
    ) -> CallFilter:
        """The filter that finds them."""
        period = days(self.span.first, self.span.last, zone=zone)
        return CallFilter(
            since=period.start,
            until=period.end,
            first_day=self.span.first,
            last_day=self.span.last,
            client_id=client_id,
            sub_account_id=sub_account_id,
            direction=self.direction,
            dispositions=(self.result,) if self.result else (),
            text=self.text,
            sort=self.sort,
        )


def read_calls(words: Words, zone: ZoneInfo) -> CallsChosen:
    """A list of calls: the last 7 days unless the address says otherwise."""
    return CallsChosen(
        span=read_span(words, zone) or quick_span("7", zone),
        text=text_of(words),
        line=words.get("line", "")[:36],
        direction=_one_of(words.get("direction", ""), DIRECTIONS),
        result=_one_of(words.get("result", ""), RESULTS),
        sort=CallSort(_one_of(words.get("sort", ""), tuple(CallSort)) or CallSort.WHEN),
    )


def read_history(words: Words, zone: ZoneInfo) -> tuple[HistoryFilter, Span | None]:
    """A history: everything, unless the address names a kind or a period."""
    span = read_span(words, zone, most_days=None)
    kind = HistoryKind(_one_of(words.get("shown", ""), tuple(HistoryKind)) or HistoryKind.ALL)
    if span is None:
        return HistoryFilter(kind=kind), None
    return HistoryFilter(first=span.first, last=span.last, kind=kind), span


def read_span(words: Words, zone: ZoneInfo, *, most_days: int | None = MOST_DAYS) -> Span | None:
    """The period of an address: its own days, or a quick choice; None when it names neither."""
    first, last = read_day(words.get("since", "")), read_day(words.get("until", ""))
    if first is None and last is None:
        quick = _one_of(words.get("period", ""), PERIODS)
        return quick_span(quick, zone) if quick else None
    today = local_day(clock.now(), zone)
    last = last or max(today, first or today)
    first = first or last - timedelta(days=6)
    if first > last:
        first, last = last, first
    if most_days is not None:
        first = max(first, last - timedelta(days=most_days - 1))
    return Span(first, last)


def quick_span(quick: str, zone: ZoneInfo) -> Span:
    """The days of one of PERIODS, counted from today in a zone."""
    today = local_day(clock.now(), zone)
    if quick == "today":
        return Span(today, today, quick)
    if quick == "month":
        return Span(today.replace(day=1), today, quick)
    if quick == "last-month":
        end = today.replace(day=1) - timedelta(days=1)
        return Span(end.replace(day=1), end, quick)
    return Span(today - timedelta(days=int(quick) - 1), today, quick)


def text_of(words: Words, name: str = "q") -> str:
    """What somebody searches for, on one line and not too long."""
    return " ".join(words.get(name, "").replace("\x00", "").split())[:_LONGEST_TEXT]


def read_day(text: str) -> date | None:
    """A day as it stands in an address; None for nonsense."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def _one_of(word: str, known: tuple[str, ...]) -> str:
    return word if word in known else ""
