"""Arrived texts on their way on: a copy by e-mail, to another phone, to the client's own system.

Each way of each text is a row that is also the log of it. A row is claimed by its lease number: whoever
tries again raises it, and a task of before does nothing any more.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from portal.core import clock, phone, scope
from portal.core.db import insert_once, new_public_id, only_one, session
from portal.core.errors import InvalidInput, NotFound
from portal.core.paging import Page
from portal.core.queue import enqueue
from portal.core.sentences import N_
from portal.messaging import files
from portal.messaging.media_links import links_of
from portal.messaging.models import Conversation, Message, MessageFile, TextRelay
from portal.messaging.number_texts import of, own, settings
from portal.messaging.values import FileState, NumberSettings, RelayRow, RelayState, Way
from portal.numbers import DidOwner
from portal.numbers.models import Did
from portal.tasks import RELAY_TEXT

# A text is sent on by at most so many portals, one after the other.
MOST_HOPS = 3
GOES_ROUND = N_("This text was sent on before and would go round: it was not forwarded.")
_MARK = re.compile(r"(\+\d[\d \-]{5,24}): ")
_MARKS = re.compile(rf"(?:{_MARK.pattern}){{1,40}}")
AGAIN_AFTER = timedelta(minutes=30)  # as the carrier repeats its own
RELAYS_A_PAGE = 30
_FILES_AGAIN, _FILES_WAITED_FOR = timedelta(seconds=10), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class RelayWork:
    """One try, as values. ``settings`` are those of now; ``reference`` is the carrier's id."""

    relay_id: int
    lease_number: int
    client_id: int
    way: Way
    settings: NumberSettings
    contact: str
    text: str
    kind: str
    reference: str
    at: datetime
    message: uuid.UUID | None
    media: tuple[str, ...] = ()

    @property
    def is_test(self) -> bool:
        """Is there no text behind it?"""
        return self.message is None


def begin(owner: DidOwner, message: uuid.UUID, contact: str) -> None:
    """Send an arrived text on, as the client wants it. In the transaction that takes it in.

    A text from a number of this portal, from the phone it would go to, or one that bears the marks of
    having been here before is not forwarded: it would go round for ever.
    """
    row = session().scalar(of(owner.client_id, owner.did_id))
    if row is None:
        return
    ways = [
        way
        for way, wanted in (
            (Way.EMAIL, row.email),
            (Way.FORWARD, row.forward_to),
            (Way.URL, row.callback_url),
        )
        if wanted
    ]
    if not ways:
        return
    arrived = session().execute(
        select(Message.id, Message.text).where(Message.public_id == message)
    )
    message_id, text = arrived.one()
    for way in ways:
        problem = ""
        if way is Way.FORWARD and _may_go_round(row.forward_to, contact, owner.number, text):
            problem = GOES_ROUND
        _add(owner.client_id, owner.did_id, way, message_id, problem=problem)


def send_test(client_id: int, public_id: uuid.UUID) -> None:
    """Call the client's system once with a made-up text. In a transaction."""
    did_id, _ = own(client_id, public_id)
    row = session().scalar(of(client_id, did_id))
    if row is None or not row.callback_url:
        raise InvalidInput("Enter the address of your system first.", field="callback_url")
    _add(client_id, did_id, Way.URL, None)


def try_again(client_id: int, public_id: uuid.UUID, relay: uuid.UUID) -> None:
    """Begin anew with what failed or waits, with all its time. In a transaction."""
    did_id, _ = own(client_id, public_id)
    row = session().scalar(
        select(TextRelay)
        .where(
            TextRelay.public_id == relay,
            TextRelay.client_id == client_id,
            TextRelay.did_id == did_id,
            TextRelay.state != RelayState.DONE,
        )
        .with_for_update()
    )
    if row is None:
        raise NotFound("There is nothing to try again.")
    row.state, row.tried_since = RelayState.WAITING, clock.now()
    row.lease_number += 1
    session().flush()
    enqueue(RELAY_TEXT, relay_id=row.id, lease=row.lease_number)


def open_relay(relay_id: int, lease: int) -> RelayWork | None:
    """Take a row for one try; None when there is nothing to do. In a transaction."""
    if _files_are_on_their_way(relay_id):
        enqueue(RELAY_TEXT, due_at=clock.now() + _FILES_AGAIN, relay_id=relay_id, lease=lease)
        return None
    mine = only_one(
        update(TextRelay)
        .where(
            TextRelay.id == relay_id,
            TextRelay.lease_number == lease,
            TextRelay.state == RelayState.WAITING,
        )
        .values(attempts=TextRelay.attempts + 1, tried_at=clock.now())
    )
    if not mine:
        return None
    found: Any = (
        session()
        .execute(
            select(TextRelay, Message, Did.number)
            .join(Did, Did.id == TextRelay.did_id)
            .outerjoin(Message, Message.id == TextRelay.message_id)
            .where(TextRelay.id == relay_id)
            .execution_options(populate_existing=True)
        )
        .one()
    )
    relay, message, number = found
    wish = session().scalar(of(relay.client_id, relay.did_id))
    if wish is None:
        relayed(relay_id, lease, RelayState.FAILED, "")
        return None
    assert relay.client_id is not None
    return RelayWork(
        relay_id=relay_id,
        lease_number=lease,
        client_id=relay.client_id,
        way=Way(relay.way),
        settings=settings(wish, number),
        contact=message.contact if message else "+16135550100",
        text=message.text if message else "Test",
        kind=message.kind if message else "sms",
        reference=(message.carrier_ref or "") if message else "0",
        at=message.at if message else relay.created_at,
        message=message.public_id if message else None,
        media=links_of(files.of_message(message.id))
        if message and relay.way == Way.URL and message.kind == "mms"
        else (),
    )


def _files_are_on_their_way(relay_id: int) -> bool:
    """Is a file of the text still fetched that the client's system will want? Not for ever."""
    waits = (
        select(MessageFile.id)
        .join(TextRelay, TextRelay.message_id == MessageFile.message_id)
        .where(
            TextRelay.id == relay_id,
            TextRelay.way == Way.URL,
            TextRelay.state == RelayState.WAITING,
            TextRelay.tried_since > clock.now() - _FILES_WAITED_FOR,
            MessageFile.state == FileState.WAITING,
        )
        .limit(1)
    )
    return session().scalar(waits) is not None


def relayed(relay_id: int, lease: int, state: RelayState, answer: str) -> bool:
    """Write down how a try ended; False when the row is not this run's any more. In a transaction."""
    return only_one(
        update(TextRelay)
        .where(
            TextRelay.id == relay_id,
            TextRelay.lease_number == lease,
            TextRelay.state == RelayState.WAITING,
        )
        .values(state=state, last_answer=_printable(answer))
    )


def not_taken(work: RelayWork, answer: str) -> None:
    """The client's system did not say ok: again in half an hour, until its time is over. In a transaction."""
    since = session().scalar(select(TextRelay.tried_since).where(TextRelay.id == work.relay_id))
    over = since is None or clock.now() - since >= timedelta(hours=work.settings.give_up_hours)
    if work.is_test or over:
        relayed(work.relay_id, work.lease_number, RelayState.FAILED, answer)
        return
    if relayed(work.relay_id, work.lease_number, RelayState.WAITING, answer):
        enqueue(
            RELAY_TEXT, due_at=clock.now() + AGAIN_AFTER,
            relay_id=work.relay_id, lease=work.lease_number,
        )  # fmt: skip


def relays(client_id: int, public_id: uuid.UUID, *, after: str | None = None) -> Page[RelayRow]:
    """The log of a number, newest first."""
    did_id, _ = own(client_id, public_id)
    statement = (
        select(
            TextRelay.id, TextRelay.public_id, TextRelay.created_at, TextRelay.way, TextRelay.state,
            TextRelay.attempts, TextRelay.last_answer, TextRelay.tried_at, Message.contact,
            Conversation.public_id,
        )
        .outerjoin(Message, Message.id == TextRelay.message_id)
        .outerjoin(Conversation, Conversation.id == Message.conversation_id)
        .where(TextRelay.client_id == client_id, TextRelay.did_id == did_id)
        .order_by(TextRelay.id.desc())
        .limit(RELAYS_A_PAGE + 1)
    )  # fmt: skip
    place = _place(after)
    if place is not None:
        statement = statement.where(TextRelay.id < place)
    rows = [RelayRow._make(row) for row in session().execute(statement)]
    listed = rows[:RELAYS_A_PAGE]
    return Page(listed, older=listed[-1].public_id.hex if len(rows) > len(listed) else None)


def forget_relays(before: datetime) -> None:
    """Let old lines of the log go."""
    session().execute(
        delete(TextRelay).where(TextRelay.created_at < before),
        execution_options={"synchronize_session": False},
    )


def _add(
    client_id: int, did_id: int, way: Way, message_id: int | None, *, problem: str = ""
) -> None:
    public_id = new_public_id()
    new = insert_once(
        TextRelay,
        {
            "public_id": public_id,
            "reseller_id": scope.reseller_id(),
            "client_id": client_id,
            "did_id": did_id,
            "message_id": message_id,
            "way": way,
            "state": RelayState.FAILED if problem else RelayState.WAITING,
            "attempts": 0,
            "lease_number": 1,
            "last_answer": problem,
            "tried_since": clock.now(),
            "created_at": clock.now(),
        },
    )
    if new and not problem:
        relay_id = session().scalar(select(TextRelay.id).where(TextRelay.public_id == public_id))
        assert relay_id is not None
        enqueue(RELAY_TEXT, relay_id=relay_id, lease=1)


def forwarded(contact: str, text: str) -> str:
    """What goes to the other phone: who wrote, before the words. It is also the mark of one hop."""
    return f"{phone.international(contact)}: {text}"


def _hops(text: str) -> list[str]:
    """The numbers that an arrived text came through, as those who sent it on marked it."""
    marks = _MARKS.match(text)
    return [phone.normalise(one) or one for one in _MARK.findall(marks[0])] if marks else []


def _may_go_round(forward_to: str, contact: str, own_number: str, text: str) -> bool:
    hops = _hops(text)
    if len(hops) >= MOST_HOPS or own_number in hops:
        return True
    ours = session().scalar(select(Did.id).where(Did.number == contact, Did.gone_at.is_(None)))
    return contact == forward_to or ours is not None


def _printable(text: str) -> str:
    return "".join(one for one in " ".join(text.split())[:200] if one.isprintable())


def _place(after: str | None) -> int | None:
    try:
        public_id = uuid.UUID(hex=after or "")
    except ValueError:
        return None
    found: int | None = session().scalar(
        select(TextRelay.id).where(TextRelay.public_id == public_id)
    )
    return found
