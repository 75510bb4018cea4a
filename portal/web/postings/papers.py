"""Taxes and credit notes: read from the paper that they belong to."""

from __future__ import annotations

import uuid
from decimal import Decimal

from flask_babel import gettext

from portal import invoices
from portal.invoices import Content, PaperKind, PaperRow
from portal.ledger import PostingFacts
from portal.web import filters, invoice_words
from portal.web.postings.sheet import Pair, Reader, Sheet


def taxes(posting: PostingFacts, sheet: Sheet, reader: Reader) -> None:
    """Each tax with its rate and what it is on; exemptions with their reason."""
    row, paper = _paper(posting)
    if row.kind is PaperKind.CREDIT:
        sheet.steps += _given_back(row, paper)
    else:
        sheet.steps += _charged(paper)
    sheet.facts += _about(row, paper)
    for one in paper.exemptions:
        number = f" ({one.number})" if one.number else ""
        sheet.facts.append((gettext("Exempt from %(tax)s", tax=one.name), one.reason + number))
    sheet.links.append((_to(row), reader.paper(row.public_id)))


def credit_note(posting: PostingFacts, sheet: Sheet, reader: Reader) -> None:
    """What it credits, and why; its taxes are a posting of their own where they were one."""
    row, paper = _paper(posting)
    sheet.steps += [(line.text, filters.price(line.amount)) for line in paper.lines]
    if paper.tax:
        sheet.steps.append(
            (gettext("Taxes, given back apart"), filters.price(paper.tax))
            if paper.tax_posted
            else (gettext("Taxes in it"), filters.price(paper.tax))
        )
    sheet.facts += _about(row, paper)
    sheet.links.append((_to(row), reader.paper(row.public_id)))


def _paper(posting: PostingFacts) -> tuple[PaperRow, Content]:
    row = invoices.find(uuid.UUID(posting.source_id), client_id=posting.client_id)
    return row, invoices.content_of(row.id)


def _about(row: PaperRow, paper: Content) -> list[Pair]:
    facts = [
        (invoice_words.kind_word(row.kind), row.number),
        (gettext("Credits"), row.credits_number)
        if row.credits_number
        else (gettext("For"), invoice_words.about(row)),
        (gettext("Issued"), filters.day(row.issued_day)),
    ]
    return [*facts, (gettext("Reason"), paper.reason)] if paper.reason else facts


def _charged(paper: Content) -> list[Pair]:
    steps = [
        (gettext("Sum of the lines"), filters.price(paper.basis)),
        (
            gettext("Prices"),
            gettext("With taxes: they are computed out of the sum")
            if paper.inclusive
            else gettext("Before taxes: they are added to the sum"),
        ),
    ]
    for tax in paper.taxes:
        number = f" ({tax.number})" if tax.number else ""
        steps.append(
            (
                f"{tax.name}{number}",
                gettext(
                    "%(percent)s of %(base)s = %(amount)s",
                    percent=filters.percent(tax.percent_e4), base=filters.price(tax.base),
                    amount=filters.money(tax.amount),
                ),
            )
        )  # fmt: skip
    return [*steps, _rounding(paper), (gettext("Taxes"), filters.money(paper.tax))]


def _given_back(row: PaperRow, paper: Content) -> list[Pair]:
    """A credit note gives back of each tax its share of what is credited."""
    steps = [
        (gettext("Credited of %(number)s", number=row.credits_number), filters.price(paper.basis))
    ]
    steps += [
        (
            tax.name,
            gettext(
                "its share of the %(percent)s on the invoice: %(amount)s",
                percent=filters.percent(tax.percent_e4), amount=filters.money(tax.amount),
            ),
        )
        for tax in paper.taxes
    ]  # fmt: skip
    return [*steps, _rounding(paper), (gettext("Taxes"), filters.money(paper.tax))]


def _rounding(paper: Content) -> Pair:
    coin = filters.number(Decimal(1).scaleb(-paper.digits), paper.digits)
    return (
        gettext("Rounded"),
        gettext("once for each tax on the whole sum, half up to %(coin)s", coin=coin),
    )


def _to(row: PaperRow) -> str:
    words: dict[PaperKind, str] = {
        PaperKind.INVOICE: gettext("To the invoice"),
        PaperKind.RECEIPT: gettext("To the receipt"),
        PaperKind.CREDIT: gettext("To the credit note"),
    }
    return words[row.kind]
