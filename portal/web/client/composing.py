"""Where a text is written: from which number, at what price, or why not at all."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from portal import contacts, identity, messaging, numbers
from portal.contacts import ContactChoice
from portal.core import phone
from portal.core.money import Money
from portal.entitlements import Service
from portal.identity import ClientStatus, SuspendedFor
from portal.messaging import ConversationRow
from portal.numbers import DidRow
from portal.rating.messages import (
    MMS_BYTES,
    MMS_FILES,
    MOST_PARTS,
    SMS_BYTES,
    count,
    plan,
    split,
    trimmed,
)
from portal.web import filters
from portal.web.client.contact_pane import beside
from portal.web.client.file_looks import looks
from portal.web.client.message_templates import composer_tools
from portal.web.client.threads import thread_of
from portal.web.forms.messages import SmsForm
from portal.web.places import reseller
from portal.web.rights import accounts_with, allowed, client_id, standing, texts_stopped
from portal.web.session import person

MOST_MATCHES = 8


def form_of(fields: MultiDict[str, str]) -> SmsForm:
    """The form as it was sent; a name in place of the number is looked up in the phonebook."""
    form = SmsForm(fields, country=reseller().country)
    picked, typed = fields.get("pick", ""), form.recipient.data or ""
    if picked:
        form.recipient.data, form.recipient.raw_data = picked, [picked]
    elif typed and phone.normalise(typed, default_country=reseller().country) is None:
        found = contacts.search(client_id(), typed[:80], rows=MOST_MATCHES)
        if len(found) == 1 and any(map(str.isalpha, typed)):
            form.recipient.data = found[0].number
            form.recipient.raw_data = [found[0].number]
        else:  # part of a number names nobody
            form.matches = found
    return form


def composer(form: SmsForm, *, new: bool = False) -> dict[str, Any]:
    """What the composer's template wants; ``closed`` says why nobody can write now."""
    current = str((request.view_args or {}).get("public_id", ""))
    own = _own_numbers()
    closed = _closed(own) or ("" if new else _stopped(form))
    if closed:
        return {"composer": {"closed": closed, "new": new}, "form": form}
    chosen = next((did for did in own if did.number == form.sender.data), own[0])
    files = messaging.uploads(client_id(), person().person_id, form.uploads())
    planned = plan(
        form.body.data or "", [file.bytes for file in files],
        choice=form.choice(), sms=chosen.sms_out, mms=chosen.mms_out,
    )  # fmt: skip
    counted = count(trimmed(form.body.data or ""), [file.bytes for file in files])
    is_long = counted.text_bytes > SMS_BYTES and not files
    is_mms = bool(files) or (is_long and form.choice() == "mms")
    limit = MMS_BYTES if is_mms else SMS_BYTES
    price = planned.price if planned.kind else chosen.mms_out if is_mms else chosen.sms_out
    return {
        "form": form,
        "composer": {
            "closed": "",
            "new": new,
            "send_url": url_for(".messages_send"),
            "files_url": url_for(".change_message_files"),
            "recipients_url": url_for(".message_recipients"),
            "ref": str(uuid.uuid4()),
            "sender": chosen.number,
            "choices": [(did.number, _label(did, own), _prices(did)) for did in own],
            "prices": _prices(chosen),
            "available": _available(),
            "files": [looks(file) for file in files],
            "most_files": MMS_FILES,
            "matches": [_match(choice) for choice in form.matches],
            "limit": limit,
            "bytes": counted.text_bytes,
            "price": filters.price(price) if _shows_prices() else "",
            "as_mms": is_mms,
            "parts": len(split(form.body.data or "")) if is_long else 1,
            "is_long": is_long,
            "send_as": form.choice() if form.choice() in ("mms", "parts") else "mms",
            "refused": _too_dear(form, price),
            "short": _is_short(price),
            "list_url": url_for(".messages"),
        },
        "tools": composer_tools(
            sender=chosen.number,
            recipient=form.recipient.data or "",
            current=request.form.get("conversation", "") or current,
        ),
    }


def recipients(typed: str) -> list[dict[str, str]]:
    """Contacts that what was typed so far may mean."""
    return [_match(one) for one in contacts.search(client_id(), typed[:80], rows=MOST_MATCHES)]


def around(form: SmsForm) -> dict[str, Any]:
    """The thread that a form without scripts was written in."""
    found = conversation_of(form) if request.form.get("conversation") else None
    return thread_of(found) | beside(found) if found else {}


def conversation_of(form: SmsForm) -> ConversationRow | None:
    """The thread between the two numbers of the form, if there is one."""
    typed = form.recipient.data or ""
    contact = phone.normalise(typed, default_country=reseller().country) or typed
    found = messaging.find_conversation(client_id(), form.sender.data or "", contact)
    return messaging.conversation(client_id(), found) if found else None


def _match(choice: ContactChoice) -> dict[str, str]:
    number = filters.phone_number(choice.number)
    value = f"{choice.name} <{choice.number}>"  # the form reads the number in it
    return {"name": choice.name, "number": number, "value": value}


def _prices(did: DidRow) -> dict[str, Any]:
    """What the browser needs to say what a message costs, in words and to compare."""
    if not _shows_prices():
        return {"parts": [], "mms": "", "sms_micros": 0, "mms_micros": 0}
    return {
        "parts": [
            filters.price(Money(did.sms_out.micros * parts)) for parts in range(1, MOST_PARTS + 1)
        ],
        "mms": filters.price(did.mms_out),
        "sms_micros": did.sms_out.micros,
        "mms_micros": did.mms_out.micros,
    }


def _available() -> int | None:
    """What may still be spent, in micro-units; None where there is no floor, or money is hidden."""
    if not _shows_prices() or standing().floor is None:
        return None
    return (standing().available - (standing().floor or Money(0))).micros


def _is_short(price: Money) -> bool:
    available = _available()
    return available is not None and available < price.micros


def _own_numbers() -> list[DidRow]:
    """Those that may send: of a sub-account whose package has texts, or of none."""
    may = accounts_with(Service.SMS_MMS) | {None}
    off = messaging.numbers_off(client_id())
    return [
        did
        for did in numbers.dids_of(client_id())
        if did.sms_enabled and not did.is_gone and did.sub_account_id in may and did.id not in off
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
    if not texts_stopped(own_number, contact):
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
