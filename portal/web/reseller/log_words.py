"""What the log says, in words, and the topics it is filtered by."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import gettext, lazy_gettext

from portal.core.money import InvalidAmount, Money
from portal.identity import AuditRow, ClientFacts
from portal.web import filters
from portal.web.reseller.log_kinds import KINDS

# What the dashboard's list of activity shows.
NOTABLE = (
    "client.added", "client.activated", "client.suspended", "client.resumed", "client.closed",
    "payment.added", "payment.received", "payment.taken_back", "charge.added", "transaction.reversed", "acting.began", "company.set_up",
    "company.changed", "carrier.connected", "carrier.callback_renewed", "mail_server.saved",
    "mail_server.removed",
)  # fmt: skip
_FACTS = (
    "reason", "person", "number", "account", "contact", "description", "fee", "place", "package",
    "email", "host", "name",
)  # fmt: skip
# What the kinds of events of a topic begin with.
TOPICS = {
    "clients": (
        lazy_gettext("Clients"),
        ("client", "batch", "account", "acting", "data", "exposure", "texts", "fax_mail"),
    ),
    "numbers": (lazy_gettext("Numbers"), ("numbers", "number")),
    "money": (
        lazy_gettext("Money"),
        ("payment", "charge", "transaction", "fee", "add_on", "card", "top_up", "invoice", "tax", "package", "recording"),
    ),
    "people": (
        lazy_gettext("People and logins"),
        ("person", "password", "second_step", "invitation", "member", "staff"),
    ),
    "configuration": (
        lazy_gettext("Configuration"),
        (
            "company", "reseller", "carrier", "branding", "wording", "mail_server", "mail", "mails", "billing",
            "payments", "invoices", "bulk_limits", "report", "task",
        ),
    ),
}  # fmt: skip


class EventShown(NamedTuple):
    """One line of a log, and the client whose account it is about where that is said."""

    event: AuditRow
    symbol: str
    text: str
    who: str
    client: ClientFacts | None


def shown(event: AuditRow, client: ClientFacts | None = None) -> EventShown:
    """A line in words: what nobody did is the portal's own doing."""
    who = event.person_name or gettext("The portal")
    return EventShown(event, _symbol(event), _sentence(event), who, client)


def _symbol(event: AuditRow) -> str:
    kind = KINDS.get(event.action)
    return kind[0] if kind else "history"


def _sentence(event: AuditRow) -> str:
    """What happened; an unknown kind shows its own name."""
    facts = {name: str(event.facts.get(name) or "") for name in _FACTS}
    facts["amount"] = _amount(event)
    facts["name"] = facts["name"] or facts["fee"] or facts["person"] or facts["description"]
    given = event.facts.get("numbers")
    facts["numbers"] = ", ".join(map(str, given)) if isinstance(given, list) else ""
    reason = facts["reason"]
    kinds = (f"{event.action}/{reason}", f"{event.action}/reason" if reason else "", event.action)
    words = next((KINDS[kind][1] for kind in kinds if kind in KINDS), None)
    return event.action if words is None else str(words) % facts


def _amount(event: AuditRow) -> str:
    try:
        return filters.money(Money.of(str(event.facts.get("amount", ""))))
    except InvalidAmount:
        return filters.NOTHING
