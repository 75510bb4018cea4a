"""One text to many: whom it is for, what each gets and costs, and the word to begin or to stop."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, delete, func, select, update

from portal import entitlements, identity, ledger, messaging, numbers, pricing
from portal.core import clock, live, phone
from portal.core.db import insert_all, new_public_id, only_one, session
from portal.core.errors import InsufficientBalance, InvalidInput, NotFound, Refused
from portal.core.money import ZERO, Money
from portal.core.paging import Page
from portal.core.queue import enqueue
from portal.core.sentences import N_
from portal.entitlements import Service
from portal.identity.models import Person
from portal.messaging.models import Message
from portal.messaging.privacy import refuse_hidden, shown, texts_hidden
from portal.numbers.models import Did
from portal.prepared import variables
from portal.prepared.models import BulkRow, BulkText
from portal.prepared.values import (
    LONGEST_TEXT,
    MOST_ROWS,
    BulkFacts,
    BulkRowFacts,
    BulkState,
    Pause,
    Recipient,
    RowState,
)
from portal.rating.messages import Choice, plan
from portal.tasks import RUN_BULK

PAGE_ROWS = 50
_CHUNK = 500
_STOPPED: dict[str, Any] = {
    "state": RowState.LEFT_OUT, "price": ZERO,
    "problem": N_("Does not want texts from this number."),
}  # fmt: skip
_GOING = (BulkState.RUNNING, BulkState.PAUSED)


def begin_bulk(
    client_id: int,
    recipients: Sequence[Recipient],
    *,
    name: str,
    left_out: Mapping[str, int],
    person_id: int | None,
) -> uuid.UUID:
    """A draft for these; each number once. Nothing is sent before ``start_bulk``."""
    choices = numbers.sms_choices(client_id)
    if not choices:
        raise Refused(N_("No number of yours can send texts."), code="no_number")
    once: dict[str, Recipient] = {}
    for one in recipients:
        once.setdefault(one.number, one)
    if not once:
        raise InvalidInput(N_("Nobody here has a number that takes texts."), field="file")
    if len(once) > MOST_ROWS:
        raise Refused(N_("A text goes to at most 10,000 at once."), code="too_many")
    counted = Counter(left_out)
    counted["duplicate"] += len(recipients) - len(once)
    bulk = BulkText(
        client_id=client_id, did_id=choices[0].did_id, name=name[:120], created_by_id=person_id,
        left_out={reason: count for reason, count in counted.items() if count},
    )  # fmt: skip
    session().add(bulk)
    session().flush()
    about = {"reseller_id": bulk.reseller_id, "client_id": client_id, "bulk_id": bulk.id}
    insert_all(
        BulkRow,
        [
            about
            | {
                "public_id": new_public_id(), "did_id": bulk.did_id, "position": at,
                "number": one.number, "name": one.name[:120], "values": dict(one.values),
                "text": "", "kind": "", "bytes": 0, "parts": 1, "price": ZERO,
                "state": RowState.WAITING, "problem": "", "attempt": 1,
            }
            for at, one in enumerate(once.values(), 1)
        ],
    )  # fmt: skip
    return bulk.public_id


def write_bulk(
    client_id: int,
    public_id: uuid.UUID,
    *,
    sender: str,
    text: str,
    send_as: Choice,
    sender_name: str,
) -> None:
    """Say what everybody gets: each text is filled in, counted and priced, and who may not get it is left out.

    Raises InvalidInput (``sender``, ``text``) and UnknownVariable.
    """
    refuse_hidden()
    bulk = _locked(client_id, public_id)
    if bulk.state != BulkState.DRAFT:
        raise Refused(N_("This text is on its way already."), code="over")
    owner = _owner(client_id, sender)
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise InvalidInput(N_("Write a message first."), field="text")
    if len(text) > LONGEST_TEXT or "\x00" in text:
        raise InvalidInput(N_("This is too long."), field="text")
    variables.check(text, also=_columns(bulk.id))
    bulk.did_id, bulk.text, bulk.send_as = owner.did_id, text, send_as
    session().flush()
    mine = {
        "my name": sender_name,
        "my company": identity.client_facts(client_id).title,
        "my number": phone.international(sender),
    }
    sms, mms = (pricing.sms_price(owner, "out", kind) for kind in ("sms", "mms"))
    for rows in _chunks(bulk.id):
        stopped = messaging.stopped_of(client_id, owner.did_id, [row.number for row in rows])
        session().execute(
            update(BulkRow),
            [
                {"id": row.id, "did_id": owner.did_id}
                | _planned(variables.fill(text, {**row.values, **mine}), send_as, sms, mms)
                | (_STOPPED if row.number in stopped else {})
                for row in rows
            ],
        )
    session().expire_all()


def start_bulk(client_id: int, public_id: uuid.UUID) -> bool:
    """Let it go; True for exactly one of those who press. Refused when the balance does not cover all of it."""
    bulk = _locked(client_id, public_id)
    if bulk.state != BulkState.DRAFT:
        return False
    if not bulk.text:
        raise Refused(N_("Write a message first."), code="no_text")
    total, count = _sum(bulk.id)
    if not count:
        raise Refused(N_("There is nobody to send it to."), code="nobody")
    standing = ledger.standing(client_id)
    if standing.floor is not None and standing.available - total < standing.floor:
        raise InsufficientBalance(N_("Your balance does not cover all of these. Add funds first."))
    bulk.state, bulk.started_at = BulkState.RUNNING, clock.now()
    session().flush()
    enqueue(RUN_BULK, bulk_id=bulk.id)
    _tell(bulk)
    return True


def pause_bulk(client_id: int, public_id: uuid.UUID) -> bool:
    """Send no further one until somebody says so; one that is a message already goes on.

    Where all of them are messages nothing is left to pause: it comes to its end by itself.
    """
    bulk = _locked(client_id, public_id)
    waits = select(BulkRow.id).where(BulkRow.bulk_id == bulk.id, BulkRow.state == RowState.WAITING)
    if bulk.state == BulkState.RUNNING and session().scalar(waits.limit(1)) is None:
        return True
    return _set(
        client_id, public_id, (BulkState.RUNNING,),
        state=BulkState.PAUSED, pause=Pause.BY_HAND, paused_until=None,
    )  # fmt: skip


def resume_bulk(client_id: int, public_id: uuid.UUID) -> bool:
    """Go on."""
    mine = _set(
        client_id, public_id, (BulkState.PAUSED,),
        state=BulkState.RUNNING, pause="", paused_until=None,
    )  # fmt: skip
    if mine:
        enqueue(RUN_BULK, bulk_id=row_of(client_id, public_id).id)
    return mine


def stop_bulk(client_id: int, public_id: uuid.UUID) -> bool:
    """Send no further one, for good."""
    return _set(
        client_id, public_id, _GOING,
        state=BulkState.STOPPED, pause="", paused_until=None, finished_at=clock.now(),
    )  # fmt: skip


def discard_bulk(client_id: int, public_id: uuid.UUID) -> None:
    """Throw a draft away; NotFound when it is none any more."""
    bulk = _locked(client_id, public_id)
    if bulk.state != BulkState.DRAFT:
        raise NotFound("There is no such draft.")
    for statement in (
        delete(BulkRow).where(BulkRow.bulk_id == bulk.id),
        delete(BulkText).where(BulkText.id == bulk.id),
    ):
        session().execute(statement, execution_options={"synchronize_session": False})


def forget_old_bulks(before: datetime) -> None:
    """Drafts that nobody sent, this old."""
    old = select(BulkText.id).where(BulkText.created_at < before, BulkText.state == BulkState.DRAFT)
    for statement in (
        delete(BulkRow).where(BulkRow.bulk_id.in_(old)),
        delete(BulkText).where(BulkText.id.in_(old)),
    ):
        session().execute(statement, execution_options={"synchronize_session": False})


def find_bulk(client_id: int, public_id: uuid.UUID) -> BulkFacts:
    """One of them; NotFound when it is not theirs."""
    return _facts(row_of(client_id, public_id))


def bulk_variables(client_id: int, public_id: uuid.UUID) -> tuple[str, ...]:
    """What may stand in square brackets of this one: ours, and the columns of its file."""
    own = select(BulkText.id).where(
        BulkText.public_id == public_id, BulkText.client_id == client_id
    )
    return tuple(dict.fromkeys((*_columns(own.scalar_subquery()), *variables.VARIABLES)))


def bulks(client_id: int, *, after: str | None = None) -> Page[BulkFacts]:
    """A client's, the latest first."""
    statement = select(BulkText).where(BulkText.client_id == client_id)
    try:
        last = uuid.UUID(hex=after or "")
    except ValueError:
        last = None
    if last is not None:
        place = select(BulkText.id).where(BulkText.public_id == last).scalar_subquery()
        statement = statement.where(BulkText.id < place)
    rows = list(session().scalars(statement.order_by(BulkText.id.desc()).limit(21)))
    shown = [_facts(row) for row in rows[:20]]
    return Page(shown, older=shown[-1].public_id.hex if len(rows) > 20 else None)


def rows_of_bulk(
    client_id: int,
    public_id: uuid.UUID,
    *,
    after: int = 0,
    rows: int = PAGE_ROWS,
    only: str = "",
) -> list[BulkRowFacts]:
    """The next recipients after a position. ``only`` is a state, the row's or the message's."""
    bulk = row_of(client_id, public_id)
    state = func.coalesce(Message.state, BulkRow.state)
    statement = (
        select(
            BulkRow.position, BulkRow.number, BulkRow.name, shown(BulkRow.text), BulkRow.kind,
            BulkRow.bytes, BulkRow.parts, BulkRow.price, state,
            func.coalesce(Message.error_code, BulkRow.problem),
        )
        .outerjoin(Message, Message.id == BulkRow.message_id)
        .where(BulkRow.bulk_id == bulk.id, BulkRow.position > after)
        .order_by(BulkRow.position)
        .limit(rows)
    )  # fmt: skip
    if only:
        statement = statement.where(state == only)
    return [BulkRowFacts._make(row) for row in session().execute(statement)]


def row_of(client_id: int, public_id: uuid.UUID) -> BulkText:
    """The row, for this package; NotFound when it is not theirs."""
    bulk: BulkText | None = session().scalar(
        select(BulkText)
        .where(BulkText.public_id == public_id, BulkText.client_id == client_id)
        .execution_options(populate_existing=True)
    )
    if bulk is None:
        raise NotFound("There is no such text.")
    return bulk


def _locked(client_id: int, public_id: uuid.UUID) -> BulkText:
    bulk: BulkText | None = session().scalar(
        select(BulkText)
        .where(BulkText.public_id == public_id, BulkText.client_id == client_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if bulk is None:
        raise NotFound("There is no such text.")
    return bulk


def _set(client_id: int, public_id: uuid.UUID, states: Sequence[BulkState], **values: Any) -> bool:
    bulk = row_of(client_id, public_id)
    mine = only_one(
        update(BulkText).where(BulkText.id == bulk.id, BulkText.state.in_(states)).values(**values)
    )
    _tell(bulk)
    return mine


def _owner(client_id: int, sender: str) -> numbers.DidOwner:
    known = {one.number for one in numbers.sms_choices(client_id)}
    owner = numbers.owner_of(sender) if sender in known else None
    if owner is None or owner.client_id != client_id:
        raise InvalidInput("Choose one of your numbers that can send texts.", field="sender")
    if not entitlements.allowed(Service.SMS_MMS, client_id):
        raise InvalidInput("Text messages are switched off for this number.", field="sender")
    return owner


def _planned(text: str, send_as: Choice, sms: Money, mms: Money) -> dict[str, Any]:
    made = plan(text, choice=send_as, sms=sms, mms=mms)
    problem = ""
    if made.kind is None:
        problem = N_("This text is too long, or empty.")
    return {
        "text": text, "kind": made.kind.value if made.kind else "", "bytes": made.bytes,
        "parts": max(len(made.parts), 1), "price": made.price, "problem": problem,
        "state": RowState.FAILED if problem else RowState.WAITING,
    }  # fmt: skip


def _columns(bulk_id: int | ScalarSelect[int]) -> tuple[str, ...]:
    """Names that every recipient has a value for: ours, and the columns of the file."""
    first = session().scalar(
        select(BulkRow.values).where(BulkRow.bulk_id == bulk_id).order_by(BulkRow.position).limit(1)
    )
    return tuple(first or ())


def _chunks(bulk_id: int) -> Iterator[Sequence[BulkRow]]:
    after = 0
    while True:
        rows = (
            session()
            .scalars(
                select(BulkRow)
                .where(BulkRow.bulk_id == bulk_id, BulkRow.position > after)
                .order_by(BulkRow.position)
                .limit(_CHUNK)
            )
            .all()
        )
        if not rows:
            return
        yield rows
        after = rows[-1].position


def _sum(bulk_id: int) -> tuple[Money, int]:
    total, count = session().execute(
        select(func.sum(BulkRow.price), func.count(BulkRow.id)).where(
            BulkRow.bulk_id == bulk_id, BulkRow.state == RowState.WAITING
        )
    ).one()  # fmt: skip
    return total if isinstance(total, Money) else Money(int(total or 0)), count


def _facts(bulk: BulkText) -> BulkFacts:
    sender = session().scalar(select(Did.number).where(Did.id == bulk.did_id)) or ""
    by = (
        session().scalar(select(Person.name).where(Person.id == bulk.created_by_id))
        if bulk.created_by_id
        else None
    )
    state = func.coalesce(Message.state, BulkRow.state)
    counts: dict[str, int] = {}
    total = ZERO
    for word, count, price in session().execute(
        select(state, func.count(BulkRow.id), func.sum(BulkRow.price))
        .outerjoin(Message, Message.id == BulkRow.message_id)
        .where(BulkRow.bulk_id == bulk.id)
        .group_by(state)
    ):
        counts[word] = count
        if word not in {RowState.FAILED, RowState.LEFT_OUT}:
            total += price if isinstance(price, Money) else Money(int(price or 0))
    return BulkFacts(
        bulk.public_id, BulkState(bulk.state), bulk.name, sender,
        "" if texts_hidden() else bulk.text, bulk.send_as, bulk.pause, bulk.paused_until, bulk.created_at, bulk.finished_at,  # type: ignore[arg-type]
        total, counts, bulk.left_out, by,
    )  # fmt: skip


def _tell(bulk: BulkText) -> None:
    live.tell("job-changed", client_id=bulk.client_id, did_id=bulk.did_id)
