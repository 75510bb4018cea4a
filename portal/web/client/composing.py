"""Where a text is written: from which number, at what price, or why not at all."""

from __future__ import annotations

import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext

from portal import entitlements, identity, messaging, numbers
from portal.core.money import Money
from portal.entitlements import Service
from portal.identity import ClientStatus, SuspendedFor
from portal.numbers import DidRow
from portal.rating.messages import SMS_BYTES, byte_count
from portal.web import filters
from portal.web.forms.messages import SmsForm
from portal.web.rights import allowed, client_id, standing
from portal.web.session import person


def composer(form: SmsForm, *, new: bool = False) -> dict[str, Any]:
    """What the composer's template wants; ``closed`` says why nobody can write now."""
    own = _own_numbers()
    closed = _closed(own) or ("" if new else _stopped(form))
    if closed:
        return {"composer": {"closed": closed, "new": new}, "form": form}
    chosen = next((did for did in own if did.number == form.sender.data), own[0])
    price = filters.price(chosen.sms_out) if _shows_prices() else ""
    return {
        "form": form,
        "composer": {
            "closed": "",
            "new": new,
            "send_url": url_for(".messages_send"),
            "ref": str(uuid.uuid4()),
            "sender": chosen.number,
            "choices": [(did.number, _label(did, own)) for did in own],
            "limit": SMS_BYTES,
            "bytes": byte_count((form.body.data or "").strip()),
            "price": price,
            "refused": _too_dear(form, chosen.sms_out),
            "list_url": url_for(".messages"),
        },
    }


def _own_numbers() -> list[DidRow]:
    """Those that may send: of a sub-account whose package has texts, or of none."""
    may = entitlements.sub_accounts_with(Service.SMS_MMS, client_id()) | {None}
    return [
        did
        for did in numbers.dids_of(client_id())
        if did.sms_enabled and not did.is_gone and did.sub_account_id in may
    ]


def _closed(own: list[DidRow]) -> str:
    visitor = person()
    if visitor.acting and not visitor.may_change:
        return gettext("You are viewing this portal read-only. Allow changes to write.")
    if visitor.client_status is ClientStatus.SUSPENDED:
        if identity.client_facts(client_id()).suspended_for == SuspendedFor.BALANCE:
            return gettext(
                "Your account is suspended until funds are added. You can read, but not write."
            )
        return gettext("Your account is suspended. You can read, but not write.")
    if visitor.client_status is not ClientStatus.ACTIVE:
        return gettext("Your account is not active yet.")
    return "" if own else gettext("None of your numbers can send texts.")


def _stopped(form: SmsForm) -> str:
    """Has the contact of this thread asked for no more texts?"""
    own_number, contact = form.sender.data or "", form.recipient.data or ""
    if not messaging.is_stopped_between(client_id(), own_number, contact):
        return ""
    return gettext("Texts stopped by contact. They can allow them again by sending START.")


def _too_dear(form: SmsForm, price: Money) -> str:
    """Refused by money: the price and the balance in one sentence, where they may be seen."""
    if form.refusal is None or form.refusal.code != "insufficient_balance":
        return ""
    if not _shows_prices():
        return gettext("Your account does not cover this message.")
    return gettext(
        "This message costs %(price)s; your balance is %(balance)s.",
        price=filters.price(price),
        balance=filters.money(standing().available),
    )


def _label(did: DidRow, own: list[DidRow]) -> str:
    """The number's own name, and its price where the numbers differ in it."""
    number = filters.phone_number(did.number)
    text = f"{did.label}, {number}" if did.label else number
    if _shows_prices() and len({one.sms_out for one in own}) > 1:
        return f"{text} ({filters.price(did.sms_out)})"
    return text


def _shows_prices() -> bool:
    return Service.BALANCE in allowed()
