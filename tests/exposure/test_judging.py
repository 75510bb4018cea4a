"""Which calls stand out, and what a stolen password can cost: tables, no database."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.core.money import Money, rate_e8
from portal.exposure import Kind, Limits, Lines, Seen, judge, place_of, worst_case

NOON = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
HOME = frozenset({"CA", "US"})
OTTAWA, LONDON, PARIS, KINGSTON, SATELLITE = (
    "+16135550142", "+442079460018", "+33199001234", "+18765550123", "+881612345678",
)  # fmt: skip
NONE = Limits(None, None, 60, None, None, ("CA", "US", "GB"), new_places=False)


def call(
    number: str = OTTAWA, *, spent: str = "1", minutes: int = 1, at: int = 0, rate: str = ""
) -> Seen:
    """A call that began ``at`` minutes after noon and came when it had ended."""
    began = NOON + timedelta(minutes=at)
    per_minute = rate_e8(rate) if rate else Money.of(spent).micros * 100 // minutes
    return Seen(
        uuid.uuid4(), number, began, date(2026, 3, 10), minutes * 60, Money.of(spent), per_minute,
        began + timedelta(minutes=minutes),
    )  # fmt: skip


def kinds(limits: Limits, *calls: Seen, known: str = "", worked: int | None = None) -> list[Kind]:
    moment = None if worked is None else NOON + timedelta(minutes=worked)
    found = judge(
        limits, calls, home=HOME, known=known.split(),
        worked=dict.fromkeys(Kind, moment) if moment else {},
    )  # fmt: skip
    return [one.kind for one in found]


@pytest.mark.parametrize(
    ("limits", "calls", "found"),
    [
        # the cap of a day: at it, not below it
        (replace(NONE, daily_cap=Money.of("2")), [call(), call(spent="0.999999")], []),
        (replace(NONE, daily_cap=Money.of("2")), [call(), call()], [Kind.DAY]),
        (replace(NONE, daily_cap=Money.of("0")), [call(spent="0")], []),
        # so much within an hour of when calls began: 59 minutes apart are within, 60 are not
        (replace(NONE, speed_amount=Money.of("2")), [call(), call(at=59)], [Kind.SPEED]),
        (replace(NONE, speed_amount=Money.of("2")), [call(), call(at=60)], []),
        (replace(NONE, speed_amount=Money.of("2")), [call(spent="2", at=90)], [Kind.SPEED]),
        # minutes abroad: each call's are rounded up; Canada and the United States are not abroad
        (replace(NONE, abroad_minutes=3), [call(LONDON), call(LONDON, minutes=2)], [Kind.ABROAD]),
        (replace(NONE, abroad_minutes=3), [call(LONDON, minutes=2), call(minutes=99)], []),
        (replace(NONE, abroad_minutes=0), [], []),
        # dearer per minute than the ceiling, wherever it is
        (replace(NONE, ceiling_e8=rate_e8("0.50")), [call(rate="0.50")], []),
        (replace(NONE, ceiling_e8=rate_e8("0.50")), [call(rate="0.50000001")], [Kind.DEAR]),
        (replace(NONE, ceiling_e8=rate_e8("0.50")), [call("411", rate="1.25")], []),
        # countries off the list: the Caribbean shares our digit 1, satellites have no country
        (NONE, [call(LONDON), call("+18005550199"), call("+12125550123")], []),
        (NONE, [call(PARIS)], [Kind.CLOSED]),
        (NONE, [call(KINGSTON)], [Kind.CLOSED]),
        (NONE, [call(SATELLITE)], [Kind.CLOSED]),
        # the first call to a country of the list
        (replace(NONE, new_places=True), [call(LONDON)], [Kind.NEW]),
        (replace(NONE, new_places=True), [call(PARIS)], [Kind.CLOSED]),
    ],
)
def test_what_stands_out(limits: Limits, calls: list[Seen], found: list[Kind]) -> None:
    assert kinds(limits, *calls) == found


@pytest.mark.parametrize("number", ["911", "933", "112", "999"])
def test_an_emergency_call_is_never_in_a_finding(number: str) -> None:
    strictest = Limits(Money(1), Money(1), 60, 0, 0, (), new_places=True)

    assert kinds(strictest, *[call(number, spent="99", minutes=90) for _ in range(50)]) == []
    assert place_of(number, HOME) is None


def test_a_country_that_was_called_lately_is_an_alarm_and_no_stop() -> None:
    [new] = judge(NONE, [call(PARIS)], home=HOME)
    [habit] = judge(NONE, [call(PARIS)], home=HOME, known={"FR"})

    assert (new.kind, new.stops, new.places) == (Kind.CLOSED, True, ("FR",))
    assert (habit.kind, habit.stops) == (Kind.CLOSED, False)
    assert kinds(replace(NONE, new_places=True), call(LONDON), known="GB") == []


def test_what_staff_worked_on_is_not_counted_again() -> None:
    limits = replace(NONE, daily_cap=Money.of("2"))
    early = [call(), call(at=1)]

    assert kinds(limits, *early, worked=10) == []
    assert kinds(limits, *early, call(at=20), worked=10) == []
    assert kinds(limits, *early, call(at=20), call(at=21), worked=10) == [Kind.DAY]


LINES = Lines(all=2, open=2, home_e8=rate_e8("0.02"), abroad_e8=rate_e8("1.00"))
TEN = replace(
    NONE, daily_cap=Money.of("50"), speed_amount=Money.of("20"), ceiling_e8=rate_e8("0.50"),
    at_once=10, longest_minutes=60,
)  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "lines", "total"),
    [
        # 20 allowed + 10 × 1.00 × (60 + 7) unseen + 10 × 1.00 × 60 running on
        (TEN, LINES, "1290"),
        # locked at the carrier: only what a minute at home costs
        (TEN, LINES._replace(open=0), "45.4"),
        # one call at a time
        (replace(TEN, at_once=1), LINES, "147"),
        # nothing may be spent before, and no limit but the day's
        (replace(TEN, speed_amount=None), LINES, "1320"),
        # nobody stops it before Monday
        (replace(TEN, suspends=False), LINES, "38470"),
        # no rates are known: the ceiling stands in
        (TEN, LINES._replace(home_e8=0, abroad_e8=0), "655"),
        (TEN, Lines(0, 0, 0, 0), "0"),
    ],
)
def test_the_worst_case_is_reckoned(limits: Limits, lines: Lines, total: str) -> None:
    case = worst_case(limits, lines)

    assert case.total == Money.of(total)
    assert case.total == case.allowed + case.unseen + case.running
    assert case.ceiling_total is None or case.ceiling_total < case.total
