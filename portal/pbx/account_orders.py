"""Sub-accounts to be created at the carrier: accepted at once, made later, exactly once.

Before the carrier is asked it is looked whether the name is taken, and written down that it is
asked. After a crash or a lost answer the list says whether it was made: it is then ours.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from portal import identity
from portal.carriers import LineSettings, SubAccountCreated
from portal.core import clock, registry
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.queue import enqueue, failing, hurry
from portal.core.sentences import N_
from portal.identity import Visitor
from portal.pbx.models import AccountOrder
from portal.pbx.service import assign_package, check_new, keep_account
from portal.pbx.values import AccountOrderRow, AccountOrderState, AccountWork, NewAccount
from portal.tasks import CREATE_SUB_ACCOUNT

_REMEMBERED = timedelta(days=7)
_SHOWN = 10
_FAILING = N_("This keeps failing in the portal itself.")
_STOPPED = N_("Stopped by staff.")
_STOPPED_LATE = N_("Stopped by staff. If the carrier made it meanwhile, it is a free sub-account.")


def order_account(
    new: NewAccount,
    client_id: int,
    package: uuid.UUID | None,
    *,
    reference: str,
    next_billing_day: date | None = None,
    charge_setup: bool = False,
    by: Visitor | None = None,
) -> uuid.UUID:
    """Accept the creation of a sub-account for a client; the order's public id. In a transaction.

    The same ``reference`` again is the same order. A refusal names the field.
    """
    identity.hold_open_client(client_id)  # the same form sent twice at once finds the first
    known: uuid.UUID | None = session().scalar(
        select(AccountOrder.public_id).where(AccountOrder.reference == reference)
    )
    if known is not None:
        return known
    check_new(new)
    if next_billing_day is not None and next_billing_day < clock.now().date() - timedelta(days=1):
        raise InvalidInput("The next billing day is in the past.", field="next_billing_day")
    order = AccountOrder(
        client_id=client_id,
        public_id=uuid.uuid4(),
        reference=reference,
        state=AccountOrderState.WORKING,
        username=new.username,
        wish={
            "description": new.description.strip()[:120],
            "device": new.device.strip()[:80],
            "line": asdict(new.line),
            "package": str(package) if package else None,
            "next_billing_day": next_billing_day.isoformat() if next_billing_day else None,
            "charge_setup": charge_setup,
        },
        ordered_by=by.name[:120] if by else "",
    )
    session().add(order)
    session().flush()
    order.sealed_password = registry.key_ring().seal(new.password, context=_context(order))
    session().flush()
    identity.record("account.ordered", by=by, client_id=client_id, account=new.username)
    enqueue(CREATE_SUB_ACCOUNT, once_key=_once_key(order), order_id=order.id)
    return order.public_id


def take_account_order(order_id: int) -> AccountWork | None:
    """Take an order in hand; None when it is over. In a transaction."""
    order = session().scalar(select(AccountOrder).where(AccountOrder.id == order_id))
    if order is None or order.state != AccountOrderState.WORKING or not order.sealed_password:
        return None
    order.lease_number += 1
    session().flush()
    wish = order.wish
    line = LineSettings(**(wish["line"] | {"codecs": tuple(wish["line"]["codecs"])}))
    password = registry.key_ring().unseal(order.sealed_password, context=_context(order))
    new = NewAccount(order.username, password, wish["description"], wish["device"], line)
    return AccountWork(order.id, new, order.asked, order.lease_number)


def account_asked(work: AccountWork) -> None:
    """From now on a sub-account of this name at the carrier is this one. In a transaction."""
    _held(work).asked = True
    session().flush()


def account_made(work: AccountWork, created: SubAccountCreated) -> None:
    """It is there: kept with its password and given to the client. In a transaction."""
    order = _held(work)
    assert order.client_id is not None
    wish = order.wish
    day = wish["next_billing_day"]
    assign_package(
        keep_account(created, work.new),
        order.client_id,
        uuid.UUID(wish["package"]) if wish["package"] else None,
        next_billing_day=date.fromisoformat(day) if day else None,
        charge_setup=wish["charge_setup"],
        only_free=True,
    )
    _end(order, AccountOrderState.DONE)
    identity.record("account.created", client_id=order.client_id, account=created.account)


def account_refused(
    work: AccountWork, problem: str, *, made: SubAccountCreated | None = None
) -> None:
    """The carrier, or the portal, refuses for good. What was ``made`` stays, free. In a transaction."""
    order = _held(work)
    if made is not None:
        keep_account(made, work.new)
    order.problem = problem[:300]
    _end(order, AccountOrderState.FAILED)
    identity.record(
        "account.failed", client_id=order.client_id, account=order.username, reason=problem[:300]
    )


def account_waits(work: AccountWork, problem: str, *, again_at: datetime) -> None:
    """The carrier is away: staff see why, and it is tried again. In a transaction."""
    order = _held(work)
    order.problem = problem[:300]
    session().flush()
    enqueue(CREATE_SUB_ACCOUNT, due_at=again_at, once_key=_once_key(order), order_id=work.id)


def try_account_order_now(public_id: uuid.UUID, client_id: int) -> None:
    """Do not wait for the next time. In a transaction."""
    order = _of_client(public_id, client_id)
    if order.state == AccountOrderState.WORKING:
        hurry(_keys_begin(order))


def stop_account_order(public_id: uuid.UUID, client_id: int, *, by: Visitor | None = None) -> None:
    """Do not create it after all; nobody is charged. Refused while it is worked on. In a transaction."""
    order = _of_client(public_id, client_id)
    if order.state != AccountOrderState.WORKING:
        raise Refused("This order cannot be stopped any more.", code="order_over")
    if not hurry(_keys_begin(order)):
        raise Refused("It is being worked on right now. Try again in a minute.", code="at_work")
    order.lease_number += 1  # a run that has just begun settles nothing any more
    order.problem = _STOPPED_LATE if order.asked else _STOPPED
    _end(order, AccountOrderState.FAILED)
    identity.record("account.stopped", by=by, client_id=client_id, account=order.username)


def account_orders_of(client_id: int) -> list[AccountOrderRow]:
    """A client's orders that are not over, and those that failed within a week; the newest first."""
    rows = (
        session()
        .scalars(
            select(AccountOrder)
            .where(
                AccountOrder.client_id == client_id,
                or_(
                    AccountOrder.state == AccountOrderState.WORKING,
                    (AccountOrder.state == AccountOrderState.FAILED)
                    & (AccountOrder.finished_at > clock.now() - _REMEMBERED),
                ),
            )
            .order_by(AccountOrder.id.desc())
            .limit(_SHOWN)
        )
        .all()
    )
    working = any(row.state == AccountOrderState.WORKING for row in rows)
    failed = {key.split(":")[1] for key in failing(CREATE_SUB_ACCOUNT)} if working else set()
    return [
        AccountOrderRow(
            row.public_id,
            client_id,
            row.username,
            AccountOrderState(row.state),
            row.problem or (_FAILING if str(row.public_id) in failed else ""),
            row.ordered_by,
            row.created_at,
        )
        for row in rows
    ]


def _end(order: AccountOrder, state: AccountOrderState) -> None:
    order.state, order.finished_at, order.sealed_password = state, clock.now(), None
    session().flush()


def _keys_begin(order: AccountOrder) -> str:
    return f"account-order:{order.public_id}:"


def _once_key(order: AccountOrder) -> str:
    """The one open task of an order: every run that does not end it makes the next."""
    return f"{_keys_begin(order)}{order.lease_number}"


def _of_client(public_id: uuid.UUID, client_id: int) -> AccountOrder:
    order: AccountOrder | None = session().scalar(
        select(AccountOrder).where(
            AccountOrder.public_id == public_id, AccountOrder.client_id == client_id
        )
    )
    if order is None:
        raise NotFound("There is no such order.")
    return order


def _held(work: AccountWork) -> AccountOrder:
    order: Any = session().scalar(
        select(AccountOrder).where(
            AccountOrder.id == work.id,
            AccountOrder.lease_number == work.lease_number,
            AccountOrder.state == AccountOrderState.WORKING,
        )
    )
    if order is None:
        raise Refused("Another run has taken this order in hand.", code="lease_lost")
    found: AccountOrder = order
    return found


def _context(order: AccountOrder) -> str:
    return f"reseller:{order.reseller_id}/account_orders/password/{order.public_id}"
