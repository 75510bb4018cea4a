"""What the proof of the books asks of texts: charges, holds, ends and conversations must agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from portal.core import clock
from portal.core.db import MoneyType, session
from portal.core.money import Money
from portal.ledger.check import charged, costs_follow, count_of, counts, held, plain, register
from portal.ledger.models import Transfer
from portal.ledger.values import CostKind
from portal.messaging.models import ConsentEvent, Conversation, InboundEvent, Message
from portal.messaging.money import SOURCE
from portal.messaging.values import UNSETTLED, ConsentChange, MessageState
from portal.numbers.models import DidLink

# Every message reaches its end within this time (invariant I9).
LONGEST_UNSETTLED = timedelta(hours=4)
_CHARGED = (MessageState.SENT, MessageState.DELIVERED, MessageState.RECEIVED)
_HANDED_OVER = (
    MessageState.SENDING, MessageState.UNKNOWN, MessageState.SENT, MessageState.DELIVERED,
)  # fmt: skip
_MOST_FINDINGS = 50
_NOTHING = Money(0)


@register
def texts_cost_what_was_charged() -> Iterator[str]:
    """A text that went out or came in cost its price, once; any other cost nothing."""
    charges = charged(SOURCE)
    nothing = literal(_NOTHING, MoneyType())
    due: ColumnElement[Money] = case((Message.state.in_(_CHARGED), Message.price), else_=nothing)
    rows = session().execute(
        select(Message.public_id, Message.state, Message.price, charges.c.amount)
        .outerjoin(
            charges,
            and_(
                charges.c.reseller_id == Message.reseller_id,
                charges.c.client_id == Message.client_id,
                charges.c.name == plain(Message.public_id),
            ),
        )
        .where(due != func.coalesce(charges.c.amount, nothing))
        .limit(_MOST_FINDINGS)
    )
    for name, state, price, amount in rows:
        yield f"Text {name} is {state} at {price}, but {amount or _NOTHING} were charged."


@register
def costs_of_texts_are_in_the_months() -> Iterator[str]:
    """What the carrier took for texts is in the months of the books, whole and once."""
    rows = session().execute(
        select(
            Message.reseller_id, Message.client_id, func.sum(Message.cost, type_=MoneyType())
        )
        .where(Message.cost.is_not(None))
        .group_by(Message.reseller_id, Message.client_id)
    )  # fmt: skip
    proven = {(owner or 0, client or 0): cost or _NOTHING for owner, client, cost in rows}
    yield from costs_follow(CostKind.TEXT, proven)


@register
def texts_are_charged_as_what_they_are() -> Iterator[str]:
    """An SMS stands as an SMS in the history, an MMS as an MMS."""
    rows = session().execute(
        select(Message.public_id, Message.kind, Transfer.reason)
        .join(
            Transfer,
            and_(
                Transfer.reseller_id == Message.reseller_id,
                Transfer.client_id == Message.client_id,
                Transfer.source_type == SOURCE,
                plain(Transfer.source_id) == plain(Message.public_id),
            ),
        )
        .where(Transfer.reason != Message.kind)
        .limit(_MOST_FINDINGS)
    )
    for name, kind, reason in rows:
        yield f"Text {name} is an {kind}, but was charged as {reason}."


@register
def texts_hold_money_until_they_are_settled() -> Iterator[str]:
    """Its price is set aside while a text's end is open, and for no longer."""
    holds = held(SOURCE)
    is_open = Message.state.in_(UNSETTLED)
    times = func.coalesce(holds.c.times, 0)
    wrong_amount = and_(is_open, holds.c.amount != Message.price)
    rows = session().execute(
        select(Message.public_id, Message.state, Message.price, times, holds.c.amount)
        .outerjoin(
            holds,
            and_(
                holds.c.reseller_id == Message.reseller_id,
                holds.c.name == plain(Message.public_id),
            ),
        )
        .where(or_(times != case((is_open, 1), else_=0), wrong_amount))
        .limit(_MOST_FINDINGS)
    )
    for name, state, price, count, amount in rows:
        yield f"Text {name} is {state} at {price}; {count} holds of {amount or _NOTHING} are open."


@register
def texts_reach_an_end() -> Iterator[str]:
    """I9: nothing waits for ever, and nobody's money with it."""
    before = clock.now() - LONGEST_UNSETTLED
    rows = session().execute(
        select(Message.public_id, Message.state, Message.at)
        .where(Message.state.in_(UNSETTLED), Message.at < before)
        .order_by(Message.at)
        .limit(_MOST_FINDINGS)
    )
    for name, state, at in rows:
        yield f"Text {name} of {at:%Y-%m-%d %H:%M} is still {state}."


@register
def texts_cost_the_fee_of_their_number() -> Iterator[str]:
    """The worksheet of a text: the fee of its kind and direction; an answer to STOP may be free."""
    fee = case(
        *(
            (
                and_(Message.kind == kind, Message.direction == way),
                getattr(DidLink, f"{kind}_{way}"),
            )
            for kind in ("sms", "mms")
            for way in ("in", "out")
        )
    )
    rows = session().execute(
        select(Message.public_id, Message.price, fee.label("fee"))
        .join(DidLink, DidLink.id == Message.did_link_id)
        .where(
            Message.state.in_(_CHARGED),
            Message.price != fee,
            or_(Message.consent_word == "", Message.price != _NOTHING),
        )
        .limit(_MOST_FINDINGS)
    )
    for name, price, due in rows:
        yield f"Text {name} cost {price}, but the fee of its number is {due}."


@register
def webhooks_of_texts_were_taken_in() -> Iterator[str]:
    """I10: what a webhook brought was looked at, and a text of the carrier is there once."""
    before = clock.now() - LONGEST_UNSETTLED
    rows = session().execute(
        select(InboundEvent.id, InboundEvent.received_at)
        .where(InboundEvent.handled_at.is_(None), InboundEvent.received_at < before)
        .limit(_MOST_FINDINGS)
    )
    for number, at in rows:
        yield f"The webhook {number} of {at:%Y-%m-%d %H:%M} was never taken in."
    key = (Message.reseller_id, Message.kind, Message.direction, Message.carrier_ref)
    twice = session().execute(
        select(*key, func.count().label("times"))
        .where(Message.carrier_ref.is_not(None))
        .group_by(*key)
        .having(func.count() > 1)
        .limit(_MOST_FINDINGS)
    )
    for row in twice:
        yield f"The carrier's text {row.carrier_ref} is here {row.times} times."


@counts("I9", "texts, each at its end or on its way")
def _texts() -> int:
    return count_of(Message)


@counts("I10", "webhooks of texts")
def _webhooks() -> int:
    return count_of(InboundEvent)


@counts("I10", "texts of the carrier, each here once")
def _carried() -> int:
    return count_of(Message, Message.carrier_ref.is_not(None))


@counts("Worksheets", "texts")
def _priced() -> int:
    return count_of(Message, Message.state.in_(_CHARGED), Message.did_link_id.is_not(None))


@counts("I12", "stops of contacts")
def _stops() -> int:
    return count_of(ConsentEvent, ConsentEvent.change == ConsentChange.STOPPED)


@register
def nothing_was_handed_over_after_a_stop() -> Iterator[str]:
    """I12: from a stop to the next allowing no text goes to the carrier but the answer to the stop."""
    allowed = aliased(ConsentEvent)
    allowed_between = (
        select(allowed.id)
        .where(
            allowed.client_id == ConsentEvent.client_id,
            allowed.did_id == ConsentEvent.did_id,
            allowed.contact == ConsentEvent.contact,
            allowed.change == ConsentChange.ALLOWED,
            allowed.at >= ConsentEvent.at,
            allowed.at < Message.handed_over_at,
        )
        .exists()
    )
    rows = session().execute(
        select(Message.public_id, Message.state, ConsentEvent.at)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(
            ConsentEvent,
            and_(
                ConsentEvent.client_id == Conversation.client_id,
                ConsentEvent.did_id == Conversation.did_id,
                ConsentEvent.contact == Conversation.contact,
                ConsentEvent.change == ConsentChange.STOPPED,
            ),
        )
        .where(
            Message.direction == "out",
            Message.consent_word == "",
            Message.state.in_(_HANDED_OVER),
            Message.handed_over_at > ConsentEvent.at,
            ~allowed_between,
        )
        .limit(_MOST_FINDINGS)
    )
    for name, state, at in rows:
        yield f"Text {name} is {state}, handed over after the contact's stop of {at:%Y-%m-%d %H:%M}."


@register
def conversations_follow_from_their_texts() -> Iterator[str]:
    """A conversation's line shows its newest text, and counts no more unread than came in."""
    texts = (
        select(
            Message.conversation_id.label("conversation_id"),
            func.max(Message.at, type_=Conversation.last_at.type).label("newest"),
            func.sum(case((Message.direction == "in", 1), else_=0)).label("came_in"),
        )
        .group_by(Message.conversation_id)
        .subquery()
    )
    rows = session().execute(
        select(
            Conversation.public_id,
            Conversation.last_at,
            texts.c.newest,
            Conversation.unread,
            texts.c.came_in,
        )
        .outerjoin(texts, texts.c.conversation_id == Conversation.id)
        .where(
            or_(
                texts.c.newest.is_(None),
                Conversation.last_at != texts.c.newest,
                Conversation.last_direction == "",
                Conversation.unread < 0,
                Conversation.unread > texts.c.came_in,
            )
        )
        .limit(_MOST_FINDINGS)
    )
    for name, last_at, newest, unread, came_in in rows:
        yield (
            f"Conversation {name} says {last_at} and {unread} unread;"
            f" its texts say {newest} and {came_in or 0} received."
        )
