"""What the proof of the books asks about papers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import String as Text
from sqlalchemy import and_, case, column, func, or_, select, table
from sqlalchemy.orm import aliased

from portal import payments
from portal.core.db import MoneyType, session
from portal.core.money import Money
from portal.invoices.content import unpacked
from portal.invoices.models import InvoiceMonth, Paper, PaperCounter
from portal.invoices.recomputing import given_back_again, paid_again, taxes_again
from portal.invoices.values import Content, Month, PaperKind
from portal.ledger.check import count_of, counts, plain, register
from portal.ledger.models import Account, Transfer
from portal.ledger.values import ACCOUNT_OF, AccountKind, Reason

_NO_CHARGES = [
    *(reason for reason, account in ACCOUNT_OF.items() if account is AccountKind.PAYMENTS),
    Reason.TAX,
    Reason.CREDIT_NOTE,
]
_CHUNK = 500
# How payments through gateways, and what goes back of them, stand in the books.
SOURCE, BACK = "payment", "payment_back"
_GUARDS = {
    "sqlite": ("papers_no_update", "papers_no_delete"),
    "postgresql": ("papers_only_grows", "papers_stays"),
}


@register
def numbers_of_papers_have_no_gap() -> Iterator[str]:
    last = func.max(PaperCounter.last)
    rows = session().execute(
        select(PaperCounter.kind, PaperCounter.year, last, func.count(Paper.id))
        .outerjoin(
            Paper,
            and_(
                Paper.reseller_id == PaperCounter.reseller_id,
                Paper.kind == PaperCounter.kind,
                Paper.year == PaperCounter.year,
                Paper.serial <= PaperCounter.last,
            ),
        )
        .group_by(PaperCounter.id, PaperCounter.kind, PaperCounter.year)
        .having(last != func.count(Paper.id))
    )
    for kind, year, taken, there in rows:
        yield f"Of {taken} numbers of {kind}s in {year} only {there} are on a paper."


@register
def invoices_are_what_the_books_charged() -> Iterator[str]:
    """Invoice less the credit notes of its own days' corrections = the charges of those days."""
    undone, note = aliased(Transfer), aliased(Paper)
    wallet = select(Account.id).where(Account.kind == AccountKind.WALLET)
    owed = case((Transfer.debit_account_id.in_(wallet), Transfer.amount), else_=-Transfer.amount)
    about = func.coalesce(undone.reason, Transfer.reason)
    noted: Any = (
        select(func.coalesce(func.sum(note.basis, type_=MoneyType()), 0, type_=MoneyType()))
        .where(
            note.reseller_id == Paper.reseller_id,
            note.client_id == Paper.client_id,
            note.kind == PaperKind.CREDIT.value,
            note.source.startswith("adjust:"),
            note.last_day.between(Paper.first_day, Paper.last_day),
        )
        .scalar_subquery()
    )
    charged = func.sum(owed, type_=MoneyType())
    rows = session().execute(
        select(
            Paper.number, Paper.basis, noted.label("noted"), charged.label("charged"),
        )
        .select_from(InvoiceMonth)
        .join(Paper, Paper.id == InvoiceMonth.paper_id)
        .join(
            Transfer,
            and_(
                Transfer.reseller_id == Paper.reseller_id,
                Transfer.client_id == Paper.client_id,
                Transfer.posting_day >= Paper.first_day,
                Transfer.posting_day <= Paper.last_day,
            ),
        )
        .outerjoin(undone, undone.id == Transfer.reverses_id)
        .where(InvoiceMonth.outcome == Month.ISSUED.value, about.not_in(_NO_CHARGES))
        .group_by(
            Paper.id, Paper.number, Paper.basis, Paper.reseller_id, Paper.client_id,
            Paper.first_day, Paper.last_day,
        )
    )  # fmt: skip
    for row in rows:
        on_paper = row.basis - (row.noted or Money(0))
        if on_paper != row.charged:
            yield f"Invoice {row.number} is {on_paper}, but the books charged {row.charged}."


@register
def papers_add_up() -> Iterator[str]:
    note = aliased(Paper)
    rows = session().execute(
        select(Paper.number).where(
            or_(Paper.net + Paper.tax != Paper.total, Paper.total <= Money(0), Paper.tax < Money(0))
        )
    )
    for row in rows:
        yield f"The total of {row.number} is not its net and its taxes."
    credited = func.sum(note.total, type_=MoneyType())
    rows = session().execute(
        select(Paper.number, Paper.total, credited.label("credited"))
        .join(note, note.credits_id == Paper.id)
        .group_by(Paper.id, Paper.number, Paper.total, Paper.tax)
        .having(or_(credited > Paper.total, func.sum(note.tax, type_=MoneyType()) > Paper.tax))
    )
    for row in rows:
        yield f"{row.credited} of {row.number} is credited, which is only {row.total}."


@register
def taxes_come_out_as_they_were_issued() -> Iterator[str]:
    """The worksheet of a paper: its taxes again from its lines, and what the books took for them."""
    last = 0
    while True:
        rows = session().execute(
            select(Paper.id, Paper.number, Paper.kind, Paper.credits_id, Paper.public_id, Paper.content)
            .where(Paper.id > last)
            .order_by(Paper.id)
            .limit(_CHUNK)
        ).all()  # fmt: skip
        if not rows:
            return
        papers = [(row, unpacked(row.content)) for row in rows]
        moved = _moved_at_gateways([paper for _, paper in papers])
        for row, paper in papers:
            again = _again(row, paper, moved)
            if again != tuple(tax.amount for tax in paper.taxes):
                yield f"The taxes of {row.number} are {paper.tax}, but its lines make {sum(again, Money(0))}."
        last = rows[-1].id


@register
def taxes_paid_at_gateways_follow_from_their_rates() -> Iterator[str]:
    """What came with a payment: each tax once, at its rate, on top of what was credited."""
    for name, credited, paid in payments.taxed_payments():
        again = paid_again(credited, paid.parts, paid.digits)
        if again != tuple(part.amount for part in paid.parts) or paid.total != credited + sum(
            again, Money(0)
        ):
            yield f"With payment {name} of {credited} taxes of {paid.total - credited} were paid, but the rates make {sum(again, Money(0))}."


@counts("Worksheets", "payments with taxes of their own")
def _taxed() -> int:
    return sum(1 for _ in payments.taxed_payments())


def _moved_at_gateways(papers: Sequence[Content]) -> dict[str, tuple[Money, tuple[Money, ...]]]:
    """Of the transfers that these papers are for: the amount, and the taxes that a gateway moved with it."""
    names = {uuid.UUID(name) for paper in papers if (name := _transfer_of(paper))}
    rows = session().execute(
        select(Transfer.public_id, Transfer.source_type, Transfer.source_id, Transfer.amount).where(
            Transfer.public_id.in_(names), Transfer.source_type.in_((SOURCE, BACK))
        )
    ).all()  # fmt: skip
    paid = payments.taxes_paid({row.source_id.partition(":")[0] for row in rows})
    found: dict[str, tuple[Money, tuple[Money, ...]]] = {}
    for row in rows:
        name, _, move = row.source_id.partition(":")
        if name in paid:
            parts = paid[name].of_move(int(move)) if move else paid[name].parts
            found[str(row.public_id)] = (row.amount, tuple(part.amount for part in parts))
    return found


def _transfer_of(paper: Content) -> str:
    """The payment that a receipt is for, or what went back of it."""
    if paper.kind is PaperKind.RECEIPT:
        return paper.lines[0].posting
    return paper.covers[0] if len(paper.covers) == 1 else ""


def _again(
    row: Any, paper: Content, moved: Mapping[str, tuple[Money, tuple[Money, ...]]]
) -> tuple[Money, ...]:
    """The taxes from the lines and their rates; with a payment at a gateway, what was moved there."""
    amount, taxes = moved.get(_transfer_of(paper), (Money(0), ()))
    if taxes and amount == paper.basis:
        return taxes
    if row.credits_id is None:
        return taxes_again(paper)
    kept = session().scalars(select(Paper.content).where(Paper.id == row.credits_id)).one()
    original = unpacked(kept)
    earlier = session().scalars(
        select(Paper.content)
        .where(Paper.credits_id == row.credits_id, Paper.id < row.id)
        .order_by(Paper.id)
    )
    return given_back_again(paper, original, [unpacked(one) for one in earlier])


@register
def taxes_in_the_books_are_those_of_papers() -> Iterator[str]:
    """Taxes that stand in the books apart are those of their papers."""
    rows = session().execute(
        select(Paper.number, Paper.tax, Transfer.amount)
        .join(
            Transfer,
            and_(
                Transfer.reseller_id == Paper.reseller_id,
                Transfer.client_id == Paper.client_id,
                Transfer.source_type == "invoice",
                Transfer.kind == "tax",
                plain(Transfer.source_id) == plain(Paper.public_id),
            ),
        )
        .where(Transfer.amount != Paper.tax)
    )
    for number, tax, amount in rows:
        yield f"The taxes of {number} are {tax}, but the books moved {amount}."


@counts("Worksheets", "taxes of papers")
def _papers() -> int:
    return count_of(Paper)


@register
def the_database_refuses_to_change_papers() -> Iterator[str]:
    dialect = session().get_bind().dialect.name
    if dialect == "postgresql":
        name, enabled = column("tgname", Text()), column("tgenabled", Text())
        statement = select(name).select_from(table("pg_trigger", name, enabled))
        statement = statement.where(enabled != "D")
    else:
        name, kind = column("name", Text()), column("type", Text())
        statement = select(name).select_from(table("sqlite_master", name, kind))
        statement = statement.where(kind == "trigger")
    present = set(session().scalars(statement))
    for guard in _GUARDS[dialect]:
        if guard not in present:
            yield f"The database's guard {guard} is missing: papers could be changed."
