"""Credit notes: all or part of an invoice, never more than it in any tax."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from flask_babel import force_locale, gettext
from sqlalchemy import func, select

from portal import identity, ledger
from portal.core import formats
from portal.core.db import MoneyType, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.money import Money
from portal.identity import Visitor, one_line
from portal.invoices import arithmetic, keeping, lines
from portal.invoices.content import unpacked
from portal.invoices.models import Paper
from portal.invoices.settings import today
from portal.invoices.values import Content, MadePaper, PaperKind, PaperLine, PaperTax
from portal.ledger import Reason, Single

LONGEST_REASON = 200


def hold_papers(client_id: int) -> None:
    """Hold a client's papers still, in order, before what is left of them is read."""
    session().scalars(
        select(Paper.id)
        .where(Paper.client_id == client_id)
        .order_by(Paper.id)
        .with_for_update(key_share=True)
    ).all()


def credited_of(paper_id: int) -> Money:
    """How much of a paper's lines was credited."""
    found = session().scalar(
        select(func.sum(Paper.basis, type_=MoneyType())).where(Paper.credits_id == paper_id)
    )
    return found or Money(0)


def first_with(paper_ids: Sequence[int], amount: Money) -> int | None:
    """The first of these papers of which this much is left; else the first, if there is any."""
    enough = (one for one in paper_ids if len(paper_ids) == 1 or left_of(one) >= amount)
    return next(enough, paper_ids[0] if paper_ids else None)


def left_of(paper_id: int) -> Money:
    """How much of a paper's lines is left to credit."""
    basis = session().scalars(select(Paper.basis).where(Paper.id == paper_id)).one()
    return basis - credited_of(paper_id)


def answered_for(client_id: int, since: date) -> frozenset[str]:
    """The transfers from a day on that credit notes have answered for."""
    rows = session().scalars(
        select(Paper.content).where(
            Paper.client_id == client_id,
            Paper.kind == PaperKind.CREDIT.value,
            Paper.last_day >= since,
        )
    )
    return frozenset(name for kept in rows for name in kept["covers"])


def credit_by_hand(
    public_id: uuid.UUID,
    amount: Money | None,
    *,
    reason: str,
    form: str,
    by: Visitor | None = None,
) -> MadePaper:
    """Credit an invoice, or a part of its lines, and give the money back to the client's balance.

    ``amount`` is before tax where taxes are on top, with tax where prices hold them; None is all that is
    left. ``form`` is the form's own random word: sent twice it credits once.
    """
    paper = _locked(public_id)
    if paper.kind != PaperKind.INVOICE:
        raise Refused(
            "Only invoices are credited by hand. A receipt is credited when its payment is reversed.",
            code="no_invoice",
        )
    said = one_line(reason)
    if not said:
        raise InvalidInput("Say why: it stands on the credit note.", field="reason")
    if len(said) > LONGEST_REASON:
        raise InvalidInput("This is too long.", field="reason")
    left = paper.basis - credited_of(paper.id)
    if left <= Money(0):
        raise Refused("This invoice is credited in full.", code="all_credited")
    part = left if amount is None else amount
    if part < min(left, _coin()):  # a paper about nothing
        raise InvalidInput("Enter an amount above zero.", field="amount")
    if part > left:
        raise InvalidInput("This is more than is left of the invoice.", field="amount")
    whole = part == paper.basis
    original = unpacked(paper.content)
    with force_locale(original.language):
        text = (
            gettext("Invoice %(number)s, in full", number=paper.number)
            if whole
            else gettext("Invoice %(number)s, in part", number=paper.number)
        )
    line = PaperLine(PaperKind.CREDIT.value, str(text), part)
    made = _note(paper, original, [line], source=f"form:{form}", reason=said, by=by)
    if made is None:
        raise Refused("This form was sent before.", code="sent_before")
    content, note = made
    _give_back(paper.client_id or 0, note, part, Reason.CREDIT_NOTE, by)
    _give_back_tax(paper.client_id or 0, note, content, by)
    return note


def _coin() -> Money:
    """The smallest that a sum of this currency shows."""
    return Money(10 ** (6 - formats.decimals_of(identity.own_reseller().currency)))


def for_adjustments(
    paper_id: int,
    group: Sequence[Single],
    *,
    source: str,
    first: date,
    last: date,
    by: Visitor | None = None,
) -> MadePaper | None:
    """Say on paper what corrections and reversals took back of an invoice; they moved the money."""
    paper = _locked_by_id(paper_id)
    original = unpacked(paper.content)
    zone = ZoneInfo(original.zone)
    with force_locale(original.language):
        written = lines.by_hand(group, zone, original.language)
        reason = gettext("Corrections of charges on this invoice")
    made = _note(
        paper,
        original,
        [replace(line, amount=-line.amount) for line in written],
        source=source,
        reason=str(reason),
        covers=tuple(str(one.public_id) for one in group),
        days=(first, last),
        by=by,
    )
    if made is None:
        return None
    _give_back_tax(paper.client_id or 0, made[1], made[0], by)
    return made[1]


def for_payment_back(
    receipt_id: int,
    amount: Money,
    *,
    source: str,
    covers: str,
    taxes: Sequence[Money] | None = None,
    by: Visitor | None = None,
) -> MadePaper | None:
    """A payment, or a part of it, went back: so does its receipt. The money has moved already.

    ``taxes`` are what the gateway gave back of each; without them it is the part's share.
    """
    paper = _locked_by_id(receipt_id)
    part = min(amount, paper.basis - credited_of(paper.id))
    if part <= Money(0):
        return None
    if part < amount:
        taxes = None
    original = unpacked(paper.content)
    with force_locale(original.language):
        text, reason = gettext("Payment returned"), gettext("The payment was returned")
    line = PaperLine(PaperKind.CREDIT.value, str(text), part)
    made = _note(
        paper, original, [line], source=source, reason=str(reason), covers=(covers,), taxes=taxes,
        by=by,
    )  # fmt: skip
    if made is None:
        return None
    _give_back_tax(paper.client_id or 0, made[1], made[0], by)
    return made[1]


def _note(
    paper: Paper,
    original: Content,
    own: Sequence[PaperLine],
    *,
    source: str,
    reason: str,
    covers: tuple[str, ...] = (),
    days: tuple[date, date] | None = None,
    taxes: Sequence[Money] | None = None,
    by: Visitor | None = None,
) -> tuple[Content, MadePaper] | None:
    """Write and keep a credit note: its lines' sum must not be more than is left of the paper."""
    earlier = [
        unpacked(kept)
        for kept in session().scalars(
            select(Paper.content).where(Paper.credits_id == paper.id).order_by(Paper.id)
        )
    ]
    part = sum((line.amount for line in own), Money(0))
    before = sum((note.basis for note in earlier), Money(0))
    assert before + part <= paper.basis
    share = [
        arithmetic.credited(
            tax.amount,
            part=before + part,
            of=paper.basis,
            before=sum((note.taxes[at].amount for note in earlier), Money(0)),
            digits=original.digits,
        )
        for at, tax in enumerate(original.taxes)
    ]
    given = share if taxes is None else list(taxes)
    tax = sum(given, Money(0))
    net = part - tax if original.inclusive else part
    names = tuple(one.name for one in original.taxes)
    day = today()
    content = replace(
        original,
        kind=PaperKind.CREDIT,
        issued=day,
        first=days[0] if days else day,
        last=days[1] if days else day,
        lines=tuple(replace(line, taxes=names) for line in own),
        taxes=tuple(
            PaperTax(one.name, one.percent_e4, one.number, net, amount)
            for one, amount in zip(original.taxes, given, strict=True)
        ),
        basis=part,
        net=net,
        tax=tax,
        total=net + tax,
        payments=(),
        due=Money(0),
        credits=paper.number,
        reason=reason,
        covers=covers,
    )
    client = identity.client_facts(paper.client_id or 0)
    made = keeping.keep(content, client, source=source, credits_id=paper.id, by=by)
    return None if made is None else (content, made)


def _give_back_tax(client_id: int, note: MadePaper, content: Content, by: Visitor | None) -> None:
    """Taxes that were a charge of their own come back with the note."""
    if content.tax_posted:
        _give_back(client_id, note, content.tax, Reason.TAX, by)


def _give_back(
    client_id: int, note: MadePaper, amount: Money, reason: Reason, by: Visitor | None
) -> None:
    if not amount:
        return
    ledger.give_back(
        client_id,
        amount,
        reason=reason,
        source_type=keeping.SOURCE,
        source_id=str(note.public_id),
        kind=keeping.TAX if reason is Reason.TAX else "credit",
        description=note.number,
        person_id=by.person_id if by else None,
    )
    keeping.moved(client_id)


def _locked(public_id: uuid.UUID) -> Paper:
    """The paper, held still, so that two notes never add up to more than it."""
    row = session().scalar(
        select(Paper)
        .where(Paper.public_id == public_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("This paper does not exist.")
    return row


def _locked_by_id(paper_id: int) -> Paper:
    return session().scalars(
        select(Paper)
        .where(Paper.id == paper_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()  # fmt: skip
