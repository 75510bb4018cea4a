"""What is looked after in the background: the books' proof, and what has had its time."""

from __future__ import annotations

from datetime import timedelta

from jobs.runtime import job
from portal import identity, mail, reports
from portal.core import clock, queue, storage
from portal.core.db import transaction
from portal.core.log import get_logger
from portal.ledger import check

log = get_logger(__name__)

KEEP_DONE_TASKS = timedelta(days=14)
# Longer than any job runs: a draft this old belongs to a process that was killed.
KEEP_DRAFTS = timedelta(days=1)
LONGEST_WAIT_FOR_A_FILE = timedelta(days=1)


@job
def check_books() -> None:
    """Prove the books; every fault is an error in the log. Nothing is corrected."""
    faults = 0
    for sentence in check.findings():
        log.error("books_differ", fault=sentence)
        faults += 1
    log.info("books_checked", checks=check.count(), faults=faults)


@job
def purge_expired() -> None:
    """Forget ended sessions, spent tokens, old counters and mails, old tasks and report files."""
    at = clock.now()
    with transaction():
        identity.purge_expired(at)
        mail.forget_texts(at)
    with transaction():
        queue.forget_done(at - KEEP_DONE_TASKS)
    with transaction():
        reports.give_up(at - LONGEST_WAIT_FOR_A_FILE)
        files = reports.forget_expired(at)
    for name in files:
        storage.discard(name)
    storage.discard_drafts(at - KEEP_DRAFTS)
