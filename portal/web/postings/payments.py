"""Money that came in, and what of it went back."""

from __future__ import annotations

from flask_babel import gettext

from portal import invoices, payments
from portal.core import tax_parts
from portal.core.money import ZERO, Money
from portal.core.tax_parts import TaxPart
from portal.ledger import PostingFacts
from portal.payments import PaymentSheet
from portal.web import filters, payment_words
from portal.web.postings.sheet import Pair, Reader, Sheet


def payment(posting: PostingFacts, sheet: Sheet, reader: Reader) -> None:
    """What was credited, each tax on top of it at its rate, and what was paid."""
    found = payments.payment_behind(posting.client_id, posting.public_id)
    if found is None:
        sheet.facts += _said(posting)
        return
    sheet.steps += _parts(found)
    if reader.staff and found.fee is not None:
        sheet.steps += [
            (gettext("Fee of the gateway"), filters.price(found.fee)),
            (gettext("Left of what was paid"), filters.price(found.total - found.fee)),
        ]
    sheet.facts += _facts(found)
    sheet.facts += _said(posting) if posting.description != found.description else []
    sheet.links += _to(found, reader)


def refund(posting: PostingFacts, sheet: Sheet, reader: Reader) -> None:
    """A part of a payment that went back, or came back after a dispute."""
    found = payments.payment_named(posting.client_id, posting.source_id)
    sheet.facts += _said(posting)
    if found is None:
        return
    went = posting.amount.micros < 0
    sheet.steps += [
        (gettext("Credited with the payment"), filters.price(found.amount)),
        (
            gettext("Went back with this") if went else gettext("Came back with this"),
            filters.price(abs(posting.amount)),
        ),
        *_back(found, posting),
        (gettext("Gone back in all, by now"), filters.price(found.taken_back)),
    ]
    sheet.facts += _facts(found)
    if found.transfer is not None:
        sheet.links.append((gettext("The payment in the books"), reader.posting(found.transfer)))
    sheet.links += _to(found, reader)


def _parts(found: PaymentSheet) -> list[Pair]:
    if not found.tax:
        return [(gettext("Credited"), filters.price(found.amount))]
    again = invoices.paid_again(found.amount, found.taxes.parts, found.taxes.digits)
    taxes = [
        (_named(part), _computed(part.percent_e4, found.amount, amount))
        for part, amount in zip(found.taxes.parts, again, strict=True)
    ]
    return [
        (gettext("Credited"), filters.price(found.amount)),
        *taxes,
        (gettext("Paid"), filters.price(found.amount + sum(again, ZERO))),
    ]


def _back(found: PaymentSheet, posting: PostingFacts) -> list[Pair]:
    """What of each tax went back with a part of the payment, or returned with it."""
    move = posting.source_id.partition(":")[2]
    if not found.tax or not move.isdigit():
        return []
    parts = found.taxes.of_move(int(move))
    moved = abs(posting.amount) + tax_parts.total_of(parts)
    return [
        *((_named(part), filters.money(part.amount)) for part in parts),
        (gettext("With its taxes, at the gateway"), filters.price(moved)),
    ]


def _named(part: TaxPart) -> str:
    return f"{part.name} ({part.number})" if part.number else part.name


def _computed(percent_e4: int, base: Money, amount: Money) -> str:
    return gettext(
        "%(percent)s of %(base)s = %(amount)s",
        percent=filters.percent(percent_e4), base=filters.price(base), amount=filters.money(amount),
    )  # fmt: skip


def _facts(found: PaymentSheet) -> list[Pair]:
    way = payment_words.gateway(found.gateway)
    if found.automatic:
        way = gettext("%(way)s, automatic top-up", way=way)
    if not found.live:
        way = f"{way} · {gettext('Test money')}"
    facts = [(gettext("Paid with"), way)]
    if found.gateway != payments.MANUAL and found.reference:
        facts.append((gettext("Reference"), found.reference))
    facts.append((gettext("Begun"), filters.daytime(found.created_at)))
    if found.settled_at is not None:
        facts.append((gettext("Credited on"), filters.daytime(found.settled_at)))
    return facts


def _said(posting: PostingFacts) -> list[Pair]:
    return [(gettext("Description"), posting.description)] if posting.description else []


def _to(found: PaymentSheet, reader: Reader) -> list[Pair]:
    url = reader.payment(found.public_id)
    return [(gettext("To the payment"), url)] if url else []
