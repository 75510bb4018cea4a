"""What a reseller tells of itself: on statements, under mails, and where its days begin."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import select

from portal.core import scope
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.sentences import N_
from portal.identity import audit
from portal.identity.addresses import checked_email
from portal.identity.models import Reseller
from portal.identity.people import checked_name
from portal.identity.resellers import checked_language, checked_time_zone
from portal.identity.spelling import one_line
from portal.identity.values import ResellerFacts
from portal.identity.visitor import Visitor

_COUNTRY, _CURRENCY = re.compile(r"[A-Z]{2}"), re.compile(r"[A-Z]{3}")
_FIXED = N_(
    "Calls or payments are in the books already: their days and amounts are kept in the time zone"
    " and currency of then, so these two stay."
)


@dataclass(frozen=True, slots=True)
class CompanyDetails:
    """The company form. ``address`` and ``tax_numbers`` may have several lines."""

    name: str
    address: str
    tax_numbers: str
    support_phone: str
    support_email: str
    website: str
    country: str
    time_zone: str
    currency: str
    language: str


def company_of(reseller: ResellerFacts) -> CompanyDetails:
    """What is saved, as the form holds it."""
    return CompanyDetails(
        **{name: getattr(reseller, name) for name in CompanyDetails.__dataclass_fields__}
    )


def save_company(
    details: CompanyDetails, *, by: Visitor | None = None, books_have_begun: Callable[[], bool]
) -> None:
    """Save the bound reseller's own details; raises InvalidInput, or Refused for a fixed one.

    Time zone and currency are fixed from the first call or posting on: roll-ups and balances are kept
    in them. The row is held while ``books_have_begun`` looks, and every posting refers to it, so on
    PostgreSQL too nothing is posted in between.
    """
    reseller: Reseller | None = session().scalar(
        select(Reseller)
        .where(Reseller.id == scope.reseller_id())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if reseller is None:
        raise NotFound("There is no such reseller.")
    values = _checked(details)
    moved = [name for name in ("time_zone", "currency") if getattr(reseller, name) != values[name]]
    if moved and books_have_begun():
        raise Refused(_FIXED, code="books_have_begun", field=moved[0])
    changed = [name for name, value in values.items() if getattr(reseller, name) != value]
    for name in changed:
        setattr(reseller, name, values[name])
    session().flush()
    if changed:
        audit.record("company.changed", by=by, fields=changed)


def _checked(details: CompanyDetails) -> dict[str, str]:
    return {
        "name": checked_name(details.name, field="name"),
        "address": _lines(details.address, 400, "address"),
        "tax_numbers": _lines(details.tax_numbers, 200, "tax_numbers"),
        "support_phone": one_line(details.support_phone)[:32],
        "support_email": checked_email(details.support_email, field="support_email")
        if details.support_email.strip()
        else "",
        "website": checked_website(details.website),
        "country": _code(details.country, _COUNTRY, "country"),
        "time_zone": checked_time_zone(details.time_zone),
        "currency": _code(details.currency, _CURRENCY, "currency"),
        "language": checked_language(details.language),
    }


def checked_website(address: str) -> str:
    """A whole web address, or nothing; raises InvalidInput."""
    address = one_line(address)
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        good = parts.scheme in {"http", "https"} and "." in (parts.hostname or "")
    except ValueError:
        good = False
    if not good or "@" in parts.netloc or " " in address or len(address) > 200:
        raise InvalidInput("Enter an address like https://www.example.com.", field="website")
    return address


def _lines(text: str, longest: int, field: str) -> str:
    """Several lines, each without control characters, none of them empty."""
    kept = "\n".join(filter(None, map(one_line, text.splitlines())))
    if len(kept) > longest:
        raise InvalidInput("This is too long.", field=field)
    return kept


def _code(value: str, pattern: re.Pattern[str], field: str) -> str:
    value = value.strip().upper()
    if not pattern.fullmatch(value):
        raise InvalidInput("This is not written as expected.", field=field)
    return value
