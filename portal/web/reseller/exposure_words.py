"""Alarms and worst cases in words."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext, ngettext

from portal import exposure
from portal.core.money import Money
from portal.exposure import AlarmRow, Kind, Limits, Lines, Worked, WorstCase
from portal.identity import ClientFacts
from portal.web import filters

NOWHERE = "ZZ"


@dataclass(frozen=True, slots=True)
class AlarmShown:
    """One alarm with its client, and what can be done."""

    title: str
    note: str
    at: str
    symbol: str
    state: str
    tone: str
    by: str
    is_open: bool
    calls: list[tuple[str, str]]
    acknowledge_url: str


def title(alarm: AlarmRow) -> str:
    """What stood out, with its figures."""
    places = ", ".join(place(one) for one in alarm.places)
    allowed = alarm.allowed or 0
    minutes = -(-alarm.seconds // 60)
    return {
        Kind.DAY: gettext(
            "%(amount)s in one day; the cap is %(cap)s",
            amount=filters.money(alarm.spent),
            cap=filters.money(Money(allowed)),
        ),
        Kind.SPEED: gettext(
            "%(amount)s in a short time; %(cap)s is the limit",
            amount=filters.money(alarm.spent),
            cap=filters.money(Money(allowed)),
        ),
        Kind.ABROAD: gettext(
            "%(minutes)s min abroad in one day (%(places)s); %(most)s is the limit",
            minutes=filters.number(minutes),
            most=filters.number(allowed),
            places=places,
        ),
        Kind.DEAR: gettext(
            "Dearer than %(rate)s a minute, %(amount)s in all",
            rate=filters.rate(allowed),
            amount=filters.money(alarm.spent),
        ),
        Kind.CLOSED: gettext("Calls to %(places)s, which is not on the list", places=places),
        Kind.NEW: gettext("First calls to %(places)s in 90 days", places=places),
    }[alarm.kind]


def note(alarm: AlarmRow) -> str:
    """How many calls led to it, and on which day."""
    return ngettext(
        "%(num)d call of %(day)s",
        "%(num)d calls of %(day)s",
        alarm.calls,
        day=filters.day(alarm.day),
    )


def shown(alarm: AlarmRow, client: ClientFacts, calls: Mapping[uuid.UUID, str]) -> AlarmShown:
    """The alarm as a page of its client draws it; ``calls`` are the numbers of those that led to it."""
    if alarm.worked_at is None:
        state, tone = (gettext("Stopped"), "bad") if alarm.stopped else (gettext("Open"), "warn")
    elif alarm.worked == Worked.RESUMED:
        state, tone = gettext("Resumed"), ""
    else:
        state, tone = gettext("Acknowledged"), ""
    return AlarmShown(
        title=title(alarm),
        note=note(alarm),
        at=filters.daytime(alarm.seen_at),
        symbol=_SYMBOLS[alarm.kind],
        state=state,
        tone=tone,
        by=""
        if alarm.worked_at is None
        else ", ".join(filter(None, (alarm.worked_by, filters.daytime(alarm.worked_at)))),
        is_open=alarm.worked_at is None,
        calls=[
            (number, url_for("reseller.client_call", public_id=client.public_id, call=one))
            for one in alarm.call_ids
            if (number := calls.get(one, ""))
        ],
        acknowledge_url=url_for("reseller.acknowledge_alarm", alarm=alarm.public_id),
    )


def place(code: str) -> str:
    """A country, or where there is none."""
    return gettext("satellite phones") if code == NOWHERE else filters.country(code)


def worksheet(limits: Limits, lines: Lines, case: WorstCase) -> list[tuple[str, str, str]]:
    """How a worst case came about: what, how, how much."""
    rate = filters.rate(case.rate_e8)
    lag = exposure.LISTED_AFTER_MINUTES + exposure.ASKED_EVERY_MINUTES
    how = gettext(
        "%(calls)s at once × %(minutes)s min × %(rate)s",
        calls=filters.number(case.at_once),
        minutes=filters.number(case.unseen_minutes),
        rate=rate,
    )
    waits = gettext(
        "A call is listed when it has ended (%(longest)s min), fetched (%(lag)s min), and stopped (%(stop)s min).",
        longest=filters.number(limits.longest_minutes),
        lag=filters.number(lag),
        stop=filters.number(exposure.LOCKED_AFTER_MINUTES),
    )
    if not limits.suspends:
        waits = gettext(
            "Nobody is stopped by itself: a weekend of %(hours)s hours is reckoned until you look.",
            hours=filters.number(exposure.WEEKEND_MINUTES // 60),
        )
    steps = [
        (
            gettext("Spent before the alarm"),
            gettext("The lower of the two limits of money"),
            filters.money(case.allowed),
        ),
        (gettext("Spent unseen"), f"{how}. {waits}", filters.money(case.unseen)),
        (
            gettext("Calls that go on"),
            gettext(
                "%(calls)s at once × %(minutes)s min × %(rate)s. The carrier ends no call that runs.",
                calls=filters.number(case.at_once),
                minutes=filters.number(case.running_minutes),
                rate=rate,
            ),
            filters.money(case.running),
        ),
    ]
    return steps if lines.all else []


def reach(limits: Limits, lines: Lines, case: WorstCase) -> list[str]:
    """What the minute is that was reckoned with, and what would bring the worst case down."""
    if not lines.all:
        return [gettext("No sub-account is linked, so nothing can be called.")]
    if not case.rate_e8:
        return [
            gettext(
                "How dear a minute is cannot be said: the carrier’s rates are not read yet, and no dearest minute is set."
            )
        ]
    rate = filters.rate(case.rate_e8)
    if not lines.dearest_e8:
        said = [
            gettext("The carrier’s rates are not read yet: the dearest minute stands in for them.")
        ]
    elif not lines.open:
        said = [
            gettext(
                "International calls are locked at the carrier, so %(rate)s is the dearest minute.",
                rate=rate,
            )
        ]
    else:
        locked = exposure.worst_case(limits, lines._replace(open=0))
        said = [
            ngettext(
                "%(num)d sub-account may call abroad, up to %(rate)s a minute. Locked at the carrier, the worst case would be %(amount)s.",
                "%(num)d sub-accounts may call abroad, up to %(rate)s a minute. Locked at the carrier, the worst case would be %(amount)s.",
                lines.open,
                rate=rate,
                amount=filters.money(locked.total),
            )
        ]
    if case.ceiling_total is not None:
        said.append(
            gettext(
                "If nothing dearer than the ceiling of %(rate)s were called it would be %(amount)s. A dearer call is seen, as any other, when it has ended.",
                rate=filters.rate(limits.ceiling_e8),
                amount=filters.money(case.ceiling_total),
            )
        )
    return said


_SYMBOLS = {
    Kind.DAY: "gauge",
    Kind.SPEED: "zap",
    Kind.ABROAD: "globe",
    Kind.DEAR: "trending-up",
    Kind.CLOSED: "ban",
    Kind.NEW: "map-pin",
}


def symbol(alarm: AlarmRow) -> str:
    """The icon of an alarm."""
    return _SYMBOLS[alarm.kind]
