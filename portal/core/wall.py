"""A day and a time of day somewhere as one moment, also where the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from portal.core.errors import InvalidInput
from portal.core.sentences import N_

FURTHEST = timedelta(days=366)
_MINUTE = timedelta(minutes=1)


class Moment(NamedTuple):
    """One moment, in UTC. ``comes_twice``: the clocks show its time twice, and this is the first."""

    at: datetime
    comes_twice: bool = False


class LeftOut(InvalidInput):
    """A time that the clocks leave out; ``next_time`` is where they go on."""

    def __init__(self, next_time: datetime) -> None:
        super().__init__(
            N_("This time does not exist: the clocks go forward then. Choose another."),
            field="time",
        )
        self.next_time = next_time


def moment(day: date | None, at: time | None, zone: ZoneInfo, *, now: datetime) -> Moment:
    """When that is. A time that the clocks leave out is refused; of one that comes twice it is the first.

    Raises InvalidInput (``day``, ``time``), also for what is past or more than a year away.
    """
    if day is None:
        raise InvalidInput(N_("Choose a day."), field="day")
    if at is None:
        raise InvalidInput(N_("Choose a time."), field="time")
    wall = datetime.combine(day, at.replace(tzinfo=None))
    try:
        first, second = (wall.replace(tzinfo=zone, fold=n).astimezone(UTC) for n in (0, 1))
        if first > second:
            raise LeftOut(_where_clocks_go_on(second, first, zone))
    except OverflowError as error:
        raise InvalidInput(N_("Choose a day within a year."), field="day") from error
    if first <= now:
        raise InvalidInput(N_("This is past. Choose a time to come."), field="time")
    if first > now + FURTHEST:
        raise InvalidInput(N_("Choose a day within a year."), field="day")
    return Moment(first, first < second)


def _where_clocks_go_on(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The wall time of the first moment with the new offset, between these two."""
    offset = after.astimezone(zone).utcoffset()
    found = after
    while (found - _MINUTE).astimezone(zone).utcoffset() == offset and found > before:
        found -= _MINUTE
    return found.astimezone(zone)
