"""How a client's free minutes stand: three queries, for dashboards."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal.core import clock
from portal.core.db import session
from portal.core.period import local_day, next_after
from portal.pricing.allowances import period_start
from portal.pricing.links import links_of
from portal.pricing.models import Allowance
from portal.pricing.queries import details_by_id


class FreeMinutes(NamedTuple):
    """One sub-account's allowance in the running period; ``renews_on`` is the next billing day."""

    sub_account_id: int
    package: str
    granted: int
    used: int
    renews_on: date

    @property
    def left(self) -> int:
        """Whole minutes that are still free."""
        return max(self.granted - self.used, 0)


def free_minutes_of(client_id: int) -> list[FreeMinutes]:
    """A client's allowances in their running periods, one for each sub-account that has one."""
    at = clock.now()
    links = [link for link in links_of(client_id, at) if link.package_id is not None]
    details = details_by_id({link.package_id for link in links if link.package_id}, at)
    rows = session().execute(
        select(Allowance.package_link_id, Allowance.period_start, Allowance.used_minutes).where(
            Allowance.package_link_id.in_([link.id for link in links])
        )
    )
    used = {(row.package_link_id, row.period_start): row.used_minutes for row in rows}
    found = []
    for link in links:
        package = details.get(link.package_id or 0)
        if package is None or not package.free_minutes:
            continue
        today = local_day(at, ZoneInfo(link.zone))
        found.append(
            FreeMinutes(
                link.sub_account_id,
                package.name,
                package.free_minutes,
                min(used.get((link.id, period_start(link, at)), 0), package.free_minutes),
                next_after(today, link.anchor_day),
            )
        )
    return found
