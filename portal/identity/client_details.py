"""The client form's rules: every field checked and brought into one spelling."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Any

from portal.core.errors import InvalidInput
from portal.core.money import Money
from portal.identity.addresses import checked_email
from portal.identity.people import checked_name
from portal.identity.resellers import checked_language, checked_time_zone
from portal.identity.spelling import folded, one_line
from portal.identity.values import BalanceMode, ClientDetails

LEAST_THRESHOLD, MOST_THRESHOLD = Money.of("10"), Money.of("500")
_LONGEST = {"company": 120, "address": 160, "city": 80, "state": 80, "zip": 20}
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{2,30}")


def checked_details(details: ClientDetails) -> ClientDetails:
    """The same details, trimmed and spelled alike; raises InvalidInput naming the field."""
    texts: dict[str, Any] = {name: one_line(getattr(details, name)) for name in _LONGEST}
    for name, longest in _LONGEST.items():
        if len(texts[name]) > longest:
            raise InvalidInput("This is too long.", field=name)
    return replace(
        details,
        **texts,
        first_name=checked_name(details.first_name, field="first_name", longest=60),
        last_name=checked_name(details.last_name, field="last_name", longest=60),
        email=checked_email(details.email),
        country=_country(details.country),
        phone=_phone(details.phone),
        language=checked_language(details.language),
        time_zone=checked_time_zone(details.time_zone),
        balance_mode=_mode(details.balance_mode),
        low_balance_threshold=_threshold(details.low_balance_threshold),
        low_balance_email=(
            checked_email(details.low_balance_email, field="low_balance_email")
            if details.low_balance_email.strip()
            else ""
        ),
    )


def details_mark(details: ClientDetails) -> str:
    """A short mark of these very details, for a form to remember what it was filled from."""
    return hashlib.sha256(repr(details).encode()).hexdigest()[:16]


def search_words(number: str, details: ClientDetails) -> str:
    """What a search looks through; what a list shows first comes first, so that it also gives the order of names."""
    digits = re.sub(r"[^0-9]", "", details.phone)
    words = (
        details.company,
        details.last_name,
        details.first_name,
        details.email,
        number,
        details.phone,
        digits,
    )
    return folded(" ".join(word for word in words if word))


def _country(code: str) -> str:
    code = code.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise InvalidInput("Choose a country.", field="country")
    return code


def _phone(phone: str) -> str:
    phone = one_line(phone)
    if phone and not _PHONE.fullmatch(phone):
        raise InvalidInput("This is not a phone number.", field="phone")
    return phone


def _mode(mode: str) -> str:
    try:
        return BalanceMode(mode)
    except ValueError as error:
        raise InvalidInput("Choose SOFT or HARD.", field="balance_mode") from error


def _threshold(threshold: Money | None) -> Money | None:
    if threshold is not None and not LEAST_THRESHOLD <= threshold <= MOST_THRESHOLD:
        raise InvalidInput("Choose an amount from 10 to 500.", field="low_balance_threshold")
    return threshold
