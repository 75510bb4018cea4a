"""A day and a time of day somewhere as one moment, also where the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.core.errors import InvalidInput
from portal.core.sentences import N_

FURTHEST = timedelta(days=366)


def moment(day: date | None, at: time | None, zone: ZoneInfo, *, now: datetime) -> datetime:
    """When that is. A time that the clocks leave out is refused; of one that comes twice it is the first.

    Raises InvalidInput (``day``, ``time``), also for what is past or more than a year away.
    """
    if day is None:
        raise InvalidInput(N_("Choose a day."), field="day")
    if at is None:
        raise InvalidInput(N_("Choose a time."), field="time")
    wall = datetime.combine(day, at)
    found = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) != wall:
        raise InvalidInput(
            N_("This time does not exist: the clocks go forward then. Choose another."),
            field="time",
        )
    if found <= now:
        raise InvalidInput(N_("This is past. Choose a time to come."), field="time")
    if found > now + FURTHEST:
        raise InvalidInput(N_("Choose a day within a year."), field="day")
    return found
