"""Mails that go out as faxes, and faxes that are mailed on."""

from __future__ import annotations

from datetime import timedelta

from jobs.runtime import job
from portal import documents, faxmail
from portal.core import clock, storage
from portal.core.db import transaction
from portal.core.errors import DomainError
from portal.core.failpoints import failpoint
from portal.core.log import get_logger
from portal.core.queue import enqueue
from portal.tasks import FINISH_FAX_MAIL

log = get_logger(__name__)

_LOOK_AGAIN_AFTER = timedelta(seconds=5)


@job
def take_in_fax_mail(mail_id: int) -> None:
    """Take a mail apart and make a draft of it. Running it twice is safe: one draft is made."""
    with transaction():
        work = faxmail.waiting(mail_id)
    if work is None or work.draft is not None:
        return
    try:
        parts = documents.mail_parts(storage.path_of(work.stored_as))
    except DomainError as refusal:
        _refuse(mail_id, refusal.message)
        return
    failpoint("faxmail.opened")
    try:
        with transaction():
            work = faxmail.waiting(mail_id)
            if work is None or work.draft is not None:
                return
            faxmail.begin(work, parts)
            enqueue(FINISH_FAX_MAIL, mail_id=mail_id)
    except DomainError as refusal:
        _refuse(mail_id, refusal.message)
    finally:
        for _, path in parts:
            path.unlink(missing_ok=True)


@job
def finish_fax_mail(mail_id: int) -> None:
    """Send what a mail became, once its files are converted; tell its sender when that cannot be."""
    try:
        with transaction():
            work = faxmail.waiting(mail_id)
            if work is not None and not faxmail.finish(work):
                enqueue(FINISH_FAX_MAIL, due_at=clock.now() + _LOOK_AGAIN_AFTER, mail_id=mail_id)
            failpoint("faxmail.sent")
    except DomainError as refusal:
        _refuse(mail_id, refusal.message)


@job
def copy_fax(fax_id: int) -> None:
    """Mail a fax that arrived to the addresses its number names."""
    with transaction():
        faxmail.copy_arrival(fax_id)


def _refuse(mail_id: int, reason: str) -> None:
    with transaction():
        work = faxmail.waiting(mail_id)
        if work is not None:
            faxmail.refuse(work, reason)
    log.info("fax_mail_refused", reason=reason)
