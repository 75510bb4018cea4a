"""What the proof of the books asks of faxes: charges, holds and ends must agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select

from portal.core import clock
from portal.core.db import MoneyType, session
from portal.core.money import Money
from portal.fax.models import Fax, InboundFax
from portal.fax.sending import SOURCE
from portal.fax.values import UNSETTLED, FaxState
from portal.ledger.check import (
    charged,
    costs_follow,
    count_of,
    counts,
    held,
    mispriced,
    plain,
    register,
)
from portal.ledger.values import CostKind

# Every fax reaches its end within this time of the moment at which it was due.
LONGEST_UNSETTLED = timedelta(hours=6)
_CHARGED = (FaxState.SENT, FaxState.RECEIVED)
_MOST_FINDINGS = 50
_NOTHING = Money(0)


@register
def faxes_cost_what_was_charged() -> Iterator[str]:
    """A fax that went out or came in cost its price, once; any other cost nothing."""
    charges = charged(SOURCE)
    nothing = literal(_NOTHING, MoneyType())
    due: ColumnElement[Money] = case((Fax.state.in_(_CHARGED), Fax.price), else_=nothing)
    rows = session().execute(
        select(Fax.public_id, Fax.state, Fax.price, charges.c.amount)
        .outerjoin(
            charges,
            and_(
                charges.c.reseller_id == Fax.reseller_id,
                charges.c.client_id == Fax.client_id,
                charges.c.name == plain(Fax.public_id),
            ),
        )
        .where(due != func.coalesce(charges.c.amount, nothing))
        .limit(_MOST_FINDINGS)
    )
    for name, state, price, amount in rows:
        yield f"Fax {name} is {state} at {price}, but {amount or _NOTHING} were charged."


@register
def costs_of_faxes_are_in_the_months() -> Iterator[str]:
    """What the carrier took for faxes is in the months of the books, whole and once."""
    rows = session().execute(
        select(Fax.reseller_id, Fax.client_id, func.sum(Fax.cost, type_=MoneyType()))
        .where(Fax.state.in_(_CHARGED))
        .group_by(Fax.reseller_id, Fax.client_id)
    )
    proven = {(reseller_id, client_id or 0): cost for reseller_id, client_id, cost in rows}
    yield from costs_follow(CostKind.FAX, proven)


@register
def faxes_hold_money_until_they_are_settled() -> Iterator[str]:
    """Its price is set aside while a fax's end is open, and for no longer."""
    holds = held(SOURCE)
    is_open = Fax.state.in_(UNSETTLED)
    times = func.coalesce(holds.c.times, 0)
    wrong_amount = and_(is_open, holds.c.amount != Fax.price)
    rows = session().execute(
        select(Fax.public_id, Fax.state, Fax.price, times, holds.c.amount)
        .outerjoin(
            holds,
            and_(
                holds.c.reseller_id == Fax.reseller_id,
                holds.c.name == plain(Fax.public_id),
            ),
        )
        .where(or_(times != case((is_open, 1), else_=0), wrong_amount))
        .limit(_MOST_FINDINGS)
    )
    for name, state, price, count, amount in rows:
        yield f"Fax {name} is {state} at {price}; {count} holds of {amount or _NOTHING} are open."


@register
def faxes_reach_an_end() -> Iterator[str]:
    """I9: nothing waits for ever, and nobody's money with it."""
    before = clock.now() - LONGEST_UNSETTLED
    due = case((Fax.due_at > Fax.at, Fax.due_at), else_=Fax.at)
    rows = session().execute(
        select(Fax.public_id, Fax.state, Fax.at)
        .where(Fax.state.in_(UNSETTLED), due < before)
        .order_by(Fax.at)
        .limit(_MOST_FINDINGS)
    )
    for name, state, at in rows:
        yield f"Fax {name} of {at:%Y-%m-%d %H:%M} is still {state}."


@register
def prices_of_faxes_follow_from_their_worksheets() -> Iterator[str]:
    """Every fax, priced again from the facts that are kept with it."""
    for name, price, proven in mispriced(Fax, Fax.public_id, Fax.state.in_(_CHARGED)):
        yield f"Fax {name} costs {price}, but its worksheet makes {proven}."


@register
def webhooks_of_faxes_were_taken_in() -> Iterator[str]:
    """I10: what a webhook brought was looked at, and is one fax."""
    before = clock.now() - LONGEST_UNSETTLED
    rows = session().execute(
        select(InboundFax.recipient, InboundFax.received_at)
        .where(InboundFax.handled_at.is_(None), InboundFax.received_at < before)
        .limit(_MOST_FINDINGS)
    )
    for number, at in rows:
        yield f"The fax for {number} that came at {at:%Y-%m-%d %H:%M} was never taken in."


@counts("I9", "faxes, each at its end or on its way")
def _faxes() -> int:
    return count_of(Fax)


@counts("I10", "webhooks of faxes")
def _webhooks() -> int:
    return count_of(InboundFax)


@counts("Worksheets", "faxes")
def _priced_faxes() -> int:
    return count_of(Fax, Fax.state.in_(_CHARGED), Fax.worksheet != "")
