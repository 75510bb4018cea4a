"""A call that nobody made, priced as an import would price it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal import rating
from portal.core.db import session
from portal.core.errors import InvalidInput
from portal.core.money import Money
from portal.core.phone import international
from portal.core.sentences import N_
from portal.pricing.allowances import period_start
from portal.pricing.context import rating_context
from portal.pricing.decks import RoutedDeck, decks_until
from portal.pricing.models import Allowance
from portal.pricing.queries import package_id
from portal.pricing.values import Link, Version
from portal.rating import Quote
from portal.rating.values import Direction


@dataclass(frozen=True, slots=True)
class Imagined:
    """A call as the carrier would tell of it.

    ``cost_e8`` is its rate per minute, None: the rate deck's. ``did_rate_e8`` is what the number
    that is called costs a minute, for incoming calls.
    """

    number: str
    seconds: int
    at: datetime
    direction: Direction = "out"
    on_net: bool = False
    cost_e8: int | None = None
    did_rate_e8: int | None = None


@dataclass(frozen=True, slots=True)
class Simulated:
    """What it would cost. ``package`` is empty without one; ``minutes_left`` are free minutes before it."""

    number: str
    package: str
    minutes_left: int
    quote: Quote

    @property
    def price(self) -> Money | None:
        """What the client would pay; None when no rate is known."""
        return self.quote.rated.price


def simulate(
    call: Imagined, *, package: uuid.UUID | None = None, sub_account_id: int | None = None
) -> Simulated:
    """The price of a call at its moment, by the rules and rates in force then.

    ``sub_account_id`` brings its free minutes, and its package unless another is given. Without
    either the call is sold at cost, like that of a sub-account without a package. Nothing is
    written: the same call asked for twice has the same price twice.
    """
    until = call.at.replace(microsecond=999_999)
    context = rating_context(call.at, until)
    link = None if sub_account_id is None else context.link_at(sub_account_id, call.at)
    chosen = package_id(package) if package else (link.package_id if link else None)
    version = context.version_at(chosen, call.at)
    if version.package_id != chosen or _begins_later(version, call.at):
        raise InvalidInput(N_("This package has no prices for that moment yet."), field="at")
    minutes_left = _minutes_left(link, version, call.at)
    quote = rating.quote(
        call.number, call.seconds, at=call.at, rater=version.rater,
        deck=RoutedDeck(
            decks_until(until),
            canada=version.canada_route,
            international=version.international_route,
        ),
        minutes_left=minutes_left, exchange_e8=context.exchange_at(call.at),
        direction=call.direction, on_net=call.on_net, cost_e8=call.cost_e8,
        did_rate_e8=call.did_rate_e8,
    )  # fmt: skip
    return Simulated(international(quote.number.number), version.package, minutes_left, quote)


def _begins_later(version: Version, at: datetime) -> bool:
    return version.valid_from is not None and version.valid_from > at


def _minutes_left(link: Link | None, version: Version, at: datetime) -> int:
    if link is None or not version.free_minutes:
        return 0
    used = session().scalar(
        select(Allowance.used_minutes).where(
            Allowance.package_link_id == link.id,
            Allowance.period_start == period_start(link, at),
        )
    )
    return max(version.free_minutes - (used or 0), 0)
