"""How an order goes on: taken in hand by one run of its job, step by step, to one of its two ends."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import delete, select, update

from portal import identity, upstream
from portal.core import clock, registry
from portal.core.db import only_one, session
from portal.core.errors import NotFound, Refused
from portal.core.phone import international
from portal.core.queue import enqueue, hurry
from portal.core.sentences import N_
from portal.identity import Visitor
from portal.numbers.holds import BUY, give_hold_back
from portal.numbers.models import CallTarget, Did, DidReservation, NumberOrder, NumberStep
from portal.numbers.order_queries import is_failing, keys_begin, order_row
from portal.numbers.pushes import is_reachable
from portal.numbers.service import connect_dids
from portal.numbers.values import (
    MailboxWish,
    OrderState,
    OrderWork,
    Ring,
    StepKind,
    StepRow,
    StepState,
)
from portal.numbers.wishes import fees_of
from portal.tasks import WORK_NUMBER_ORDER

STOPPED = "stopped"
_STOPPED = N_("Stopped by staff.")
_LEFT = N_("The portal failed at it again and again.")
_OPEN = (OrderState.WORKING, OrderState.UNDOING)


def take_order(order_id: int) -> OrderWork | None:
    """Take an order in hand; None when it is over. In a transaction.

    Whoever had it before can settle nothing any more. That no two runs are at the carrier at once
    is the outbox's doing: there is one open task of an order at any time.
    """
    order = session().scalar(select(NumberOrder).where(NumberOrder.id == order_id))
    if order is None or order.state not in _OPEN:
        return None
    order.lease_number += 1
    session().flush()
    row = order_row(order)
    client = identity.clients_by_id({row.client_id})[row.client_id]
    box = order.wish.get("mailbox")
    return OrderWork(
        order=row,
        lease_number=order.lease_number,
        marker=f"order {order.public_id.hex[:12]}",
        account=order.wish.get("account", ""),
        ring=Ring(order.wish.get("ring", Ring.KEEP)),
        forward_to=order.wish.get("forward_to", ""),
        mailbox=MailboxWish(box["name"], box["email"], _pin(order)) if box else None,
        time_zone=client.details.time_zone,
        language=client.details.language,
        location=order.wish.get("location", ""),
        callback=_fax_callback(order),
        callback_works=is_reachable(),
    )


def _fax_callback(order: NumberOrder) -> str:
    """What marks the number that this order buys, and brings its faxes."""
    if order.action != BUY:
        return ""
    return upstream.fax_callback_address(order.public_id.hex[:12]) or ""


def begin_step(work: OrderWork, step: StepRow, *, before: str = "", result: str = "") -> None:
    """Write down what stands at the carrier, or what will be made there, before it is. In a transaction."""
    _set_step(work, step, StepState.BEGUN, before=before, result=result)


def step_done(
    work: OrderWork, step: StepRow, *, result: str = "", routing: str | None = None
) -> None:
    """The carrier has it; ``routing`` is where a number's calls go now. In a transaction."""
    _set_step(work, step, StepState.DONE, result=result)
    _note_at_carrier(work, step, result, routing)


def step_undone(work: OrderWork, step: StepRow, *, routing: str | None = None) -> None:
    """It is as it was before. In a transaction."""
    _set_step(work, step, StepState.UNDONE)
    if step.kind is StepKind.BUY_FAX and step.did_id is not None:
        session().execute(
            update(Did).where(Did.id == step.did_id).values(gone_at=clock.now()),
            execution_options={"synchronize_session": False},
        )
    _note_at_carrier(work, step, "", routing)


def step_left(work: OrderWork, step: StepRow, problem: str) -> None:
    """The carrier refuses to take it back: kept for somebody to look at. In a transaction."""
    _set_step(work, step, StepState.LEFT, problem=problem[:300])


def order_done(work: OrderWork) -> None:
    """The carrier has done its part: link and charge, everything or nothing. In a transaction."""
    finish_order(held_order(work))


def refuse_order(work: OrderWork, problem: str, code: str) -> None:
    """The carrier, or the portal itself, refuses for good: what was done is undone. In a transaction."""
    order = held_order(work)
    order.state, order.problem, order.problem_code = OrderState.UNDOING, problem[:300], code[:60]
    session().flush()


def order_undone(work: OrderWork) -> None:
    """Nothing of it is left: the numbers are free again, nobody was charged. In a transaction."""
    order = held_order(work)
    _end(order, OrderState.UNDONE)
    identity.record(
        "numbers.undone", client_id=order.client_id, numbers=_numbers(order),
        reason=order.problem, order=str(order.public_id),
    )  # fmt: skip


def order_waits(work: OrderWork, problem: str, code: str, *, again_at: datetime) -> None:
    """It does not go on now: staff see why, and it is tried again. In a transaction."""
    order = held_order(work)
    if order.state == OrderState.WORKING:
        order.problem, order.problem_code = problem[:300], code[:60]
    session().flush()
    enqueue(WORK_NUMBER_ORDER, due_at=again_at, once_key=once_key(order), order_id=order.id)


def try_order_now(public_id: uuid.UUID, client_id: int) -> None:
    """Do not wait for the next time. In a transaction."""
    order = _of_client(public_id, client_id)
    if order.state in _OPEN:
        hurry(keys_begin(order))


def cancel_order(public_id: uuid.UUID, client_id: int, *, by: Visitor | None = None) -> None:
    """Undo an order that waits for the carrier. Refused while it is being worked on. In a transaction.

    What cannot be undone, because that fails again and again, ends: what is left at the carrier is named.
    """
    order = _of_client(public_id, client_id)
    undoes = order.state == OrderState.WORKING and order.action != "release"
    if not undoes and not is_failing(order):
        raise Refused("This order cannot be stopped any more.", code="order_over")
    if not hurry(keys_begin(order)):
        raise Refused("It is being worked on right now. Try again in a minute.", code="at_work")
    order.lease_number += 1  # a run that has just begun settles nothing any more
    order.problem, order.problem_code = _STOPPED, STOPPED
    if undoes:
        order.state = OrderState.UNDOING
        session().flush()
    else:
        _leave(order)
    identity.record(
        "numbers.stopped", by=by, client_id=client_id, numbers=_numbers(order),
        order=str(public_id),
    )  # fmt: skip


def finish_order(order: NumberOrder) -> None:
    """The good end. In a transaction."""
    wish = order.wish
    if order.action != "release":
        assert order.client_id is not None
        assert order.sub_account_id is not None
        made = _made(order)
        give_hold_back(order)
        connect_dids(
            [uuid.UUID(one) for one in wish["dids"]],
            order.sub_account_id,
            fees_of(wish),
            client_id=order.client_id,
            label=wish["label"],
            charge_setup=wish["charge_setup"],
            charge_monthly=wish["charge_monthly"],
            order_id=order.id,
            made_forwarding=made.get(StepKind.FORWARDING, ""),
            made_mailbox=made.get(StepKind.MAILBOX, ""),
        )
        session().execute(
            update(NumberStep)
            .where(NumberStep.order_id == order.id, NumberStep.kind == StepKind.LINK)
            .values(state=StepState.DONE)
        )
        identity.record(
            "numbers.connected", client_id=order.client_id, numbers=_numbers(order),
            order=str(order.public_id),
        )  # fmt: skip
    order.problem = order.problem_code = ""
    _end(order, OrderState.DONE)


def once_key(order: NumberOrder) -> str:
    """The one open task of an order: every run that does not end it makes the next."""
    return f"{keys_begin(order)}{order.lease_number}"


def pin_context(order: NumberOrder) -> str:
    """Where a sealed PIN belongs: a copy of it in another row opens nothing."""
    return f"reseller:{order.reseller_id}/number_orders/pin/{order.public_id}"


def _end(order: NumberOrder, state: OrderState) -> None:
    if state == OrderState.UNDONE:
        give_hold_back(order)
    order.state, order.finished_at, order.sealed_pin = state, clock.now(), None
    session().flush()
    session().execute(
        delete(DidReservation).where(DidReservation.order_id == order.id),
        execution_options={"synchronize_session": False},
    )


def _leave(order: NumberOrder) -> None:
    """End it as it stands; every step that was begun is named as left."""
    touched = [StepState.BEGUN, StepState.DONE]
    if order.action == "release":
        touched = [StepState.WAITING, StepState.BEGUN]
    session().execute(
        update(NumberStep)
        .where(NumberStep.order_id == order.id, NumberStep.state.in_(touched))
        .values(state=StepState.LEFT, problem=_LEFT),
        execution_options={"synchronize_session": False},
    )
    _end(order, OrderState.DONE if order.action == "release" else OrderState.UNDONE)


def held_order(work: OrderWork) -> NumberOrder:
    """The order, as long as this run has it in hand."""
    order: NumberOrder | None = session().scalar(
        select(NumberOrder).where(
            NumberOrder.id == work.order.id,
            NumberOrder.lease_number == work.lease_number,
            NumberOrder.state.in_(_OPEN),
        )
    )
    if order is None:
        raise Refused("Another run has taken this order in hand.", code="lease_lost")
    return order


def _set_step(work: OrderWork, step: StepRow, state: StepState, **values: str) -> None:
    held_order(work)
    kept = {name: value[:300] for name, value in values.items() if value}
    only_one(update(NumberStep).where(NumberStep.id == step.id).values(state=state, **kept))


def _note_at_carrier(work: OrderWork, step: StepRow, result: str, routing: str | None) -> None:
    """What pages show, without waiting for the next look at the carrier's lists."""
    if routing is not None and step.did_id is not None:
        session().execute(
            update(Did).where(Did.id == step.did_id).values(routing=routing[:120]),
            execution_options={"synchronize_session": False},
        )
    words = {
        StepKind.FORWARDING: ("fwd", work.forward_to),
        StepKind.MAILBOX: ("vm", work.mailbox.name if work.mailbox else ""),
    }.get(step.kind)
    if words is None or not result:
        return
    known = session().scalar(
        select(CallTarget).where(CallTarget.kind == words[0], CallTarget.target == result)
    )
    if known is None:
        session().add(CallTarget(kind=words[0], target=result, words=words[1][:120]))
        session().flush()


def _made(order: NumberOrder) -> dict[str, str]:
    rows = session().execute(
        select(NumberStep.kind, NumberStep.result).where(NumberStep.order_id == order.id)
    )
    return {row.kind: row.result for row in rows if row.result}


def _numbers(order: NumberOrder) -> list[str]:
    return [international(one) for one in order_row(order).numbers]


def _pin(order: NumberOrder) -> str:
    if order.sealed_pin is None:
        return ""
    return registry.key_ring().unseal(order.sealed_pin, context=pin_context(order))


def _of_client(public_id: uuid.UUID, client_id: int) -> NumberOrder:
    order: NumberOrder | None = session().scalar(
        select(NumberOrder).where(
            NumberOrder.public_id == public_id, NumberOrder.client_id == client_id
        )
    )
    if order is None:
        raise NotFound("There is no such order.")
    return order
