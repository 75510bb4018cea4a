"""Reads of orders: one with its steps, those of a client, those that need somebody."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, select

from portal.core import clock
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.queue import failing
from portal.core.sentences import N_
from portal.numbers.models import Did, NumberOrder, NumberStep
from portal.numbers.values import OrderRow, OrderState, StepKind, StepRow, StepState
from portal.tasks import WORK_NUMBER_ORDER

FAILING = "failing"
_FAILING = N_("This keeps failing in the portal itself.")

_OPEN = (OrderState.WORKING, OrderState.UNDOING)
_REMEMBERED = timedelta(days=7)
_SHOWN = 20


def find_order(public_id: uuid.UUID, client_id: int) -> OrderRow:
    """One order of a client by its public id; NotFound when it has none such."""
    order = session().scalar(
        select(NumberOrder).where(
            NumberOrder.public_id == public_id, NumberOrder.client_id == client_id
        )
    )
    if order is None:
        raise NotFound("There is no such order.")
    return order_row(order)


def orders_of(client_id: int) -> list[OrderRow]:
    """A client's orders that are not over, and those undone within a week; the newest first."""
    rows = session().scalars(
        select(NumberOrder)
        .where(
            NumberOrder.client_id == client_id,
            or_(
                NumberOrder.state.in_(_OPEN),
                (NumberOrder.state == OrderState.UNDONE)
                & (NumberOrder.finished_at > clock.now() - _REMEMBERED),
            ),
        )
        .order_by(NumberOrder.id.desc())
        .limit(_SHOWN)
    )
    return _rows(rows.all())


def waiting_orders() -> list[OrderRow]:
    """Orders of the reseller that do not go on because of a problem, the oldest first."""
    failed = _failing()
    rows = session().scalars(
        select(NumberOrder)
        .where(
            NumberOrder.state.in_(_OPEN),
            or_(NumberOrder.problem != "", NumberOrder.public_id.in_(failed)),
        )
        .order_by(NumberOrder.id)
        .limit(_SHOWN)
    )
    return _rows(rows.all())


def order_row(order: NumberOrder) -> OrderRow:
    """An order as everybody else sees it."""
    return _rows([order])[0]


def keys_begin(order: NumberOrder) -> str:
    """How the once-keys of every run of an order begin."""
    return f"number-order:{order.public_id}:"


def is_failing(order: NumberOrder) -> bool:
    """Does its job die again and again, or was it given up?"""
    return order.state in _OPEN and order.public_id in _failing()


def _failing() -> set[uuid.UUID]:
    return {uuid.UUID(key.split(":")[1]) for key in failing(WORK_NUMBER_ORDER)}


def _rows(orders: Sequence[NumberOrder]) -> list[OrderRow]:
    if not orders:
        return []
    ids = [order.id for order in orders]
    steps: dict[int, list[StepRow]] = {}
    found = session().execute(
        select(NumberStep, Did.number)
        .outerjoin(Did, Did.id == NumberStep.did_id)
        .where(NumberStep.order_id.in_(ids))
        .order_by(NumberStep.order_id, NumberStep.position)
        .execution_options(populate_existing=True)
    )
    for step, number in found:
        steps.setdefault(step.order_id, []).append(
            StepRow(
                step.id,
                StepKind(step.kind),
                StepState(step.state),
                step.did_id,
                number or "",
                step.before,
                step.result,
                step.problem,
            )
        )
    failed = _failing() if any(order.state in _OPEN for order in orders) else set()
    wished = {uuid.UUID(one) for order in orders for one in order.wish.get("dids", ())}
    named = {
        row.public_id: row.number
        for row in session().execute(
            select(Did.public_id, Did.number).where(Did.public_id.in_(wished))
        )
    }
    return [
        OrderRow(
            id=order.id,
            public_id=order.public_id,
            client_id=order.client_id or 0,
            action=order.action,
            state=OrderState(order.state),
            problem=order.problem or (_FAILING if order.public_id in failed else ""),
            problem_code=order.problem_code or (FAILING if order.public_id in failed else ""),
            is_failing=order.public_id in failed,
            ordered_by=order.ordered_by,
            created_at=order.created_at,
            finished_at=order.finished_at,
            place=order.wish.get("place", ""),
            numbers=tuple(
                named[uuid.UUID(one)]
                for one in order.wish.get("dids", ())
                if uuid.UUID(one) in named
            ),
            steps=tuple(steps.get(order.id, ())),
        )
        for order in orders
    ]
