"""A year of the demo: calls and texts from the carrier's lists, fees and payments, as they fell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from portal import billing, calls, ledger, messaging, payments, upstream
from portal.carriers import CarrierCall, CarrierMessage, Direction
from portal.core import clock
from portal.core.db import transaction
from portal.core.money import Money
from portal.demo import carrier as practice
from portal.demo.people import DemoClient

Clients = Sequence[tuple[DemoClient, int]]
_DAYS_AT_ONCE = 7
_DAILY_SINCE = 92  # days; what is older is posted once a week, which is much quicker
_LIST_DAYS = 31
_EVENING = time(23, 30)
# Beyond what the periodic import looks back, so that it does not mend what is shown.
_ODD_DAY = 11
_ODD_SECONDS = 66


class AtOdds(NamedTuple):
    """Calls of last month about which the carrier and the books shall differ."""

    missing: CarrierCall  # in the carrier's list alone: it was told too late
    lost: CarrierCall  # in the books alone: the carrier lists it no more
    longer: CarrierCall  # the carrier corrected it after the last look


def bring_history_in(clients: Clients, began: datetime, zone: ZoneInfo) -> AtOdds:
    """In the order in which it would have happened; the answer is what differs at the carrier."""
    line, now = upstream.carrier(), clock.now()
    heard = line.calls(began, now)
    at_odds = _at_odds(heard, now.astimezone(zone).date(), zone)
    by_day = _days((call for call in heard if call is not at_odds.missing), zone, "started_at")
    texts: dict[date, list[CarrierMessage]] = {}
    since = began
    while since < now:
        until = min(since + timedelta(days=_LIST_DAYS), now + timedelta(minutes=1))
        for day, some in _days(
            (*line.sms(since, until), *line.mms(since, until)), zone, "at"
        ).items():
            texts.setdefault(day, []).extend(some)
        since = until
    today = now.astimezone(zone).date()
    for span in _spans(began.astimezone(zone).date(), today):
        with transaction():
            book = calls.book_of(began, now)
            for day in span:
                evening = _evening(day, zone, now)
                _money(clients, (today - day).days, evening - timedelta(hours=9))
                for client_id in billing.clients_to_bill(day):
                    billing.bring_fees_in(client_id, day, posted_at=evening - timedelta(hours=8))
                if (today - day).days < _DAILY_SINCE or day == span[-1]:
                    due = [one for one in sorted(by_day) if one <= day]
                    heard_of = [call for one in due for call in by_day.pop(one)]
                    calls.record(heard_of, posted_at=evening, book=book)
                    due = [one for one in sorted(texts) if one <= day]
                    said = [text for one in due for text in texts.pop(one)]
                    messaging.bring_in(said, posted_at=evening)
    return at_odds


def _spans(first: date, last: date) -> Iterator[list[date]]:
    """Weeks, cut where a month ends: each is a transaction, and long ago a posting."""
    span: list[date] = []
    for ago in range((last - first).days + 1):
        day = first + timedelta(days=ago)
        span.append(day)
        if len(span) == _DAYS_AT_ONCE or day == last or (day + timedelta(days=1)).day == 1:
            yield span
            span = []


def _evening(day: date, zone: ZoneInfo, now: datetime) -> datetime:
    return min(datetime.combine(day, _EVENING, zone), now)


def make_odd(control_url: str, at_odds: AtOdds, *, allowed: frozenset[str]) -> None:
    """After the books are written, the carrier changes its mind about two calls."""
    longer = practice.leg(control_url, at_odds.longer, allowed=allowed)
    seconds = at_odds.longer.seconds + _ODD_SECONDS
    practice.correct_call(control_url, longer, seconds=seconds, allowed=allowed)
    lost = practice.leg(control_url, at_odds.lost, allowed=allowed)
    practice.lose_call(control_url, lost, allowed=allowed)


def _at_odds(heard: Sequence[CarrierCall], today: date, zone: ZoneInfo) -> AtOdds:
    """The first calls abroad of some length from a day in the middle of last month on."""
    day = (today.replace(day=1) - timedelta(days=1)).replace(day=_ODD_DAY)
    noon = datetime.combine(day, time(12), zone)
    paid = (
        call
        for call in heard
        if call.started_at > noon and call.direction is Direction.OUT
        and call.seconds > 90 and call.total_e8 > 2_000_000
    )  # fmt: skip
    return AtOdds(next(paid), next(paid), next(paid))


def _days(rows: Iterable[Any], zone: ZoneInfo, moment: str) -> dict[date, list[Any]]:
    found: dict[date, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, moment).astimezone(zone).date(), []).append(row)
    return found


def _money(clients: Clients, ago: int, posted_at: datetime) -> None:
    """What a client pays when the balance is low, and what staff charged by hand."""
    balances = ledger.balances_of([client_id for _, client_id in clients])
    for client, client_id in clients:
        if ago <= client.since and (pay := _pays(client, ago)) is not None:
            amount, below = pay
            if balances[client_id] < below:
                payments.bring_in(
                    client_id, amount, reference=f"demo-{client_id}-{ago}",
                    description="Bank transfer", posted_at=posted_at,
                )  # fmt: skip
        for days, charge, words in client.charges:
            if days == ago:
                ledger.charge(
                    client_id, Money.of(charge), reason=ledger.Reason.CHARGE, source_type="charge",
                    source_id=f"demo-{client_id}-{days}", kind="charge", description=words,
                    posted_at=posted_at,
                )  # fmt: skip


def _pays(client: DemoClient, ago: int) -> tuple[Money, Money] | None:
    """How much, and below which balance, so many days ago; None when no more is paid."""
    for until, amount, below in client.pays:
        if ago >= until:
            return Money.of(amount), Money.of(below)
    return None
