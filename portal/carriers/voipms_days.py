"""Asking VoIP.ms for the days that hold a window, in pieces that it answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from portal.carriers.errors import CarrierError
from portal.carriers.voipms_clock import PLAIN, spans, wall_day
from portal.carriers.voipms_fields import Row

DAYS_A_REQUEST: Final = 31  # the carrier refuses more than 92; answers stay readable in one piece
_DAY: Final = timedelta(days=1)


def by_days(
    ask: Callable[[date, date], list[Row]],
    window_from: datetime,
    window_to: datetime,
    *,
    timezone: Decimal = PLAIN,
) -> list[Row]:
    """Every row of the days that hold a window, asked for in runs on the carrier's calendar.

    Only at plain Eastern time is its calendar certain; elsewhere a day more on both sides. A run
    whose answer is too large is asked for in halves, down to single days.
    """
    assert window_from.tzinfo is not None
    assert window_to.tzinfo is not None
    if window_from >= window_to:
        return []
    margin = timedelta() if timezone == PLAIN else _DAY
    begin = wall_day(window_from, timezone=timezone) - margin
    end = wall_day(window_to, timezone=timezone) + margin
    waiting = spans(begin, end, days=DAYS_A_REQUEST)
    found: list[Row] = []
    while waiting:
        first, last = waiting.pop(0)
        try:
            found += ask(first, last)
        except CarrierError as error:
            if error.code != "too_large" or first == last:
                raise
            half = -(-((last - first).days + 1) // 2)
            waiting[:0] = spans(first, last, days=half)
    return found
