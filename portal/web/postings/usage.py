"""Calls, texts and faxes, and what was corrected of them afterwards."""

from __future__ import annotations

import uuid

from flask_babel import gettext

from portal import calls, fax, ledger, messaging
from portal.core.money import ZERO
from portal.ledger import PostingFacts
from portal.rating import Worksheet
from portal.web import fax_words, filters, text_worksheets, worksheets
from portal.web.postings.sheet import Reader, Sheet


def call(posting: PostingFacts, sheet: Sheet, reader: Reader) -> None:
    """The call, and its price from its own facts."""
    found = calls.worksheet_of(posting.client_id, posting.source_id)
    if found is None:
        sheet.facts += _happened(posting)
        sheet.note = gettext("The call belongs to nobody, or to another client, by now.")
        return
    row, facts = found
    sheet.facts += [
        (gettext("When"), filters.daytime(row.started_at, seconds=True)),
        (gettext("From"), filters.phone_number(row.caller_number)),
        (gettext("To"), filters.phone_number(row.destination)),
        (gettext("Account"), row.account),
        (gettext("Length"), filters.duration(row.seconds)),
    ]
    sheet.steps += _steps(facts, reader)
    _open(sheet, reader, "call", row.public_id, gettext("To the call"))


def recorded(posting: PostingFacts, sheet: Sheet, reader: Reader) -> None:
    """The recording, the fee for its started minutes, and since when that fee holds."""
    found = calls.find_recording(posting.client_id, uuid.UUID(posting.source_id))
    sheet.facts += [
        (gettext("When"), filters.daytime(found.at, seconds=True)),
        (gettext("With"), filters.phone_number(posting.description)),
        (gettext("Account"), found.account),
        (gettext("Recorded"), filters.duration(found.seconds)),
        (gettext("Default fee since"), filters.daytime(found.fee_since)),
    ]
    sheet.steps += _steps(found.worksheet, reader)
    _open(sheet, reader, "call", found.call, gettext("To the call"))


def text(posting: PostingFacts, sheet: Sheet, reader: Reader) -> None:
    """The text, and the fee of its number."""
    found = messaging.find_worksheet(posting.client_id, uuid.UUID(posting.source_id))
    if found is None:
        sheet.facts += _happened(posting)
        sheet.note = gettext("The text itself is not kept any more.")
        return
    sheet.facts += [
        (gettext("When"), filters.daytime(found.at, seconds=True)),
        (gettext("Number"), filters.phone_number(found.own_number)),
        (gettext("With"), filters.phone_number(found.contact)),
    ]
    sheet.steps += text_worksheets.steps(found, staff=reader.staff)
    _open(sheet, reader, "message", found.public_id, gettext("To the text"), found.conversation)


def faxed(posting: PostingFacts, sheet: Sheet, reader: Reader) -> None:
    """The fax: its pages, its minutes, the rate of its number."""
    found = fax.find_worksheet(posting.client_id, uuid.UUID(posting.source_id))
    if found is None:
        sheet.facts += _happened(posting)
        sheet.note = gettext("The fax itself is not kept any more.")
        return
    came = found.direction == "in"
    own, other = filters.phone_number(found.own_number), filters.phone_number(found.contact)
    sheet.facts += [
        (gettext("When"), filters.daytime(found.at, seconds=True)),
        (gettext("From"), other if came else own),
        (gettext("To"), own if came else other),
        (gettext("Pages"), filters.number(found.pages)),
        (gettext("Length"), fax_words.length_text(found.seconds)),
    ]
    sheet.steps += _steps(found.worksheet, reader)
    if not found.is_deleted:
        _open(sheet, reader, "fax", found.public_id, gettext("To the fax"))


def correction(posting: PostingFacts, sheet: Sheet, reader: Reader) -> None:
    """The old price, the new one and the difference; then how the price is made as it is now."""
    call(posting, sheet, reader)
    rows = ledger.posted_for(posting.client_id, posting.source_type, posting.source_id)
    at = [one.public_id for one in rows].index(posting.public_id)
    before = rows[at - 1].so_far if at else ZERO
    sheet.now, sheet.steps = (
        sheet.steps,
        [
            (gettext("Price before"), filters.price(before, places=5)),
            (gettext("Price after"), filters.price(rows[at].so_far, places=5)),
            (gettext("Difference"), filters.price(rows[at].so_far - before, places=5)),
        ],
    )


def _steps(facts: Worksheet | None, reader: Reader) -> list[tuple[str, str]]:
    if not facts:
        return []
    return worksheets.steps(facts, audience="staff" if reader.staff else "client")


def _open(
    sheet: Sheet,
    reader: Reader,
    kind: str,
    public_id: uuid.UUID,
    text: str,
    within: uuid.UUID | None = None,
) -> None:
    url = reader.thing(kind, public_id, within)
    if url:
        sheet.links.append((text, url))


def _happened(posting: PostingFacts) -> list[tuple[str, str]]:
    at = posting.occurred_at
    return [(gettext("When"), filters.daytime(at, seconds=True))] if at is not None else []
