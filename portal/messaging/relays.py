"""Arrived texts on their way on: a copy by e-mail, to another phone, to the client's own system.

Each way of each text is a row that is also the log of it. A row is claimed by its lease number: whoever
tries again raises it, and a task of before does nothing any more. Mails and forwarded texts have a task for
each row; the calls of a client's system stand in one line (``callback_turns``, ``callback_calls``).
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime

from sqlalchemy import delete, select, update

from portal.core import clock, phone, scope, slow_hosts
from portal.core.db import insert_once, new_public_id, only_one, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.paging import Page
from portal.core.queue import enqueue
from portal.core.sentences import N_
from portal.messaging.callback_turns import wake
from portal.messaging.models import Conversation, Message, NumberTexts, TextRelay
from portal.messaging.number_texts import of, own
from portal.messaging.relay_work import RelayWork, host_of, wishes, work_of
from portal.messaging.values import RelayRow, RelayState, Way, printable
from portal.numbers import DidOwner
from portal.numbers.models import Did
from portal.tasks import RELAY_TEXT

# A text is sent on by at most so many portals, one after the other.
MOST_HOPS = 3
GOES_ROUND = N_("This text was sent on before and would go round: it was not forwarded.")
_MARK = re.compile(r"(\+\d[\d \-]{5,24}): ")
_MARKS = re.compile(rf"(?:{_MARK.pattern}){{1,40}}")
BEING_TRIED = N_("This one is being tried right now. Its answer appears in the log.")
RELAYS_A_PAGE = 30


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
    _call_now(client_id, row)
    _add(client_id, did_id, Way.URL, None)


def try_again(client_id: int, public_id: uuid.UUID, relay: uuid.UUID) -> None:
    """Begin anew with what failed or waits, with all its time. In a transaction.

    What is being tried right now is left alone: Refused.
    """
    did_id, _ = own(client_id, public_id)
    found = session().execute(
        select(TextRelay.id, TextRelay.way).where(
            TextRelay.public_id == relay,
            TextRelay.client_id == client_id,
            TextRelay.did_id == did_id,
            TextRelay.state.not_in((RelayState.DONE, RelayState.UNWANTED)),
        )
    )
    row = found.first()
    if row is None:
        raise NotFound("There is nothing to try again.")
    if row.way == Way.URL:
        _call_now(client_id, session().scalar(of(client_id, did_id)))
    mine = only_one(
        update(TextRelay)
        .where(
            TextRelay.id == row.id,
            TextRelay.state.in_((RelayState.WAITING, RelayState.FAILED)),
        )
        .values(
            state=RelayState.WAITING, tried_since=clock.now(), due_at=clock.now(),
            lease_number=TextRelay.lease_number + 1,
        )
    )  # fmt: skip
    if not mine:
        raise Refused(BEING_TRIED)
    if row.way != Way.URL:
        lease = session().scalar(select(TextRelay.lease_number).where(TextRelay.id == row.id))
        enqueue(RELAY_TEXT, relay_id=row.id, lease=lease or 0)


def open_relay(relay_id: int, lease: int) -> RelayWork | None:
    """Take a row that goes on by mail or to a phone; None when there is nothing to do. In a transaction."""
    relay = session().scalar(
        select(TextRelay).where(TextRelay.id == relay_id).execution_options(populate_existing=True)
    )
    if relay is None or relay.client_id is None:
        return None
    if relay.way == Way.URL:  # accepted by a version in which each row had a task of its own
        wake(relay.client_id)
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
    found = [one for one in wishes(relay.client_id) if one.did_id == relay.did_id]
    if not found or not (found[0].email if relay.way == Way.EMAIL else found[0].forward_to):
        relayed(relay_id, lease, RelayState.UNWANTED, "")
        return None
    work = work_of(relay, found[0])
    if work.way is Way.FORWARD and work.contact == work.settings.forward_to:
        relayed(relay_id, lease, RelayState.FAILED, GOES_ROUND)
        return None
    return work


def relayed(relay_id: int, lease: int, state: RelayState, answer: str) -> bool:
    """Write down how a try ended; False when the row is not this run's any more. In a transaction."""
    return only_one(
        update(TextRelay)
        .where(
            TextRelay.id == relay_id,
            TextRelay.lease_number == lease,
            TextRelay.state == RelayState.WAITING,
        )
        .values(state=state, last_answer=printable(answer))
    )


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
            "due_at": clock.now(),
            "created_at": clock.now(),
        },
    )
    if new and way is Way.URL:
        wake(client_id)
    elif new and not problem:
        relay_id = session().scalar(select(TextRelay.id).where(TextRelay.public_id == public_id))
        assert relay_id is not None
        enqueue(RELAY_TEXT, relay_id=relay_id, lease=1)


def _call_now(client_id: int, row: NumberTexts | None) -> None:
    """Somebody waits for the answer: the line goes on at once, and the host gets a try."""
    wake(client_id)
    if row is not None:
        slow_hosts.try_now(host_of(row.callback_url), client_id=client_id)


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


def _place(after: str | None) -> int | None:
    try:
        public_id = uuid.UUID(hex=after or "")
    except ValueError:
        return None
    found: int | None = session().scalar(
        select(TextRelay.id).where(TextRelay.public_id == public_id)
    )
    return found
