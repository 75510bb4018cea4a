"""Real calls under prices that are not saved yet: nothing is written, nobody is charged."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from portal import pricing
from portal.calls.models import Call
from portal.calls.pricer import one_spelling
from portal.calls.values import CallState
from portal.core import clock
from portal.core.db import session
from portal.core.money import Money
from portal.pricing import PackageDetails
from portal.pricing.models import Package, PackageVersion
from portal.rating import CallFacts, Rated, Rater

MOST_CALLS = 5_000
DAYS = 30
_COLUMNS = (
    Call.direction, Call.destination, Call.seconds, Call.disposition, Call.carrier_rate_e8,
    Call.carrier_cost_e8, Call.onnet, Call.rate_e8, Call.free_minutes, Call.price, Call.cost,
    Call.worksheet,
)  # fmt: skip


class WhatIf(NamedTuple):
    """Sums of the same calls as they were charged and as the draft would charge them.

    ``is_whole`` is False when there were more calls than could be looked at: the newest were.
    """

    calls: int
    is_whole: bool
    revenue: Money
    revenue_drafted: Money
    cost: Money

    @property
    def profit(self) -> Money:
        """As it was."""
        return self.revenue - self.cost

    @property
    def profit_drafted(self) -> Money:
        """As it would have been."""
        return self.revenue_drafted - self.cost


def last_days(
    details: PackageDetails, package: uuid.UUID | None, *, most: int = MOST_CALLS
) -> WhatIf:
    """The calls of the last 30 days under the terms in the editor.

    Those that were priced by ``package``; for a new one all outgoing calls. Rates and zones are
    those in force now. Free minutes pay for what they paid for, unless the draft has none.
    """
    rater, at = pricing.draft_rater(details, package)
    statement = select(*_COLUMNS).where(
        Call.started_at >= clock.now() - timedelta(days=DAYS),
        Call.state.in_((CallState.RATED, CallState.FREE)),
    )
    if package is None:
        statement = statement.where(Call.direction == "out")
    else:
        versions = (
            select(PackageVersion.id)
            .join(Package, Package.id == PackageVersion.package_id)
            .where(Package.public_id == package)
        )
        statement = statement.where(Call.package_version_id.in_(versions))
    rows = session().execute(
        statement.order_by(Call.started_at.desc(), Call.id.desc()).limit(most + 1)
    ).all()  # fmt: skip
    revenue = drafted = cost = 0
    for row in rows[:most]:
        rated = _under(rater, row, at, free_minutes=details.free_minutes)
        charged = row.price.micros if row.price is not None else 0
        revenue += charged
        # A call that the draft cannot price keeps its price: nobody gains by ignorance.
        drafted += charged if rated.price_micros is None else rated.price_micros
        cost += row.cost.micros
    return WhatIf(
        min(len(rows), most), len(rows) <= most, Money(revenue), Money(drafted), Money(cost)
    )


def _under(rater: Rater, row: Any, at: Any, *, free_minutes: int) -> Rated:
    inbound = row.direction == "in"
    sheet = json.loads(row.worksheet) if row.worksheet else {}
    facts = CallFacts(
        "in" if inbound else "out",
        one_spelling(row.destination),
        row.seconds,
        row.disposition == "answered",
        row.carrier_rate_e8,
        row.carrier_cost_e8,
        at,
        row.onnet,
        row.direction == "internal",
        row.rate_e8 if inbound else None,
        sheet.get("x"),
    )
    return rater.rate(facts, row.free_minutes if free_minutes else 0)
