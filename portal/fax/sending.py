"""Sending faxes: accepted with the money set aside, handed over once, settled by what is known."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import select, update

from portal import contacts, entitlements, identity, ledger
from portal.core import clock, live, phone
from portal.core.db import only_one, session
from portal.core.errors import InsufficientBalance, InvalidInput, NotFound, Refused
from portal.core.failpoints import failpoint
from portal.core.money import ZERO
from portal.core.queue import enqueue
from portal.entitlements import Service
from portal.fax import drafts
from portal.fax.documents import drop_uploads
from portal.fax.events import note
from portal.fax.models import Fax, FaxDocument, FaxFile, FaxPage
from portal.fax.settings import policy
from portal.fax.terms import estimated, sender, terms_of
from portal.fax.values import (
    Cover,
    Estimate,
    EventKind,
    FaxState,
    FileState,
    Policy,
    Recipient,
)
from portal.identity import ClientStatus
from portal.ledger import CostDelta, CostKind, Reason
from portal.numbers import DidOwner
from portal.numbers.models import Did
from portal.rating import FaxTerms
from portal.tasks import DELIVER_FAX

SOURCE = "fax"
LONGEST_PLAN = timedelta(days=90)
_LONGEST_REFERENCE = 60
_GONE = "This fax was sent already, or deleted."


def send(
    client_id: int,
    public_id: uuid.UUID,
    recipients: Sequence[Recipient],
    *,
    reference: str,
    due_at: datetime | None = None,
    person_id: int | None = None,
) -> list[uuid.UUID]:
    """Send a draft: one fax for each recipient, now or at a time; their public ids.

    All in the caller's transaction: the prices are fixed, the money is set aside, and the draft is
    no draft any more. The same reference again is the faxes that are there already. Raises
    InvalidInput (``recipients``, ``files``, ``sender``, ``due_at``), InsufficientBalance, Refused
    when the client is suspended, NotFound when it is no draft.
    """
    _check_reference(reference)
    if already := sent_as(client_id, reference):
        return already
    require_active(client_id)
    try:
        draft, document = drafts.open_draft(client_id, public_id)
    except NotFound:
        if already := sent_as(client_id, reference):  # the other of two clicks was first
            return already
        raise
    owner = sender(client_id, _number_of(draft))
    if not may_fax(client_id, owner.sub_account_id):
        raise InvalidInput("Faxes are switched off for this number.", field="sender")
    numbers = _recipients(recipients)
    pages = _pages_to_send(draft, document)
    due = _due(due_at)
    at = clock.now()
    terms = terms_of(owner, at)
    price = estimated(client_id, terms, pages)
    wishes = policy(client_id)
    names = contacts.names(client_id, numbers)
    if not _seal(document) or not drafts.remove_draft(draft.id):
        raise NotFound(_GONE)
    session().expunge(draft)
    made = [
        _accept(
            draft, owner, terms, price, wishes, number=number, name=typed or names.get(number, ""),
            reference=f"{reference}:{place}", due=due, at=at, person_id=person_id,
        )
        for place, (number, typed) in enumerate(numbers.items())
    ]  # fmt: skip
    failpoint("fax.held")
    drop_uploads(document.id)
    live.tell("balance-changed", client_id=client_id)
    return made


def retry(
    client_id: int, public_id: uuid.UUID, *, attempt: int, person_id: int | None = None
) -> None:
    """Send a failed or cancelled fax once more, the same pages, held anew at today's price.

    ``attempt`` is the one that the person saw fail: pressing twice is one new attempt.
    """
    require_active(client_id)
    row = session().execute(
        select(Fax, Did.number)
        .join(Did, Did.id == Fax.did_id)
        .where(
            Fax.client_id == client_id, Fax.public_id == public_id, Fax.deleted_at.is_(None),
            Fax.direction == "out", Fax.state != FaxState.DRAFT,
        )
        .execution_options(populate_existing=True)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound("There is no such fax.")
    fax, number = row
    if fax.attempt > attempt or fax.state in (FaxState.QUEUED, FaxState.PREPARING):
        return
    if fax.state not in (FaxState.FAILED, FaxState.CANCELLED):
        raise Refused("This fax is not over yet.", code="not_failed")
    owner = sender(client_id, number)
    if not may_fax(client_id, owner.sub_account_id):
        raise InvalidInput("Faxes are switched off for this number.", field="sender")
    mine = only_one(
        update(Fax)
        .where(
            Fax.id == fax.id,
            Fax.attempt == fax.attempt,
            Fax.state.in_([FaxState.FAILED, FaxState.CANCELLED]),
        )
        .values(state=FaxState.QUEUED)
    )
    if not mine:
        return
    session().refresh(fax)
    terms = terms_of(owner, clock.now())
    wishes = policy(client_id)
    fax.did_link_id = owner.link_id
    _write_terms(fax, terms, estimated(client_id, terms, fax.pages))
    fax.attempt, fax.retries_left, fax.retry_minutes = (
        fax.attempt + 1, wishes.retries, wishes.retry_minutes,
    )  # fmt: skip
    fax.error_code, fax.error_page, fax.pages_done = "", 0, 0
    fax.carrier_ref, fax.accepted_at, fax.finished_at = None, None, None
    fax.due_at, fax.binned_at = None, None
    fax.sent_by_id = person_id or fax.sent_by_id
    session().flush()
    _hold(fax)
    note(fax, EventKind.QUEUED, person_id=person_id)
    enqueue(DELIVER_FAX, fax_id=fax.id)
    live.tell("balance-changed", client_id=client_id)


def cancel(client_id: int, public_id: uuid.UUID, *, person_id: int | None = None) -> None:
    """Stop a fax that was not handed over yet; its money is given back. Twice is once."""
    fax = session().scalar(
        select(Fax)
        .where(
            Fax.client_id == client_id, Fax.public_id == public_id, Fax.deleted_at.is_(None)
        )
        .with_for_update()  # the other of two presses is over then
        .execution_options(populate_existing=True)
    )  # fmt: skip
    if fax is None or fax.direction != "out" or fax.state == FaxState.DRAFT:
        raise NotFound("There is no such fax.")
    if fax.state == FaxState.CANCELLED:
        return
    mine = only_one(
        update(Fax)
        .where(Fax.id == fax.id, Fax.state.in_([FaxState.QUEUED, FaxState.PREPARING]))
        .values(state=FaxState.CANCELLED, finished_at=clock.now(), price=ZERO)
    )
    if not mine:
        raise Refused("This fax is with the carrier already.", code="too_late")
    session().refresh(fax)
    give_back(fax)
    note(fax, EventKind.CANCELLED, person_id=person_id)


def may_fax(client_id: int, sub_account_id: int | None) -> bool:
    """May a client fax from a number of this sub-account? One of none goes by all of them."""
    try:
        return entitlements.allowed(Service.FAX, client_id, sub_account_id)
    except NotFound:  # unlinked meanwhile
        return entitlements.allowed(Service.FAX, client_id)


def require_active(client_id: int) -> None:
    """Refused unless the client may start things."""
    if identity.client_facts(client_id).status is not ClientStatus.ACTIVE:
        raise Refused("Your account is suspended. Add funds to send faxes.", code="suspended")


def hold_kind(fax: Fax) -> str:
    """The name of the money that is set aside for this fax now: a new one for each retry by hand."""
    return "send" if fax.holds <= 1 else f"send{fax.holds}"


def give_back(fax: Fax) -> None:
    """It costs nothing: what was set aside is the client's again."""
    ledger.void_hold(source_type=SOURCE, source_id=str(fax.public_id), kind=hold_kind(fax))
    live.tell("balance-changed", client_id=fax.client_id)


def post(fax: Fax) -> None:
    """It went out: charged what its length costs, be it more or less than was set aside."""
    ledger.post_hold(
        source_type=SOURCE,
        source_id=str(fax.public_id),
        kind=hold_kind(fax),
        reason=Reason.FAX,
        amount=fax.price,
        description=fax.contact,
        seconds=fax.seconds,
        occurred_at=fax.handed_over_at or fax.at,
    )
    _posted(fax)


def post_late(fax: Fax) -> None:
    """The same for one whose money was given back before anybody knew that it went out."""
    assert fax.client_id is not None
    ledger.charge(
        fax.client_id, fax.price, reason=Reason.FAX,
        source_type=SOURCE, source_id=str(fax.public_id), kind="late",
        description=fax.contact, seconds=fax.seconds, occurred_at=fax.handed_over_at or fax.at,
    )  # fmt: skip
    _posted(fax)


def _posted(fax: Fax) -> None:
    assert fax.client_id is not None
    ledger.note_costs([CostDelta(fax.client_id, CostKind.FAX, fax.cost)])
    ledger.review_crossed([fax.client_id])
    live.tell("balance-changed", client_id=fax.client_id)


def _accept(
    draft: Fax,
    owner: DidOwner,
    terms: FaxTerms,
    price: Estimate,
    wishes: Policy,
    *,
    number: str,
    name: str,
    reference: str,
    due: datetime | None,
    at: datetime,
    person_id: int | None,
) -> uuid.UUID:
    cover = None
    if draft.cover is not None:
        said = Cover(**draft.cover)
        cover = asdict(Cover(
            name or said.to_name, said.to_company, said.from_name,
            said.subject or draft.subject, said.remarks,
        ))  # fmt: skip
    fax = Fax(
        client_id=draft.client_id,
        direction="out",
        state=FaxState.QUEUED,
        did_id=owner.did_id,
        did_link_id=owner.link_id,
        document_id=draft.document_id,
        contact=number,
        contact_name=name,
        subject=draft.subject or (cover or {}).get("subject", ""),
        cover=cover,
        pages=price.pages,
        attempt=1,
        retries_left=wishes.retries,
        retry_minutes=wishes.retry_minutes,
        reference=reference,
        sent_by_id=person_id,
        at=at,
        due_at=due,
        read_at=at,
    )
    _write_terms(fax, terms, price)
    fax.searched = drafts.searched(fax)
    session().add(fax)
    session().flush()
    _hold(fax)
    note(fax, EventKind.SCHEDULED if due else EventKind.QUEUED, person_id=person_id)
    enqueue(DELIVER_FAX, due_at=due, fax_id=fax.id)
    return fax.public_id


def _write_terms(fax: Fax, terms: FaxTerms, price: Estimate) -> None:
    fax.rate_e8, fax.pulse_seconds = terms.rate_e8, terms.pulse_seconds
    fax.package, fax.exchange_e8 = terms.package[:80], terms.exchange_e8
    fax.price = price.price


def _hold(fax: Fax) -> None:
    assert fax.client_id is not None
    fax.holds = (fax.holds or 0) + 1
    session().flush()
    try:
        ledger.hold(
            fax.client_id, fax.price,
            source_type=SOURCE, source_id=str(fax.public_id), kind=hold_kind(fax),
        )  # fmt: skip
    except InsufficientBalance as error:
        raise InsufficientBalance(
            "Your balance does not cover this fax. Add funds first.", field="recipients"
        ) from error


def _seal(document: FaxDocument) -> bool:
    return only_one(
        update(FaxDocument)
        .where(FaxDocument.id == document.id, FaxDocument.sealed_at.is_(None))
        .values(sealed_at=clock.now())
    )


def _number_of(draft: Fax) -> str:
    return session().scalar(select(Did.number).where(Did.id == draft.did_id)) or ""


def _pages_to_send(draft: Fax, document: FaxDocument) -> int:
    """Without the ones left out, with the cover; InvalidInput (``files``) unless all are there."""
    states = set(session().scalars(select(FaxFile.state).where(FaxFile.document_id == document.id)))
    if FileState.CONVERTING in states:
        raise InvalidInput("Wait until every file is ready.", field="files")
    if FileState.REFUSED in states:
        raise InvalidInput("Remove the files that cannot be faxed.", field="files")
    count = session().scalars(
        select(FaxPage.id).where(FaxPage.document_id == document.id, FaxPage.left_out.is_(False))
    )
    pages = len(count.all()) + (draft.cover is not None)
    if not pages:
        raise InvalidInput("Add a file, or a cover page that says it all.", field="files")
    return pages


def _recipients(recipients: Sequence[Recipient]) -> dict[str, str]:
    """Numbers in E.164 with the names that were typed; each number once, in their order."""
    country = identity.own_reseller().country
    found: dict[str, str] = {}
    for one in recipients:
        number = phone.normalise(one.number, default_country=country)
        if number is None:
            raise InvalidInput("Enter each number with its area code.", field="recipients")
        found.setdefault(number, " ".join(one.name.split())[:80])
    if not found:
        raise InvalidInput("Say who is to get this fax.", field="recipients")
    drafts.refuse_too_many(len(found))
    return found


def _due(due_at: datetime | None) -> datetime | None:
    now = clock.now()
    if due_at is None or due_at <= now:
        return None
    if due_at > now + LONGEST_PLAN:
        raise InvalidInput("Plan a fax for the next 90 days.", field="due_at")
    return due_at


def sent_as(client_id: int, reference: str) -> list[uuid.UUID]:
    """The faxes that were sent under this reference; none when nothing was."""
    return list(
        session().scalars(
            select(Fax.public_id)
            .where(
                Fax.client_id == client_id,
                Fax.reference.startswith(f"{reference}:", autoescape=True),
            )
            .order_by(Fax.id)
        )
    )


def _check_reference(reference: str) -> None:
    """An empty one would make every fax the same one."""
    printable = reference.isprintable() and ":" not in reference
    if not 0 < len(reference) <= _LONGEST_REFERENCE or not printable:
        raise InvalidInput("This form is out of date. Open the page again.", field="reference")
