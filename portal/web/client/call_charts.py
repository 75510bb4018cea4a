"""Small drawings of calls over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask_babel import get_locale, gettext, ngettext, pgettext

from portal.calls import Day
from portal.web import charts, filters
from portal.web.charts import Plot, Series
from portal.web.forms.filters import Span

_HOURS = 2
_DAYS_BY_HOUR = 8
_LONGEST = 63


def histogram(starts: Sequence[tuple[datetime, bool]], span: Span, zone: ZoneInfo) -> Plot | None:
    """When calls happened: two-hour columns for a week, else a column a day, grouped by week."""
    length = (span.last - span.first).days + 1
    if length > _LONGEST:
        return None
    by_hour = length <= _DAYS_BY_HOUR
    counted: Counter[tuple[date, int, bool]] = Counter()
    for at, answered in starts:
        local = at.astimezone(zone)
        counted[local.date(), local.hour // _HOURS if by_hour else 0, answered] += 1
    every_day = [span.first + timedelta(days=number) for number in range(length)]
    if by_hour:
        groups = [
            (_weekday(day), [_column(counted, day, slot) for slot in range(24 // _HOURS)])
            for day in every_day
        ]
    else:
        groups = [
            (
                filters.day(every_day[at]),
                [_column(counted, day, 0) for day in every_day[at : at + 7]],
            )
            for at in range(0, length, 7)
        ]
    missed = sum(count for (_, _, answered), count in counted.items() if not answered)
    sentence = ngettext(
        "When the %(num)d call happened; %(missed)d not answered",
        "When the %(num)d calls happened; %(missed)d not answered",
        len(starts),
        missed=missed,
    )
    return charts.histogram(groups, sentence=sentence)


def two_weeks(found: Sequence[Day], last: date) -> Plot:
    """Calls of 14 days, answered and missed, for the dashboard."""
    days = [last - timedelta(days=back) for back in range(13, -1, -1)]
    by_day = {one.day: one for one in found}
    answered = [by_day[day].answered if day in by_day else 0 for day in days]
    missed = [by_day[day].calls - by_day[day].answered if day in by_day else 0 for day in days]
    sentence = gettext(
        "Calls of the last 14 days: %(answered)d answered, %(missed)d missed",
        answered=sum(answered),
        missed=sum(missed),
    )
    return charts.bars(
        [filters.day(day) for day in days],
        [
            Series(pgettext("calls", "Answered"), answered, "1"),
            Series(gettext("Missed"), missed, "neg"),
        ],
        sentence=sentence,
        label_head=gettext("Day"),
        every=2,
        every_phone=4,
    )


def _column(counted: Counter[tuple[date, int, bool]], day: date, slot: int) -> tuple[int, int]:
    return counted[day, slot, True], counted[day, slot, False]


def _weekday(day: date) -> str:
    return str(format_date(day, "EEE", locale=get_locale()))
