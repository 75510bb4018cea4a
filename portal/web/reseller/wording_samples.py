"""The facts in a preview: a real client's where they are known, likely ones for the rest."""

from __future__ import annotations

from flask_babel import force_locale, gettext

from portal import identity, ledger, mail
from portal.core import clock
from portal.core.money import Money
from portal.identity import ClientFacts, ClientFilter, portal_address
from portal.mail import MailName, Recipient
from portal.web import filters
from portal.web.reseller.blueprint import own_reseller
from portal.wording import TextKind

_THRESHOLD, _AMOUNT = Money.of("25"), Money.of("50")
_NOBODY = Recipient("nadia@example.com", "Nadia", "Okafor", "", company="Okafor & Daughters")


def client_like(words: str) -> ClientFacts | None:
    """The first client whom these words find; without words the first of all."""
    row = next(iter(identity.find_clients(ClientFilter(text=words), rows=1).rows), None)
    return identity.client_facts(row.id) if row else None


def recipient(client: ClientFacts | None, language: str) -> Recipient:
    """The client as the mail would name them; somebody invented where there is none."""
    if client is None:
        return Recipient(
            _NOBODY.email, _NOBODY.first_name, _NOBODY.last_name, language, company=_NOBODY.company
        )
    details = client.details
    return Recipient(
        details.email, details.first_name, details.last_name, language, client.id, client.title
    )


def values(kind: TextKind, client: ClientFacts | None, language: str) -> dict[str, Money | str]:
    """Exactly the words that this mail wants."""
    balance = ledger.standing(client.id).balance if client else Money.of("18.40")
    threshold = client.details.low_balance_threshold if client else None
    with force_locale(language):
        result = gettext("delivered")
    known: dict[str, Money | str] = {
        "balance": balance,
        "threshold": threshold or _THRESHOLD,
        "link": f"{portal_address(own_reseller())}/reset/example",
        "amount": _AMOUNT,
        "number": "+1 613 555 0142",
        "pages": "3",
        "result": result,
        "paper": "INV-2026-0042",
        "period": filters.month(clock.now().date()),
    }
    return {name: known[name] for name in mail.VARIABLES[MailName(kind.name)]}


def page_values(client: ClientFacts | None) -> dict[str, str]:
    """What the names in the welcome text stand for."""
    who = recipient(client, "")
    reseller = own_reseller()
    return {
        "firstname": who.first_name,
        "lastname": who.last_name,
        "company": who.company,
        "brand": reseller.name,
        "portal_url": portal_address(reseller),
    }
