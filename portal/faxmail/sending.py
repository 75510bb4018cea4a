"""From a mail to a fax: a draft with its files, then sent as from the portal, once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from portal import fax
from portal.core import clock, storage
from portal.core.db import session
from portal.core.errors import NotFound
from portal.fax import FileState, Recipient
from portal.faxmail.models import FaxMail, FaxMailBox
from portal.faxmail.telling import tell_refused
from portal.faxmail.values import MailState, Work
from portal.numbers.models import Did


def waiting(mail_id: int) -> Work | None:
    """A mail that is still to be faxed; held for this transaction."""
    found = session().execute(
        select(FaxMail, FaxMailBox, Did.number)
        .join(
            FaxMailBox,
            (FaxMailBox.did_id == FaxMail.did_id) & (FaxMailBox.client_id == FaxMail.client_id),
        )
        .join(Did, Did.id == FaxMail.did_id)
        .where(FaxMail.id == mail_id, FaxMail.state == MailState.WAITING)
        .with_for_update(of=FaxMail)
        .execution_options(populate_existing=True)
    ).first()  # fmt: skip
    if found is None:
        return None
    row, box, number = found
    assert row.client_id is not None
    return Work(
        row.id, row.public_id, row.client_id, number, row.contact, row.subject, row.sender,
        row.stored_as, box.quality, box.paper, row.draft,
    )  # fmt: skip


def begin(work: Work, files: Sequence[tuple[str, Path]]) -> None:
    """Make a draft of the mail's words and files; jobs convert them."""
    row = _row(work)
    draft = fax.new_draft(work.client_id, own_number=work.number, subject=work.subject)
    fax.save_draft(
        work.client_id, draft, own_number=work.number, recipients=[Recipient(work.contact)],
        subject=work.subject, quality=work.quality, paper=work.paper,
    )  # fmt: skip
    for name, path in files:
        fax.add_file(work.client_id, draft, name=name, path=path)
    row.draft = draft
    session().flush()


def finish(work: Work) -> bool:
    """Send the draft; False while files are still being converted. Refusals raise DomainError."""
    assert work.draft is not None
    try:
        draft = fax.draft(work.client_id, work.draft)
    except NotFound:  # sent by hand meanwhile, or thrown away
        _close(work, MailState.REFUSED, "This fax was taken over in the portal.")
        return True
    if draft.is_converting:
        return False
    unreadable = next((file for file in draft.files if file.state == FileState.REFUSED), None)
    if unreadable is not None:
        refuse(work, unreadable.reason, file=unreadable.name)
        return True
    (sent,) = fax.send(
        work.client_id, work.draft, [Recipient(work.contact)], reference=f"mail-{work.public_id}"
    )
    _close(work, MailState.FAXED, "")
    _row(work).fax = sent
    session().flush()
    return True


def refuse(work: Work, reason: str, *, file: str = "") -> None:
    """Nothing of it is faxed; its sender is told why."""
    if work.draft is not None:
        with suppress(NotFound):
            fax.discard_draft(work.client_id, work.draft)
    _close(work, MailState.REFUSED, reason)
    tell_refused(work, reason, file=file)


def _close(work: Work, state: MailState, reason: str) -> None:
    row = _row(work)
    storage.discard_later([row.stored_as])
    row.state, row.reason, row.handled_at, row.stored_as = state, reason[:300], clock.now(), ""
    session().flush()


def _row(work: Work) -> FaxMail:
    row = session().scalar(select(FaxMail).where(FaxMail.id == work.mail_id))
    assert row is not None
    return row
