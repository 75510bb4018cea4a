"""The money of a text: set aside when it is accepted, taken when the carrier has it, else given back."""

from __future__ import annotations

from portal import ledger
from portal.core import live
from portal.core.errors import InsufficientBalance
from portal.core.money import ZERO, Money
from portal.ledger import CostDelta, CostKind, Reason
from portal.messaging.models import Message
from portal.rating.messages import Kind

SOURCE = "message"
HOLD = "send"


def hold(message: Message) -> None:
    """Set its price aside; InsufficientBalance beside the text."""
    assert message.client_id is not None
    try:
        ledger.hold(
            message.client_id, message.price,
            source_type=SOURCE, source_id=str(message.public_id), kind=HOLD,
        )  # fmt: skip
    except InsufficientBalance as error:
        raise InsufficientBalance(
            "Your balance does not cover this message. Add funds first.", field="text"
        ) from error


def post(message: Message) -> None:
    """Charge what was set aside."""
    ledger.post_hold(
        source_type=SOURCE,
        source_id=str(message.public_id),
        kind=HOLD,
        reason=Reason.SMS if message.kind == Kind.SMS else Reason.MMS,
        description=message.contact,
        occurred_at=message.at,
    )
    assert message.client_id is not None
    note_cost(message.client_id, message.cost)
    ledger.review_crossed([message.client_id])
    live.tell("balance-changed", client_id=message.client_id)


def note_cost(client_id: int, cost: Money | None) -> None:
    """What the carrier takes for it, in the month of its charge."""
    ledger.note_costs([CostDelta(client_id, CostKind.TEXT, cost or ZERO)])


def give_back(message: Message) -> None:
    """It costs nothing."""
    ledger.void_hold(source_type=SOURCE, source_id=str(message.public_id), kind=HOLD)
    live.tell("balance-changed", client_id=message.client_id)
