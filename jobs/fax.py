"""Converting what is faxed, handing faxes to the carrier, learning their end, taking in what comes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask_babel import force_locale, gettext

from jobs.runtime import TryLater, job
from portal import calls, carriers, documents, fax, faxmail, identity, mail, reports, upstream
from portal.carriers import Carrier, CarrierFaxMessage, FaxToSend
from portal.core import clock, storage
from portal.core.db import finish_reading, transaction
from portal.core.errors import DomainError, NotFound
from portal.core.failpoints import failpoint
from portal.core.log import get_logger
from portal.core.phone import international
from portal.core.queue import enqueue
from portal.fax import Body, FaxState, MadePage, MailWish, Outcome, Sought, ToPrepare
from portal.mail import MailName
from portal.tasks import TELL_OF_FAX

log = get_logger(__name__)

POLL_OVERLAP = timedelta(hours=26)
LONGEST_LOOK = timedelta(days=91)
WINDOW = timedelta(days=7)


@job
def convert_fax_file(file_id: int) -> None:
    """Make pages of an uploaded file. Running it twice is safe: the first result stays."""
    with transaction():
        upload = fax.to_convert(file_id)
    if upload is None:
        return
    try:
        kind, made = fax.convert(upload)
    except documents.Unreadable as refusal:
        with transaction():
            fax.refuse_file(upload, refusal.message)
        return
    except NotFound:  # dropped meanwhile
        return
    with transaction():
        wanted = fax.keep_pages(upload, kind, made)
    if not wanted:
        fax.discard(name for page in made for name in page.names)


@job
def draw_fax_cover(fax_id: int) -> None:
    """Draw the cover of a draft for its preview. Running it twice is safe: only what is wanted now stays."""
    work = fax.to_draw(fax_id)
    finish_reading()
    if work is None:
        return
    try:
        made = _covers(work)
    except DomainError as problem:
        log.warning("fax_cover_not_drawn", code=problem.code)
        return
    with transaction():
        wanted = fax.keep_drawn(work, made)
    if not wanted:
        fax.discard(name for page in made for name in page.names)


@job
def deliver_fax(fax_id: int, gave_way: int = 0) -> None:
    """Make a fax's file and give it to the carrier. Running it twice is safe: only one run claims it."""
    with transaction():
        if fax.gives_way(fax_id, times=gave_way):
            return
        work = fax.begin(fax_id)
    if work is not None and not _prepare(work):
        return
    with transaction():
        delivery, outcome = fax.claim(fax_id)
        _tell(outcome)
        carrier = upstream.carrier() if delivery else None
    if delivery is None or carrier is None:
        return
    lease = delivery.lease_number
    ready = FaxToSend(
        did=delivery.sender,
        from_name=delivery.from_name,
        to=delivery.recipient,
        station_id=delivery.station_id,
        pdf=storage.path_of(delivery.pdf).read_bytes(),
    )
    failpoint("fax.calling")
    try:  # no transaction is open while we wait for the network
        carrier.send_fax(ready)
    except carriers.OutcomeUnknown:
        with transaction():
            fax.mark_unknown(fax_id, lease)
        return
    except carriers.CarrierError as error:
        with transaction():
            if error.permanent:
                _tell(fax.refuse(fax_id, lease, code=error.code))
            else:
                _tell(
                    fax.postpone(
                        fax_id, lease, code=error.code,
                        retry_after_seconds=error.retry_after_seconds,
                    )
                )  # fmt: skip
        return
    failpoint("fax.accepted")
    with transaction():
        fax.accepted(fax_id, lease)


@job
def look_up_fax(fax_id: int, attempt: int) -> None:
    """Ask the carrier what became of a fax: one it took, or one that may have gone out."""
    with transaction():
        looked = fax.sought(fax_id)
        carrier = upstream.carrier() if looked else None
    if looked is None or carrier is None:
        return
    if looked.is_behind:
        with transaction():
            fax.look_again(looked, attempt=attempt)
        return
    try:
        at_carrier = _find(carrier, looked)
    except carriers.CarrierError:
        with transaction():
            fax.look_again(looked, attempt=attempt)
        return
    failpoint("fax.looked_up")
    with transaction():
        if at_carrier is not None:
            _tell(fax.found(looked, at_carrier, attempt=attempt))
        else:
            _tell(fax.not_found(looked, attempt=attempt))
        failpoint("fax.before_commit")


@job
def make_fax_report(fax_id: int) -> None:
    """Lay out the transmission report of a fax that is over."""
    facts = fax.transmission(fax_id)
    finish_reading()
    if facts is None:
        return
    try:
        path = reports.transmission_report(facts)
    except reports.ReportError as error:  # nothing that trying again would mend
        log.warning("fax_report_failed", code=error.code)
        return
    name = storage.keep(path, ending="pdf")
    with transaction():
        wanted = fax.keep_report(facts, name)
    if not wanted:
        storage.discard(name)


@job
def receive_fax(event_id: int) -> None:
    """Take in a fax that a webhook brought."""
    with transaction():
        arrived = fax.open_arrived(event_id)
    if arrived is None:
        return
    made = _rebuilt(storage.path_of(arrived.stored_as))
    with transaction():
        wanted = fax.take_in(arrived, made)
    if made is not None and not wanted:
        fax.discard(made.names)


@job
def fetch_fax(fax_id: int) -> None:
    """Fetch the file of a fax that only the carrier's list told of."""
    with transaction():
        reference = fax.to_fetch(fax_id)
        carrier = upstream.carrier() if reference else None
    if reference is None or carrier is None:
        return
    try:
        content = carrier.fax_pdf(reference)
    except carriers.CarrierError as error:
        if not error.permanent:
            raise TryLater(error.code) from error
        log.warning("fax_file_gone", code=error.code)
        with transaction():
            fax.fetched(fax_id, None)
        return
    path = storage.draft(ending="pdf")
    try:
        path.write_bytes(content)
        made = _rebuilt(path)
    finally:
        path.unlink(missing_ok=True)
    with transaction():
        wanted = fax.fetched(fax_id, made)
    if made is not None and not wanted:
        fax.discard(made.names)


@job
def import_faxes() -> None:
    """Poll the carrier's list: what a webhook missed or could not say, and what went out after all.

    It begins before the last look that ended well, and remembers each week of a long look.
    """
    now = clock.now()
    with transaction():
        carrier = upstream.carrier()
        since = calls.look_from("fax", now, overlap=POLL_OVERLAP, longest=LONGEST_LOOK)
    new = 0
    while since < now:
        end = min(since + WINDOW, now)
        new += _take_in(_listed(carrier, since, end + timedelta(minutes=1)))
        with transaction():
            calls.look_complete("fax", end, new=new)
        since = end
    if new:
        log.info("faxes_imported", new=new)


def _listed(carrier: Carrier, start: object, end: object) -> tuple[CarrierFaxMessage, ...]:
    try:
        return carrier.faxes(start, end)  # type: ignore[arg-type]
    except carriers.CarrierError as error:
        with transaction():
            upstream.note_error(error)
        raise TryLater(error.code) from error


def _take_in(rows: tuple[CarrierFaxMessage, ...]) -> int:
    """One fax, one transaction: two imports never hold wallets that the other one wants."""
    new = 0
    for row in fax.not_yet_here(rows):
        with transaction():
            new += fax.receive(row)
    for row in fax.given_up(rows):
        with transaction():
            _tell(fax.came_after_all(row))
    return new


def _prepare(work: ToPrepare) -> bool:
    """Make the file of a fax; False when it failed, or is somebody else's by now."""
    covers: list[MadePage] = []
    try:
        covers = _covers(work)
        body = _body(work)
        pdf, size = fax.fax_file(covers, body)
    except DomainError as problem:
        log.warning("fax_not_made", code=problem.code)
        fax.discard(name for page in covers for name in page.names)
        with transaction():
            _tell(fax.not_prepared(work))
        return False
    pages = len(covers) + len(work.pictures)
    with transaction():
        mine = fax.prepared(work, pdf=pdf, pdf_bytes=size, covers=covers, pages=pages)
    if not mine:
        own = [] if body is not None and pdf == body.pdf else [pdf]
        fax.discard([*own, *(name for page in covers for name in page.names)])
    return mine


def _body(work: ToPrepare) -> Body | None:
    """The pages of a fax as one file: made once, and then shared by all faxes of this document."""
    if not work.pictures:
        return None
    if work.body is not None and fax.is_whole(work.body):
        return work.body
    made = fax.make_body(work)
    with transaction():
        kept = fax.keep_body(work.document_id, work.body, made)
    if kept != made:  # another worker was first
        fax.discard([made.pdf])
    return kept


def _covers(work: ToPrepare) -> list[MadePage]:
    """The cover's pages; laid out once more when it is longer than the page it was taken for."""
    if work.cover is None:
        return []
    expected = 1
    while True:
        path = reports.fax_cover(
            work.client_id, work.cover, own_number=work.own_number, contact=work.contact,
            pages=expected + len(work.pictures), at=clock.now(), paper=work.paper,
        )  # fmt: skip
        try:
            made = fax.fax_pages(path, work.paper, work.quality)
        finally:
            path.unlink(missing_ok=True)
        if len(made) <= expected:
            return made
        expected = len(made)
        fax.discard(name for page in made for name in page.names)


def _find(carrier: Carrier, looked: Sought) -> CarrierFaxMessage | None:
    """By its pages; where nothing else went the same way, also when the carrier counted others."""
    for pages in (looked.pages, None) if looked.is_alone else (looked.pages,):
        found = carrier.find_fax(
            looked.sender, looked.recipient, around=looked.around, pages=pages,
            exclude=looked.taken,
        )  # fmt: skip
        if found is not None:
            return found
    return None


def _rebuilt(path: Path) -> fax.MadeFax | None:
    try:
        return fax.rebuild(path)
    except documents.Unreadable as refusal:
        log.warning("fax_unreadable", code=refusal.code)
        return None


def _tell(outcome: Outcome | None) -> None:
    """Write to whoever sent a fax how it ended, if they wish to know."""
    if outcome is None:
        return
    faxmail.tell_result(outcome)
    if outcome.person_id is None:
        return
    enqueue(TELL_OF_FAX, fax_id=outcome.fax_id)
    failed = outcome.state is not FaxState.SENT
    wish = fax.mail_wish(outcome.person_id)
    if wish is MailWish.NEVER or (wish is MailWish.FAILED and not failed):
        return
    client = identity.client_facts(outcome.client_id)
    person = next(
        (one for one in identity.people_of(outcome.client_id) if one.id == outcome.person_id), None
    )
    if person is None or person.disabled_at is not None or client.anonymised_at is not None:
        return
    with force_locale(person.language or client.details.language):
        result = gettext("delivered")
        if failed:
            reason = gettext(fax.sentence(outcome.code), page=outcome.page).rstrip(".")
            result = gettext("not delivered (%(reason)s)", reason=reason)
    mail.tell_person(
        MailName.FAX_RESULT,
        person,
        values={
            "number": international(outcome.contact),
            "pages": str(outcome.pages),
            "result": result,
        },
    )
