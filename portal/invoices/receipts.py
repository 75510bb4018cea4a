"""A receipt for each payment, where the client gets receipts; returned payments get a credit note."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from flask_babel import force_locale
from sqlalchemy import select

from portal import identity, ledger
from portal.core import tax_parts
from portal.core.db import session
from portal.core.money import Money
from portal.core.tax_parts import PaidTaxes, TaxPart
from portal.identity import ClientFacts
from portal.invoices import content as contents
from portal.invoices import keeping, lines, notes, rates
from portal.invoices.models import Paper
from portal.invoices.settings import settings, today, wish_of
from portal.invoices.values import Duty, MadePaper, Mode, PaperKind, PaperLine, PaperPayment
from portal.ledger import AccountKind, Reason, Single
from portal.ledger.values import ACCOUNT_OF

# A payment older than this that has no receipt was made while nobody got receipts.
LOOKS_BACK = timedelta(days=60)
# How payments through gateways, and what goes back of them, stand in the books.
_PAYMENT, _BACK = "payment", "payment_back"

TaxesPaid = Callable[[Collection[str]], Mapping[str, PaidTaxes]]


def _none(_names: Collection[str]) -> Mapping[str, PaidTaxes]:
    return {}


def issue_receipts(client_id: int, *, taxes_paid: TaxesPaid = _none) -> list[MadePaper]:
    """Write what is missing for a client's payments; each payment is looked at as often as one likes.

    ``taxes_paid`` says which payments brought their taxes along. These get a receipt whatever the
    client has chosen since: the taxes were taken.
    """
    wish, day = wish_of(client_id), today()
    receives = wish.mode is Mode.RECEIPT and wish.since is not None
    since = max(wish.since or day, day - LOOKS_BACK) if receives else day - LOOKS_BACK
    singles = ledger.singles(client_id, since, day)
    brought = taxes_paid({name for one in singles if (name := _gateway_name(one))})
    if not receives:
        singles = [one for one in singles if _gateway_name(one) in brought]
    known = _known(singles)
    undone = {one.origin for one in singles if one.reason is Reason.REVERSAL}
    client = identity.client_facts(client_id)
    made: list[MadePaper | None] = []
    for one in singles:
        parts = _parts(one, brought)
        if ACCOUNT_OF.get(one.about) is not AccountKind.PAYMENTS:
            continue
        if one.amount < Money(0):  # money came in
            if _source(one) not in known and one.public_id not in undone:
                made.append(issued := _receipt(client, one, day, parts))
                if issued is not None:
                    known[_source(one)] = issued.id
            continue
        receipts = [known[name] for name in _paid_by(one, singles) if name in known]
        receipt = notes.first_with(receipts, one.amount)
        if receipt is not None:
            name = str(one.public_id)
            made.append(
                notes.for_payment_back(
                    receipt,
                    one.amount,
                    source=f"returned:{name}",
                    covers=name,
                    taxes=None if parts is None else [part.amount for part in parts],
                )
            )
    return [paper for paper in made if paper is not None]


def _receipt(
    client: ClientFacts, payment: Single, day: date, parts: Sequence[TaxPart] | None
) -> MadePaper | None:
    """What was paid holds the taxes; where prices do not, they leave the balance with the receipt.

    Taxes that were paid at the gateway (``parts``) are on top of what was credited, and stay there.
    """
    wanted = settings()
    amount = -payment.amount
    paid = amount if parts is None else amount + tax_parts.total_of(parts)
    language = contents.language_of(client, identity.own_reseller())
    with force_locale(language):
        text = lines.payment_text(payment)
        line = PaperLine(Reason.PAYMENT.value, text, amount, posting=str(payment.public_id))
    duties = rates.duties_of(
        client.details,
        payment.posting_day,
        known=rates.taxes(),
        exempt=rates.exemptions_of(client.id),
    )
    content = contents.write(
        PaperKind.RECEIPT,
        client=client,
        settings=wanted,
        lines=[line],
        duties=duties if parts is None else _duties(parts, duties),
        inclusive=parts is None,
        issued=day,
        first=payment.posting_day,
        last=payment.posting_day,
        payments=[PaperPayment(payment.posting_day, text, paid)],
    )
    if parts is not None:
        content = contents.with_taxes(content, [part.amount for part in parts])
    taken = content.tax if parts is None and not wanted.inclusive else Money(0)
    content = replace(content, tax_posted=bool(taken))
    paper = keeping.keep(content, client, source=_source(payment))
    if paper is not None:
        keeping.charge_tax(client.id, paper, taken)
    return paper


def _duties(parts: Sequence[TaxPart], today: Sequence[Duty]) -> list[Duty]:
    """The taxes as they were paid, and why the client is exempt from others."""
    paid = [Duty(part.name, part.percent_e4, part.number) for part in parts]
    return [*paid, *(duty for duty in today if duty.exempt_reason)]


def _parts(one: Single, brought: Mapping[str, PaidTaxes]) -> tuple[TaxPart, ...] | None:
    """The taxes that came, went back or returned with this; None where the balance pays them."""
    paid = brought.get(_gateway_name(one))
    if paid is None:
        return None
    if one.source_type == _PAYMENT:
        return paid.parts
    return paid.of_move(int(one.source_id.rpartition(":")[2]))


def _gateway_name(one: Single) -> str:
    """Which payment through a gateway this is, or is a part of; empty for any other."""
    if one.source_type == _BACK:
        return one.source_id.rpartition(":")[0]
    return one.source_id if one.source_type == _PAYMENT else ""


def _known(singles: Sequence[Single]) -> dict[str, int]:
    """The receipts of these payments, and of those that go back here, by their source."""
    sources = list({name for one in singles for name in (_source(one), *_paid_by(one, singles))})
    found: dict[str, int] = {}
    for start in range(0, len(sources), 500):
        rows = session().execute(
            select(Paper.source, Paper.id).where(Paper.source.in_(sources[start : start + 500]))
        )
        found.update((row.source, row.id) for row in rows)
    return found


def _paid_by(back: Single, singles: Sequence[Single]) -> list[str]:
    """Under which names the receipt of a returned payment may stand."""
    if back.source_type == _BACK:  # its source is the payment's own and a number
        name = _gateway_name(back)
        again = (
            _source(one) for one in singles if one.amount < Money(0) and _gateway_name(one) == name
        )
        return list(dict.fromkeys([f"payment:{name}", *again]))
    if back.origin is None:
        return []
    paid = next((one for one in singles if one.public_id == back.origin), None)
    return [f"payment:{back.origin}", *([_source(paid)] if paid else [])]


def _source(payment: Single) -> str:
    """A payment through a gateway is known by its own name, any other by its transfer."""
    name = payment.source_id if payment.source_type == _PAYMENT else payment.public_id
    return f"payment:{name}"
