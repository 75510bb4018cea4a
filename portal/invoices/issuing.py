"""A client's month becomes an invoice, once; what lowers earlier invoices becomes credit notes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import force_locale
from sqlalchemy import func, select, update

from portal import identity
from portal.core import clock, scope
from portal.core.db import insert_once, only_one, session
from portal.core.errors import Refused
from portal.core.failpoints import failpoint
from portal.core.money import Money
from portal.core.period import local_day
from portal.identity import ClientFacts, Visitor
from portal.identity.models import Client
from portal.identity.values import ClientStatus
from portal.invoices import content as contents
from portal.invoices import keeping, lines, notes, rates
from portal.invoices.lines import last_of
from portal.invoices.models import InvoiceMonth, Paper
from portal.invoices.settings import settings, today, wishes
from portal.invoices.values import (
    Content,
    Draft,
    MadePaper,
    Mode,
    Month,
    MonthDone,
    PaperKind,
    PaperLine,
)
from portal.ledger import Single

# Records of the last calls of a month come in during the first minutes of the next.
SETTLES_AFTER = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class _Look:
    """A month as it would be issued now."""

    client: ClientFacts
    month: date
    first: date
    content: Content | None
    outcome: Month
    lowered: dict[int, list[Single]]  # by the paper that they lower


def last_month() -> date:
    """The first day of the latest month that is over and settled, in the reseller's zone."""
    zone = ZoneInfo(identity.own_reseller().time_zone)
    day = local_day(clock.now() - SETTLES_AFTER, zone)
    return _before(day.replace(day=1))


def due_months(
    client_ids: Iterable[int] | None = None, *, until: date | None = None
) -> dict[int, list[date]]:
    """The months that clients with monthly invoices wait for, in order; missed ones first.

    ``until`` is the last of them; without it, it is the latest that is settled.
    """
    until = min(until or last_month(), _before(today().replace(day=1)))
    rows = session().execute(
        select(Client.id, Client.created_at, Client.closed_at)
        .where(Client.status != ClientStatus.WAIT)
        .order_by(Client.id)
    ).all()  # fmt: skip
    wanted = None if client_ids is None else set(client_ids)
    known = {row.id: row for row in rows if wanted is None or row.id in wanted}
    done = dict(
        session().execute(
            select(InvoiceMonth.client_id, func.max(InvoiceMonth.month)).group_by(
                InvoiceMonth.client_id
            )
        ).all()
    )  # fmt: skip
    zone = ZoneInfo(identity.own_reseller().time_zone)
    found: dict[int, list[date]] = {}
    for client_id, wish in wishes(known).items():
        if wish.mode is not Mode.MONTHLY or wish.since is None:
            continue
        row = known[client_id]
        start = max(wish.since, local_day(row.created_at, zone)).replace(day=1)
        if client_id in done:
            start = max(start, _after(done[client_id]))
        end = until
        if row.closed_at is not None:
            end = min(until, local_day(row.closed_at, zone).replace(day=1))
        if months := _months(start, end):
            found[client_id] = months
    return found


def is_done(client_id: int, month: date) -> bool:
    """Was this month looked at?"""
    found = select(InvoiceMonth.id).where(
        InvoiceMonth.client_id == client_id, InvoiceMonth.month == month
    )
    return session().scalar(found) is not None


def draft(client_id: int, month: date) -> Draft:
    """What a month would be; nothing is written."""
    look = _look(client_id, month)
    lowered = [one.amount for group in look.lowered.values() for one in group]
    return Draft(client_id, month, look.outcome, look.content, -sum(lowered, Money(0)))


def issue_month(
    client_id: int, month: date, *, by: Visitor | None = None, issued_at: datetime | None = None
) -> MonthDone | None:
    """Make a month's papers in the caller's transaction; None when that month was done before.

    ``issued_at`` is now, unless history is brought in: then nobody is mailed. Refused while the month is not over. A month without anything to pay leaves a row and takes no number.
    """
    month = month.replace(day=1)
    if last_of(month) >= today():
        raise Refused("This month is not over yet.", code="not_over")
    claim = {
        "reseller_id": scope.reseller_id(),
        "client_id": client_id,
        "month": month,
        "first_day": month,
        "outcome": Month.EMPTY.value,
    }
    if not insert_once(InvoiceMonth, claim):
        return None
    failpoint("invoice.claimed")
    notes.hold_papers(client_id)
    look = _look(client_id, month, issued_at)
    made = tuple(_credit(look, by))
    paper = _keep(look, by, issued_at) if look.content is not None else None
    only_one(
        update(InvoiceMonth)
        .where(InvoiceMonth.client_id == client_id, InvoiceMonth.month == month)
        .values(
            first_day=look.first, outcome=look.outcome.value, paper_id=paper.id if paper else None
        )
    )
    failpoint("invoice.before_commit")
    return MonthDone(look.outcome, paper, made)


def _keep(look: _Look, by: Visitor | None, issued_at: datetime | None) -> MadePaper | None:
    content, client = look.content, look.client
    assert content is not None
    on_top = Money(0) if content.inclusive else content.tax
    content = replace(
        content,
        due=keeping.due_after(client.id, content.total, on_top),
        tax_posted=bool(on_top),
    )
    source = f"month:{client.id}:{look.month:%Y-%m}"
    paper = keeping.keep(content, client, source=source, by=by, issued_at=issued_at)
    if paper is not None:
        keeping.charge_tax(client.id, paper, on_top)
    return paper


def _credit(look: _Look, by: Visitor | None) -> Iterable[MadePaper]:
    """Credit notes for what lowers papers of earlier months; the money has moved already (H5)."""
    for paper_id, group in look.lowered.items():
        made = notes.for_adjustments(
            paper_id,
            group,
            source=f"adjust:{paper_id}:{look.month:%Y-%m}",
            first=look.first,
            last=last_of(look.month),
            by=by,
        )
        if made is not None:
            yield made


def _look(client_id: int, month: date, issued_at: datetime | None = None) -> _Look:
    client = identity.client_facts(client_id)
    reseller = identity.own_reseller()
    zone = ZoneInfo(reseller.time_zone)
    language = contents.language_of(client, reseller)
    first, last = _first_day(client_id, month), last_of(month)
    wanted = settings()
    with force_locale(language):
        found = lines.read(
            client_id, first, last, zone=zone, language=language,
            leave_out=notes.answered_for(client_id, first),
        )  # fmt: skip
        lowered, extra = _sorted_out(client_id, found.lowered)
        own = (*found.lines, *(lines.line_of(one, zone, language) for one in extra))
    outcome = _outcome(own)
    if outcome is not Month.ISSUED:
        return _Look(client, month, first, None, outcome, lowered)
    duties = rates.duties_of(
        client.details, last, known=rates.taxes(), exempt=rates.exemptions_of(client_id)
    )
    content = contents.write(
        PaperKind.INVOICE,
        client=client,
        settings=wanted,
        lines=own,
        duties=duties,
        inclusive=wanted.inclusive,
        issued=local_day(issued_at, zone) if issued_at else today(),
        first=first,
        last=last,
        payments=found.payments,
    )
    return _Look(client, month, first, content, outcome, lowered)


def _outcome(own: tuple[PaperLine, ...]) -> Month:
    total = sum((line.amount for line in own), Money(0))
    if total > Money(0):
        return Month.ISSUED
    return Month.CARRIED if total < Money(0) else Month.EMPTY


def _sorted_out(
    client_id: int, lowered: tuple[Single, ...]
) -> tuple[dict[int, list[Single]], list[Single]]:
    """By the invoice each belongs to, as far as the invoice is large enough; the others are lines."""
    if not lowered:
        return {}, []
    papers = session().execute(
        select(Paper.id, Paper.first_day, Paper.last_day, Paper.basis).where(
            Paper.client_id == client_id, Paper.kind == PaperKind.INVOICE.value
        )
    ).all()  # fmt: skip
    left = {row.id: row.basis - notes.credited_of(row.id) for row in papers}
    found: dict[int, list[Single]] = {}
    extra: list[Single] = []
    for one in lowered:
        day = one.origin_day
        assert day is not None
        paper = next((row for row in papers if row.first_day <= day <= row.last_day), None)
        if paper is None or left[paper.id] + one.amount < Money(0):
            extra.append(one)
            continue
        left[paper.id] += one.amount
        found.setdefault(paper.id, []).append(one)
    return found, extra


def _first_day(client_id: int, month: date) -> date:
    """The month's own, or that of the months before it that were carried into it."""
    row = session().execute(
        select(InvoiceMonth.first_day, InvoiceMonth.outcome).where(
            InvoiceMonth.client_id == client_id, InvoiceMonth.month == _before(month)
        )
    ).one_or_none()  # fmt: skip
    return row.first_day if row is not None and row.outcome == Month.CARRIED else month


def _months(start: date, end: date) -> list[date]:
    found = []
    while start <= end:
        found.append(start)
        start = _after(start)
    return found


def _before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _after(month: date) -> date:
    return last_of(month) + timedelta(days=1)
