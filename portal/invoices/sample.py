"""A sample paper with the reseller's own brand, taxes and texts, and an invented client."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask_babel import force_locale, gettext

from portal import identity
from portal.core.db import new_public_id
from portal.core.money import Money
from portal.identity import ClientDetails, ClientFacts, ClientStatus
from portal.invoices import content as contents
from portal.invoices import numbering, rates
from portal.invoices.lines import last_of
from portal.invoices.settings import settings, today
from portal.invoices.values import Content, PaperKind, PaperLine, PaperPayment
from portal.ledger import Reason


def sample(language: str) -> Content:
    """Last month's invoice of somebody who does not exist; nothing is written."""
    wanted = settings()
    month = (today().replace(day=1) - timedelta(days=1)).replace(day=1)
    client = _somebody(language)
    known = rates.taxes()
    regions = [tax.details for tax in known if tax.details.country == client.details.country]
    region = next((one.regions[0] for one in regions if one.regions), client.details.state)
    client = replace(client, details=replace(client.details, state=region))
    with force_locale(language):
        lines = _lines()
        paid = PaperPayment(month + timedelta(days=4), str(gettext("Payment")), Money.of("100"))
    content = contents.write(
        PaperKind.INVOICE,
        client=client,
        settings=wanted,
        lines=lines,
        duties=rates.duties_of(client.details, last_of(month), known=known, exempt=()),
        inclusive=wanted.inclusive,
        issued=today(),
        first=month,
        last=last_of(month),
        payments=[paid],
    )
    number = numbering.written(wanted, PaperKind.INVOICE, today().year, 0)
    return replace(content, number=number)


def _lines() -> list[PaperLine]:
    return [
        PaperLine(
            Reason.PACKAGE_FEE.value, gettext("Monthly fee · %(name)s", name="Office"),
            Money.of("44.85"), items=3,
        ),
        PaperLine(
            Reason.DID_FEE.value, gettext("Number fee · %(number)s", number="+1 613 555 0142"),
            Money.of("1.50"), items=1,
        ),
        PaperLine(
            Reason.CALL.value, gettext("Calls"), Money.of("18.2745"), items=412, seconds=61_320
        ),
        PaperLine(Reason.SMS.value, gettext("Text messages"), Money.of("2.175"), items=145),
    ]  # fmt: skip


def _somebody(language: str) -> ClientFacts:
    reseller = identity.own_reseller()
    return ClientFacts(
        id=0,
        public_id=new_public_id(),
        reseller_id=reseller.id,
        number="100000",
        status=ClientStatus.ACTIVE,
        suspended_for="",
        details=ClientDetails(
            "Ada", "Moreau", "ada@example.com", company="Moreau & Daughters", address="12 Elm Street",
            city="Ottawa" if reseller.country == "CA" else "", country=reseller.country,
            language=language, time_zone=reseller.time_zone,
        ),
        low_balance_warned_at=None,
        created_at=datetime(2020, 1, 1, tzinfo=UTC),
        closed_at=None,
        anonymised_at=None,
    )  # fmt: skip
