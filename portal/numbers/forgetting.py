"""What a former client's numbers told about them, taken away: which number, when and at what price stays."""

from __future__ import annotations

from sqlalchemy import Select, select, update

from portal.core import storage
from portal.core.db import session
from portal.numbers.models import DidLink, FaxPort, NumberOrder, NumberStep


def clients_with_open_orders() -> Select[int | None]:
    """Whose orders are still worked on: what was wished is needed to finish or undo them."""
    return select(NumberOrder.client_id).where(
        NumberOrder.finished_at.is_(None), NumberOrder.client_id.is_not(None)
    )


def forget_wishes_of(client_id: int) -> None:
    """Empty what was wished for a client's numbers (forwarding, voicemail e-mail), their labels and what came along."""
    orders = select(NumberOrder.id).where(
        NumberOrder.client_id == client_id, NumberOrder.finished_at.is_not(None)
    )
    storage.discard_later(
        session().scalars(
            select(FaxPort.bill).where(FaxPort.client_id == client_id, FaxPort.bill != "")
        )
    )
    for statement in (
        update(NumberStep)
        .where(NumberStep.order_id.in_(orders))
        .values(before="", result="", problem=""),
        update(NumberOrder)
        .where(NumberOrder.id.in_(orders))
        .values(wish={}, sealed_pin=None, problem=""),
        update(DidLink).where(DidLink.client_id == client_id).values(label="", note=""),
        update(FaxPort)
        .where(FaxPort.client_id == client_id)
        .values(facts={}, words="", asked_by="", bill="", carrier_notes=[], problem=""),
    ):
        session().execute(statement, execution_options={"synchronize_session": False})
