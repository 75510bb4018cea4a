"""Which calls stand out. Plain arithmetic: calls and limits in, findings out.

Emergency calls are never counted: nothing here can stop them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.core.money import Money
from portal.core.phone import Category, category_of, country_of
from portal.exposure.values import NOWHERE, Finding, Kind, Limits, Seen

MOST_CALLS = 20
_COUNTED_ABROAD = frozenset({Category.ORDINARY, Category.PREMIUM})


def place_of(number: str, home: Collection[str]) -> str | None:
    """The country abroad that a number is in; None at home, for freephone and for short codes."""
    if not number.startswith("+") or category_of(number) not in _COUNTED_ABROAD:
        return None
    country = country_of(number) or ("" if number.startswith("+1") else NOWHERE)
    return None if not country or country in home else country


def judge(
    limits: Limits,
    calls: Sequence[Seen],
    *,
    home: Collection[str],
    known: Collection[str] = (),
    worked: Mapping[Kind, datetime] | None = None,
) -> list[Finding]:
    """What stands out in these calls, the most expensive first.

    ``home`` countries are never abroad; ``known`` ones were called before. What came until the
    moment at which staff last worked on an alarm of its kind is theirs, and not counted again.
    """
    counted = [one for one in calls if category_of(one.number) is not Category.EMERGENCY]
    rest = {kind: _after(counted, (worked or {}).get(kind)) for kind in Kind}
    found = [
        *_by_day(limits, rest[Kind.DAY]),
        *_by_speed(limits, rest[Kind.SPEED]),
        *_abroad(limits, rest[Kind.ABROAD], home),
        *_dear(limits, rest[Kind.DEAR]),
        *_closed(limits, rest[Kind.CLOSED], home, known),
        *_new(limits, rest[Kind.NEW], home, known),
    ]
    return sorted(found, key=lambda one: (not one.stops, -one.spent.micros))


def since_set(limits: Limits, calls: Sequence[Seen], zone: ZoneInfo) -> list[Seen]:
    """What these limits look at: the day on which they were set, and what came afterwards.

    What had come by then on an earlier day was judged by the limits that held then.
    """
    if limits.set_at is None:
        return list(calls)
    first = limits.set_at.astimezone(zone).date()
    return [one for one in calls if one.day >= first or one.came_at > limits.set_at]


def _after(calls: list[Seen], moment: datetime | None) -> list[Seen]:
    return [one for one in calls if moment is None or one.came_at > moment]


def _by_day(limits: Limits, calls: Sequence[Seen]) -> Iterator[Finding]:
    if limits.daily_cap is None:
        return
    for day, those in _days(calls):
        if _sum(those) >= limits.daily_cap and _sum(those):
            yield _finding(Kind.DAY, day, those, allowed=limits.daily_cap.micros)


def _by_speed(limits: Limits, calls: Sequence[Seen]) -> Iterator[Finding]:
    """The worst stretch of so many minutes, by when calls began; one for each day it ended on."""
    if limits.speed_amount is None:
        return
    window = timedelta(minutes=limits.speed_minutes)
    ordered = sorted(calls, key=lambda one: one.started_at)
    first, spent = 0, 0
    worst: dict[date, tuple[int, int, int]] = {}
    for last, one in enumerate(ordered):
        spent += one.spent.micros
        while one.started_at - ordered[first].started_at >= window:
            spent -= ordered[first].spent.micros
            first += 1
        if spent >= limits.speed_amount.micros and spent > worst.get(one.day, (0, 0, 0))[0]:
            worst[one.day] = (spent, first, last)
    for day, (_, begin, end) in worst.items():
        stretch = ordered[begin : end + 1]
        yield _finding(Kind.SPEED, day, stretch, allowed=limits.speed_amount.micros)


def _abroad(limits: Limits, calls: Sequence[Seen], home: Collection[str]) -> Iterator[Finding]:
    if limits.abroad_minutes is None:
        return
    for day, those in _days([one for one in calls if place_of(one.number, home)]):
        minutes = sum(-(-one.seconds // 60) for one in those)
        if minutes >= limits.abroad_minutes:
            yield _finding(
                Kind.ABROAD, day, those, allowed=limits.abroad_minutes, places=_places(those, home)
            )


def _dear(limits: Limits, calls: Sequence[Seen]) -> Iterator[Finding]:
    ceiling = limits.ceiling_e8
    if ceiling is None:
        return
    dear = [
        one
        for one in calls
        if one.rate_e8 > ceiling and one.spent and category_of(one.number) in _COUNTED_ABROAD
    ]
    for day, those in _days(dear):
        yield _finding(Kind.DEAR, day, those, allowed=ceiling)


def _closed(
    limits: Limits, calls: Sequence[Seen], home: Collection[str], known: Collection[str]
) -> Iterator[Finding]:
    """A country off the list. Who has called there lately is not cut off for it: staff are told."""
    off = [one for one in calls if place_of(one.number, home) not in {None, *limits.places}]
    for day, those in _days(off):
        places = _places(those, home)
        yield _finding(
            Kind.CLOSED, day, those, places=places, stops=any(one not in known for one in places)
        )


def _new(
    limits: Limits, calls: Sequence[Seen], home: Collection[str], known: Collection[str]
) -> Iterator[Finding]:
    if not limits.new_places:
        return
    new = [
        one
        for one in calls
        if (place := place_of(one.number, home)) in limits.places and place not in known
    ]
    for day, those in _days(new):
        yield _finding(Kind.NEW, day, those, places=_places(those, home), stops=False)


def _days(calls: Sequence[Seen]) -> list[tuple[date, list[Seen]]]:
    found: dict[date, list[Seen]] = defaultdict(list)
    for one in calls:
        found[one.day].append(one)
    return sorted(found.items())


def _sum(calls: Sequence[Seen]) -> Money:
    return sum((one.spent for one in calls), Money(0))


def _places(calls: Sequence[Seen], home: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted({place for one in calls if (place := place_of(one.number, home))}))


def _finding(
    kind: Kind,
    day: date,
    calls: Sequence[Seen],
    *,
    allowed: int | None = None,
    places: tuple[str, ...] = (),
    stops: bool = True,
) -> Finding:
    dearest = sorted(calls, key=lambda one: (-one.spent.micros, one.started_at))
    return Finding(
        kind,
        day,
        stops,
        _sum(calls),
        sum(one.seconds for one in calls),
        len(calls),
        tuple(one.public_id for one in dearest[:MOST_CALLS]),
        allowed,
        places,
    )
