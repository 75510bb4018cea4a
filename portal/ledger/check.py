"""The proof of the books: whatever is kept beside the transfers must follow from them.

Every transfer debits one account and credits another, so the books are zero-sum by construction;
what can be wrong is asked here. Nothing is corrected: a difference is for a person to read. Each
question is asked of one moment, even while others write.

That a HARD client's own actions never overdraw cannot be read off later (usage may come late and is
charged all the same); the floor that forbids it is checked instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Executable,
    String,
    Subquery,
    and_,
    case,
    cast,
    column,
    extract,
    func,
    literal,
    not_,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.orm import aliased

from portal.core.db import MoneyType, finish_reading, read_one_moment, session
from portal.core.money import ZERO, Money
from portal.core.scope import unscoped
from portal.identity.facts import client_names
from portal.identity.models import Client
from portal.identity.values import BalanceMode
from portal.ledger.models import Account, Balance, CostMonth, Hold, LedgerMonth, Transfer, UsageDay
from portal.ledger.values import REVERSIBLE, USAGE, AccountKind, CostKind, HoldState, Reason
from portal.rating import recompute

_WORKSHEETS = 2_000  # how many are read at once

Check = Callable[[], Iterable[str]]
Counter = Callable[[], int]

_CHECKS: list[Check] = []
_COUNTED: list[tuple[str, str, Counter]] = []


class Compared(NamedTuple):
    """What the proof of an invariant looks at, and how many of it there are."""

    invariant: str
    what: str
    rows: int


def register(check: Check) -> Check:
    """Add a question to the proof; it answers with one sentence per fault. Also a decorator.

    It runs over every reseller's rows, in a read transaction of its own.
    """
    if check not in _CHECKS:
        _CHECKS.append(check)
    return check


def counts(invariant: str, what: str) -> Callable[[Counter], Counter]:
    """Say what the proof of an invariant looks at: the function counts it, every reseller's."""

    def keep(counter: Counter) -> Counter:
        _COUNTED.append((invariant, what, counter))
        return counter

    return keep


def count_of(*which: Any) -> int:
    """How many rows there are of a table, or of what fits conditions of it."""
    model, *conditions = which
    statement = select(func.count()).select_from(model)
    return session().scalar(statement.where(*conditions)) or 0


def mispriced(
    model: Any, name: Any, *which: Any
) -> Iterator[tuple[Any, Money | None, Money | None]]:
    """Name, price and proven price of rows whose worksheet, computed again, makes another price.

    They are read in portions, in the order of their keys, and each is a row with ``price`` and
    ``worksheet``.
    """
    last = 0
    while True:
        rows = session().execute(
            select(model.id, name, model.price, model.worksheet)
            .where(model.id > last, model.worksheet != "", *which)
            .order_by(model.id)
            .limit(_WORKSHEETS)
        ).all()  # fmt: skip
        if not rows:
            return
        for _, named, price, worksheet in rows:
            proven = recompute(json.loads(worksheet))
            if proven != price:
                yield named, price, proven
        last = rows[-1].id


def charged(source_type: str) -> Subquery:
    """What each source of a kind cost, corrections counted: reseller_id, client_id, name, amount."""
    wallet = select(Account.id).where(Account.kind == AccountKind.WALLET)
    signed = case((Transfer.debit_account_id.in_(wallet), Transfer.amount), else_=-Transfer.amount)
    return (
        select(
            Transfer.reseller_id.label("reseller_id"),
            Transfer.client_id.label("client_id"),
            plain(Transfer.source_id).label("name"),
            func.sum(signed, type_=MoneyType()).label("amount"),
        )
        .where(Transfer.source_type == source_type)
        .group_by(Transfer.reseller_id, Transfer.client_id, Transfer.source_id)
        .subquery()
    )


def held(source_type: str) -> Subquery:
    """What is set aside for each source of a kind: reseller_id, name, times, amount."""
    return (
        select(
            Hold.reseller_id.label("reseller_id"),
            plain(Hold.source_id).label("name"),
            func.count().label("times"),
            func.sum(Hold.amount, type_=MoneyType()).label("amount"),
        )
        .where(Hold.source_type == source_type, Hold.state == HoldState.HELD)
        .group_by(Hold.reseller_id, Hold.source_id)
        .subquery()
    )


def costs_follow(kind: CostKind, proven: Mapping[tuple[int, int], Money]) -> Iterator[str]:
    """Do the months' costs of a kind add up to what its rows say, for each (reseller, owner)?"""
    kept: dict[tuple[int, int], Money] = {
        (reseller_id, owner): amount
        for reseller_id, owner, amount in session().execute(
            select(
                CostMonth.reseller_id,
                CostMonth.owner,
                func.sum(CostMonth.amount, type_=MoneyType()),
            )
            .where(CostMonth.kind == kind)
            .group_by(CostMonth.reseller_id, CostMonth.owner)
        )
    }
    for key in sorted(kept.keys() | proven.keys()):
        there, wanted = kept.get(key, ZERO), proven.get(key, ZERO)
        if there != wanted:
            yield (
                f"The months' cost of {kind} for client {key[1]} of reseller {key[0]} is {there},"
                f" but the rows make {wanted}."
            )


def plain(name: Any) -> ColumnElement[str]:
    """A public id in one spelling: the two databases keep and cast it differently."""
    return func.replace(cast(name, String), "-", "")


def findings() -> Iterator[str]:
    """Ask every registered question; one sentence per fault, none when the books are right."""
    with unscoped("the books of every reseller are checked"):
        for check in tuple(_CHECKS):
            read_one_moment()
            yield from list(check())
            finish_reading()


def compared() -> Iterator[Compared]:
    """What was looked at, by invariant."""
    with unscoped("the books of every reseller are checked"):
        for invariant, what, counter in sorted(_COUNTED, key=lambda one: _order(one[0])):
            yield Compared(invariant, what, counter())
            finish_reading()


def _order(invariant: str) -> tuple[bool, int]:
    digits = invariant.removeprefix("I")
    return not digits.isdigit(), int(digits) if digits.isdigit() else 0


def count() -> int:
    """How many questions the proof has."""
    return len(_CHECKS)


@register
def balances_are_the_sums_of_their_transfers() -> Iterator[str]:
    sides = union_all(
        select(Transfer.credit_account_id.label("account_id"), Transfer.amount.label("amount")),
        select(Transfer.debit_account_id, -Transfer.amount),
    ).subquery()
    sums = (
        select(sides.c.account_id, func.sum(sides.c.amount, type_=MoneyType()).label("amount"))
        .group_by(sides.c.account_id)
        .subquery()
    )
    proven = func.coalesce(sums.c.amount, 0, type_=MoneyType())
    rows = _rows(
        select(Balance.client_id, Balance.balance, proven.label("proven"))
        .outerjoin(sums, sums.c.account_id == Balance.account_id)
        .where(Balance.balance != proven)
    )
    for row, name in rows:
        yield f"The balance of {name} is {row.balance}, but its transfers make {row.proven}."


@register
def held_money_is_the_sum_of_the_open_holds() -> Iterator[str]:
    sums = (
        select(Hold.client_id, func.sum(Hold.amount, type_=MoneyType()).label("amount"))
        .where(Hold.state == HoldState.HELD)
        .group_by(Hold.client_id)
        .subquery()
    )
    proven = func.coalesce(sums.c.amount, 0, type_=MoneyType())
    rows = _rows(
        select(Balance.client_id, Balance.held, proven.label("proven"))
        .outerjoin(sums, sums.c.client_id == Balance.client_id)
        .where(Balance.held != proven)
    )
    for row, name in rows:
        yield f"{row.held} is set aside for {name}, but its open holds make {row.proven}."


@register
def roll_ups_of_usage_follow_from_the_transfers() -> Iterator[str]:
    both = union_all(
        select(
            UsageDay.client_id.label("client_id"),
            UsageDay.posting_day.label("day"),
            UsageDay.reason.label("reason"),
            UsageDay.items.label("number"),
            UsageDay.amount.label("amount"),
        ),
        select(
            Transfer.client_id,
            Transfer.posting_day,
            Transfer.reason,
            literal(-1),
            -Transfer.amount,
        ).where(Transfer.reason.in_(USAGE)),
    ).subquery()
    items, amount = func.sum(both.c.number), func.sum(both.c.amount, type_=MoneyType())
    rows = _rows(
        select(
            both.c.client_id,
            both.c.day,
            both.c.reason,
            items.label("number"),
            amount.label("amount"),
        )
        .group_by(both.c.client_id, both.c.day, both.c.reason)
        .having(or_(items != 0, amount != Money(0)))
    )
    for row, name in rows:
        yield (
            f"The roll-up of {row.reason} on {row.day} for {name} is {row.amount} and"
            f" {row.number} items away from its transfers."
        )


@register
def roll_ups_of_months_follow_from_the_transfers() -> Iterator[str]:
    """Every month of every client, other side and reason: what the financial report adds up."""
    debit, credit = aliased(Account), aliased(Account)
    owed = debit.kind == AccountKind.WALLET
    both = union_all(
        select(
            LedgerMonth.client_id.label("client_id"),
            extract("year", LedgerMonth.month).label("year"),
            extract("month", LedgerMonth.month).label("month"),
            LedgerMonth.account.label("account"),
            LedgerMonth.reason.label("reason"),
            LedgerMonth.items.label("number"),
            LedgerMonth.amount.label("amount"),
        ),
        select(
            Transfer.client_id,
            extract("year", Transfer.posting_day),
            extract("month", Transfer.posting_day),
            case((owed, credit.kind), else_=debit.kind),
            Transfer.reason,
            literal(-1),
            case((owed, -Transfer.amount), else_=Transfer.amount),
        )
        .join(debit, debit.id == Transfer.debit_account_id)
        .join(credit, credit.id == Transfer.credit_account_id),
    ).subquery()
    key = (both.c.client_id, both.c.year, both.c.month, both.c.account, both.c.reason)
    items, amount = func.sum(both.c.number), func.sum(both.c.amount, type_=MoneyType())
    rows = _rows(
        select(*key, items.label("number"), amount.label("amount"))
        .group_by(*key)
        .having(or_(items != 0, amount != Money(0)))
    )
    for row, name in rows:
        yield (
            f"The roll-up of {row.reason} ({row.account}) in {row.year}-{row.month:02} for {name} is"
            f" {row.amount} and {row.number} items away from its transfers."
        )


@register
def transfers_are_between_a_client_and_its_reseller() -> Iterator[str]:
    debit, credit = aliased(Account), aliased(Account)
    wallet = AccountKind.WALLET
    one_wallet = or_(
        and_(debit.kind == wallet, credit.kind != wallet, debit.client_id == Transfer.client_id),
        and_(credit.kind == wallet, debit.kind != wallet, credit.client_id == Transfer.client_id),
    )
    same_reseller = and_(
        debit.reseller_id == Transfer.reseller_id, credit.reseller_id == Transfer.reseller_id
    )
    usage_is_owed = or_(Transfer.reason.not_in(USAGE), debit.kind == wallet)
    rows = _rows(
        select(Transfer.client_id, Transfer.public_id)
        .join(debit, debit.id == Transfer.debit_account_id)
        .join(credit, credit.id == Transfer.credit_account_id)
        .where(not_(and_(one_wallet, same_reseller, usage_is_owed)))
    )
    for row, name in rows:
        yield f"The transfer {row.public_id} of {name} is between accounts that do not fit."


@register
def amounts_are_above_zero() -> Iterator[str]:
    for row, name in _rows(
        select(Transfer.client_id, Transfer.public_id, Transfer.amount).where(
            Transfer.amount <= Money(0)
        )
    ):
        yield f"The transfer {row.public_id} of {name} moves {row.amount}."
    for row, name in _rows(
        select(Balance.client_id, Balance.held.label("amount")).where(Balance.held < Money(0))
    ):
        yield f"{row.amount} is set aside for {name}."
    for row, name in _rows(
        select(Hold.client_id, Hold.source_type, Hold.source_id, Hold.amount).where(
            Hold.amount < Money(0)
        )
    ):
        yield f"The hold for {row.source_type} {row.source_id} of {name} is {row.amount}."


@register
def a_source_is_charged_once() -> Iterator[str]:
    for model, word in ((Transfer, "posted"), (Hold, "held")):
        key = (model.reseller_id, model.source_type, model.source_id, model.kind)
        times = func.count()
        rows = _rows(
            select(func.min(model.client_id).label("client_id"), *key[1:], times.label("times"))
            .group_by(*key)
            .having(times > 1)
        )
        for row, name in rows:
            yield (
                f"{row.source_type} {row.source_id} ({row.kind}) of {name} was {word}"
                f" {row.times} times."
            )


@register
def reversals_mirror_what_they_reverse() -> Iterator[str]:
    original = aliased(Transfer)
    mirrors = and_(
        original.id.is_not(None),
        original.reason.in_(REVERSIBLE),
        original.amount == Transfer.amount,
        original.debit_account_id == Transfer.credit_account_id,
        original.credit_account_id == Transfer.debit_account_id,
    )
    rows = _rows(
        select(Transfer.client_id, Transfer.public_id)
        .outerjoin(original, original.id == Transfer.reverses_id)
        .where(
            or_(Transfer.reason == Reason.REVERSAL, Transfer.reverses_id.is_not(None)),
            # An outer row that is missing makes the condition NULL, which is not true either.
            case((mirrors, 0), else_=1) == 1,
        )
    )
    for row, name in rows:
        yield f"The reversal {row.public_id} of {name} is not the mirror image of a transaction."


@register
def floors_follow_the_clients_modes() -> Iterator[str]:
    right = or_(
        and_(Client.balance_mode == BalanceMode.HARD, Balance.floor == Money(0)),
        and_(
            Client.balance_mode == BalanceMode.SOFT,
            Balance.floor.is_(None),
            Balance.account_id.is_not(None),
        ),
    )
    rows = _rows(
        select(Client.id.label("client_id"), Client.balance_mode, Balance.account_id, Balance.floor)
        .outerjoin(Balance, Balance.client_id == Client.id)
        .where(case((right, 0), else_=1) == 1)
    )
    for row, name in rows:
        if row.account_id is None:
            yield f"There is no balance for {name}."
        else:
            floor = "no floor" if row.floor is None else f"the floor {row.floor}"
            yield f"The mode of {name} is {row.balance_mode}, but its balance has {floor}."


_GUARDS = {
    "sqlite": ("ledger_transfers_no_update", "ledger_transfers_no_delete"),
    "postgresql": ("ledger_transfers_only_grows", "ledger_transfers_stays"),
}


@register
def the_database_refuses_to_change_transfers() -> Iterator[str]:
    dialect = session().get_bind().dialect.name
    if dialect == "postgresql":
        name, enabled = column("tgname", String()), column("tgenabled", String())
        statement = select(name).select_from(table("pg_trigger", name, enabled))
        statement = statement.where(enabled != "D")
    else:
        name, kind = column("name", String()), column("type", String())
        statement = select(name).select_from(table("sqlite_master", name, kind))
        statement = statement.where(kind == "trigger")
    present = set(session().scalars(statement))
    for guard in _GUARDS[dialect]:
        if guard not in present:
            yield f"The database's guard {guard} is missing: transfers could be changed."


def _rows(statement: Executable) -> Iterator[tuple[Any, str]]:
    """The rows that are at fault, each with the name of its client."""
    found = session().execute(statement).all()
    names = client_names() if found else {}
    for row in found:
        yield row, names.get(row.client_id, "nobody")


@counts("I1", "transfers, each from one account to another")
@counts("I6", "transfers, each of a source of its own")
def _transfers() -> int:
    return count_of(Transfer)


@counts("I2", "accounts, whose transfers add up to nothing")
def _accounts() -> int:
    return count_of(Account)


@counts("I3", "balances and roll-ups of usage, months and costs")
def _kept_sums() -> int:
    return sum(count_of(model) for model in (Balance, UsageDay, LedgerMonth, CostMonth))


@counts("I4", "floors of balances, and what is set aside")
def _floors() -> int:
    return count_of(Balance) + count_of(Hold, Hold.state == HoldState.HELD)


@counts("I5", "guards of the database")
def _guards() -> int:
    return len(_GUARDS[session().get_bind().dialect.name])


@counts("I6", "holds, each of a source of its own")
def _holds() -> int:
    return count_of(Hold)
