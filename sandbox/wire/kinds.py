"""Kinds of parameter values: each turns the text on the wire into itself, or says it is not one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from sandbox.clock import timezone_hours
from sandbox.wire.refusal import Refusal

Kind = Callable[[str], bool]

FLAGS = {"0", "1", "true", "false", "yes", "no"}
UNSET_DAY = "0000-00-00"
ROUTING = re.compile(
    r"(account|fwd|vm|sip|grp|ivr|sys|recording|queue|cb|tc|disa):.+|none:?.*", re.IGNORECASE
)


def anything(_text: str) -> bool:
    return True


def whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 15


def amount(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,9}(\.\d{1,8})?", text))


def flag(text: str) -> bool:
    return text.strip().lower() in FLAGS


def one_or_zero(text: str) -> bool:
    return text in ("0", "1")


def one_or_two(text: str) -> bool:
    return text in ("1", "2")


def day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text)) and len(text) == 10
    except ValueError:
        return False


def day_or_unset(text: str) -> bool:
    return text == UNSET_DAY or day(text)


def offset(text: str) -> bool:
    return timezone_hours(text) is not None


def number(text: str) -> bool:
    """A North American number: ten digits, with or without the 1."""
    digits = plain_number(text)
    return len(digits) == 10 and digits.isdigit()


def contact(text: str) -> bool:
    """A telephone number or a short code."""
    return bool(re.fullmatch(r"\+?\d{3,15}", text.replace("-", "").replace(".", "")))


def email(text: str) -> bool:
    return bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text))


def emails(text: str) -> bool:
    return all(email(part.strip()) for part in text.split(","))


def routing(text: str) -> bool:
    return bool(ROUTING.fullmatch(text))


def search(text: str) -> bool:
    return text in ("starts", "contains", "ends")


def login(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9]{1,20}", text))


def web_address(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def plain_number(text: str) -> str:
    """Ten digits of a North American number, whatever way it was written."""
    digits = "".join(character for character in text if character.isdigit())
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


def span(first: str, last: str, *, longest_days: int = 92) -> tuple[date, date]:
    """Two days in order, at most 92 apart."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    if start > end:
        raise Refusal("invalid_date_from")
    if (end - start).days > longest_days:
        raise Refusal("invalid_daterange")
    return start, end


def truth(text: str) -> bool:
    """Whether a flag is up; an absent one is not."""
    return text.strip().lower() in ("1", "true", "yes")
