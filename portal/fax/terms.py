"""What a fax costs at a number, and what it will probably cost."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import func, select

from portal import numbers, pricing
from portal.core import clock
from portal.core.db import session
from portal.core.errors import InvalidInput
from portal.core.money import Money
from portal.fax.models import Fax
from portal.fax.queries import fax_numbers
from portal.fax.values import Estimate, FaxState
from portal.numbers import DidOwner
from portal.rating import DEFAULT_PULSE_SECONDS, FaxTerms, Past, Rated, likely_seconds, rate_fax

_FEWEST_TO_LEARN_FROM = 5
_LATEST = 50


def terms_of(owner: DidOwner, at: datetime) -> FaxTerms:
    """What is in force for a number at a moment: its own rate, the pulse of its sub-account's package."""
    pulse, package = DEFAULT_PULSE_SECONDS, ""
    on = owner.sub_account_id
    link = pricing.link_at(on, at) if on is not None else None
    if link is not None and link.client_id == owner.client_id and link.package_id is not None:
        details = pricing.details_by_id({link.package_id}, at).get(link.package_id)
        if details is not None:
            pulse, package = details.pulse_seconds, details.name
    exchange = pricing.exchange_rate(at)
    return FaxTerms(owner.minute_rate_e8, pulse, package, exchange[1] if exchange else None)


def estimate(client_id: int, own_number: str, pages: int) -> Estimate:
    """What a fax of so many pages from this number will probably take and cost."""
    owner = sender(client_id, own_number)
    return estimated(client_id, terms_of(owner, clock.now()), pages)


def estimated(client_id: int, terms: FaxTerms, pages: int) -> Estimate:
    """The same under terms that are known."""
    past = _past(client_id)
    seconds = likely_seconds(pages, past)
    rated = rate_fax(seconds, terms)
    return Estimate(
        pages, seconds, rated.billed_seconds, terms.rate_e8, terms.pulse_seconds,
        Money(rated.price_micros or 0), learned=past is not None,
    )  # fmt: skip


def sender(client_id: int, number: str) -> DidOwner:
    """The owner of a number that faxes may be sent from; InvalidInput (``sender``) else."""
    theirs = {did.number for did in fax_numbers(client_id)}
    owner = numbers.owner_of(number) if number in theirs else None
    if owner is None or owner.client_id != client_id:
        raise InvalidInput("Choose one of your fax numbers.", field="sender")
    return owner


def snapshot(fax: Fax) -> FaxTerms:
    """The terms that were written into a fax."""
    return FaxTerms(fax.rate_e8, fax.pulse_seconds, fax.package, fax.exchange_e8)


def write_price(fax: Fax, rated: Rated) -> None:
    """Write what a fax costs into its row, with the facts it follows from."""
    fax.price = Money(rated.price_micros or 0)
    fax.billed_seconds = rated.billed_seconds
    fax.cost = Money(rated.cost_micros or 0)
    fax.worksheet = json.dumps(rated.worksheet, separators=(",", ":"))


def _past(client_id: int) -> Past | None:
    """What the client's last faxes needed, else the reseller's, else nothing is known."""
    for theirs in ((Fax.client_id == client_id,), ()):
        latest = (
            select(Fax.pages, Fax.seconds)
            .where(
                Fax.state == FaxState.SENT, Fax.seconds > 0, Fax.pages > 0, *theirs
            )
            .order_by(Fax.at.desc(), Fax.id.desc())
            .limit(_LATEST)
            .subquery()
        )  # fmt: skip
        row = session().execute(
            select(func.count(), func.sum(latest.c.pages), func.sum(latest.c.seconds))
        ).one()  # fmt: skip
        if row[0] >= _FEWEST_TO_LEARN_FROM:
            return Past(row[0], int(row[1]), int(row[2]))
    return None
