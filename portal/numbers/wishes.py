"""What staff wish when they connect numbers: refused when it makes no sense, kept as plain words."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

from portal import pricing, upstream
from portal.core import clock
from portal.core.errors import InvalidInput
from portal.core.money import Money
from portal.core.phone import Category, category_of
from portal.numbers.queries import find_did
from portal.numbers.service import check_terms, free_did
from portal.numbers.values import ConnectWish, DidFees, DidRow, MailboxWish, Ring

MOST_NUMBERS = 50
_PIN = re.compile(r"[0-9]{4}")
_EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]+\.[^@\s,;<>]+")
# What "a local number" is to the carrier: a plain one of the North American plan.
_LOCAL = re.compile(r"\+1[2-9][0-9]{9}")
_NEVER = (Category.EMERGENCY, Category.PREMIUM)


def check_wish(wish: ConnectWish, client_id: int) -> list[DidRow]:
    """Refuse, by field, what makes no sense, and numbers that are not free; else those numbers."""
    check_terms(wish.fees, wish.label)
    if not wish.dids:
        raise InvalidInput("Choose at least one number.", field="dids")
    if len(wish.dids) > MOST_NUMBERS:
        raise InvalidInput("Connect at most 50 numbers at once.", field="dids")
    holder = pricing.link_at(wish.sub_account_id)
    if holder is None or holder.client_id != client_id:
        raise InvalidInput("Choose a sub-account of this client.", field="sub_account")
    if wish.ring is Ring.FORWARD:
        _check_target(wish.forward_to)
    if wish.mailbox:
        _check_mailbox(wish.mailbox)
    if (wish.ring is not Ring.KEEP or wish.mailbox) and not upstream.is_connected():
        raise InvalidInput("No carrier account is connected yet.", field="ring")
    at = clock.now()
    for public_id in wish.dids:
        free_did(public_id, at)
    rows = [find_did(public_id) for public_id in wish.dids]
    kinds = {row.kind for row in rows}
    if len(kinds) != 1:
        raise InvalidInput("Connect voice and fax numbers apart.", field="dids")
    if kinds == {"fax"} and (wish.ring is not Ring.KEEP or wish.mailbox):
        raise InvalidInput("A fax number neither rings nor has a mailbox.", field="ring")
    return rows


def plain(wish: ConnectWish) -> dict[str, Any]:
    """What the job needs later, as JSON: everything but the PIN."""
    box = wish.mailbox
    return {
        "dids": [str(one) for one in wish.dids],
        "account": wish.account,
        "label": wish.label.strip(),
        "fees": plain_fees(wish.fees),
        "charge_setup": wish.charge_setup,
        "charge_monthly": wish.charge_monthly,
        "ring": wish.ring.value,
        "forward_to": wish.forward_to if wish.ring is Ring.FORWARD else "",
        "mailbox": {"name": box.name.strip(), "email": box.email.strip()} if box else None,
    }


def plain_fees(fees: DidFees) -> dict[str, int | None]:
    """Fees as JSON."""
    values = {one.name: getattr(fees, one.name) for one in fields(fees)}
    return {
        name: value.micros if isinstance(value, Money) else value for name, value in values.items()
    }


def fees_of(kept: dict[str, Any]) -> DidFees:
    """The fees out of what was kept."""
    values: dict[str, Any] = {
        name: value if name.endswith("_e8") or value is None else Money(value)
        for name, value in kept["fees"].items()
    }
    return DidFees(**values)


def _check_target(number: str) -> None:
    if not _LOCAL.fullmatch(number) or category_of(number) in _NEVER:
        raise InvalidInput(
            "Enter a number in the United States or Canada, with its area code.",
            field="forward_to",
        )


def _check_mailbox(box: MailboxWish) -> None:
    if not 0 < len(box.name.strip()) <= 40:
        raise InvalidInput("A mailbox has a name of at most 40 characters.", field="mailbox_name")
    email = box.email.strip()
    if email and (len(email) > 254 or not _EMAIL.fullmatch(email)):
        raise InvalidInput(
            "Enter one e-mail address, like name@example.com.", field="mailbox_email"
        )
    if not _PIN.fullmatch(box.pin):
        raise InvalidInput("The PIN has exactly 4 digits.", field="mailbox_pin")
