"""Lines of a client's history as a page shows them: the same words for the client and for staff."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext, ngettext

from portal.core.money import ZERO, Money
from portal.ledger import DEPOSITS, Line, PostingFacts, Reason, UsageItem
from portal.web import filters

SYMBOLS = {
    Reason.CALL: "phone",
    Reason.RECORDING: "mic",
    Reason.SMS: "message-square",
    Reason.MMS: "image",
    Reason.FAX: "printer",
    Reason.PACKAGE_FEE: "package",
    Reason.SETUP_FEE: "package",
    Reason.DID_FEE: "hash",
    Reason.FAX_FEE: "printer",
    Reason.E911_FEE: "shield",
    Reason.ADD_ON_FEE: "repeat",
    Reason.PAYMENT: "banknote",
    Reason.REFUND: "undo-2",
    Reason.CHARGE: "circle-minus",
    Reason.REVERSAL: "undo-2",
    Reason.CORRECTION: "scale",
    Reason.TAX: "receipt-text",
    Reason.CREDIT_NOTE: "undo-2",
}


# A late call carries its own date, which is worth saying when it is not the posting day's.
LATE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Item:
    """One charge inside a line of usage. ``url`` opens how it came about."""

    at: datetime
    posted_at: datetime
    is_late: bool
    text: str
    amount: Money
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the history. ``url`` opens how it came about, or what is in a line of usage (then without
    ``public_id``); ``reverse_url`` undoes it, where allowed.
    """

    public_id: uuid.UUID | None
    day: str
    symbol: str
    text: str
    note: str
    amount: Money
    balance_after: Money
    reversed: bool = False
    url: str = ""
    reverse_url: str = ""


def entry(line: Line, *, url: str = "", reverse_url: str = "") -> Entry:
    """A line of the books in words."""
    return Entry(
        public_id=line.public_id,
        day=filters.day(line.day),
        symbol=SYMBOLS[line.reason],
        text=words(line),
        note=line.description if line.reason in {*DEPOSITS, Reason.CORRECTION} else "",
        amount=line.amount,
        balance_after=line.balance,
        reversed=line.reversed_by is not None,
        url=url,
        reverse_url=reverse_url if line.can_be_reversed else "",
    )


def line_of(posting: PostingFacts) -> Line:
    """A posting as a line of a history would have it, without the balance after it."""
    return Line(posting.posting_day, posting.reason, posting.amount, ZERO, posting.description)


def usage_words(reason: Reason) -> str:
    """A kind of usage, as the head of what is in it."""
    names: dict[Reason, str] = {
        Reason.CALL: gettext("Calls"),
        Reason.RECORDING: gettext("Call recording"),
        Reason.SMS: gettext("Text messages"),
        Reason.MMS: gettext("Picture messages"),
        Reason.FAX: gettext("Faxes"),
    }
    return names[reason]


def item(one: UsageItem, url: str) -> Item:
    """One charge inside a line of usage; ``url`` opens how it came about."""
    late = one.occurred_at is not None and one.posted_at - one.occurred_at > LATE
    return Item(
        one.occurred_at or one.posted_at, one.posted_at, late,
        filters.phone_number(one.description), one.amount, url,
    )  # fmt: skip


def words(line: Line) -> str:
    """What a line is: the package's name for its fees, counts for a day's usage (rulings 9)."""
    if line.reason is Reason.CALL:
        counted = ngettext("%(num)d call", "%(num)d calls", line.items)
        return gettext(
            "Calls · %(calls)s, %(minutes)s min",
            calls=counted,
            minutes=filters.minutes(line.seconds),
        )
    if line.reason is Reason.RECORDING:
        return ngettext("Call recording · %(num)d", "Call recording · %(num)d", line.items)
    if line.reason is Reason.MMS:
        return f"{gettext('Picture messages')} · {filters.number(line.items)}"
    if line.reason is Reason.SMS:
        return ngettext("Text messages · %(num)d", "Text messages · %(num)d", line.items)
    if line.reason is Reason.FAX:
        return ngettext("Faxes · %(num)d", "Faxes · %(num)d", line.items)
    return _single(line)


def _single(line: Line) -> str:
    said = line.description
    named = {
        Reason.PACKAGE_FEE: gettext("Monthly fee · %(name)s", name=said),
        Reason.SETUP_FEE: gettext("Setup fee · %(name)s", name=said),
        Reason.DID_FEE: gettext("Number fee · %(number)s", number=said),
        Reason.FAX_FEE: gettext("Fax number fee · %(number)s", number=said),
        Reason.E911_FEE: gettext("e911 fee · %(number)s", number=said),
        Reason.ADD_ON_FEE: gettext("Monthly fee · %(name)s", name=said),
        Reason.PAYMENT: gettext("Payment"),
        Reason.REFUND: gettext("Refund"),
        Reason.REVERSAL: gettext("Reversal · %(what)s", what=said) if said else gettext("Reversal"),
        Reason.CORRECTION: gettext("Correction"),
        Reason.TAX: gettext("Taxes · %(number)s", number=said),
        Reason.CREDIT_NOTE: gettext("Credit note · %(number)s", number=said),
    }
    return named.get(line.reason) or said or gettext("Charge")
