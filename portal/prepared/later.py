"""Texts for later: kept, changed, called off, and sent once at their moment.

Nothing is held until then: money, consent, quotas and the number are checked when it goes out, by the
same function as any other text. Each change is a new version with a task of its own.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, delete, func, or_, select, update

from portal import mail, messaging, numbers
from portal.contacts import spelled_number
from portal.contacts.models import Contact, ContactNumber
from portal.core import clock, live
from portal.core.db import only_one, session
from portal.core.errors import DomainError, InvalidInput, NotFound, Refused
from portal.core.failpoints import failpoint
from portal.core.paging import Page
from portal.core.queue import enqueue
from portal.core.sentences import N_
from portal.identity.models import Person
from portal.messaging import Draft
from portal.messaging.privacy import refuse_hidden, shown
from portal.numbers.models import Did
from portal.prepared.models import LaterText
from portal.prepared.values import LONGEST_TEXT, LaterDraft, LaterRow, LaterState
from portal.tasks import SEND_LATER

PAGE_ROWS = 50
MOST_WAITING = 1_000


class _Place(NamedTuple):
    at: datetime
    id: int


def begin_later(
    client_id: int, draft: LaterDraft, *, person_id: int | None, country: str
) -> uuid.UUID:
    """Keep what somebody has written so far, whatever is wrong with it; ``change_later`` says when it goes."""
    refuse_hidden()
    choices = numbers.sms_choices(client_id)
    if not choices:
        raise Refused(N_("No number of yours can send texts."), code="no_number")
    known = {one.number: one.did_id for one in choices}
    try:
        contact = spelled_number(draft.recipient, country)
    except InvalidInput:
        contact = ""
    row = LaterText(
        client_id=client_id, did_id=known.get(draft.sender, choices[0].did_id), contact=contact,
        text=_tidy(draft.text)[:LONGEST_TEXT], send_as=draft.send_as, due_at=draft.due_at,
        files=[str(one) for one in draft.files], state=LaterState.DRAFT, created_by_id=person_id,
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row.public_id


def change_later(
    client_id: int,
    public_id: uuid.UUID,
    draft: LaterDraft,
    *,
    country: str = "US",
) -> None:
    """What it says, to whom it goes and when; its files stay. Refused when it has gone out meanwhile.

    Raises InvalidInput (``sender``, ``recipient``, ``text``).
    """
    refuse_hidden()
    row = _waiting(client_id, public_id)
    if row.state == LaterState.DRAFT and waiting_count(client_id) >= MOST_WAITING:
        raise Refused(N_("1,000 texts wait for their time already."), code="too_many")
    files = tuple(uuid.UUID(one) for one in row.files)  # those of whoever wrote it first
    draft = replace(draft, files=files)
    _fill(client_id, row, draft, person_id=row.created_by_id, country=country)
    row.state = LaterState.WAITING
    row.version += 1
    session().flush()
    _plan(row)


def call_off(client_id: int, public_id: uuid.UUID) -> None:
    """It will not go out; Refused when it has meanwhile."""
    row = _waiting(client_id, public_id)
    row.state, row.finished_at = LaterState.CANCELLED, clock.now()
    session().flush()
    _tell(row)


def send_now(client_id: int, public_id: uuid.UUID) -> None:
    """Do not wait any longer: its moment is now."""
    row = _waiting(client_id, public_id)
    if row.state != LaterState.WAITING:
        raise Refused(N_("Say first when it is to go out."), code="draft")
    row.due_at = clock.now()
    row.version += 1
    session().flush()
    _plan(row)


def send_due(later_id: int, version: int) -> None:
    """Its moment has come: make it a message, or write down why not and tell the client. For the job."""
    mine = only_one(
        update(LaterText)
        .where(
            LaterText.id == later_id,
            LaterText.version == version,
            LaterText.state == LaterState.WAITING,
        )
        .values(state=LaterState.SENT, finished_at=clock.now())
    )
    if not mine:
        return
    row, number = (
        session()
        .execute(
            select(LaterText, Did.number)
            .join(Did, Did.id == LaterText.did_id)
            .where(LaterText.id == later_id)
            .execution_options(populate_existing=True)
        )
        .one()
    )
    assert row.client_id is not None
    failpoint("later.claimed")
    draft = Draft(
        number, row.contact, row.text, f"later-{row.public_id}",
        tuple(uuid.UUID(one) for one in row.files), row.send_as,  # type: ignore[arg-type]
    )  # fmt: skip
    try:
        with session().begin_nested():
            sent = messaging.queue(row.client_id, draft, person_id=row.created_by_id)
    except DomainError as refusal:
        row.state, row.problem = LaterState.FAILED, refusal.message[:200]
        mail.queue_mail(
            mail.MailName.TEXT_NOT_SENT,
            client_id=row.client_id,
            values={"number": row.contact, "reason": row.problem},
        )
    else:
        row.message_id = sent.id
    session().flush()
    failpoint("later.queued")
    _tell(row)


def forget_drafts(before: datetime) -> None:
    """Those for which nobody has said when, this old."""
    session().execute(
        delete(LaterText).where(LaterText.state == LaterState.DRAFT, LaterText.created_at < before),
        execution_options={"synchronize_session": False},
    )


def waiting_count(client_id: int) -> int:
    """How many wait for their moment."""
    return (
        session().scalar(
            select(func.count(LaterText.id)).where(
                LaterText.client_id == client_id, LaterText.state == LaterState.WAITING
            )
        )
        or 0
    )


def later_listing(
    client_id: int, *, past: bool = False, after: str | None = None
) -> Page[LaterRow]:
    """Those that wait, the next first; or those that are over, the latest first."""
    states = (
        (LaterState.SENT, LaterState.FAILED, LaterState.CANCELLED)
        if past
        else (LaterState.WAITING,)
    )
    statement = _rows().where(LaterText.client_id == client_id, LaterText.state.in_(states))
    place = _place(client_id, after)
    at = LaterText.due_at
    if place is not None:
        beside = and_(at == place.at, LaterText.id < place.id if past else LaterText.id > place.id)
        statement = statement.where(or_(at < place.at if past else at > place.at, beside))
    order = (at.desc(), LaterText.id.desc()) if past else (at, LaterText.id)
    found = list(session().execute(statement.order_by(*order).limit(PAGE_ROWS + 1)))
    rows = [_row(one) for one in found[:PAGE_ROWS]]
    return Page(rows, older=rows[-1].public_id.hex if len(found) > PAGE_ROWS else None)


def find_later(client_id: int, public_id: uuid.UUID) -> LaterRow:
    """One of them; NotFound when it is not theirs."""
    found = (
        session()
        .execute(_rows().where(LaterText.client_id == client_id, LaterText.public_id == public_id))
        .first()
    )
    if found is None:
        raise NotFound("There is no such text.")
    return _row(found)


def _rows() -> Select[Any]:
    return (
        select(
            LaterText.public_id, Did.number, LaterText.contact, func.coalesce(Contact.name, ""),
            shown(LaterText.text), LaterText.send_as, LaterText.files, LaterText.due_at, LaterText.state,
            LaterText.problem, Person.name,
        )
        .join(Did, Did.id == LaterText.did_id)
        .outerjoin(
            ContactNumber,
            and_(
                ContactNumber.client_id == LaterText.client_id,
                ContactNumber.number == LaterText.contact,
            ),
        )
        .outerjoin(Contact, Contact.id == ContactNumber.contact_id)
        .outerjoin(Person, Person.id == LaterText.created_by_id)
    )  # fmt: skip


def _row(found: Any) -> LaterRow:
    row = LaterRow._make(found)
    files = tuple(uuid.UUID(str(one)) for one in row.files)
    return row._replace(files=files, state=LaterState(row.state))


def _fill(
    client_id: int, row: LaterText, draft: LaterDraft, *, person_id: int | None, country: str
) -> None:
    choices = {one.number: one.did_id for one in numbers.sms_choices(client_id)}
    if draft.sender not in choices:
        raise InvalidInput("Choose one of your numbers that can send texts.", field="sender")
    try:
        contact = spelled_number(draft.recipient, country)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="recipient") from error
    text = _tidy(draft.text)
    if not text and not draft.files:
        raise InvalidInput("Write a message first.", field="text")
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(N_("This is too long."), field="text")
    row.did_id, row.contact, row.text = choices[draft.sender], contact, text
    row.send_as, row.due_at = draft.send_as, draft.due_at
    row.files = [str(one) for one in draft.files]
    messaging.keep_uploads_until(client_id, person_id, draft.files, draft.due_at)


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _plan(row: LaterText) -> None:
    enqueue(SEND_LATER, due_at=row.due_at, later_id=row.id, version=row.version)
    _tell(row)


def _waiting(client_id: int, public_id: uuid.UUID) -> LaterText:
    """The row, held still; Refused when it does not wait any more."""
    row: LaterText | None = session().scalar(
        select(LaterText)
        .where(LaterText.public_id == public_id, LaterText.client_id == client_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("There is no such text.")
    if row.state not in {LaterState.WAITING, LaterState.DRAFT}:
        raise Refused(N_("This text does not wait any more."), code="over")
    return row


def _tell(row: LaterText) -> None:
    live.tell("conversation-changed", client_id=row.client_id, did_id=row.did_id)


def _place(client_id: int, after: str | None) -> _Place | None:
    try:
        public_id = uuid.UUID(hex=after or "")
    except ValueError:
        return None
    row = (
        session()
        .execute(
            select(LaterText.due_at, LaterText.id).where(
                LaterText.public_id == public_id, LaterText.client_id == client_id
            )
        )
        .first()
    )
    return None if row is None else _Place(row.due_at, row.id)
