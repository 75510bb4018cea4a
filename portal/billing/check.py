"""What the proof of the books asks of fees (I7): each item and period charged once, or skipped and said so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import String, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal import numbers, pricing
from portal.billing.models import AddOn, BillingRules, Fee
from portal.billing.values import FeeState
from portal.billing.worksheets import price_of
from portal.core.db import session
from portal.core.period import day_start
from portal.identity.facts import client_names
from portal.identity.models import Client, Reseller
from portal.ledger import FEE, FeeKind, FeeSource
from portal.ledger.check import count_of, counts, plain, register
from portal.ledger.models import Transfer

_CHUNK = 5_000
_LATE_AFTER = timedelta(days=2)  # a run tries again for that long before somebody is told


@register
def fees_are_charged_as_they_say() -> Iterator[str]:
    """A paid fee stands in the books once, with its amount; an unpaid or skipped one does not."""
    charges = (
        select(
            Transfer.reseller_id.label("reseller_id"),
            Transfer.client_id.label("client_id"),
            plain(Transfer.source_id).label("name"),
            func.count().label("times"),
            func.min(Transfer.amount).label("amount"),
        )
        .where(Transfer.source_type == FEE)
        .group_by(Transfer.reseller_id, Transfer.client_id, Transfer.source_id)
        .subquery()
    )
    is_paid = Fee.state == FeeState.PAID
    right = or_(
        and_(is_paid, charges.c.times == 1, charges.c.amount == Fee.amount),
        and_(~is_paid, charges.c.name.is_(None)),
    )
    statement = (
        select(Fee.client_id, Fee.kind, Fee.description, Fee.first_day, Fee.state)
        .outerjoin(
            charges,
            and_(
                charges.c.reseller_id == Fee.reseller_id,
                charges.c.client_id == Fee.client_id,
                charges.c.name == _source(),
            ),
        )
        .where(case((right, 0), else_=1) == 1)
    )
    for row, name in _rows(statement):
        yield (
            f"The {row.kind} fee {row.description} of {row.first_day} for {name} is {row.state},"
            " but the books say otherwise."
        )


@register
def fees_follow_from_their_terms() -> Iterator[str]:
    """The worksheet of a fee: what its package or its number said when its day began, to the micro."""
    packages = {one.link: one for one in pricing.every_package_terms()}
    dids = {one.link: one for one in numbers.every_number_terms()}
    zones = {
        row.id: ZoneInfo(row.time_zone)
        for row in session().execute(select(Reseller.id, Reseller.time_zone))
    }
    for row in _charged_fees():
        source = FeeSource.parse(row.source_id)
        package, number = packages.get(source.item), dids.get(source.item)
        if package is None and number is None:
            continue  # an add-on: its amount is kept with each period, and compared there
        at = day_start(source.first_day, zones[row.reseller_id])
        if package is not None and source.kind is FeeKind.SETUP:
            at = package.linked_at
        price = price_of(source, package, number, at)
        if price != row.amount:
            yield f"The fee {row.source_id} was {row.amount}, but its terms make {price}."


def _charged_fees() -> Iterator[Any]:
    last = 0
    while True:
        rows = session().execute(
            select(Transfer.id, Transfer.reseller_id, Transfer.source_id, Transfer.amount)
            .where(Transfer.source_type == FEE, Transfer.id > last)
            .order_by(Transfer.id)
            .limit(_CHUNK)
        ).all()  # fmt: skip
        if not rows:
            return
        yield from rows
        last = rows[-1].id


@counts("I7", "periods of fees, charged or skipped")
def _periods_of_fees() -> int:
    return count_of(Fee)


@counts("Worksheets", "fees")
def _fees_in_the_books() -> int:
    return count_of(Transfer, Transfer.source_type == FEE)


@register
def no_period_is_passed_over() -> Iterator[str]:
    """After each period of a number or an add-on comes the next one, up to where looking goes on."""
    following = aliased(Fee)
    last = select(
        Fee.client_id, Fee.kind, Fee.item, Fee.description, Fee.next_day
    ).where(
        ~exists().where(
            following.reseller_id == Fee.reseller_id,
            following.kind == Fee.kind,
            following.item == Fee.item,
            following.first_day >= Fee.next_day,
        )
    )  # fmt: skip
    gaps = select(Fee.client_id, Fee.kind, Fee.description, Fee.next_day).where(
        exists().where(
            following.reseller_id == Fee.reseller_id,
            following.kind == Fee.kind,
            following.item == Fee.item,
            following.first_day > Fee.next_day,
        ),
        ~exists().where(
            following.reseller_id == Fee.reseller_id,
            following.kind == Fee.kind,
            following.item == Fee.item,
            following.first_day == Fee.next_day,
        ),
        Fee.kind.in_(("did", "fax", "add_on")),
    )
    goes_on = {row[2]: row[3] for row in (*numbers.days_to_bill(), *_add_ons())}
    for row, name in _rows(gaps):
        yield f"After {row.next_day} a period of {row.description} for {name} was passed over."
    for row, name in _rows(last.where(Fee.kind.in_(("did", "fax", "add_on")))):
        if row.item in goes_on and goes_on[row.item] > row.next_day:
            yield f"From {row.next_day} on {row.description} for {name} was passed over."


@register
def nothing_due_was_left_lying() -> Iterator[str]:
    """What had to be looked at on the day of the last run, or before, was looked at."""
    listed = {
        row.reseller_id: row.listed_day
        for row in session().execute(select(BillingRules.reseller_id, BillingRules.listed_day))
    }
    names: dict[int, str] = {}
    for reseller_id, client_id, _, day in (
        *pricing.days_to_bill(),
        *numbers.days_to_bill(),
        *_add_ons(),
    ):
        until: date | None = listed.get(reseller_id)
        if until is not None and day <= until - _LATE_AFTER:
            names = names or client_names()
            yield f"Something of {names[client_id]} has been due since {day} and is not billed."


@register
def who_owes_fees_is_known() -> Iterator[str]:
    """A client is marked as owing exactly while a fee of it is unpaid."""
    unpaid = exists().where(Fee.client_id == Client.id, Fee.state == FeeState.UNPAID)
    for row, name in _rows(
        select(Client.id.label("client_id"), Client.owes_fees).where(
            case((unpaid, 1), else_=0) != case((Client.owes_fees.is_(True), 1), else_=0)
        )
    ):
        word = "owes fees, but none is unpaid" if row.owes_fees else "has unpaid fees, unmarked"
        yield f"The mark of {name} is wrong: it {word}."


def _source() -> Any:
    """The source of a fee in the books, spelled like ``plain`` spells one: without any dash."""
    day = func.replace(cast(Fee.first_day, String), "-", "")
    return Fee.kind + ":" + plain(Fee.item) + ":" + day


def _add_ons() -> list[tuple[int, int, Any, date]]:
    rows = session().execute(
        select(
            AddOn.reseller_id, AddOn.client_id, AddOn.public_id, AddOn.next_billing_day
        ).where(AddOn.next_billing_day.is_not(None))
    )  # fmt: skip
    found: list[Any] = [tuple(row) for row in rows]
    return found


def _rows(statement: Any) -> Iterator[tuple[Any, str]]:
    found = session().execute(statement).all()
    names = client_names() if found else {}
    for row in found:
        yield row, names.get(row.client_id, "nobody")
