"""Money that a client sets aside for what it starts, until the outcome is known."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select, update

from portal.core import clock, scope
from portal.core.db import insert_once, only_one, session
from portal.core.errors import InsufficientBalance, NotFound, Refused
from portal.core.money import Money
from portal.ledger.accounts import wallet_of
from portal.ledger.models import Balance, Hold
from portal.ledger.posting import find_transfers
from portal.ledger.service import charge
from portal.ledger.values import Held, HoldState, Posted, Reason


def hold(client_id: int, amount: Money, *, source_type: str, source_id: str, kind: str) -> Held:
    """Set money aside for something a client starts, or refuse; the same source is the same hold.

    One conditional UPDATE checks the floor and moves the amount, so two requests cannot set aside
    the same last dollar. Raises InsufficientBalance, and then nothing has changed. A hold of nothing
    is always granted.
    """
    if amount < Money(0):
        raise ValueError("A hold is not below zero.")
    wallet = wallet_of(client_id)
    # The hold comes before the wallet, here and in every outcome: one order, no circle of waiting.
    new = insert_once(
        Hold,
        {
            "reseller_id": scope.reseller_id(),
            "client_id": client_id,
            "source_type": source_type,
            "source_id": source_id,
            "kind": kind,
            "amount": amount,
            "state": HoldState.HELD,
            "held_at": clock.now(),
        },
    )
    if not new:
        row = _row(source_type, source_id, kind)
        return Held(row.amount, HoldState(row.state), new=False)
    if amount and not _set_aside(wallet, amount):
        _forget(source_type, source_id, kind)
        raise InsufficientBalance("There is not enough money on this account.")
    return Held(amount, HoldState.HELD, new=True)


def post_hold(
    *,
    source_type: str,
    source_id: str,
    kind: str,
    reason: Reason,
    amount: Money | None = None,
    description: str = "",
    seconds: int = 0,
    occurred_at: datetime | None = None,
) -> Posted:
    """Turn a hold into a charge of what it really cost: the held amount, unless ``amount`` is given.

    Once, whatever happens twice: a second call answers with what stands. More than was held is
    charged too, since the thing has happened. Refuses a hold that was given back; ``charge`` with
    the same source is the way to charge for something that happened after all.
    """
    mine = _resolve(source_type, source_id, kind, HoldState.POSTED)
    row = _row(source_type, source_id, kind)
    if not mine and row.state == HoldState.VOIDED:
        raise Refused("This money was given back already.", code="hold_voided")
    if not mine:
        source = (source_type, source_id, kind)
        return find_transfers([source]).get(source, Posted(None, Money(0), new=False))
    client_id = _client(row)
    posted = charge(
        client_id,
        row.amount if amount is None else amount,
        reason=reason,
        source_type=source_type,
        source_id=source_id,
        kind=kind,
        description=description,
        seconds=seconds,
        occurred_at=occurred_at,
    )
    # After the charge: transfers come before wallets wherever both are written.
    _release(wallet_of(client_id), row.amount)
    return posted


def void_hold(*, source_type: str, source_id: str, kind: str) -> bool:
    """Give held money back. False when the hold was posted or given back before."""
    mine = _resolve(source_type, source_id, kind, HoldState.VOIDED)
    row = _row(source_type, source_id, kind)
    if mine:
        _release(wallet_of(_client(row)), row.amount)
    return mine


def _set_aside(wallet: int, amount: Money) -> bool:
    stays_above = or_(
        Balance.floor.is_(None), Balance.balance - Balance.held - amount >= Balance.floor
    )
    return only_one(
        update(Balance)
        .where(Balance.account_id == wallet, stays_above)
        .values(held=Balance.held + amount)
    )


def _release(wallet: int, amount: Money) -> None:
    if amount:
        only_one(
            update(Balance).where(Balance.account_id == wallet).values(held=Balance.held - amount)
        )


def _resolve(source_type: str, source_id: str, kind: str, state: HoldState) -> bool:
    """Claim the hold's one outcome; True when this call was the one."""
    return only_one(
        update(Hold)
        .where(
            Hold.reseller_id == scope.reseller_id(),
            Hold.source_type == source_type,
            Hold.source_id == source_id,
            Hold.kind == kind,
            Hold.state == HoldState.HELD,
        )
        .values(state=state, resolved_at=clock.now())
    )


def _row(source_type: str, source_id: str, kind: str) -> Hold:
    row = session().scalar(
        select(Hold)
        .where(
            Hold.reseller_id == scope.reseller_id(),
            Hold.source_type == source_type,
            Hold.source_id == source_id,
            Hold.kind == kind,
        )
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("No money is held for this.", code="no_hold")
    return row


def _forget(source_type: str, source_id: str, kind: str) -> None:
    """Take back the hold this transaction has just written: the money for it was not there."""
    session().execute(
        delete(Hold).where(
            Hold.reseller_id == scope.reseller_id(),
            Hold.source_type == source_type,
            Hold.source_id == source_id,
            Hold.kind == kind,
        ),
        execution_options={"synchronize_session": False},
    )


def _client(row: Hold) -> int:
    assert row.client_id is not None
    return row.client_id
