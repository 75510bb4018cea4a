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
from portal.pricing import Meter, RatingContext
from portal.rating import CallFacts, Rated, Worksheet, in_own_currency

_COUNTRY = "US"


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
        self,
        calls: Sequence[CarrierCall],
        *,
        zone: str,
        book: Book | None = None,
        meter: Meter | None = None,
    ) -> None:
        if book is None:
            first = min(call.started_at for call in calls)
            book = book_of(first, max(call.started_at for call in calls))
        self._zone = ZoneInfo(zone)
        self._context, self._numbers, self._accounts = book
        self._meter = meter or Meter()
        owners = [(call, self._owner(call)) for call in calls]
        # By identity: comparing calls would cost more than finding their owners again.
        self._owners = {id(call): (call, owner) for call, owner in owners}
        self._meter.prepare(
            (owner.holder.link, call.started_at)
            for call, owner in owners
            if owner and owner.holder and owner.holder.version.free_minutes
        )

    def give_back(self, call: CarrierCall, minutes: int) -> None:
        """Return the free minutes that a call had taken: others may come before it."""
        owner = self._owners[id(call)][1]
        if minutes and owner is not None and owner.holder is not None:
            self._meter.use(owner.holder.link, call.started_at, -minutes)

    def price(self, call: CarrierCall, *, given_back: int = 0) -> Priced:
        """Rate one leg and take its free minutes; ``given_back`` are what it had taken before."""
        known = self._owners.get(id(call))
        owner = known[1] if known else self._owner(call)
        local_day = call.started_at.astimezone(self._zone).date()
        if owner is None:
            return self._unowned(call, local_day)
        holder = owner.holder
        version = holder.version if holder else self._context.without_package
        minutes_left = 0
        if holder is not None:
            self._meter.use(holder.link, call.started_at, -given_back)
            minutes_left = self._meter.left(
                holder.link, call.started_at, granted=version.free_minutes
            )
        facts = self._facts(call, owner)
        rated = version.rater.rate(facts, minutes_left)
        if rated.free_minutes and holder is not None:
            self._meter.use(holder.link, call.started_at, rated.free_minutes)
        return self._priced(call, owner, version.id, local_day, rated)

    def save(self) -> None:
        """Write the free minutes that were used."""
        self._meter.save()

    def _owner(self, call: CarrierCall) -> Owner | None:
        """An inbound call is its DID's; any other, and one to a DID of nobody, its account's."""
        account_id = self._accounts.get(call.account)
        if call.direction is Direction.IN:
            number = one_spelling(call.destination)
            link = self._numbers.at(number, call.started_at)
            if link is not None:
                on = link.sub_account_id
                holder = self._context.holder_at(on, call.started_at) if on else None
                if holder is not None and holder.link.client_id != link.client_id:
                    holder = None
                return Owner(link.client_id, on, link.did_id, holder, link.minute_rate_e8)
        if account_id is None:
            return None
        holder = self._context.holder_at(account_id, call.started_at)
        if holder is None:
            return None
        default = None
        if call.direction is Direction.IN:
            default = self._context.fees_at(call.started_at).did_minute_e8
        return Owner(holder.link.client_id, account_id, None, holder, default)

    def _facts(self, call: CarrierCall, owner: Owner) -> CallFacts:
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
            self._context.exchange_at(call.started_at),
        )

    def _priced(
        self, call: CarrierCall, owner: Owner, version_id: int | None, day: date, rated: Rated
    ) -> Priced:
        cost = rated.cost_micros
        return Priced(
            call.key(),
            call,
            owner.client_id,
            owner.sub_account_id,
            owner.did_id,
            version_id,
            day,
            rated.state.value,
            rated.billed_seconds,
            rated.free_minutes,
            _rate_shown_e8(rated.worksheet),
            rated.price_micros,
            cost if cost is not None else half_up(call.total_e8, 100),
            json.dumps(rated.worksheet, separators=(",", ":")),
        )

    def _unowned(self, call: CarrierCall, day: date) -> Priced:
        exchange = self._context.exchange_at(call.started_at)
        cost = in_own_currency(call.total_e8, exchange)
        sub_account_id = self._accounts.get(call.account)
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
    return phone.dialled(number, default_country=_COUNTRY).number


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
