"""What is looked after in the background: the books' proof, and what has had its time."""

from __future__ import annotations

from datetime import datetime, timedelta

from jobs.runtime import job
from portal import (
    batches,
    branding,
    contacts,
    fax,
    identity,
    invoices,
    mail,
    messaging,
    notices,
    numbers,
    payments,
    pbx,
    prepared,
    pricing,
    reports,
)
from portal.core import clock, orphans, queue, slow_hosts, storage
from portal.core.db import transaction
from portal.core.log import get_logger
from portal.core.scope import Scope, bind
from portal.ledger import check

log = get_logger(__name__)

KEEP_DONE_TASKS = timedelta(days=14)
# Longer than any job runs: a draft this old belongs to a process that was killed.
KEEP_DRAFTS = timedelta(days=1)
# Longer than anything takes from keeping a file to the row that names it.
KEEP_ORPHANS = timedelta(days=1)
KEEP_EVENTS = timedelta(days=30)
KEEP_RELAYS = timedelta(days=90)
KEEP_STRAY_FAXES = timedelta(days=90)
KEEP_SLOW_HOSTS = timedelta(days=7)
KEEP_RATE_FILES = timedelta(days=30)
KEEP_UPLOADS = timedelta(days=2)  # whoever still writes the message then adds the file again
KEEP_NOTICES = timedelta(days=60)
KEEP_BATCHES = timedelta(days=30)
KEEP_DELETED_CONTACTS = timedelta(days=30)
KEEP_PAPER_FILES = timedelta(days=90)  # they are made again from what the paper said
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
    """Forget ended sessions, spent tokens, old counters and mails, old tasks and files."""
    at = clock.now()
    with transaction():
        identity.purge_expired(at)
        mail.forget_texts(at)
        messaging.forget_events(at - KEEP_EVENTS)
        payments.forget_messages(at - KEEP_EVENTS)
        messaging.forget_relays(at - KEEP_RELAYS)
        slow_hosts.forget(at - KEEP_SLOW_HOSTS)
        notices.forget_old(at - KEEP_NOTICES)
        batches.forget_old(at - KEEP_BATCHES)
        contacts.forget_deleted(at - KEEP_DELETED_CONTACTS)
        contacts.forget_imports(at - KEEP_BATCHES)
        prepared.forget_drafts(at - KEEP_DRAFTS)
        prepared.forget_old_bulks(at - KEEP_BATCHES)
        fax.forget_raw(at - KEEP_EVENTS)
        fax.forget_strays(at - KEEP_STRAY_FAXES)
        invoices.forget_old(at - KEEP_PAPER_FILES)
    _forget_old_faxes(at)
    with transaction():
        queue.forget_done(at - KEEP_DONE_TASKS)
    with transaction():
        reports.give_up(at - LONGEST_WAIT_FOR_A_FILE)
        files = reports.forget_expired(at)
        files += branding.forget_unused_pictures(at - KEEP_DRAFTS)
        files += pricing.forget_imports(at - KEEP_RATE_FILES)
        files += messaging.forget_uploads(at - KEEP_UPLOADS)
    for name in files:
        storage.discard(name)
    storage.discard_drafts(at - KEEP_DRAFTS)
    if orphans_gone := orphans.sweep(at - KEEP_ORPHANS):
        log.info("orphans_swept", files=orphans_gone)


@job
def anonymise_closed() -> None:
    """Take the names from closed clients whose time is over; calls, texts' prices and books stay.

    Each client in a transaction of its own, so that a run that is cut off has done what it did. Who
    still has an order or a text on its way has to wait for a later night.
    """
    at = clock.now()
    busy = (
        numbers.clients_with_open_orders(),
        pbx.clients_with_open_orders(),
        messaging.clients_with_open_texts(),
        fax.clients_with_open_faxes(),
    )
    for reseller_id in identity.reseller_ids():
        with bind(Scope(reseller_id)):
            while waiting := identity.clients_to_anonymise(at, besides=busy):
                for client_id in waiting:
                    with transaction():
                        files = messaging.forget_texts_of(client_id)
                        fax.forget_faxes_of(client_id)
                        prepared.forget_prepared_of(client_id)
                        contacts.forget_contacts_of(client_id)
                        notices.forget_notices_of(client_id)
                        mail.forget_client(client_id)
                        numbers.forget_wishes_of(client_id)
                        pbx.forget_wishes_of(client_id)
                        identity.anonymise_client(client_id)
                    for name in files:
                        storage.discard(name)


def _forget_old_faxes(at: datetime) -> None:
    """Some hundred at a time, so that nobody waits long for the database."""
    while True:
        with transaction():
            if not fax.forget_old(at):
                return
