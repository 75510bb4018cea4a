"""Faxes that arrive: each once, whether by webhook, by polling, or by both.

A webhook has the file and no id, the carrier's list has id and length and no file: the two are one
fax, and whichever comes second completes what the first began. Only the list's length is charged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select

from portal import ledger, numbers
from portal.carriers import ArrivedFax, CarrierFaxMessage, Direction, FaxStatus
from portal.core import clock, live, phone, scope, storage
from portal.core.db import insert_once, session
from portal.core.failpoints import failpoint
from portal.core.queue import enqueue
from portal.fax import delivering, reasons
from portal.fax.documents import put_own_pages
from portal.fax.drafts import searched
from portal.fax.events import changed
from portal.fax.models import Fax, InboundFax, StrayFax
from portal.fax.sending import SOURCE
from portal.fax.terms import terms_of, write_price
from portal.fax.values import Arrived, Attention, FaxState, MadeFax, Outcome, StoredFax
from portal.identity.spelling import one_line
from portal.ledger import CostDelta, CostKind, Reason
from portal.numbers import DidOwner
from portal.numbers.models import Did
from portal.rating import rate_fax
from portal.tasks import COPY_FAX, FETCH_FAX, RECEIVE_FAX, TELL_OF_FAX

RECEIVED = "received"
# The list dates a fax by its call, the webhook comes after it: soon, or with the carrier's repeats.
_TOLD_LATE = timedelta(hours=3)
_TOLD_EARLY = timedelta(minutes=10)
# The carrier repeats a webhook until it is answered: the same file from the same number is the same.
_REPEATS_WITHIN = timedelta(hours=26)
_AT_ONCE = 500


def store_arrived(arrived: ArrivedFax) -> StoredFax:
    """Write what a webhook brought to the disk, before any transaction."""
    words = (arrived.did.encode(), arrived.other.encode(), arrived.pdf)
    path = storage.draft(ending="pdf")
    path.write_bytes(arrived.pdf)
    return StoredFax(
        arrived.did, arrived.other, arrived.name,
        hashlib.sha256(b"\0".join(words)).hexdigest(), storage.keep(path, ending="pdf"),
    )  # fmt: skip


def keep_arrived(stored: StoredFax) -> None:
    """Note what was stored, to be handled after it was answered; a repeat is kept once."""
    known = session().scalar(
        select(InboundFax.id).where(
            InboundFax.digest == stored.digest,
            InboundFax.received_at > clock.now() - _REPEATS_WITHIN,
        )
    )
    if known is not None:
        storage.discard_later([stored.stored_as])
        return
    event = InboundFax(
        sender=stored.sender[:40],
        sender_name=one_line(stored.name)[:80],
        recipient=stored.recipient[:40],
        digest=stored.digest,
        stored_as=stored.stored_as,
    )
    session().add(event)
    session().flush()
    enqueue(RECEIVE_FAX, event_id=event.id)


def keep_problem(problem: str, *, sender: str = "", recipient: str = "") -> None:
    """Note a webhook that could not be read, for the person who has to find out."""
    session().add(
        InboundFax(
            sender=one_line(sender)[:40],
            recipient=one_line(recipient)[:40],
            problem=problem[:200],
            handled_at=clock.now(),
        )
    )
    session().flush()


def open_arrived(event_id: int) -> Arrived | None:
    """What a webhook brought and nobody handled yet."""
    row = session().scalar(
        select(InboundFax).where(InboundFax.id == event_id, InboundFax.handled_at.is_(None))
    )
    if row is None:
        return None
    return Arrived(
        row.id, row.recipient, row.sender, row.sender_name, row.stored_as, row.received_at
    )


def take_in(arrived: Arrived, made: MadeFax | None) -> bool:
    """Store a fax that a webhook told of; ``made`` is its rebuilt file, None when it is unreadable.

    False when it was handled already: then nobody needs what was made.
    """
    event = session().scalar(
        select(InboundFax)
        .where(InboundFax.id == arrived.event_id, InboundFax.handled_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if event is None:
        return False
    event.handled_at = clock.now()
    event.problem = "" if made else reasons.UNREADABLE
    number = phone.normalise(arrived.recipient) or arrived.recipient
    owner = numbers.owner_of(number, arrived.received_at)
    if owner is None:
        _told_stray(arrived, made, number)
        if made is not None:  # only the PDF of it is kept
            storage.discard_later(name for page in made.pages for name in page.names)
        return True
    _one_at_a_time(owner.did_id)
    if _is_repeat(event):
        return False
    contact = _contact(arrived.sender)
    fax = _listed_before(owner, contact, arrived.received_at, made)
    if fax is None:
        fax = _new(owner, contact, arrived.name, at=arrived.received_at)
    fax.told_by_id = arrived.event_id
    wanted = not fax.pdf
    if wanted:
        _attach(fax, made)
    session().flush()
    changed(fax)
    return wanted


def not_yet_here(faxes: Sequence[CarrierFaxMessage]) -> list[CarrierFaxMessage]:
    """Those of a carrier's list that came in whole and are not stored."""
    arrived = [
        fax
        for fax in faxes
        if fax.direction is Direction.IN and fax.status is FaxStatus.SUCCESS
    ]  # fmt: skip
    known: set[str] = set()
    for first in range(0, len(arrived), _AT_ONCE):
        some = [fax.id for fax in arrived[first : first + _AT_ONCE]]
        for statement in (
            select(Fax.carrier_ref).where(Fax.direction == "in", Fax.carrier_ref.in_(some)),
            select(StrayFax.carrier_ref).where(StrayFax.carrier_ref.in_(some)),
        ):
            known.update(reference for reference in session().scalars(statement) if reference)
    return [fax for fax in arrived if fax.id not in known]


def receive(listed: CarrierFaxMessage) -> bool:
    """Store and charge a fax of the carrier's list once; True when it was new or only now complete.

    It belongs to whoever had the number when it arrived. Its file is fetched afterwards, unless a
    webhook brought it.
    """
    if listed.direction is not Direction.IN or listed.status is not FaxStatus.SUCCESS:
        return False
    number = phone.normalise(listed.did) or listed.did
    owner = numbers.owner_of(number, listed.at)
    if owner is None:
        return _listed_stray(listed, number)
    _one_at_a_time(owner.did_id)
    if session().scalar(
        select(Fax.id).where(Fax.direction == "in", Fax.carrier_ref == listed.id)
    ):  # fmt: skip
        return False
    contact = _contact(listed.other)
    fax = _told_before(owner, contact, listed)
    if fax is None:
        fax = _new(owner, contact, listed.name, at=listed.at)
        enqueue(FETCH_FAX, fax_id=fax.id)
    fax.at = listed.at
    fax.contact_name = fax.contact_name or one_line(listed.name)[:80]
    fax.searched = searched(fax)
    fax.carrier_ref = listed.id
    fax.pages = fax.pages_done = listed.pages or fax.pages
    fax.seconds = listed.seconds
    _charge(fax, owner, listed)
    failpoint("fax.charged")
    changed(fax)
    return True


def to_fetch(fax_id: int) -> str | None:
    """The carrier's id of a received fax whose file is missing."""
    return session().scalar(
        select(Fax.carrier_ref).where(
            Fax.id == fax_id, Fax.direction == "in", Fax.pdf == "", Fax.deleted_at.is_(None),
            Fax.error_code == "",
        )
    )  # fmt: skip


def fetched(fax_id: int, made: MadeFax | None) -> bool:
    """Its file is there; False when a webhook brought it meanwhile."""
    fax = session().scalar(
        select(Fax)
        .where(Fax.id == fax_id, Fax.pdf == "", Fax.deleted_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if fax is None:
        return False
    _attach(fax, made)
    changed(fax)
    return True


def given_up(faxes: Sequence[CarrierFaxMessage]) -> list[CarrierFaxMessage]:
    """Those of a list that went out, where a fax of ours was given up: usually none, by one query."""
    waiting = session().scalar(
        select(Fax.id)
        .where(
            Fax.direction == "out",
            Fax.state == FaxState.FAILED,
            Fax.error_code.in_(reasons.MAY_HAVE_GONE),
        )
        .limit(1)
    )
    if waiting is None:
        return []
    return [
        fax
        for fax in faxes
        if fax.direction is Direction.OUT and fax.status is FaxStatus.SUCCESS
    ]  # fmt: skip


def came_after_all(listed: CarrierFaxMessage) -> Outcome | None:
    """A fax of ours that we gave up, and that the carrier's list says went out: charged after all."""
    fax = session().scalar(
        select(Fax)
        .join(Did, Did.id == Fax.did_id)
        .where(
            Fax.direction == "out",
            Fax.state == FaxState.FAILED,
            Fax.error_code.in_(reasons.MAY_HAVE_GONE),
            Fax.contact == _contact(listed.other),
            Did.number == (phone.normalise(listed.did) or listed.did),
            Fax.handed_over_at >= listed.at - delivering.NO_RESULT_AFTER,
            Fax.handed_over_at <= listed.at + _TOLD_EARLY,
            or_(Fax.carrier_ref.is_(None), Fax.carrier_ref == listed.id),
        )
        .order_by(Fax.handed_over_at)
        .limit(1)
        .with_for_update(of=Fax)
    )
    taken = session().scalar(
        select(Fax.id).where(
            Fax.direction == "out", Fax.carrier_ref == listed.id, Fax.state == FaxState.SENT
        )
    )
    if fax is None or taken is not None:
        return None
    return delivering.sent_after_all(fax, listed)


def _new(owner: DidOwner, contact: str, name: str, *, at: datetime) -> Fax:
    terms = terms_of(owner, at)
    fax = Fax(
        client_id=owner.client_id,
        direction="in",
        state=FaxState.RECEIVED,
        did_id=owner.did_id,
        did_link_id=owner.link_id,
        contact=contact,
        contact_name=one_line(name)[:80],
        rate_e8=terms.rate_e8,
        pulse_seconds=terms.pulse_seconds,
        package=terms.package[:80],
        exchange_e8=terms.exchange_e8,
        at=at,
        finished_at=at,
    )
    fax.searched = searched(fax)
    session().add(fax)
    session().flush()
    enqueue(TELL_OF_FAX, fax_id=fax.id)
    return fax


def _charge(fax: Fax, owner: DidOwner, listed: CarrierFaxMessage) -> None:
    """What its length costs at the number's rate, once, under what was in force when it came."""
    terms = terms_of(owner, listed.at)
    fax.rate_e8, fax.pulse_seconds = terms.rate_e8, terms.pulse_seconds
    fax.package, fax.exchange_e8 = terms.package[:80], terms.exchange_e8
    fax.carrier_cost_e8 = listed.total_e8
    rated = rate_fax(
        listed.seconds, terms, cost_rate_e8=listed.rate_e8, cost_total_e8=listed.total_e8
    )
    write_price(fax, rated)
    session().flush()
    ledger.charge(
        owner.client_id, fax.price, reason=Reason.FAX,
        source_type=SOURCE, source_id=str(fax.public_id), kind=RECEIVED,
        description=fax.contact, occurred_at=listed.at, seconds=listed.seconds,
    )  # fmt: skip
    ledger.note_costs([CostDelta(owner.client_id, CostKind.FAX, fax.cost)])
    ledger.review_crossed([owner.client_id])
    live.tell("balance-changed", client_id=owner.client_id)


def _attach(fax: Fax, made: MadeFax | None) -> None:
    if made is None:
        fax.error_code = reasons.UNREADABLE
        session().flush()
        return
    fax.pdf, fax.pdf_bytes, fax.error_code = made.pdf, made.pdf_bytes, ""
    fax.pages = fax.pages_done = len(made.pages)
    put_own_pages(fax, made.pages)
    enqueue(COPY_FAX, fax_id=fax.id)


def _told_before(owner: DidOwner, contact: str, listed: CarrierFaxMessage) -> Fax | None:
    """A fax that a webhook told of and the list now has: the nearest one, of as many pages."""
    found = session().scalars(
        select(Fax)
        .where(
            *_same_way(owner, contact),
            Fax.carrier_ref.is_(None),
            Fax.at >= listed.at - _TOLD_EARLY,
            Fax.at <= listed.at + timedelta(seconds=listed.seconds) + _TOLD_LATE,
        )
        .order_by(Fax.at, Fax.id)
    )
    return _fitting(list(found), listed.pages)


def _listed_before(owner: DidOwner, contact: str, at: datetime, made: MadeFax | None) -> Fax | None:
    """A fax that the list had before its webhook came."""
    found = session().scalars(
        select(Fax)
        .where(
            *_same_way(owner, contact),
            Fax.told_by_id.is_(None),
            Fax.carrier_ref.is_not(None),
            Fax.at >= at - _TOLD_LATE,
            Fax.at <= at + _TOLD_EARLY,
        )
        .order_by(Fax.at.desc(), Fax.id)
    )
    return _fitting(list(found), len(made.pages) if made else 0)


def _fitting(faxes: list[Fax], pages: int) -> Fax | None:
    """The first of as many pages, or one of which nobody knows how many it has."""
    if not pages:
        return faxes[0] if faxes else None
    exact = [fax for fax in faxes if fax.pages == pages]
    open_ones = [fax for fax in faxes if fax.pages == 0]
    return next(iter(exact + open_ones), None)


def _same_way(owner: DidOwner, contact: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Fax.client_id == owner.client_id,
        Fax.did_id == owner.did_id,
        Fax.direction == "in",
        Fax.contact == contact,
    )


def _one_at_a_time(did_id: int) -> None:
    """Webhook and list meet here: whoever comes second sees what the first wrote."""
    session().scalar(select(Did.id).where(Did.id == did_id).with_for_update())


def _is_repeat(event: InboundFax) -> bool:
    """The same post once more, so soon that both were stored before either was handled."""
    first = session().scalar(
        select(InboundFax.id)
        .join(Fax, Fax.told_by_id == InboundFax.id)
        .where(
            InboundFax.digest == event.digest,
            InboundFax.id != event.id,
            InboundFax.received_at > event.received_at - _REPEATS_WITHIN,
        )
        .limit(1)
    )
    return first is not None


def _contact(number: str) -> str:
    return phone.normalise(number) or number[:20]


def _told_stray(arrived: Arrived, made: MadeFax | None, number: str) -> None:
    known = session().scalar(
        select(StrayFax)
        .where(
            StrayFax.did_number == number[:20],
            StrayFax.contact == _contact(arrived.sender),
            StrayFax.told_by_id.is_(None),
            StrayFax.at >= arrived.received_at - _TOLD_LATE,
            StrayFax.at <= arrived.received_at + _TOLD_EARLY,
        )
        .limit(1)
    )
    if known is not None:
        known.told_by_id = arrived.event_id
        known.pdf = made.pdf if made else known.pdf
        session().flush()
        return
    insert_once(
        StrayFax,
        {
            "reseller_id": scope.reseller_id(),
            "told_by_id": arrived.event_id,
            "did_number": number[:20],
            "contact": _contact(arrived.sender),
            "contact_name": one_line(arrived.name)[:80],
            "pages": len(made.pages) if made else 0,
            "pdf": made.pdf if made else "",
            "at": arrived.received_at,
        },
    )


def _listed_stray(listed: CarrierFaxMessage, number: str) -> bool:
    known = session().scalar(
        select(StrayFax)
        .where(
            StrayFax.did_number == number[:20],
            StrayFax.contact == _contact(listed.other),
            StrayFax.carrier_ref.is_(None),
            StrayFax.at >= listed.at - _TOLD_EARLY,
            StrayFax.at <= listed.at + _TOLD_LATE,
        )
        .limit(1)
    )
    if known is not None:
        known.carrier_ref = listed.id
        session().flush()
        return True
    return insert_once(
        StrayFax,
        {
            "reseller_id": scope.reseller_id(),
            "carrier_ref": listed.id,
            "did_number": number[:20],
            "contact": _contact(listed.other),
            "contact_name": one_line(listed.name)[:80],
            "pages": listed.pages,
            "pdf": "",
            "at": listed.at,
        },
    )


def attention(days: int = 30) -> Attention:
    """What staff ought to know of faxes: one query."""
    since = clock.now() - timedelta(days=days)
    unknown = select(func.count(Fax.id)).where(Fax.state == FaxState.UNKNOWN)
    stray = select(func.count(StrayFax.id)).where(StrayFax.at >= since)
    row = session().execute(select(unknown.scalar_subquery(), stray.scalar_subquery())).one()
    return Attention(int(row[0]), int(row[1]))
