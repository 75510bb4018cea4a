"""The worksheet of every posting: one way for calls, texts, faxes, fees, taxes, payments, corrections."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask_babel import gettext

from portal import ledger
from portal.ledger import FEES, USAGE, PostingFacts, Reason
from portal.web import filters, history_lines
from portal.web.postings import by_hand, fees, papers, payments, usage
from portal.web.postings.sheet import Reader as Reader
from portal.web.postings.sheet import Sheet, Step

_KINDS: dict[Reason, Callable[[PostingFacts, Sheet, Reader], None]] = {
    Reason.CALL: usage.call,
    Reason.RECORDING: usage.recorded,
    Reason.SMS: usage.text,
    Reason.MMS: usage.text,
    Reason.FAX: usage.faxed,
    Reason.CORRECTION: usage.correction,
    Reason.PAYMENT: payments.payment,
    Reason.REFUND: payments.refund,
    Reason.TAX: papers.taxes,
    Reason.CREDIT_NOTE: papers.credit_note,
    Reason.REVERSAL: by_hand.reversal,
    Reason.CHARGE: by_hand.charge,
    **dict.fromkeys(FEES, fees.fee),
}


def explained(client_id: int, public_id: uuid.UUID, reader: Reader) -> Sheet:
    """How one amount came about; NotFound when it is not this client's."""
    posting = ledger.posting(client_id, public_id)
    sheet = Sheet(
        title=_title(posting),
        symbol=history_lines.SYMBOLS[posting.reason],
        amount=posting.amount,
        at=filters.daytime(posting.posted_at, seconds=True),
    )
    _KINDS[posting.reason](posting, sheet, reader)
    sheet.facts += _common(posting, reader)
    if posting.undone_by is not None:
        sheet.links.append((gettext("It was reversed"), reader.posting(posting.undone_by)))
    sheet.moved = _moved(posting, reader)
    return sheet


def _title(posting: PostingFacts) -> str:
    other = filters.phone_number(posting.description)
    used = {
        Reason.CALL: gettext("Call with %(number)s", number=other),
        Reason.RECORDING: gettext("Recording of a call with %(number)s", number=other),
        Reason.SMS: gettext("Text with %(number)s", number=other),
        Reason.MMS: gettext("Text with %(number)s", number=other),
        Reason.FAX: gettext("Fax with %(number)s", number=other),
        Reason.CORRECTION: gettext("Correction · %(what)s", what=other),
    }
    return used.get(posting.reason) or history_lines.words(history_lines.line_of(posting))


def _common(posting: PostingFacts, reader: Reader) -> list[tuple[str, str]]:
    """Where and when it stands in the books; for staff also by whom, and under which name."""
    found = [(gettext("Posting day"), filters.day(posting.posting_day))]
    if reader.staff:
        found.append((gettext("Posted by"), posting.by or gettext("By itself")))
        source = f"{posting.source_type} · {posting.source_id} · {posting.kind}"
        found.append((gettext("Name in the books"), source))
    return found


def _moved(posting: PostingFacts, reader: Reader) -> list[Step]:
    """Everything that was posted for the same call, text or fax, where that is more than this."""
    if posting.reason not in (*USAGE, Reason.CORRECTION):
        return []
    rows = ledger.posted_for(posting.client_id, posting.source_type, posting.source_id)
    if len(rows) < 2:
        return []
    return [
        Step(
            gettext("Correction") if one.reason is Reason.CORRECTION else gettext("Charge"),
            filters.daytime(one.posted_at),
            one.amount,
            one.so_far,
            "" if one.public_id == posting.public_id else reader.posting(one.public_id),
        )
        for one in rows
    ]
