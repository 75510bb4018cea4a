"""What answered calls cost before their length is known: found once for all that are alike."""

from __future__ import annotations

from typing import Final, NamedTuple

from portal.rating.arithmetic import after_free, billed_seconds, split_at_allowance
from portal.rating.values import Rule, State, Worksheet


class Tariff(NamedTuple):
    """The rule that decides, and micro-units a second: ``rate`` over ``denominator``.

    Without a rate nothing is charged by the minute. ``first`` is the first increment (0: a pulse like
    the others), ``takes_minutes`` says that free minutes pay, ``facts`` are the worksheet's part.
    """

    rule: Rule
    state: State
    facts: Worksheet
    rate: int | None = None
    denominator: int = 1
    pulse: int = 1
    first: int = 0
    takes_minutes: bool = True

    def charge(self, seconds: int, minutes_left: int) -> tuple[int, int, int, int]:
        """Price, billed seconds, free minutes used and what was left of the first increment.

        Free minutes, increments, one rounding half up, never below zero.
        """
        _, _, _, rate, denominator, pulse, first, takes_minutes = self
        assert rate is not None
        used = 0
        if minutes_left > 0 and takes_minutes:
            used, seconds = split_at_allowance(seconds, minutes_left)
            first = after_free(first, used)
        if first:
            billed = billed_seconds(seconds, pulse, first=first)
        else:
            billed = -(-seconds // pulse) * pulse
        return (2 * rate * billed + denominator) // (2 * denominator), billed, used, first

    def without_rate(self, cost: int | None) -> tuple[State, int | None]:
        """State and price of a call that is not charged by the minute; ``cost`` is what it took.

        Nothing, except for emergency calls, which cost what the carrier took; nobody knows what an
        UNRATED one costs.
        """
        if self.rule is Rule.EMERGENCY:
            price = max(cost or 0, 0)
            return State.RATED if price else State.FREE, price
        return self.state, None if self.state is State.UNRATED else 0


UNANSWERED: Final = Tariff(Rule.UNANSWERED, State.UNANSWERED, {})


def is_answered(seconds: int, connected: bool, total: int | None) -> bool:
    """Is there something to charge? A call reported as failed counts when the carrier took money."""
    return seconds > 0 and (connected or (total is not None and total > 0))
