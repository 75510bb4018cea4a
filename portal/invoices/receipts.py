"""A receipt for each payment, where the client gets receipts; returned payments get a credit note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from flask_babel import force_locale
from sqlalchemy import select

from portal import identity, ledger
from portal.core.db import session
from portal.core.money import Money
from portal.identity import ClientFacts
from portal.invoices import content as contents
from portal.invoices import keeping, lines, notes, rates
from portal.invoices.models import Paper
from portal.invoices.settings import settings, today, wish_of
from portal.invoices.values import MadePaper, Mode, PaperKind, PaperLine, PaperPayment
from portal.ledger import AccountKind, Reason, Single
from portal.ledger.values import ACCOUNT_OF

# A payment older than this that has no receipt was made while nobody got receipts.
LOOKS_BACK = timedelta(days=60)
# How payments through gateways, and what goes back of them, stand in the books.
_PAYMENT, _BACK = "payment", "payment_back"


def issue_receipts(client_id: int) -> list[MadePaper]:
    """Write what is missing for a client's payments; each payment is looked at as often as one likes."""
    wish = wish_of(client_id)
    if wish.mode is not Mode.RECEIPT or wish.since is None:
        return []
    day = today()
    singles = ledger.singles(client_id, max(wish.since, day - LOOKS_BACK), day)
    known = _known(singles)
    undone = {one.origin for one in singles if one.reason is Reason.REVERSAL}
    client = identity.client_facts(client_id)
    made: list[MadePaper | None] = []
    for one in singles:
        if ACCOUNT_OF.get(one.about) is not AccountKind.PAYMENTS:
            continue
        if one.amount < Money(0):  # money came in
            if _source(one) not in known and one.public_id not in undone:
                made.append(_receipt(client, one, day))
            continue
        receipt = next((known[name] for name in _paid_by(one, singles) if name in known), None)
        if receipt is not None:
            name = str(one.public_id)
            made.append(
                notes.for_payment_back(receipt, one.amount, source=f"returned:{name}", covers=name)
            )
    return [paper for paper in made if paper is not None]


def _receipt(client: ClientFacts, payment: Single, day: date) -> MadePaper | None:
    """What was paid holds the taxes; where prices do not, they leave the balance with the receipt."""
    wanted = settings()
    amount = -payment.amount
    language = contents.language_of(client, identity.own_reseller())
    with force_locale(language):
        text = lines.payment_text(payment)
        line = PaperLine(Reason.PAYMENT.value, text, amount, items=1)
    content = contents.write(
        PaperKind.RECEIPT,
        client=client,
        settings=wanted,
        lines=[line],
        duties=rates.duties_of(
            client.details,
            payment.posting_day,
            known=rates.taxes(),
            exempt=rates.exemptions_of(client.id),
        ),
        inclusive=True,
        issued=day,
        first=payment.posting_day,
        last=payment.posting_day,
        payments=[PaperPayment(payment.posting_day, text, amount)],
    )
    taken = Money(0) if wanted.inclusive else content.tax
    content = replace(content, tax_posted=bool(taken))
    paper = keeping.keep(content, client, source=_source(payment))
    if paper is not None:
        keeping.charge_tax(client.id, paper, taken)
    return paper


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
        return [f"payment:{back.source_id.rpartition(':')[0]}"]
    if back.origin is None:
        return []
    paid = next((one for one in singles if one.public_id == back.origin), None)
    return [f"payment:{back.origin}", *([_source(paid)] if paid else [])]


def _source(payment: Single) -> str:
    """A payment through a gateway is known by its own name, any other by its transfer."""
    name = payment.source_id if payment.source_type == _PAYMENT else payment.public_id
    return f"payment:{name}"
