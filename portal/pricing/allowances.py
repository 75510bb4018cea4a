"""Free minutes: how many are left in a period, taken so that no minute is given twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select, tuple_

from portal.core import scope
from portal.core.db import add_up, insert_new, session
from portal.core.period import billing_period, last_on_or_before, local_day
from portal.pricing.models import Allowance
from portal.pricing.values import Link

_LONGEST_PERIOD = timedelta(days=33)


class AllowancePeriod(NamedTuple):
    """The free minutes of one link from one billing day to the next."""

    link_id: int
    start: date
    client_id: int


def period_start(link: Link, at: datetime) -> date:
    """The billing day that begins the period of a call, in the reseller's zone (F7, rulings 11)."""
    return _begins(local_day(at, ZoneInfo(link.zone)), link.anchor_day)


@lru_cache(maxsize=4_096)
def _begins(day: date, anchor_day: int) -> date:
    """Calendar work that a day's calls share."""
    return last_on_or_before(day, anchor_day)


def period_of(link: Link, at: datetime) -> AllowancePeriod:
    """The period of a call that starts at a moment."""
    return AllowancePeriod(link.id, period_start(link, at), link.client_id)


def billing_moments(link: Link, at: datetime) -> tuple[datetime, datetime]:
    """When the period of a call that starts at a moment begins and ends."""
    found = billing_period(at, anchor=link.anchor_day, zone=ZoneInfo(link.zone))
    return found.start, found.end


class Meter:
    """The free minutes of a run of calls, inside one transaction.

    ``prepare`` locks the rows the run needs, in one order for everybody; then ``left`` and ``use``
    count in memory; ``save`` writes once. Nobody else can take a minute in between (F5).
    """

    def __init__(self) -> None:
        self._used: dict[AllowancePeriod, int] = {}
        self._before: dict[AllowancePeriod, int] = {}

    def prepare(self, periods: Iterable[AllowancePeriod]) -> None:
        """Lock the periods that calls belong to."""
        wanted = sorted({period for period in periods if period not in self._used})
        for first in range(0, len(wanted), 500):
            self._lock(wanted[first : first + 500])

    def left(self, period: AllowancePeriod, *, granted: int) -> int:
        """Free minutes that the next call of a period finds; 0 when the package has none."""
        if granted <= 0:
            return 0
        used = self._used.get(period)
        if used is None:
            self.prepare([period])
            used = self._used[period]
        return max(granted - used, 0)

    def use(self, period: AllowancePeriod, minutes: int) -> None:
        """Count minutes that a call has taken (below zero: given back by a correction)."""
        if minutes:
            if period not in self._used:
                self.prepare([period])
            self._used[period] = max(self._used[period] + minutes, 0)

    def save(self) -> None:
        """Write what was used; the rows are still locked."""
        reseller_id = scope.reseller_id()
        rows = [
            {
                "reseller_id": reseller_id,
                "client_id": period.client_id,
                "package_link_id": period.link_id,
                "period_start": period.start,
                "used_minutes": used - self._before[period],
            }
            for period, used in self._used.items()
            if used != self._before[period]
        ]
        keys = ("package_link_id", "period_start")
        add_up(Allowance, rows, keys=keys, sums=("used_minutes",))
        self._before.update(self._used)

    def _lock(self, periods: list[AllowancePeriod]) -> None:
        reseller_id = scope.reseller_id()
        insert_new(
            Allowance,
            [
                {
                    "reseller_id": reseller_id,
                    "client_id": period.client_id,
                    "package_link_id": period.link_id,
                    "period_start": period.start,
                    "used_minutes": 0,
                }
                for period in periods
            ],
        )
        named = {(period.link_id, period.start): period for period in periods}
        rows = session().execute(
            select(Allowance.package_link_id, Allowance.period_start, Allowance.used_minutes)
            .where(tuple_(Allowance.package_link_id, Allowance.period_start).in_(list(named)))
            .order_by(Allowance.package_link_id, Allowance.period_start)
            .with_for_update()
        )
        for link_id, start, used in rows:
            period = named[link_id, start]
            self._used[period] = self._before[period] = used


class PaperMeter(Meter):
    """Counts like a Meter, from what is used now; locks nothing and writes nothing.

    All periods that end after ``since`` are read at once, for a run over very many calls.
    """

    def __init__(self, since: datetime) -> None:
        super().__init__()
        rows = session().execute(
            select(
                Allowance.package_link_id,
                Allowance.period_start,
                Allowance.client_id,
                Allowance.used_minutes,
            ).where(
                Allowance.period_start > (since - _LONGEST_PERIOD).date(),
                Allowance.used_minutes > 0,
            )
        )
        self._used = {
            AllowancePeriod(link_id, start, client_id): used
            for link_id, start, client_id, used in rows
            if client_id is not None
        }

    def save(self) -> None:
        """Nothing is kept."""

    def _lock(self, periods: list[AllowancePeriod]) -> None:
        self._used.update(dict.fromkeys(periods, 0))
