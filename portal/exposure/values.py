"""Words of the exposure guard: limits, what was seen, and what stands out."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from portal.core.money import Money

NORTH_AMERICA = ("CA", "US")
NOWHERE = "ZZ"  # satellites and other numbers of no country


class Kind(StrEnum):
    """What an alarm is about."""

    DAY = "day"  # the daily cap
    SPEED = "speed"  # so much within so many minutes
    ABROAD = "abroad"  # minutes abroad in a day
    DEAR = "dear"  # a call dearer per minute than the ceiling
    CLOSED = "closed"  # a country that is not on the list
    NEW = "new"  # the first call in a long time to a country that is


class Worked(StrEnum):
    """What staff did about an alarm."""

    ACKNOWLEDGED = "acknowledged"
    RESUMED = "resumed"


_CAP, _FAST = Money(50_000_000), Money(20_000_000)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client's calls may cost before somebody is told, and the client is stopped.

    An amount or a number of minutes that is None is no limit. ``places`` are countries that may be
    called. ``at_once`` and ``longest_minutes`` limit nothing: the worst case is reckoned with them.
    ``set_at`` is when they began to hold: what had come on an earlier day is not judged by them.
    """

    daily_cap: Money | None = _CAP
    speed_amount: Money | None = _FAST
    speed_minutes: int = 60
    abroad_minutes: int | None = 120
    ceiling_e8: int | None = 50_000_000
    places: tuple[str, ...] = NORTH_AMERICA
    new_places: bool = True
    at_once: int = 10
    longest_minutes: int = 60
    suspends: bool = True
    set_at: datetime | None = field(default=None, compare=False)


class Seen(NamedTuple):
    """An answered outgoing call, as far as the guard looks; ``rate_e8`` per minute, to the client."""

    public_id: uuid.UUID
    number: str
    started_at: datetime
    day: date  # in the reseller's zone
    seconds: int
    spent: Money
    rate_e8: int
    came_at: datetime


class Finding(NamedTuple):
    """What stands out on a day: how much was seen, what is allowed, and the calls that led to it.

    ``allowed`` is in micro-units for DAY and SPEED, in minutes for ABROAD, a rate for DEAR.
    """

    kind: Kind
    day: date
    stops: bool
    spent: Money
    seconds: int
    all_calls: int
    calls: tuple[uuid.UUID, ...]  # the dearest of them
    allowed: int | None = None
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm, as a list shows it; without ``worked_at`` it is open."""

    id: int
    public_id: uuid.UUID
    client_id: int
    kind: Kind
    day: date
    seen_at: datetime
    spent: Money
    seconds: int
    calls: int
    allowed: int | None
    places: tuple[str, ...]
    call_ids: tuple[uuid.UUID, ...]
    stopped: bool
    worked_at: datetime | None
    worked: str
    worked_by: str


class Trial(NamedTuple):
    """What limits would do now: whom they would stop, of how many who called lately.

    ``is_part``: only those who spent most were looked at.
    """

    looked_at: int
    stopped: tuple[int, ...]
    is_part: bool


class Lines(NamedTuple):
    """What a client's sub-accounts could reach: how many there are, and how many may call abroad.

    The rates are the dearest minutes to the client: at home, and anywhere. 0: not known.
    """

    all: int
    open: int
    home_e8: int
    abroad_e8: int

    @property
    def dearest_e8(self) -> int:
        """Of a minute that somebody with the password could call."""
        if not self.all:
            return 0
        return max(self.home_e8, self.abroad_e8) if self.open else self.home_e8


class WorstCase(NamedTuple):
    """What a stolen password can cost before the stop holds, in the parts that make it up."""

    allowed: Money  # what may be spent before the alarm
    rate_e8: int  # of a minute
    at_once: int
    unseen_minutes: int  # a call is listed when it has ended, and a little later
    running_minutes: int  # what runs when the stop comes goes on
    unseen: Money
    running: Money
    total: Money
    ceiling_total: Money | None  # the same if nothing dearer than the ceiling could be called
