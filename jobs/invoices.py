"""Papers: months that are over become invoices, payments receipts, and each paper a PDF in a mail."""

from __future__ import annotations

from jobs.runtime import job
from portal import invoices, payments, reports
from portal.core import storage
from portal.core.db import finish_reading, transaction
from portal.core.errors import DomainError
from portal.core.failpoints import failpoint
from portal.core.log import get_logger
from portal.invoices import Mode

log = get_logger(__name__)


@job
def issue_invoices() -> None:
    """Issue every month that is due, the missed ones first; each client's month is its own transaction.

    Two runs do no harm: a month is claimed before it is read.
    """
    due = invoices.due_months()
    finish_reading()
    for client_id, months in due.items():
        for month in months:
            try:
                with transaction():
                    invoices.issue_month(client_id, month)
            except DomainError as error:
                log.error("invoice_not_issued", client=client_id, month=month, error=error.message)
                break
    if due:
        log.info("invoices_issued", clients=len(due))


@job
def issue_receipts(client_id: int = 0) -> None:
    """Write the receipts of one client's payments; without one, what is missing of any."""
    if not client_id and not invoices.is_anybody_in(Mode.RECEIPT):
        return
    ids = [client_id] if client_id else invoices.with_receipts()
    finish_reading()
    for one in ids:
        with transaction():
            invoices.issue_receipts(one, taxes_paid=payments.taxes_paid)


@job
def make_paper(paper_id: int) -> None:
    """Lay out the PDF of a paper from its snapshot, keep it, and mail it where that is wanted."""
    wanted = invoices.to_make(paper_id)
    finish_reading()
    if wanted is None:
        return
    stored_as = None
    if wanted.content is not None:
        try:
            path = reports.invoice_pdf(wanted.content, wanted.logo)
        except reports.ReportError as error:  # nothing that trying again would mend
            log.error("paper_not_made", paper=paper_id, code=error.code)
            with transaction():
                invoices.note_problem(paper_id, error.message)
            return
        stored_as = storage.keep(path, ending="pdf")
    failpoint("invoice.stored")
    with transaction():
        extra = invoices.keep_file(paper_id, stored_as)
    if extra is not None:
        storage.discard(extra)
