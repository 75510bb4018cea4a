"""The worst case: what a stolen password can cost before the stop holds. Plain arithmetic.

The carrier tells of a call only when it has ended, and ends no call that runs. So nothing bounds the
loss but how many calls there are at once, how long one lasts, and how dear a minute is.
"""

from __future__ import annotations

from portal.core.money import RATE_E8_PER_UNIT, Money, half_up
from portal.exposure.values import Limits, Lines, WorstCase

# Until a call that has ended is on the carrier's list, until we ask for the list, until it is locked.
LISTED_AFTER_MINUTES, ASKED_EVERY_MINUTES, LOCKED_AFTER_MINUTES = 5, 1, 1
# When nothing is stopped by itself: from Friday evening to Monday morning.
WEEKEND_MINUTES = 62 * 60
_LAG = LISTED_AFTER_MINUTES + ASKED_EVERY_MINUTES + LOCKED_AFTER_MINUTES


def worst_case(limits: Limits, lines: Lines) -> WorstCase:
    """What may be spent unseen, what then runs on, and what is allowed before."""
    rate = lines.dearest_e8 or (limits.ceiling_e8 or 0 if lines.all else 0)
    unseen_minutes = limits.longest_minutes + _LAG
    if not limits.suspends:
        unseen_minutes += WEEKEND_MINUTES
    caps = [one for one in (limits.daily_cap, limits.speed_amount) if one is not None]
    allowed = min(caps, default=Money(0)) if lines.all and limits.suspends else Money(0)
    unseen = _cost(rate, limits.at_once * unseen_minutes)
    running = _cost(rate, limits.at_once * limits.longest_minutes)
    within = None
    if limits.ceiling_e8 is not None and limits.ceiling_e8 < rate:
        minutes = limits.at_once * (unseen_minutes + limits.longest_minutes)
        within = allowed + _cost(limits.ceiling_e8, minutes)
    return WorstCase(
        allowed, rate, limits.at_once, unseen_minutes, limits.longest_minutes, unseen, running,
        allowed + unseen + running, within,
    )  # fmt: skip


def _cost(rate_e8: int, minutes: int) -> Money:
    return Money(half_up(rate_e8 * minutes * 1_000_000, RATE_E8_PER_UNIT))
