"""Handing faxes over: prepared, claimed, accepted, and settled by the carrier's own row."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from portal import identity, numbers
from portal.carriers import CarrierFaxMessage, FaxStatus
from portal.core import clock
from portal.core.db import only_one, session
from portal.core.failpoints import failpoint
from portal.core.money import ZERO
from portal.core.queue import enqueue
from portal.fax import reasons
from portal.fax.documents import body_of, put_own_pages
from portal.fax.events import changed, note
from portal.fax.models import Fax, FaxDocument, FaxEvent, FaxPage
from portal.fax.sending import give_back, may_fax, post, post_late
from portal.fax.terms import snapshot, write_price
from portal.fax.values import (
    Cover,
    Delivery,
    EventKind,
    FaxState,
    MadePage,
    Outcome,
    Sought,
    ToPrepare,
)
from portal.identity import ClientStatus
from portal.numbers.models import Did
from portal.rating import rate_fax
from portal.tasks import DELIVER_FAX, LOOK_UP_FAX, MAKE_FAX_REPORT

# When a fax that may have gone out is looked up at the carrier (safety rule D4).
LOOK_UP_AFTER = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60),
)  # fmt: skip
# One that the carrier took is watched more closely: people look at the timeline meanwhile.
WATCH_AFTER = timedelta(seconds=5)
WATCH_LATER_AFTER = timedelta(seconds=60)
_CLOSELY_FOR = timedelta(minutes=5)
# Taken, but not in the carrier's list for so long: it was lost there.
LOST_AFTER = timedelta(hours=1)
# On its way for so long: nobody will learn any more what became of it.
NO_RESULT_AFTER = timedelta(hours=3)
# An outage of the carrier that lasts longer ends the fax: nobody expects it any more.
GIVE_UP_AFTER = timedelta(hours=3)
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=2)
_OURS = (FaxState.SENDING, FaxState.UNKNOWN)


def begin(fax_id: int) -> ToPrepare | None:
    """Take a fax whose file is to be made; None when it is made, or when there is nothing to do."""
    fax = _fresh(fax_id)
    if fax is None or fax.pdf or fax.state not in (FaxState.QUEUED, FaxState.PREPARING):
        return None
    lease = fax.lease_number + 1
    mine = only_one(
        update(Fax)
        .where(
            Fax.id == fax_id, Fax.lease_number == fax.lease_number,
            Fax.state.in_([FaxState.QUEUED, FaxState.PREPARING]),
        )
        .values(state=FaxState.PREPARING, lease_number=lease)
    )  # fmt: skip
    if not mine:
        return None
    first_time = fax.state == FaxState.QUEUED
    session().refresh(fax)
    if first_time:
        note(fax, EventKind.PREPARING)
    document = session().scalar(select(FaxDocument).where(FaxDocument.id == fax.document_id))
    number = session().scalar(select(Did.number).where(Did.id == fax.did_id)) or ""
    assert fax.client_id is not None
    pictures = session().scalars(
        select(FaxPage.picture)
        .where(FaxPage.document_id == fax.document_id, FaxPage.left_out.is_(False))
        .order_by(FaxPage.position, FaxPage.id)
    )
    return ToPrepare(
        fax_id, fax.client_id, lease, number, fax.contact,
        Cover(**fax.cover) if fax.cover is not None else None,
        document.quality if document else "fine", document.paper if document else "letter",
        tuple(pictures), fax.at, document_id=document.id if document else 0,
        body=body_of(fax.document_id),
    )  # fmt: skip


def prepared(
    work: ToPrepare, *, pdf: str, pdf_bytes: int, covers: list[MadePage], pages: int
) -> bool:
    """Its file is made; False when somebody else has it, or nobody wants it any more."""
    mine = only_one(
        update(Fax)
        .where(
            Fax.id == work.fax_id,
            Fax.state == FaxState.PREPARING,
            Fax.lease_number == work.lease_number,
        )
        .values(state=FaxState.QUEUED, pdf=pdf, pdf_bytes=pdf_bytes, pages=pages)
    )
    if not mine:
        return False
    fax = _fresh(work.fax_id)
    assert fax is not None
    put_own_pages(fax, covers)
    changed(fax)
    return True


def not_prepared(work: ToPrepare) -> Outcome | None:
    """Its pages could not be made into a file: it failed."""
    won = _move(
        work.fax_id, work.lease_number, FaxState.FAILED, states=(FaxState.PREPARING,),
        error_code=reasons.UNREADABLE,
    )  # fmt: skip
    return None if won is None else _ended_badly(won)


def claim(fax_id: int) -> tuple[Delivery | None, Outcome | None]:
    """Take a prepared fax for one attempt, or learn that it failed here; neither: nothing to do.

    One that an earlier run took and whose acceptance was never written may have gone out: it
    becomes unknown.
    """
    fax = _fresh(fax_id)
    if fax is None:
        return None, None
    if fax.state == FaxState.SENDING and fax.accepted_at is None:
        mark_unknown(fax_id, fax.lease_number)
        return None, None
    if fax.state != FaxState.QUEUED or not fax.pdf:
        return None, None
    lease = fax.lease_number + 1
    mine = only_one(
        update(Fax)
        .where(
            Fax.id == fax_id, Fax.state == FaxState.QUEUED, Fax.lease_number == fax.lease_number
        )
        .values(state=FaxState.SENDING, lease_number=lease, handed_over_at=clock.now(),
                accepted_at=None)
    )  # fmt: skip
    if not mine:
        return None, None
    session().refresh(fax)
    code, number = _obstacle(fax)
    if code:
        return None, refuse(fax_id, lease, code=code)
    assert fax.client_id is not None
    assert fax.handed_over_at is not None
    client = identity.client_facts(fax.client_id)
    return Delivery(
        fax_id, fax.client_id, lease, number, fax.contact, client.title, client.title,
        fax.pdf, fax.pages, fax.handed_over_at,
    ), None  # fmt: skip


def accepted(fax_id: int, lease_number: int) -> None:
    """The carrier took it and dials; its own list will say what became of it."""
    mine = only_one(
        update(Fax)
        .where(
            Fax.id == fax_id, Fax.lease_number == lease_number, Fax.state == FaxState.SENDING
        )
        .values(accepted_at=clock.now(), error_code="")
    )  # fmt: skip
    if mine:
        fax = _fresh(fax_id)
        assert fax is not None
        note(fax, EventKind.DIALLING)
        enqueue(LOOK_UP_FAX, due_at=clock.now() + WATCH_AFTER, fax_id=fax_id, attempt=1)


def refuse(fax_id: int, lease_number: int, *, code: str) -> Outcome | None:
    """The carrier will never take it: failed, and the money is given back."""
    failed = _move(fax_id, lease_number, FaxState.FAILED, error_code=code[:40])
    return None if failed is None else _ended_badly(failed)


def postpone(
    fax_id: int, lease_number: int, *, code: str, retry_after_seconds: int | None = None
) -> Outcome | None:
    """It certainly did not go out: tried again soon, and given up after ``GIVE_UP_AFTER``."""
    waiting = _move(fax_id, lease_number, FaxState.QUEUED, error_code=code[:40])
    if waiting is None:
        return None
    age = clock.now() - max(waiting.at, waiting.due_at or waiting.at)
    if age > GIVE_UP_AFTER:
        waiting.state, waiting.error_code = FaxState.FAILED, reasons.GAVE_UP
        return _ended_badly(waiting)
    wait = max(age / 4, timedelta(seconds=retry_after_seconds or 0), _SHORTEST_WAIT)
    enqueue(DELIVER_FAX, due_at=clock.now() + min(wait, _LONGEST_WAIT), fax_id=fax_id)
    return None


def mark_unknown(fax_id: int, lease_number: int) -> None:
    """It may have gone out: look it up later, and never send it blindly."""
    fax = _move(fax_id, lease_number, FaxState.UNKNOWN, states=(FaxState.SENDING,))
    if fax is not None:
        note(fax, EventKind.UNKNOWN)
        enqueue(LOOK_UP_FAX, due_at=clock.now() + LOOK_UP_AFTER[0], fax_id=fax_id, attempt=1)


def sought(fax_id: int) -> Sought | None:
    """A fax whose end the carrier is asked for; None when it is settled or was never handed over."""
    fax = _fresh(fax_id)
    if fax is None or fax.state not in _OURS or fax.handed_over_at is None:
        return None
    if fax.state == FaxState.SENDING and fax.accepted_at is None:
        return None
    number = session().scalar(select(Did.number).where(Did.id == fax.did_id)) or ""
    same_way = (Fax.did_id == fax.did_id, Fax.contact == fax.contact, Fax.direction == "out")
    others = session().scalars(
        select(Fax.carrier_ref).where(*same_way, Fax.id != fax.id, Fax.carrier_ref.is_not(None))
    )
    earlier = session().scalars(
        select(FaxEvent.carrier_ref)
        .join(Fax, Fax.id == FaxEvent.fax_id)
        .where(*same_way, FaxEvent.carrier_ref != "")
    )
    rivals_accepted_at = list(
        session().scalars(
            select(Fax.accepted_at).where(
                *same_way, Fax.id != fax.id, Fax.state.in_(_OURS), Fax.carrier_ref.is_(None)
            )
        )
    )
    is_unknown = fax.state == FaxState.UNKNOWN
    return Sought(
        fax_id, fax.lease_number, number, fax.contact, fax.pages, fax.handed_over_at,
        is_unknown=is_unknown, is_alone=not rivals_accepted_at,
        is_behind=is_unknown and any(rivals_accepted_at),
        taken=tuple(reference for reference in (*others, *earlier) if reference),
    )  # fmt: skip


def found(looked: Sought, at_carrier: CarrierFaxMessage, *, attempt: int) -> Outcome | None:
    """What the carrier's list says of it: on its way, through, or not."""
    if at_carrier.status is FaxStatus.SUCCESS:
        return sent(looked.fax_id, looked.lease_number, at_carrier)
    if at_carrier.status is FaxStatus.FAILED:
        return failed(looked.fax_id, looked.lease_number, at_carrier)
    return _on_its_way(looked, at_carrier, attempt=attempt)


def sent(fax_id: int, lease_number: int, at_carrier: CarrierFaxMessage) -> Outcome | None:
    """It went through: charged by the carrier's duration, once, with the pages that arrived."""
    fax = _move(
        fax_id, lease_number, FaxState.SENT, error_code="", finished_at=clock.now(),
        carrier_ref=at_carrier.id,
    )  # fmt: skip
    if fax is None:
        return None
    _write_result(fax, at_carrier)
    post(fax)
    note(fax, EventKind.SENT, page=fax.pages_done, pages=fax.pages)
    enqueue(MAKE_FAX_REPORT, fax_id=fax.id)
    return _outcome(fax)


def sent_after_all(fax: Fax, at_carrier: CarrierFaxMessage) -> Outcome:
    """It was given up and its money given back, but it went out: sent, and charged once."""
    fax.state, fax.error_code, fax.error_page = FaxState.SENT, "", 0
    fax.carrier_ref = at_carrier.id
    _write_result(fax, at_carrier)
    post_late(fax)
    note(fax, EventKind.SENT, page=fax.pages_done, pages=fax.pages)
    enqueue(MAKE_FAX_REPORT, fax_id=fax.id)
    return _outcome(fax)


def failed(fax_id: int, lease_number: int, at_carrier: CarrierFaxMessage) -> Outcome | None:
    """It did not go through and costs nothing; busy or unanswered it is tried again by itself."""
    code, page = reasons.read(at_carrier.words, pages_done=at_carrier.pages)
    fax = _move(
        fax_id, lease_number, FaxState.FAILED, error_code=code, error_page=page,
        pages_done=at_carrier.pages, carrier_ref=None,
    )  # fmt: skip
    if fax is None:
        return None
    if code in reasons.TRIED_AGAIN and fax.retries_left > 0:
        _try_again(fax, code, at_carrier.id)
        return None
    return _ended_badly(fax, carrier_ref=at_carrier.id)


def not_found(looked: Sought, *, attempt: int) -> Outcome | None:
    """The carrier does not have it (yet): look again later; after the last look it has failed."""
    if not looked.is_unknown:
        if clock.now() - looked.around > LOST_AFTER:
            return refuse(looked.fax_id, looked.lease_number, code=reasons.LOST)
        _watch(looked, attempt=attempt)
        return None
    if attempt >= len(LOOK_UP_AFTER):
        return refuse(looked.fax_id, looked.lease_number, code=reasons.NOT_SENT)
    wait = LOOK_UP_AFTER[attempt] - LOOK_UP_AFTER[attempt - 1]
    enqueue(
        LOOK_UP_FAX, due_at=clock.now() + wait, fax_id=looked.fax_id, attempt=attempt + 1
    )  # fmt: skip
    return None


def look_again(looked: Sought, *, attempt: int) -> None:
    """The carrier could not be asked: the same look once more, as often as it takes."""
    wait = LOOK_UP_AFTER[min(attempt, len(LOOK_UP_AFTER)) - 1] / 2
    due_at = clock.now() + min(wait, _LONGEST_WAIT)
    enqueue(LOOK_UP_FAX, due_at=due_at, fax_id=looked.fax_id, attempt=attempt)


def _on_its_way(looked: Sought, at_carrier: CarrierFaxMessage, *, attempt: int) -> Outcome | None:
    if clock.now() - looked.around > NO_RESULT_AFTER:
        return refuse(looked.fax_id, looked.lease_number, code=reasons.NO_RESULT)
    fax = _fresh(looked.fax_id)
    if fax is None or fax.state not in _OURS or fax.lease_number != looked.lease_number:
        return None
    fax.state = FaxState.SENDING
    fax.accepted_at = fax.accepted_at or clock.now()
    fax.carrier_ref = at_carrier.id
    session().flush()
    if at_carrier.pages > fax.pages_done:
        fax.pages_done = at_carrier.pages
        note(fax, EventKind.PAGE, page=at_carrier.pages, pages=fax.pages)
    _watch(looked, attempt=attempt)
    return None


def _watch(looked: Sought, *, attempt: int) -> None:
    closely = clock.now() - looked.around < _CLOSELY_FOR
    wait = WATCH_AFTER if closely else WATCH_LATER_AFTER
    enqueue(
        LOOK_UP_FAX, due_at=clock.now() + wait, fax_id=looked.fax_id, attempt=attempt + 1
    )  # fmt: skip


def _write_result(fax: Fax, at_carrier: CarrierFaxMessage) -> None:
    """Length, cost and pages as the carrier counted them; the pages it says are the ones that count."""
    fax.seconds = at_carrier.seconds
    fax.pages = fax.pages_done = at_carrier.pages or fax.pages
    fax.carrier_cost_e8 = at_carrier.total_e8
    rated = rate_fax(
        at_carrier.seconds, snapshot(fax),
        cost_rate_e8=at_carrier.rate_e8, cost_total_e8=at_carrier.total_e8,
    )  # fmt: skip
    write_price(fax, rated)
    session().flush()
    failpoint("fax.pages_corrected")


def _try_again(fax: Fax, code: str, carrier_ref: str) -> None:
    """The next attempt by itself: the money stays set aside, the document stays as it is."""
    due_at = clock.now() + timedelta(minutes=fax.retry_minutes)
    note(fax, EventKind.RETRY, code=code, carrier_ref=carrier_ref)
    fax.state, fax.due_at = FaxState.QUEUED, due_at
    fax.retries_left -= 1
    fax.attempt += 1
    fax.pages_done, fax.accepted_at, fax.carrier_ref = 0, None, None
    session().flush()
    enqueue(DELIVER_FAX, due_at=due_at, fax_id=fax.id)


def _ended_badly(fax: Fax, *, carrier_ref: str = "") -> Outcome:
    fax.price, fax.finished_at = ZERO, clock.now()
    session().flush()
    give_back(fax)
    note(fax, EventKind.FAILED, page=fax.error_page, pages=fax.pages, code=fax.error_code,
         carrier_ref=carrier_ref)  # fmt: skip
    enqueue(MAKE_FAX_REPORT, fax_id=fax.id)
    return _outcome(fax)


def _outcome(fax: Fax) -> Outcome:
    assert fax.client_id is not None
    return Outcome(
        fax.id, fax.client_id, fax.sent_by_id, FaxState(fax.state), fax.contact, fax.pages,
        fax.error_code, fax.error_page,
    )  # fmt: skip


def _obstacle(fax: Fax) -> tuple[str, str]:
    """Why it must not go out any more, and the number it is from."""
    number = session().scalar(select(Did.number).where(Did.id == fax.did_id)) or ""
    owner = numbers.owner_of(number)
    if owner is None or owner.client_id != fax.client_id:
        return reasons.NUMBER_GONE, number
    if not may_fax(owner.client_id, owner.sub_account_id):
        return reasons.SERVICE_OFF, number
    if identity.client_facts(owner.client_id).status is not ClientStatus.ACTIVE:
        return reasons.SUSPENDED, number
    return "", number


def _fresh(fax_id: int) -> Fax | None:
    found: Fax | None = session().scalar(
        select(Fax).where(Fax.id == fax_id).execution_options(populate_existing=True)
    )
    return found


def _move(
    fax_id: int,
    lease_number: int,
    state: FaxState,
    *,
    states: tuple[FaxState, ...] = _OURS,
    **values: object,
) -> Fax | None:
    """Change an unsettled fax that this lease still owns; the row, or None when it is lost."""
    mine = only_one(
        update(Fax)
        .where(Fax.id == fax_id, Fax.lease_number == lease_number, Fax.state.in_(states))
        .values(state=state, **values)
    )
    if not mine:
        return None
    fax = _fresh(fax_id)
    if fax is not None:
        changed(fax)
    return fax
