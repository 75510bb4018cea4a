"""Short ways to say a call, for the tables of examples."""

from __future__ import annotations

from datetime import UTC, datetime

from portal.core.money import rate_e8
from portal.rating import CallFacts, Rated, Rater, Terms

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
GUIDE = Terms(fixed_e8=rate_e8("0.0025"), percent_e4=200_000)  # the guide's 0.0025 and 20 %
GUIDE_COST = rate_e8("0.009")


def outbound(number="+14165550123", seconds=60, **facts):
    """An answered outbound call whose row costs 0.009 a minute, unless said otherwise."""
    given = {"connected": True, "cost_rate_e8": GUIDE_COST, "cost_total_e8": 0, "started_at": NOON}
    return CallFacts("out", number, seconds, **(given | facts))


def inbound(seconds=60, rate="0.005", **facts):
    given = {"connected": True, "cost_rate_e8": None, "cost_total_e8": 0, "started_at": NOON}
    did_rate = None if rate is None else rate_e8(rate)
    return CallFacts("in", "+14165550123", seconds, did_rate_e8=did_rate, **(given | facts))


def rated(terms: Terms, call: CallFacts, minutes_left: int = 0) -> Rated:
    return Rater(terms).rate(call, minutes_left)
