"""The PDF of a paper: made by a job from the snapshot, mailed once, and made again when it is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date
from sqlalchemy import select, update

from portal import entitlements, mail
from portal.core import clock, formats, live, storage
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.queue import enqueue
from portal.invoices.content import unpacked
from portal.invoices.models import Paper, PaperFile
from portal.invoices.queries import logo_of
from portal.invoices.values import Content, LogoFile, PaperKind
from portal.mail import Attachment, MailName
from portal.tasks import MAKE_PAPER

_MAILS = {
    PaperKind.INVOICE: MailName.INVOICE_ISSUED,
    PaperKind.RECEIPT: MailName.RECEIPT_ISSUED,
    PaperKind.CREDIT: MailName.CREDIT_NOTE_ISSUED,
}


@dataclass(frozen=True, slots=True)
class ToMake:
    """What the job lays out; without ``content`` the file is there already."""

    paper_id: int
    content: Content | None
    logo: LogoFile | None


def ask_file(paper_id: int, *, mail_it: bool = False) -> None:
    """Have the PDF made, and (again) mailed, after the caller's transaction."""
    if mail_it:
        session().execute(
            update(PaperFile)
            .where(PaperFile.paper_id == paper_id)
            .values(wants_mail=True)
            .execution_options(synchronize_session=False)
        )
    enqueue(MAKE_PAPER, paper_id=paper_id)


def to_make(paper_id: int) -> ToMake | None:
    """What the job is to do; None when there is no such paper."""
    row = session().execute(
        select(Paper.content, PaperFile.stored_as)
        .join(PaperFile, PaperFile.paper_id == Paper.id)
        .where(Paper.id == paper_id)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    if _is_there(row.stored_as):
        return ToMake(paper_id, None, None)
    content = unpacked(row.content)
    return ToMake(paper_id, content, logo_of(content.logo) if content.logo else None)


def keep_file(paper_id: int, stored_as: str | None) -> str | None:
    """Write down where the PDF is, and mail it where that is wanted; a name that is not needed.

    Of two runs the first decides; the mail goes out once for each time it was asked for.
    """
    row = session().scalars(
        select(PaperFile)
        .where(PaperFile.paper_id == paper_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()  # fmt: skip
    extra = None
    if stored_as is not None:
        if _is_there(row.stored_as):
            extra = stored_as
        else:
            row.stored_as, row.problem = stored_as, ""
    if row.wants_mail:
        row.wants_mail = False
        if _mail(paper_id, row.stored_as):
            row.mailed_at = clock.now()
    session().flush()
    live.tell("invoices-changed", client_id=row.client_id)
    return extra


def note_problem(paper_id: int, problem: str) -> None:
    """The PDF could not be made; the page says why."""
    session().execute(
        update(PaperFile)
        .where(PaperFile.paper_id == paper_id)
        .values(problem=problem[:200])
        .execution_options(synchronize_session=False)
    )


def forget_old(before: datetime) -> None:
    """Drop PDFs of papers issued before; whoever wants one has it made again."""
    rows = session().scalars(
        select(PaperFile)
        .join(Paper, Paper.id == PaperFile.paper_id)
        .where(Paper.issued_at < before, PaperFile.stored_as != "")
        .limit(500)
    ).all()  # fmt: skip
    storage.discard_later(row.stored_as for row in rows)
    for row in rows:
        row.stored_as = ""
    session().flush()


def _mail(paper_id: int, stored_as: str) -> bool:
    paper = session().scalars(select(Paper).where(Paper.id == paper_id)).one()
    if paper.client_id is None or entitlements.money_is_hidden(paper.client_id):
        return False
    content = unpacked(paper.content)
    locale = formats.locale_of(content.language)
    pattern = "medium" if content.kind is not PaperKind.INVOICE else "LLLL y"
    period = str(format_date(content.last, pattern, locale=locale))
    mail.queue_mail(
        _MAILS[content.kind],
        client_id=paper.client_id,
        values={"paper": paper.number, "amount": paper.total, "period": period},
        attachment=Attachment(stored_as, f"{paper.number.replace('/', '-')}.pdf"),
    )
    return True


def _is_there(stored_as: str) -> bool:
    if not stored_as:
        return False
    try:
        storage.path_of(stored_as)
    except NotFound:
        return False
    return True
