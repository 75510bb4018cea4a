"""What the proof of the books asks of calls: roll-ups, charges and worksheets must agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, literal, select
from sqlalchemy.orm import Session

from portal.calls.models import Call, CallDay, CallLineDay, CallLineMonth, CallMonth
from portal.calls.postings import SOURCE
from portal.core.db import MoneyType, session
from portal.core.money import Money
from portal.ledger.check import costs_follow, count_of, counts, mispriced, register
from portal.ledger.models import Account, Transfer
from portal.ledger.values import AccountKind, CostKind

_SUMS = ("calls", "seconds", "billed_seconds", "price", "cost")
_LINE_SUMS = ("calls", "answered", *_SUMS[1:])
_ANSWERED = func.sum(case((Call.disposition == "answered", 1), else_=0))


@register
def days_are_the_sums_of_their_calls() -> Iterator[str]:
    """I3 for calls: each line of the day roll-up follows from the calls of that day."""
    found = {
        (row.reseller_id, row.owner, row.day, row.direction): _kept(row)
        for row in session().scalars(select(CallDay))
    }
    for key, sums in _by_day(session()).items():
        kept = found.pop(key, None)
        if kept != sums:
            yield _differs("day", key, kept, sums)
    for key, kept in found.items():
        if any(kept):
            yield _differs("day", key, kept, None)


@register
def months_are_the_sums_of_their_days() -> Iterator[str]:
    """The month roll-up follows from the day roll-up."""
    months: dict[tuple[int, int, date, str], tuple[int, ...]] = {}
    for row in session().scalars(select(CallDay)):
        key = (row.reseller_id, row.owner, row.day.replace(day=1), row.direction)
        so_far = months.get(key, (0,) * 5)
        months[key] = tuple(a + b for a, b in zip(so_far, _kept(row), strict=True))
    for line in session().scalars(select(CallMonth)):
        key = (line.reseller_id, line.owner, line.month, line.direction)
        sums = months.pop(key, (0,) * 5)
        if _kept(line) != sums:
            yield _differs("month", key, _kept(line), sums)
    for key, sums in months.items():
        if any(sums):
            yield _differs("month", key, None, sums)


@register
def lines_are_the_sums_of_their_calls() -> Iterator[str]:
    """The roll-ups by sub-account and number follow from the calls of their days and months."""
    days = _by_line(
        select(
            Call.reseller_id, func.coalesce(Call.client_id, 0), func.coalesce(Call.sub_account_id, 0),
            func.coalesce(Call.did_id, 0), Call.local_day, func.count(Call.id), _ANSWERED,
            func.sum(Call.seconds), func.sum(Call.billed_seconds), func.sum(Call.price),
            func.sum(Call.cost),
        ).group_by(
            Call.reseller_id, Call.client_id, Call.sub_account_id, Call.did_id, Call.local_day
        )
    )  # fmt: skip
    months: dict[Any, tuple[int, ...]] = {}
    for (*line, day), sums in days.items():
        key = (*line, day.replace(day=1))
        so_far = months.get(key, (0,) * 6)
        months[key] = tuple(a + b for a, b in zip(so_far, sums, strict=True))
    kept_days = _kept_lines(CallLineDay, CallLineDay.day)
    kept_months = _kept_lines(CallLineMonth, CallLineMonth.month)
    for period, kept, expected in (("day", kept_days, days), ("month", kept_months, months)):
        for key in kept.keys() | expected.keys():
            says, is_right = kept.get(key), expected.get(key)
            if says != is_right and (any(says or ()) or is_right):
                yield _differs(f"{period} and line", key, says, is_right, _LINE_SUMS)


@register
def costs_of_calls_are_in_the_months() -> Iterator[str]:
    """What the carrier took for calls is in the months of the books, whole and once."""
    rows = session().execute(
        select(CallMonth.reseller_id, CallMonth.owner, func.sum(CallMonth.cost)).group_by(
            CallMonth.reseller_id, CallMonth.owner
        )
    )
    proven = {(reseller_id, owner): cost for reseller_id, owner, cost in rows}
    yield from costs_follow(CostKind.CALL, proven)


@register
def calls_cost_what_was_charged() -> Iterator[str]:
    """Each call's price is the sum of its transfers: charge, corrections, what was given back."""
    wallet = select(Account.id).where(Account.kind == AccountKind.WALLET)
    signed = case((Transfer.debit_account_id.in_(wallet), Transfer.amount), else_=-Transfer.amount)
    charged = (
        select(
            Transfer.reseller_id.label("reseller_id"),
            Transfer.source_id.label("key"),
            Transfer.client_id.label("client_id"),
            func.sum(signed, type_=MoneyType()).label("amount"),
        )
        .where(Transfer.source_type == SOURCE)
        .group_by(Transfer.reseller_id, Transfer.source_id, Transfer.client_id)
        .subquery()
    )
    nothing = Money(0)
    price = func.coalesce(Call.price, literal(nothing, MoneyType()))
    rows = session().execute(
        select(Call.carrier_key, Call.price, charged.c.amount)
        .outerjoin(
            charged,
            (charged.c.reseller_id == Call.reseller_id)
            & (charged.c.key == Call.carrier_key)
            & (charged.c.client_id == Call.client_id),
        )
        .where(price != func.coalesce(charged.c.amount, literal(nothing, MoneyType())))
        .limit(50)
    )
    for key, expected, amount in rows:
        yield f"Call {key} has the price {expected or nothing} but {amount or nothing} were charged."


@register
def worksheets_give_the_stored_price() -> Iterator[str]:
    """Recomputing a worksheet gives the price that was charged."""
    for key, price, again in mispriced(Call, Call.carrier_key):
        yield f"Call {key} has the price {price}, its worksheet gives {again}."


@counts("I3", "days and months of calls")
def _rolled_up() -> int:
    kept = (CallDay, CallMonth, CallLineDay, CallLineMonth)
    return sum(count_of(model) for model in kept)


@counts("Worksheets", "calls")
def _priced() -> int:
    return count_of(Call, Call.worksheet != "")


def _kept_lines(line: Any, when: Any) -> dict[Any, tuple[int, ...]]:
    return _by_line(
        select(
            line.reseller_id, line.owner, line.sub_account, line.did, when, line.calls,
            line.answered, line.seconds, line.billed_seconds, line.price, line.cost,
        )
    )  # fmt: skip


def _by_line(statement: Select[*tuple[Any, ...]]) -> dict[Any, tuple[int, ...]]:
    nothing = Money(0)
    return {
        (reseller, owner, account, did, when): (
            int(count), int(answered), int(seconds), int(billed), (price or nothing).micros,
            (cost or nothing).micros,
        )
        for reseller, owner, account, did, when, count, answered, seconds, billed, price, cost
        in session().execute(statement)
    }  # fmt: skip


def _by_day(current: Session) -> dict[tuple[int, int, date, str], tuple[int, ...]]:
    rows = current.execute(
        select(
            Call.reseller_id,
            Call.client_id,
            Call.local_day,
            Call.direction,
            func.count(Call.id),
            func.sum(Call.seconds),
            func.sum(Call.billed_seconds),
            func.sum(Call.price),
            func.sum(Call.cost),
        ).group_by(Call.reseller_id, Call.client_id, Call.local_day, Call.direction)
    )
    nothing = Money(0)
    return {
        (reseller, who or 0, day, direction): (
            int(count), int(seconds), int(billed), (price or nothing).micros, cost.micros,
        )
        for reseller, who, day, direction, count, seconds, billed, price, cost in rows
    }  # fmt: skip


def _kept(row: CallDay | CallMonth) -> tuple[int, ...]:
    return (row.calls, row.seconds, row.billed_seconds, row.price.micros, row.cost.micros)


def _differs(
    period: str, key: object, kept: object, sums: object, words: tuple[str, ...] = _SUMS
) -> str:
    return f"The {period} roll-up {key} says {kept}, its calls say {sums} {words}."
