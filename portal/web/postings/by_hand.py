"""What staff charged by hand, and what was undone."""

from __future__ import annotations

from flask_babel import gettext

from portal import ledger
from portal.ledger import PostingFacts
from portal.web import filters, history_lines
from portal.web.postings.sheet import Reader, Sheet


def charge(posting: PostingFacts, sheet: Sheet, _reader: Reader) -> None:
    """An amount that somebody entered: there is nothing to compute."""
    sheet.steps.append(
        (
            gettext("Amount"),
            gettext("%(amount)s, entered by hand", amount=filters.price(-posting.amount)),
        )
    )


def reversal(posting: PostingFacts, sheet: Sheet, reader: Reader) -> None:
    """The mirror image of what it undoes."""
    if posting.undoes is None:
        return
    undone = ledger.posting(posting.client_id, posting.undoes)
    sheet.steps += [
        (gettext("Posted before"), filters.price(undone.amount)),
        (gettext("Undone by"), filters.price(posting.amount)),
        (gettext("Together"), filters.price(undone.amount + posting.amount)),
    ]
    sheet.facts.append((gettext("Undoes"), _name(undone)))
    sheet.links.append((gettext("What it undoes"), reader.posting(undone.public_id)))


def _name(undone: PostingFacts) -> str:
    line = history_lines.line_of(undone)
    return f"{history_lines.words(line)}, {filters.day(undone.posting_day)}"
