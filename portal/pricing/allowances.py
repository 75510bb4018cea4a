"""Free minutes: how many are left in a period, taken so that no minute is given twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import select, tuple_, update

from portal.core import scope
from portal.core.db import insert_new, only_one, session
from portal.core.period import last_on_or_before, local_day
from portal.pricing.models import Allowance
from portal.pricing.values import Link

_Key = tuple[int, date]


def period_start(link: Link, at: datetime) -> date:
    """The billing day that begins the period of a call, in the reseller's zone (F7, rulings 11)."""
    return _begins(local_day(at, ZoneInfo(link.zone)), link.anchor_day)


@lru_cache(maxsize=4_096)
def _begins(day: date, anchor_day: int) -> date:
    """Calendar work that a day's calls share."""
    return last_on_or_before(day, anchor_day)


class Meter:
    """The free minutes of a run of calls, inside one transaction.

    ``prepare`` locks the rows the run needs, in one order for everybody; then ``left`` and ``use``
    count in memory; ``save`` writes once. Nobody else can take a minute in between (F5).
    """

    def __init__(self) -> None:
        self._used: dict[_Key, int] = {}
        self._before: dict[_Key, int] = {}

    def prepare(self, starts: Iterable[tuple[Link, datetime]]) -> None:
        """Lock the periods that these calls (link, start) belong to."""
        wanted = {(link.id, period_start(link, at)): link.client_id for link, at in starts}
        keys = sorted(key for key in wanted if key not in self._used)
        for first in range(0, len(keys), 500):
            self._lock(keys[first : first + 500], wanted)

    def left(self, link: Link, at: datetime, *, granted: int) -> int:
        """Free minutes that a call starting at a moment finds; 0 when the package has none."""
        if granted <= 0:
            return 0
        return max(granted - self._used[self._key(link, at)], 0)

    def use(self, link: Link, at: datetime, minutes: int) -> None:
        """Count minutes that a call has taken (below zero: given back by a correction)."""
        if minutes:
            key = self._key(link, at)
            self._used[key] = max(self._used[key] + minutes, 0)

    def save(self) -> None:
        """Write what was used; the rows are still locked."""
        for (link_id, period), used in sorted(self._used.items()):
            if used == self._before[link_id, period]:
                continue
            only_one(
                update(Allowance)
                .where(Allowance.package_link_id == link_id, Allowance.period_start == period)
                .values(used_minutes=used)
            )
            self._before[link_id, period] = used

    def _key(self, link: Link, at: datetime) -> _Key:
        key = (link.id, period_start(link, at))
        if key not in self._used:
            self.prepare([(link, at)])
        return key

    def _lock(self, keys: list[_Key], clients: dict[_Key, int]) -> None:
        reseller_id = scope.reseller_id()
        insert_new(
            Allowance,
            [
                {
                    "reseller_id": reseller_id,
                    "client_id": clients[key],
                    "package_link_id": key[0],
                    "period_start": key[1],
                    "used_minutes": 0,
                }
                for key in keys
            ],
        )
        rows = session().execute(
            select(Allowance.package_link_id, Allowance.period_start, Allowance.used_minutes)
            .where(tuple_(Allowance.package_link_id, Allowance.period_start).in_(keys))
            .order_by(Allowance.package_link_id, Allowance.period_start)
            .with_for_update()
        )
        for link_id, period, used in rows:
            self._used[link_id, period] = self._before[link_id, period] = used


class PaperMeter(Meter):
    """Counts like a Meter, from what is used now; locks nothing and writes nothing."""

    def save(self) -> None:
        """Nothing is kept."""

    def _lock(self, keys: list[_Key], clients: dict[_Key, int]) -> None:
        self._used.update(dict.fromkeys(keys, 0))
        rows = session().execute(
            select(Allowance.package_link_id, Allowance.period_start, Allowance.used_minutes).where(
                tuple_(Allowance.package_link_id, Allowance.period_start).in_(keys)
            )
        )
        for link_id, period, used in rows:
            self._used[link_id, period] = used
