"""Limits on calls: wide enough for the demo's traffic, one client near its cap, one alarm that is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from portal import exposure, identity
from portal.core import clock
from portal.core.money import Money, rate_e8
from portal.core.period import local_day
from portal.exposure import Limits

# Where the practice carrier's people have friends.
_PLACES = (
    "CA US AE AG AR AU BB BE BM BR BS CH CL CN CO CR DE DK DO EG ES FR GB GD GU HK IE IL IN IT JM JP "
    "KN KR KY LC MX NG NL NO NZ PH PL PR PT SE SG TC TT VI ZA"
)
_LIMITS = Limits(
    daily_cap=Money.of("60"),
    speed_amount=Money.of("30"),
    abroad_minutes=600,
    ceiling_e8=rate_e8("2.5"),
    places=tuple(_PLACES.split()),
    new_places=False,
)
_ALARMED, _NEAR = 2, 3


def watch(client_ids: Sequence[int]) -> None:
    """Set the limits; the fourth client is near its cap, the third had an alarm. In a transaction."""
    exposure.save_limits(_LIMITS)
    if len(client_ids) > _NEAR:
        _one_alarm(client_ids[_ALARMED])
        _near_the_cap(client_ids[_NEAR])


def _near_the_cap(client_id: int) -> None:
    """A cap a little above what its calls have cost today; it is told of, and stops nobody."""
    today = local_day(clock.now(), ZoneInfo(identity.own_reseller().time_zone))
    spent = exposure.spent_today([client_id], today).get(client_id, Money(0))
    cap = Money(max(spent.micros * 23 // 20 // 10_000 * 10_000, 1_000_000))
    exposure.save_limits(replace(_LIMITS, daily_cap=cap, suspends=False), client_id=client_id)


def _one_alarm(client_id: int) -> None:
    """As it was when this client's limit was lower; somebody looked, and raised it."""
    low = replace(_LIMITS, speed_amount=Money.of("0.02"), suspends=False)
    exposure.save_limits(low, client_id=client_id)
    exposure.review(client_id)
    for alarm in exposure.alarms_of(client_id):
        exposure.acknowledge(alarm.public_id)
    exposure.drop_limits(client_id)
