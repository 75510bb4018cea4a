"""Whose a call is, and what it costs them: rows of the carrier turned into rated calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from portal import numbers, pbx, pricing
from portal.calls.values import CallState
from portal.carriers import CarrierCall, Direction, Disposition
from portal.core import phone
from portal.core.money import PERCENT_E4_PER_WHOLE, RATE_E8_PER_UNIT, half_up
from portal.numbers import DidBook
from portal.pricing import Meter, RatingContext, Version, period_of
from portal.rating import CallFacts, Worksheet, in_own_currency

_COUNTRY = "US"
_written = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class Priced(NamedTuple):
    """One leg with everything that is stored of it. Money in micro-units."""

    key: str
    call: CarrierCall
    client_id: int | None
    sub_account_id: int | None
    did_id: int | None
    version_id: int | None
    local_day: date
    state: str
    billed_seconds: int
    free_minutes: int
    rate_e8: int | None
    price: int | None
    cost: int
    worksheet: str


class Owner(NamedTuple):
    """Who had the number or account when the call began."""

    client_id: int
    sub_account_id: int | None
    did_id: int | None
    holder: Any  # pricing.Holder or None: without a link there are no terms and no allowance
    did_rate_e8: int | None


class Book(NamedTuple):
    """What was in force, whose the numbers were, and the logins of sub-accounts."""

    context: RatingContext
    numbers: DidBook
    accounts: dict[str, int]

    def owner(self, call: CarrierCall) -> Owner | None:
        """An inbound call is its DID's; any other, and one to a DID of nobody, its account's."""
        account_id = self.accounts.get(call.account)
        if call.direction is Direction.IN:
            number = one_spelling(call.destination)
            link = self.numbers.at(number, call.started_at)
            if link is not None:
                on = link.sub_account_id
                holder = self.context.holder_at(on, call.started_at) if on else None
                if holder is not None and holder.link.client_id != link.client_id:
                    holder = None
                return Owner(link.client_id, on, link.did_id, holder, link.minute_rate_e8)
        if account_id is None:
            return None
        holder = self.context.holder_at(account_id, call.started_at)
        if holder is None:
            return None
        default = None
        if call.direction is Direction.IN:
            default = self.context.fees_at(call.started_at).did_minute_e8
        return Owner(holder.link.client_id, account_id, None, holder, default)

    def version(self, owner: Owner) -> Version:
        """The terms that price an owner's call."""
        return owner.holder.version if owner.holder else self.context.without_package

    def facts(self, call: CarrierCall, owner: Owner) -> CallFacts:
        """What rating is told of a call."""
        inbound = call.direction is Direction.IN
        return CallFacts(
            "in" if inbound else "out",
            one_spelling(call.destination),
            call.seconds,
            call.disposition is Disposition.ANSWERED,
            call.rate_e8,
            call.total_e8,
            owner.holder.terms_at if owner.holder else call.started_at,
            call.onnet,
            call.direction is Direction.INTERNAL,
            owner.did_rate_e8,
            self.context.exchange_at(call.started_at),
        )


def book_of(first: datetime, last: datetime) -> Book:
    """Everything that prices calls that start from ``first`` to ``last``, both included."""
    return Book(
        pricing.rating_context(first, _just_after(last)),
        numbers.did_book(first, _just_after(last)),
        pbx.ids_by_account(),
    )


class Pricer:
    """Prices the calls of one window under what was in force when each began (rulings 2).

    Made and used inside one transaction: free minutes are locked while it counts them.
    """

    def __init__(
        self, calls: Sequence[CarrierCall], *, zone: str, book: Book | None = None
    ) -> None:
        if book is None:
            first = min(call.started_at for call in calls)
            book = book_of(first, max(call.started_at for call in calls))
        self._zone = ZoneInfo(zone)
        self._book = book
        self._meter = Meter()
        owners = [(call, book.owner(call)) for call in calls]
        # By identity: comparing calls would cost more than finding their owners again.
        self._owners = {id(call): (call, owner) for call, owner in owners}
        self._meter.prepare(
            period_of(owner.holder.link, call.started_at)
            for call, owner in owners
            if owner and owner.holder and owner.holder.version.free_minutes
        )

    def price(self, call: CarrierCall, *, given_back: int = 0) -> Priced:
        """Rate one leg and take its free minutes; ``given_back`` are what it had taken before."""
        owner = self._owners[id(call)][1]
        if owner is None or owner.holder is None:
            return priced(call, owner, 0, book=self._book, zone=self._zone)
        granted = owner.holder.version.free_minutes
        if not granted and not given_back:
            return priced(call, owner, 0, book=self._book, zone=self._zone)
        period = period_of(owner.holder.link, call.started_at)
        self._meter.use(period, -given_back)
        left = self._meter.left(period, granted=granted)
        one = priced(call, owner, left, book=self._book, zone=self._zone)
        self._meter.use(period, one.free_minutes)
        return one

    def save(self) -> None:
        """Write the free minutes that were used."""
        self._meter.save()


def priced(
    call: CarrierCall, owner: Owner | None, minutes_left: int, *, book: Book, zone: ZoneInfo
) -> Priced:
    """A leg with its price and worksheet, where so many free minutes are left before it."""
    local_day = call.started_at.astimezone(zone).date()
    if owner is None:
        return _unowned(call, local_day, book)
    version = book.version(owner)
    rated = version.rater.rate(book.facts(call, owner), minutes_left)
    cost = rated.cost_micros
    return Priced(
        call.key(),
        call,
        owner.client_id,
        owner.sub_account_id,
        owner.did_id,
        version.id,
        local_day,
        rated.state.value,
        rated.billed_seconds,
        rated.free_minutes,
        _rate_shown_e8(rated.worksheet),
        rated.price_micros,
        cost if cost is not None else half_up(call.total_e8, 100),
        _written(rated.worksheet),
    )


def _unowned(call: CarrierCall, day: date, book: Book) -> Priced:
    cost = in_own_currency(call.total_e8, book.context.exchange_at(call.started_at))
    sub_account_id = book.accounts.get(call.account)
    # Nobody need look for the owner of a call that nobody answered and that cost nothing.
    owed = call.answered or call.total_e8 > 0
    state = CallState.UNOWNED if owed else CallState.UNANSWERED
    return Priced(
        call.key(), call, None, sub_account_id, None, None, day, state.value,
        0, 0, None, None if owed else 0, cost, "",
    )  # fmt: skip


def _just_after(at: datetime) -> datetime:
    return at.replace(microsecond=999_999)


@lru_cache(maxsize=65_536)
def one_spelling(number: str) -> str:
    """A number as rating knows it, however the carrier wrote it."""
    return phone.spelled(number, default_country=_COUNTRY)


def _rate_shown_e8(sheet: Worksheet) -> int | None:
    """The price per minute for lists, to 8 decimals; the worksheet keeps it exactly."""
    if "w" in sheet:
        return int(sheet["w"])
    cost_rate = sheet.get("c")
    if sheet["r"] != "markup" or cost_rate is None:
        return None
    _, fixed_e8, percent_e4, _, _ = sheet["k"]
    exchange = sheet.get("x")
    if exchange is not None:
        cost_rate = half_up(cost_rate * exchange, RATE_E8_PER_UNIT)
    factor = PERCENT_E4_PER_WHOLE + percent_e4
    return half_up((cost_rate + fixed_e8) * factor, PERCENT_E4_PER_WHOLE)
