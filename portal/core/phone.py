"""One spelling of a phone number, what kind of number it is, and how it is shown."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

import phonenumbers

from portal.core.dialplan import (
    CALLING_CODES,
    COUNTRY_PREFIXES,
    DIRECTORY_CODES,
    EMERGENCY_CODES,
    INTERNAL_CODES,
    LONGEST_COUNTRY_PREFIX,
    NANP_COUNTRIES,
    PREMIUM_PREFIXES,
    TOLL_FREE_PREFIXES,
    Category,
)

__all__ = [
    "Category", "Dialled", "category_of", "country_of", "dialled", "international", "national",
    "normalise", "spelled",
]  # fmt: skip

_LONGEST_INPUT = 256
_SHORT_CODE_DIGITS = 6
_SEPARATORS = re.compile(r"[\s\-./()\u00a0\u2007\u2010-\u2015\u202f]+")
_DIGITS = re.compile(r"[0-9]+")
_CODE = re.compile(r"[*#0-9]{1,20}")
_NANP = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}")
_TOLL_FREE = tuple("+" + prefix for prefix in TOLL_FREE_PREFIXES)
_PREMIUM = tuple("+" + prefix for prefix in PREMIUM_PREFIXES)


class Dialled(NamedTuple):
    """A dialled or calling number: its one spelling, its kind, its ISO country (if it has one).

    number is E.164 with "+", else the service code without separators ("911", "*97"), else what
    came, cut to 64 characters.
    """

    number: str
    category: Category
    country: str | None


def dialled(raw: object, *, default_country: str = "US") -> Dialled:
    """Read a number as a carrier or a person wrote it. Never raises, whatever is given."""
    number = spelled(raw, default_country=default_country)
    return Dialled(number, category_of(number), country_of(number))


def spelled(raw: object, *, default_country: str = "US") -> str:
    """The number of `dialled` alone, at half its price."""
    number = normalise(raw, default_country=default_country)
    if number is not None:
        return number
    text = raw if isinstance(raw, str) else ""
    code = _SEPARATORS.sub("", _user_part(text))
    return code if _CODE.fullmatch(code) else _printable(text)


def normalise(raw: object, *, default_country: str = "US") -> str | None:
    """E.164 with "+" from 011…, 00…, +…, sip: and tel: forms, `Name <number>`, and national forms.

    Ten digits are a number of the North American plan when default_country belongs to it; eleven
    or more digits without any prefix are read as already international, as carriers write them.
    None when it is no full number (service codes, extensions, text). Never raises.
    """
    text = raw if isinstance(raw, str) else ""
    digits = text
    if not _is_digits(text):
        text = _user_part(text)
        if text.startswith("+"):
            return _valid(_SEPARATORS.sub("", text[1:].replace("(0)", "")))
        digits = _SEPARATORS.sub("", text)
    in_north_america = default_country in NANP_COUNTRIES
    if in_north_america and digits.startswith("011"):
        return _valid(digits[3:])
    if digits.startswith("00"):
        return _valid(digits[2:])
    if in_north_america:
        return _valid("1" + digits) if _NANP.fullmatch(digits) else _written_out(digits)
    return _national_form(digits, default_country) or _written_out(digits)


def category_of(number: str) -> Category:
    """The kind of a number in the spelling of `dialled`. Never raises."""
    if not number.startswith("+"):
        return _category_of_code(number)
    if not _DIGITS.fullmatch(number, 1):
        return Category.UNKNOWN
    if number.startswith(_TOLL_FREE):
        return Category.TOLL_FREE
    if number.startswith(_PREMIUM):
        return Category.PREMIUM
    if len(number) == 12 and number.startswith("+1") and number.endswith("5551212"):
        return Category.DIRECTORY
    return Category.ORDINARY


def country_of(number: str) -> str | None:
    """ISO country of an E.164 number, in the North American plan by its area code.

    +1 876 is Jamaica, +1 867 Canada, +1 809 the Dominican Republic, Puerto Rico is PR and not US.
    None for numbers without a country (freephone, premium, satellite) and for what is no E.164.
    """
    if not number.startswith("+"):
        return None
    for length in range(min(LONGEST_COUNTRY_PREFIX, len(number) - 1), 0, -1):
        country = COUNTRY_PREFIXES.get(number[1 : length + 1])
        if country is not None:
            return country or None
    return None


@lru_cache(maxsize=4096)
def international(number: str) -> str:
    """International with spaces, for screens: "+1 613 555 0142". What is no E.164 comes back as is."""
    if not number.startswith("+1") or len(number) != 12:
        parsed = _parsed(number)
        if parsed is None:
            return number
        form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
        return phonenumbers.format_number(parsed, form).replace("-", " ")
    return f"+1 {number[2:5]} {number[5:8]} {number[8:]}"


@lru_cache(maxsize=4096)
def national(number: str) -> str:
    """As written inside its own country: "613 555-0142", "020 7946 0018"."""
    if number.startswith("+1") and len(number) == 12:
        return f"{number[2:5]} {number[5:8]}-{number[8:]}"
    parsed = _parsed(number)
    if parsed is None:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


def _is_digits(text: str) -> bool:
    """Some digits 0 to 9, nothing else, and no more of them than are read of a number."""
    return text.isdigit() and text.isascii() and len(text) <= _LONGEST_INPUT


def _user_part(raw: str) -> str:
    text = raw[:_LONGEST_INPUT].strip()
    opening = text.rfind("<")
    if opening >= 0 and text.endswith(">"):
        text = text[opening + 1 : -1]
    scheme, colon, rest = text.partition(":")
    if colon and scheme.lower() in ("sip", "sips", "tel"):
        text = unquote(re.split("[@;?]", rest, maxsplit=1)[0])
    return text.strip()


def _printable(text: str) -> str:
    """What a database of text and a page can both take."""
    return "".join(character for character in text[:64] if character.isprintable())


def _written_out(digits: str) -> str | None:
    """A number that carries its calling code without any sign of it."""
    return _valid(digits) if len(digits) >= 11 else None


def _valid(digits: str) -> str | None:
    """An E.164 number has a known calling code and 7 to 15 digits; +1 has exactly ten more."""
    if not _is_digits(digits):
        return None
    if digits[0] == "1":
        return "+" + digits if len(digits) == 11 and _NANP.fullmatch(digits, 1) else None
    has_country = (
        digits[:2] in CALLING_CODES or digits[:3] in CALLING_CODES or digits[:1] in CALLING_CODES
    )
    return "+" + digits if has_country and 7 <= len(digits) <= 15 else None


def _category_of_code(code: str) -> Category:
    if code in EMERGENCY_CODES:
        return Category.EMERGENCY
    if code in DIRECTORY_CODES:
        return Category.DIRECTORY
    if code in INTERNAL_CODES:
        return Category.INTERNAL
    if not _CODE.fullmatch(code):
        return Category.UNKNOWN
    if code.startswith("10") and len(code) <= _SHORT_CODE_DIGITS:
        return Category.INTERNAL
    is_short = len(code) <= _SHORT_CODE_DIGITS or code[0] in "*#"
    return Category.SERVICE if is_short else Category.ORDINARY


def _national_form(digits: str, country: str) -> str | None:
    if not _DIGITS.fullmatch(digits):
        return None
    try:
        parsed = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    if not number.startswith("+"):
        return None
    try:
        return phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
