"""How money moves: transfers that are added once, wallets and roll-ups that follow in key order.

Order matters where many write at once: holds, then transfers, then wallets, then roll-ups, each sorted
by key, so that two writers meet in the same order and neither waits for the other in a circle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from portal.core import clock, scope
from portal.core.db import add_up, insert_new, new_public_id, session
from portal.core.money import Money
from portal.core.period import local_day
from portal.identity.facts import reseller_zone
from portal.ledger.accounts import account_of, wallets_of
from portal.ledger.models import Balance, LedgerMonth, Transfer, UsageDay
from portal.ledger.values import (
    ACCOUNT_OF,
    USAGE,
    AccountKind,
    Charge,
    Posted,
    Reason,
    UsageDelta,
)

_AT_ONCE = 500
_LONGEST_DESCRIPTION = 200


def posting_day(at: datetime | None = None) -> date:
    """The day on which the bound reseller's books write ``at`` (now): the day in its own zone."""
    return local_day(at or clock.now(), reseller_zone())


def transfer_row(
    entry: Charge,
    *,
    debit: int,
    credit: int,
    posted_at: datetime,
    day: date,
    person_id: int | None = None,
    reverses_id: int | None = None,
) -> dict[str, Any]:
    """A row of ``ledger_transfers`` in either direction, every column but the id."""
    return {
        "reseller_id": scope.reseller_id(),
        "client_id": entry.client_id,
        "public_id": new_public_id(),
        "source_type": entry.source_type,
        "source_id": entry.source_id,
        "kind": entry.kind,
        "reason": entry.reason,
        "debit_account_id": debit,
        "credit_account_id": credit,
        "amount": abs(entry.amount),
        "description": entry.description[:_LONGEST_DESCRIPTION],
        "posted_at": posted_at,
        "posting_day": day,
        "occurred_at": entry.occurred_at,
        "person_id": person_id,
        "reverses_id": reverses_id,
    }


def charge_many(entries: Sequence[Charge], *, posted_at: datetime | None = None) -> list[Posted]:
    """Charge all of these, each once per source, refusing none; the answers in the same order.

    ``posted_at`` is now, unless history is brought in. One currency, one reseller: the bound one.
    """
    if any(entry.amount < Money(0) for entry in entries):
        raise ValueError("A charge is not below zero; a correction may be.")
    return _post_many(entries, posted_at=posted_at)


def correct_many(entries: Sequence[Charge], *, of: Reason) -> list[Posted]:
    """Adjust usage whose facts changed after it was charged, each once per source (rating case H3).

    An amount is what the client owes beyond the charge that stands, below zero when it was too much.
    It is a line of its own in the history; ``of`` says which usage it belongs to.
    """
    if of not in USAGE:
        raise ValueError("Only usage is corrected; everything else is reversed.")
    return _post_many(entries, account=ACCOUNT_OF[of])


def _post_many(
    entries: Sequence[Charge],
    *,
    account: AccountKind | None = None,
    posted_at: datetime | None = None,
) -> list[Posted]:
    """Between wallets and the account, else that of each reason; nothing to pay writes nothing."""
    owed = [entry for entry in entries if entry.amount]
    moment = posted_at or clock.now()
    day = posting_day(moment) if owed else date.min
    wallets = wallets_of(entry.client_id for entry in owed)
    others = {
        reason: account_of(account or ACCOUNT_OF[reason])
        for reason in {entry.reason for entry in owed}
    }
    rows = []
    for entry in owed:
        sides = [wallets[entry.client_id], others[entry.reason]]
        debit, credit = sides if entry.amount > Money(0) else reversed(sides)
        rows.append(transfer_row(entry, debit=debit, credit=credit, posted_at=moment, day=day))
    fresh = add_transfers(rows)
    new = [entry for entry, row in zip(owed, rows, strict=True) if row["public_id"] in fresh]
    _move_wallets(_owed_by_client(new), wallets)
    deltas = [
        UsageDelta(entry.client_id, day, entry.reason, 1, entry.seconds, entry.amount)
        for entry in new
    ]
    roll_up(delta for delta in deltas if delta.reason in USAGE)
    roll_up_months(deltas, account=account)
    return _answers(entries, rows, fresh)


def add_transfers(rows: Sequence[Mapping[str, Any]]) -> set[Any]:
    """Insert the transfers whose source is new; their public ids. Nothing else moves yet."""
    ordered = sorted(rows, key=lambda row: (row["source_type"], row["source_id"], row["kind"]))
    fresh: set[Any] = set()
    for start in range(0, len(ordered), _AT_ONCE):
        part = ordered[start : start + _AT_ONCE]
        names = [row["public_id"] for row in part]
        count = insert_new(Transfer, part)
        if count == len(part):
            fresh.update(names)
        elif count:
            fresh.update(
                session().scalars(select(Transfer.public_id).where(Transfer.public_id.in_(names)))
            )
    return fresh


def apply_usage(deltas: Sequence[UsageDelta]) -> None:
    """Charge the wallets and roll-ups for usage whose transfers were just added.

    For the bulk import, which writes its transfers itself: give only what was really new.
    """
    owed: dict[int, Money] = defaultdict(lambda: Money(0))
    for delta in deltas:
        owed[delta.client_id] += delta.amount
    _move_wallets({client_id: -amount for client_id, amount in owed.items()}, wallets_of(owed))
    roll_up(deltas)
    roll_up_months(deltas)


def roll_up(deltas: Iterable[UsageDelta]) -> None:
    """Add usage to the lines of the clients' histories."""
    sums: dict[tuple[int, date, Reason], list[Any]] = {}
    for delta in deltas:
        line = sums.setdefault((delta.client_id, delta.posting_day, delta.reason), [0, 0, Money(0)])
        line[0] += delta.items
        line[1] += delta.seconds
        line[2] += delta.amount
    reseller_id = scope.reseller_id()
    rows = [
        {
            "reseller_id": reseller_id,
            "client_id": client_id,
            "posting_day": day,
            "reason": reason,
            "items": items,
            "seconds": seconds,
            "amount": amount,
        }
        for (client_id, day, reason), (items, seconds, amount) in sums.items()
    ]
    keys = ("reseller_id", "client_id", "posting_day", "reason")
    add_up(UsageDay, rows, keys=keys, sums=("items", "seconds", "amount"))


def roll_up_months(deltas: Iterable[UsageDelta], *, account: AccountKind | None = None) -> None:
    """Add what was posted to its month; with ``account`` the other side is that, not the reason's own."""
    sums: dict[tuple[int, date, AccountKind, Reason], list[Any]] = {}
    for delta in deltas:
        month = delta.posting_day.replace(day=1)
        key = (delta.client_id, month, account or ACCOUNT_OF[delta.reason], delta.reason)
        line = sums.setdefault(key, [0, 0, Money(0)])
        line[0] += delta.items
        line[1] += delta.seconds
        line[2] += delta.amount
    reseller_id = scope.reseller_id()
    rows = [
        {
            "reseller_id": reseller_id,
            "client_id": client_id,
            "month": month,
            "account": other,
            "reason": reason,
            "items": items,
            "seconds": seconds,
            "amount": amount,
        }
        for (client_id, month, other, reason), (items, seconds, amount) in sums.items()
    ]
    keys = ("reseller_id", "client_id", "month", "account", "reason")
    add_up(LedgerMonth, rows, keys=keys, sums=("items", "seconds", "amount"))


def move_wallet(client_id: int, wallet: int, change: Money) -> None:
    """Add ``change`` to one wallet, whatever its floor."""
    _move_wallets({client_id: change}, {client_id: wallet})


def _move_wallets(changes: Mapping[int, Money], wallets: Mapping[int, int]) -> None:
    reseller_id = scope.reseller_id()
    rows = [
        {
            "account_id": wallets[client_id],
            "reseller_id": reseller_id,
            "client_id": client_id,
            "balance": change,
            "held": Money(0),
            "is_above": True,
        }
        for client_id, change in changes.items()
    ]
    add_up(Balance, rows, keys=("account_id",), sums=("balance",))


def _owed_by_client(entries: Iterable[Charge]) -> dict[int, Money]:
    changes: dict[int, Money] = defaultdict(lambda: Money(0))
    for entry in entries:
        changes[entry.client_id] -= entry.amount
    return changes


def _answers(
    entries: Sequence[Charge], rows: Sequence[Mapping[str, Any]], fresh: set[Any]
) -> list[Posted]:
    named = {_source(row): row for row in rows if row["public_id"] in fresh}
    stood = find_transfers({_source(row) for row in rows} - named.keys())
    answers: list[Posted] = []
    for entry in entries:
        source = (entry.source_type, entry.source_id, entry.kind)
        if not entry.amount:
            answers.append(Posted(None, Money(0), new=False))
        elif row := named.pop(source, None):
            answers.append(Posted(row["public_id"], row["amount"], new=True))
            stood[source] = Posted(row["public_id"], row["amount"], new=False)
        else:
            answers.append(stood[source])
    return answers


def find_transfers(sources: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], Posted]:
    """What already stands in the books for these sources (type, id, kind)."""
    by_kind: dict[tuple[str, str], list[str]] = defaultdict(list)
    for source_type, source_id, kind in sources:
        by_kind[source_type, kind].append(source_id)
    found: dict[tuple[str, str, str], Posted] = {}
    for (source_type, kind), ids in by_kind.items():
        for start in range(0, len(ids), _AT_ONCE):
            rows = session().execute(
                select(Transfer.source_id, Transfer.public_id, Transfer.amount).where(
                    Transfer.reseller_id == scope.reseller_id(),
                    Transfer.source_type == source_type,
                    Transfer.kind == kind,
                    Transfer.source_id.in_(ids[start : start + _AT_ONCE]),
                )
            )
            for row in rows:
                posted = Posted(row.public_id, row.amount, new=False)
                found[source_type, row.source_id, kind] = posted
    return found


def _source(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["source_type"], row["source_id"], row["kind"]
