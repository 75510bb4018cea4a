"""Orders to connect numbers or to let them go: accepted at once, worked through at the carrier later.

A number is reserved from the moment of the order to its end, so nobody else can have it meanwhile.
Links and charges are written together, in one transaction, when the carrier has done its part: a
client never pays for what failed. What the carrier refuses for good is undone step by step.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from portal import identity, upstream
from portal.core import registry, scope
from portal.core.db import insert_once, session
from portal.core.errors import NotFound, Refused
from portal.core.phone import international
from portal.core.queue import enqueue
from portal.identity import Visitor
from portal.numbers.models import DidLink, DidReservation, NumberOrder, NumberStep
from portal.numbers.order_work import finish_order, once_key, pin_context
from portal.numbers.queries import dids_of
from portal.numbers.service import unconnect
from portal.numbers.values import ConnectWish, DidRow, OrderState, ReleaseWish, Ring, StepKind
from portal.numbers.wishes import check_wish, plain
from portal.tasks import WORK_NUMBER_ORDER

_Step = tuple[StepKind, int | None, str]


def order_connection(
    wish: ConnectWish, *, client_id: int, reference: str, by: Visitor | None = None
) -> uuid.UUID:
    """Accept the connection of numbers, all or none; the order's public id. In a transaction.

    The same ``reference`` again is the same order. Refuses, by field, what makes no sense, and
    numbers that somebody else has or is connecting. With nothing to do at the carrier it is done
    at once; else a job does it, and finishes or undoes it by itself.
    """
    identity.hold_open_client(client_id)  # the same form sent twice at once finds the first
    known = known_order(reference)
    if known is not None:
        return known
    rows = check_wish(wish, client_id)
    order = add_order(
        "connect", client_id, reference, rows, _connect_steps(wish, rows), wish=plain(wish), by=by
    )
    order.sub_account_id = wish.sub_account_id
    if wish.mailbox:
        order.sealed_pin = registry.key_ring().seal(wish.mailbox.pin, context=pin_context(order))
    session().flush()
    identity.record(
        "numbers.ordered", by=by, client_id=client_id,
        numbers=[international(row.number) for row in rows], order=str(order.public_id),
    )  # fmt: skip
    start_order(order)
    return order.public_id


def order_release(
    link: uuid.UUID, wish: ReleaseWish, *, client_id: int, by: Visitor | None = None
) -> uuid.UUID | None:
    """Let a number go: the connection ends at once, the carrier follows. In a transaction.

    Earlier calls, texts and transactions stay the client's. None when the carrier has nothing to
    do, else the order that does it; the number is free when that has come to its end.
    """
    row = session().scalar(
        select(DidLink).where(DidLink.public_id == link, DidLink.valid_to.is_(None))
    )
    if row is None or row.client_id != client_id:
        raise NotFound("This number is not connected any more.")
    did = next(one for one in dids_of(client_id) if one.link_public_id == link)
    unconnect(link)
    identity.record(
        "numbers.unconnected", by=by, client_id=client_id, numbers=[international(did.number)]
    )
    steps = _release_steps(wish, row, did)
    if not steps or not upstream.is_connected():
        return None
    order = add_order(
        "release",
        client_id,
        f"release:{link}",
        [did],
        steps,
        wish={"dids": [str(did.public_id)]},
        by=by,
    )
    start_order(order)
    return order.public_id


def known_order(reference: str) -> uuid.UUID | None:
    """The order that this form has made already."""
    found: uuid.UUID | None = session().scalar(
        select(NumberOrder.public_id).where(NumberOrder.reference == reference)
    )
    return found


def add_order(
    action: str,
    client_id: int,
    reference: str,
    dids: Sequence[DidRow],
    steps: Sequence[_Step],
    *,
    wish: dict[str, Any],
    by: Visitor | None,
) -> NumberOrder:
    """An order with its reservations and steps. In a transaction."""
    order = NumberOrder(
        client_id=client_id,
        public_id=uuid.uuid4(),
        reference=reference,
        action=action,
        state=OrderState.WORKING,
        wish=wish,
        ordered_by=by.name[:120] if by else "",
    )
    session().add(order)
    session().flush()
    for did in sorted(dids, key=lambda one: one.id):
        # The reservation is the lock: of two orders for one number one wins, the other is told.
        mine = insert_once(
            DidReservation,
            {"did_id": did.id, "order_id": order.id, "reseller_id": scope.reseller_id()},
        )
        if not mine:
            raise Refused(
                "Somebody else is connecting this number right now.",
                code="did_taken",
                field="dids",
            )
    for position, (kind, did_id, result) in enumerate(steps):
        session().add(
            NumberStep(
                client_id=client_id,
                order_id=order.id,
                position=position,
                kind=kind,
                did_id=did_id,
                result=result,
            )
        )
    session().flush()
    return order


def start_order(order: NumberOrder) -> None:
    """Let its job have it, or finish it when the carrier has nothing to do. In a transaction."""
    kinds = session().scalars(select(NumberStep.kind).where(NumberStep.order_id == order.id)).all()
    if list(kinds) == [StepKind.LINK]:
        finish_order(order)
    else:
        enqueue(WORK_NUMBER_ORDER, once_key=once_key(order), order_id=order.id)


def _connect_steps(wish: ConnectWish, dids: Sequence[DidRow]) -> list[_Step]:
    steps: list[_Step] = []
    if wish.ring is Ring.FORWARD:
        steps.append((StepKind.FORWARDING, None, ""))
    if wish.mailbox:
        steps.append((StepKind.MAILBOX, None, ""))
    for did in dids:
        if wish.ring is not Ring.KEEP:
            steps.append((StepKind.ROUTE, did.id, ""))
        if wish.mailbox:
            steps.append((StepKind.VOICEMAIL, did.id, ""))
    return [*steps, (StepKind.LINK, None, "")]


def _release_steps(wish: ReleaseWish, link: DidLink, did: DidRow) -> list[_Step]:
    if did.kind == "fax" or did.is_gone:
        return []
    steps: list[_Step] = []
    drops_forwarding = bool(wish.drop_forwarding and link.made_forwarding)
    drops_mailbox = bool(wish.drop_mailbox and link.made_mailbox)
    if wish.silence or drops_forwarding:
        steps.append((StepKind.ROUTE, did.id, "none:"))
    if drops_mailbox:
        steps.append((StepKind.VOICEMAIL, did.id, ""))
    if drops_forwarding and not _used_elsewhere(DidLink.made_forwarding == link.made_forwarding):
        steps.append((StepKind.DROP_FORWARDING, None, link.made_forwarding))
    if drops_mailbox and not _used_elsewhere(DidLink.made_mailbox == link.made_mailbox):
        steps.append((StepKind.DROP_MAILBOX, None, link.made_mailbox))
    return steps


def _used_elsewhere(same: Any) -> bool:
    """Does another connection still stand on what was made for this one?"""
    row = session().scalar(select(DidLink.id).where(same, DidLink.valid_to.is_(None)).limit(1))
    return row is not None
