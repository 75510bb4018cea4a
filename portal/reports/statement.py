"""One client's account over a period: opening + payments − charges = closing, and its calls."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask_babel import gettext

from portal import calls, identity, ledger
from portal.calls import CallFilter
from portal.core import clock
from portal.core.errors import NotFound
from portal.core.money import Money
from portal.ledger import FEES, USAGE, HistoryFilter, HistoryKind, Line, Reason
from portal.reports.catalogue import OWN_CALLS
from portal.reports.document import Document, paper_of
from portal.reports.period import Period, period_from
from portal.reports.reading import chunks
from portal.reports.spelling import Csv
from portal.reports.values import Asked
from portal.reports.wording import Wording

MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Part:
    """Charges of one reason: how many, how long, how much. ``label`` is a fee's own name, ``posting`` the one
    that it is, where it is one.
    """

    reason: Reason
    label: str
    items: int
    seconds: int
    amount: Money
    posting: uuid.UUID | None = None

    @property
    def is_usage(self) -> bool:
        return self.reason in USAGE

    @property
    def is_fee(self) -> bool:
        return self.reason in FEES


@dataclass(frozen=True, slots=True)
class Statement:
    """The numbers of a statement; ``charges`` add up to the totals' charges, in the same order."""

    period: Period
    totals: ledger.Totals
    charges: tuple[Part, ...]
    payments: tuple[Line, ...]


def choose(given: Mapping[str, str]) -> Period:
    """The period of an address: whole posting days in the reseller's zone, usually this month."""
    zone = ZoneInfo(identity.own_reseller().time_zone)
    today = clock.now().astimezone(zone).date()
    return period_from(given, zone, usual_days=today.day)


def months(count: int) -> list[tuple[date, Period]]:
    """The last calendar months, this one first, for choosing a statement."""
    zone = ZoneInfo(identity.own_reseller().time_zone)
    today = clock.now().astimezone(zone).date()
    found, first, last = [], today.replace(day=1), today
    for _ in range(count):
        found.append((first, Period(first, last, zone)))
        last = date.fromordinal(first.toordinal() - 1)
        first = last.replace(day=1)
    return found


def build(client_id: int, period: Period) -> Statement:
    """A client's numbers for whole posting days, the same that its history shows."""
    totals, charges, payments = _consistent(client_id, period)
    parts: dict[tuple[Reason, str], Part] = {}
    for line in charges:
        label = "" if line.is_usage else line.description
        so_far = parts.get((line.reason, label)) or Part(line.reason, label, 0, 0, Money(0))
        parts[line.reason, label] = Part(
            line.reason,
            label,
            so_far.items + line.items,
            so_far.seconds + line.seconds,
            so_far.amount - line.amount,
            None if so_far.items else line.public_id,
        )
    order = list(Reason)
    ordered = sorted(parts.values(), key=lambda part: (order.index(part.reason), part.label))
    return Statement(period, totals, tuple(ordered), tuple(payments))


def _consistent(client_id: int, period: Period) -> tuple[ledger.Totals, list[Line], list[Line]]:
    """Totals, charges and payments of one moment: read again when something was posted between."""
    while True:
        first, charges = _lines(client_id, period, HistoryKind.CHARGES)
        second, payments = _lines(client_id, period, HistoryKind.PAYMENTS)
        moved = sum((line.amount for line in charges), Money(0))
        if first == second and -moved == first.charges:
            return first, charges, payments


def _lines(client_id: int, period: Period, kind: HistoryKind) -> tuple[ledger.Totals, list[Line]]:
    """A kind of lines, oldest first. A reversed payment is among the payments, as in the history."""
    found: list[Line] = []
    chosen = HistoryFilter(period.first, period.last, kind)
    cursor: str | None = None
    while True:
        part = ledger.history(client_id, chosen, cursor=cursor, page_size=MOST_LINES)
        found += part.page.rows
        cursor = part.page.older
        if cursor is None:
            return part.totals, found[::-1]


def document(asked: Asked, most_rows: int) -> Document:
    """The statement on paper, with every call that began in the period; costs are not in it."""
    if asked.client_id is None:
        raise NotFound("A statement needs a client.")
    client = identity.client_facts(asked.client_id)
    reseller = identity.own_reseller()
    period = choose({key: str(value) for key, value in asked.filters.items()})
    wording = Wording(asked.language, reseller.currency, period.zone)
    wanted = CallFilter(
        since=period.since,
        until=period.until,
        first_day=period.first,
        last_day=period.last,
        client_id=client.id,
    )
    return Document(
        title=gettext("Statement"),
        subject=wording.period(period.first, period.last),
        template="statement.html",
        words={
            "statement": build(client.id, period),
            "client": client,
            "reseller": reseller,
            "reasons": reason_words(),
            "issued": wording.day(clock.now().astimezone(period.zone).date()),
            "zone": str(period.zone),
            "balance_url": identity.portal_address(reseller) + "/balance",
        },
        wording=wording,
        language=asked.language,
        paper=paper_of(reseller.country),
        landscape=False,
        columns=OWN_CALLS.columns(),
        rows_title=OWN_CALLS.title(),
        count=calls.count_up_to(wanted, most_rows),
        chunks=lambda: chunks(wanted),
        cells=OWN_CALLS.cells(),
        keys=[column.key for column in OWN_CALLS.columns()],
        lines=lambda: OWN_CALLS.lines(OWN_CALLS.chosen(wanted, period.zone), Csv(period.zone)),
    )


def reason_words() -> dict[Reason, str]:
    """Reasons as a statement names them."""
    return {
        Reason.CALL: gettext("Calls"),
        Reason.RECORDING: gettext("Call recording"),
        Reason.SMS: gettext("Text messages"),
        Reason.MMS: gettext("Picture messages"),
        Reason.FAX: gettext("Faxes"),
        Reason.PACKAGE_FEE: gettext("Package fee"),
        Reason.SETUP_FEE: gettext("Setup fee"),
        Reason.DID_FEE: gettext("Number fee"),
        Reason.FAX_FEE: gettext("Fax number fee"),
        Reason.E911_FEE: gettext("e911 fee"),
        Reason.ADD_ON_FEE: gettext("Monthly fee"),
        Reason.PAYMENT: gettext("Payment"),
        Reason.REFUND: gettext("Refund"),
        Reason.CHARGE: gettext("Charge"),
        Reason.REVERSAL: gettext("Reversal"),
        Reason.CORRECTION: gettext("Correction"),
        Reason.TAX: gettext("Taxes"),
        Reason.CREDIT_NOTE: gettext("Credit note"),
    }
