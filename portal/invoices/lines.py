"""The lines of a month, read from the books: they add up to what the books charged, to the micro."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask_babel import gettext

from portal import calls, ledger
from portal.core import formats, phone
from portal.core.money import Money
from portal.core.period import day_start, local_day
from portal.invoices.values import PaperLine, PaperPayment
from portal.ledger import FEE, FEES, USAGE, AccountKind, Reason, Single
from portal.ledger.values import ACCOUNT_OF

# What is on no invoice: money that came in or went back, and what papers themselves post.
# So many lines stand alone; a paper of thousands could not be laid out, nor read.
MOST_ALONE, MOST_FEES = 100, 300
_OF_PAPERS = frozenset({Reason.TAX, Reason.CREDIT_NOTE})


@dataclass(frozen=True, slots=True)
class Month:
    """What the books say of some whole posting days of a client."""

    lines: tuple[PaperLine, ...]
    lowered: tuple[Single, ...]  # in the client's favour, and about something posted before
    payments: tuple[PaperPayment, ...]

    @property
    def sum(self) -> Money:
        return sum((line.amount for line in self.lines), Money(0))


def read(
    client_id: int, first: date, last: date, *, zone: ZoneInfo, language: str,
    leave_out: frozenset[str] = frozenset(),
) -> Month:  # fmt: skip
    """Everything that was charged on these days, usage by kind and the rest by name.

    ``leave_out`` names transfers that a credit note has answered for. What lowers something posted
    before ``first`` is apart: it may belong on a credit note.
    """
    singles = ledger.singles(client_id, first, last)
    charged = [one for one in singles if is_charge(one) and str(one.public_id) not in leave_out]
    charged = _without_undone(charged)
    lowered = tuple(one for one in charged if _lowers_what_was(one, first))
    held_back = {one.public_id for one in lowered}
    rest = [one for one in charged if one.public_id not in held_back]
    return Month(
        lines=(
            *fees(rest, language),
            *_usage(client_id, first, last, zone, language),
            *by_hand(rest, zone, language),
        ),
        lowered=lowered,
        payments=tuple(
            PaperPayment(one.posting_day, payment_text(one), -one.amount)
            for one in singles
            if ACCOUNT_OF.get(one.about) is AccountKind.PAYMENTS
        ),
    )


def is_charge(one: Single) -> bool:
    """Is it something that the client was charged, or got back of a charge?"""
    return one.about not in _OF_PAPERS and ACCOUNT_OF.get(one.about) is not AccountKind.PAYMENTS


def _without_undone(charged: list[Single]) -> list[Single]:
    """What was charged and undone within the same days is on no paper: both halves add up to nothing."""
    here = {one.public_id for one in charged}
    undone = {one.origin for one in charged if one.reason is Reason.REVERSAL and one.origin in here}
    return [one for one in charged if one.public_id not in undone and one.origin not in undone]


def _lowers_what_was(one: Single, first: date) -> bool:
    return one.amount < Money(0) and one.origin_day is not None and one.origin_day < first


def fees(charged: Iterable[Single], language: str) -> list[PaperLine]:
    """Fees by name: equal ones are one line that says how many."""
    groups: dict[tuple[Reason, str, Money], list[Single]] = defaultdict(list)
    for one in charged:
        if one.reason in FEES:
            groups[one.reason, one.description, one.amount].append(one)
    if len(groups) > MOST_FEES:
        groups = _of_one_kind(groups)
    order = list(FEES)
    found = []
    for reason, label, amount in sorted(groups, key=lambda key: (order.index(key[0]), key[1:])):
        group = groups[reason, label, amount]
        days = sorted({_begins(one) for one in group})
        note = ", ".join(_day(day, language) for day in days[:4])
        found.append(
            PaperLine(
                reason.value,
                _fee_text(reason, label),
                Money(amount.micros * len(group)),
                items=len(group),
                note=note if len(days) <= 4 else f"{note}, …",
                posting=str(group[0].public_id) if len(group) == 1 else "",
            )
        )
    return found


def _of_one_kind(
    groups: dict[tuple[Reason, str, Money], list[Single]],
) -> dict[tuple[Reason, str, Money], list[Single]]:
    """Fees of very many numbers: those of one amount together, from the first number to the last."""
    kinds: dict[tuple[Reason, Money], list[str]] = defaultdict(list)
    for reason, label, amount in sorted(groups):
        kinds[reason, amount].append(label)
    return {
        (
            reason,
            labels[0] if len(labels) == 1 else f"{_number(labels[0])} … {_number(labels[-1])}",
            amount,
        ): [one for label in labels for one in groups[reason, label, amount]]
        for (reason, amount), labels in kinds.items()
    }


def by_hand(charged: Iterable[Single], zone: ZoneInfo, language: str) -> list[PaperLine]:
    """Charges by hand, corrections and what was undone, each with its day.

    Of very many corrections (prices of a whole month set right) those of one day are one line.
    """
    alone = [one for one in charged if one.reason not in FEES]
    corrections = [one for one in alone if one.reason is Reason.CORRECTION]
    together: list[PaperLine] = []
    if len(corrections) > MOST_ALONE:
        together = _by_day(corrections, zone, language)
        alone = [one for one in alone if one.reason is not Reason.CORRECTION]
    return [*(line_of(one, zone, language) for one in alone), *together]


def _by_day(corrections: Iterable[Single], zone: ZoneInfo, language: str) -> list[PaperLine]:
    days: dict[tuple[date, Reason], list[Single]] = defaultdict(list)
    for one in corrections:
        days[_day_of(one, zone), one.about].append(one)
    found = []
    for day, about in sorted(days):
        kind = _usage_text(about) if about in USAGE else gettext("Usage")
        what = gettext("%(kind)s of %(day)s", kind=kind, day=_day(day, language))
        amount = sum((one.amount for one in days[day, about]), Money(0))
        text = gettext("Correction · %(what)s", what=what)
        many = len(days[day, about])
        found.append(PaperLine(Reason.CORRECTION.value, str(text), amount, items=many))
    return found


def line_of(one: Single, zone: ZoneInfo, language: str) -> PaperLine:
    """One of them as a line; a correction carries the day of what it corrects."""
    return PaperLine(
        one.reason.value, _single_text(one), one.amount, items=1,
        note=_day(_day_of(one, zone), language), posting=str(one.public_id),
    )  # fmt: skip


def _day_of(one: Single, zone: ZoneInfo) -> date:
    if one.reason is Reason.CORRECTION and one.occurred_at is not None:
        return local_day(one.occurred_at, zone)
    return one.posting_day


def _usage(
    client_id: int, first: date, last: date, zone: ZoneInfo, language: str
) -> list[PaperLine]:
    """Usage by kind; what came late stands apart under its own day (H9)."""
    sums = ledger.usage_sums(client_id, first, last)
    late: dict[tuple[Reason, date], list[ledger.LateUsage]] = defaultdict(list)
    if sums:
        for one in ledger.late_usage(client_id, first, last, day_start(first, zone)):
            late[one.reason, local_day(one.occurred_at, zone)].append(one)
    found = []
    for total in sums:
        apart = [
            _late_line(total.reason, day, late[reason, day], language)
            for reason, day in sorted(late, key=lambda key: key[1])
            if reason is total.reason
        ]
        items = total.items - sum(line.items for line in apart)
        amount = total.amount - sum((line.amount for line in apart), Money(0))
        seconds = total.seconds - sum(line.seconds for line in apart)
        if items:
            seconds = max(seconds, 0) if total.reason is Reason.CALL else 0
            found.append(
                PaperLine(
                    total.reason.value, _usage_text(total.reason), amount, items=items,
                    seconds=seconds,
                )
            )  # fmt: skip
        found += apart
    return found


def _late_line(
    reason: Reason, day: date, rows: Sequence[ledger.LateUsage], language: str
) -> PaperLine:
    keys = [row.source_id for row in rows if row.source_type == "call"]
    lengths = calls.seconds_of(keys)
    text = gettext("%(kind)s of %(day)s", kind=_usage_text(reason), day=_day(day, language))
    return PaperLine(
        reason.value,
        str(text),
        sum((row.amount for row in rows), Money(0)),
        items=len(rows),
        seconds=sum(lengths.get(key, 0) for key in keys),
        note=str(gettext("Recorded after the invoice of its month")),
    )


def _begins(fee: Single) -> date:
    """The first day of a fee's period, which its source names; else the day it was posted."""
    if fee.source_type == FEE:
        try:
            return date.fromisoformat(fee.source_id.rpartition(":")[2])
        except ValueError:
            pass
    return fee.posting_day


def _usage_text(reason: Reason) -> str:
    words: dict[Reason, str] = {
        Reason.CALL: gettext("Calls"),
        Reason.RECORDING: gettext("Call recording"),
        Reason.SMS: gettext("Text messages"),
        Reason.MMS: gettext("Picture messages"),
        Reason.FAX: gettext("Faxes"),
    }
    return words[reason]


def _fee_text(reason: Reason, label: str) -> str:
    said = _number(label)
    words: dict[Reason, str] = {
        Reason.PACKAGE_FEE: gettext("Monthly fee · %(name)s", name=said),
        Reason.SETUP_FEE: gettext("Setup fee · %(name)s", name=said),
        Reason.DID_FEE: gettext("Number fee · %(number)s", number=said),
        Reason.FAX_FEE: gettext("Fax number fee · %(number)s", number=said),
        Reason.E911_FEE: gettext("e911 fee · %(number)s", number=said),
    }
    return words.get(reason) or str(gettext("Monthly fee · %(name)s", name=said))


def _single_text(one: Single) -> str:
    said = _number(one.description)
    if one.reason is Reason.CORRECTION:
        kind = _usage_text(one.about) if one.about in USAGE else gettext("Usage")
        text = gettext("Correction · %(what)s", what=kind)
        return f"{text} · {said}" if said else str(text)
    if one.reason is Reason.REVERSAL:
        return str(gettext("Reversal · %(what)s", what=said) if said else gettext("Reversal"))
    return said or str(gettext("Charge"))


def payment_text(one: Single) -> str:
    """A payment in words."""
    if one.reason is Reason.REVERSAL:
        return str(gettext("Payment reversed"))
    if (
        one.source_type == "payment" and one.description
    ):  # through a gateway: its name alone says little
        return f"{gettext('Payment')} · {one.description}"
    return one.description or str(gettext("Payment"))


def _number(label: str) -> str:
    normal = phone.normalise(label) if label[:1] in "+0123456789" and label else None
    return phone.international(normal) if normal else label


def _day(day: date, language: str) -> str:
    return str(format_date(day, "medium", locale=formats.locale_of(language)))


def last_of(month: date) -> date:
    """The last day of the month that begins on this day."""
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
