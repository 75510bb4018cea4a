"""What a client wants done with the texts of each number: on or off, copies, forwarding, their own system."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from portal import identity, numbers
from portal.core import phone, registry, scope
from portal.core.db import insert_once, session
from portal.core.errors import InvalidInput, NotFound
from portal.identity import Visitor
from portal.identity.addresses import checked_email
from portal.messaging.callback_turns import places_changed
from portal.messaging.models import NumberTexts
from portal.messaging.privacy import refuse_hidden
from portal.messaging.values import Form, NumberSettings, Way
from portal.numbers import DidRow
from portal.numbers.models import Did, DidLink

MOST_HOURS = 168
_LONGEST_URL = 1_000
# Where the words of texts go.
_PLACES = {"email": Way.EMAIL, "forward_to": Way.FORWARD, "callback_url": Way.URL}
_SECRET_BYTES = 24


def is_on(client_id: int, did_id: int) -> bool:
    """Does the client want texts at this number? Without a word of theirs they do."""
    off = select(NumberTexts.id).where(
        NumberTexts.client_id == client_id, NumberTexts.did_id == did_id, ~NumberTexts.is_on
    )
    return session().scalar(off) is None


def numbers_off(client_id: int) -> set[int]:
    """The numbers (ids) at which a client wants no texts."""
    off = select(NumberTexts.did_id).where(NumberTexts.client_id == client_id, ~NumberTexts.is_on)
    return set(session().scalars(off))


def is_off(did_id: int) -> bool:
    """Does whoever has this number now want no texts at it?"""
    owner = numbers.owner_of_did(did_id)
    return owner is not None and not is_on(owner.client_id, did_id)


def number_settings(client_id: int, public_id: uuid.UUID) -> NumberSettings:
    """What a client wants done with the texts of a number; NotFound when it is not theirs."""
    did_id, number = own(client_id, public_id)
    row = session().scalar(of(client_id, did_id))
    return NumberSettings(number) if row is None else settings(row, number)


def save_number_settings(
    client_id: int, public_id: uuid.UUID, wish: NumberSettings, *, by: Visitor | None = None
) -> None:
    """Keep what a client wants. Raises InvalidInput by field. In a transaction.

    Whoever is not to read the texts cannot have them sent elsewhere: Refused. Staff who name another
    address learn no secret by it: there is a new one.
    """
    did_id, number = own(client_id, public_id)
    values: dict[str, Any] = {
        "is_on": wish.is_on,
        "email": checked_email(wish.email, field="email") if wish.email.strip() else "",
        "forward_to": _forward_to(wish.forward_to, number),
        "callback_url": checked_url(wish.callback_url),
        "callback_form": wish.callback_form.value,
        "give_up_hours": wish.give_up_hours,
    }
    if not 1 <= wish.give_up_hours <= MOST_HOURS:
        raise InvalidInput("Enter a whole number from 1 to 168.", field="give_up_hours")
    row = _row(client_id, did_id)
    if any(values[place] not in {"", getattr(row, place)} for place in _PLACES):
        refuse_hidden()
    changed = {name for name in _PLACES if values[name] != getattr(row, name)}
    elsewhere = "callback_url" in changed
    if row.is_on != wish.is_on:
        numbers.switch_texts(did_id)
    for name, value in values.items():
        setattr(row, name, value)
    if row.callback_url and (not row.sealed_secret or (elsewhere and by is not None and by.acting)):
        _new_secret(row)
    session().flush()
    places_changed(
        client_id, did_id,
        gone=[_PLACES[name] for name in changed if not values[name]],
        elsewhere=[_PLACES[name] for name in changed if values[name]],
    )  # fmt: skip
    _record(client_id, number, row, by)


def switch_number(client_id: int, public_id: uuid.UUID, on: bool, *, by: Visitor) -> None:
    """Switch the texts of a number on or off, here and at the carrier. In a transaction."""
    did_id, number = own(client_id, public_id)
    row = _row(client_id, did_id)
    if row.is_on == on:
        return
    row.is_on = on
    session().flush()
    numbers.switch_texts(did_id)
    _record(client_id, number, row, by)


def every_number(client_id: int) -> list[tuple[DidRow, NumberSettings]]:
    """A client's numbers that can text, with what is wished for each; without secrets."""
    wishes = {
        row.did_id: row
        for row in session().scalars(select(NumberTexts).where(NumberTexts.client_id == client_id))
    }
    found = []
    for did in numbers.dids_of(client_id):
        if did.kind == "voice" and did.has_texts:
            row = wishes.get(did.id)
            wish = settings(row, did.number) if row is not None else NumberSettings(did.number)
            found.append((did, replace(wish, secret="")))
    return found


def renew_callback_secret(client_id: int, public_id: uuid.UUID) -> None:
    """Make another secret; the old one is not sent any more."""
    row = _row(client_id, own(client_id, public_id)[0])
    _new_secret(row)
    session().flush()


def checked_url(text: str) -> str:
    """The address of the client's system: https, with a host, without a login in it."""
    url = text.strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        # A name of the text may stand behind the host only: the secret goes to that host.
        good = bool(parts.hostname) and not set("@{}") & set(parts.netloc) and parts.port != 0
    except ValueError:
        good = False
    allowed = {"https", "http"} if registry.settings().callbacks_private else {"https"}
    if not good or parts.scheme not in allowed or len(url) > _LONGEST_URL or not url.isprintable():
        raise InvalidInput(
            "Enter the whole address of your system, beginning with https://.", field="callback_url"
        )
    return url


def _record(client_id: int, number: str, row: NumberTexts, by: Visitor | None) -> None:
    identity.record(
        "texts.number", by=by, client_id=client_id, number=number, on=row.is_on,
        copy=bool(row.email), forward=bool(row.forward_to), callback=bool(row.callback_url),
    )  # fmt: skip


def _forward_to(text: str, number: str) -> str:
    if not text.strip():
        return ""
    spelled = phone.normalise(text)
    if spelled is None:
        raise InvalidInput("Enter a number with its area code.", field="forward_to")
    if spelled == number or numbers.owner_of(spelled) is not None:
        raise InvalidInput(
            "Texts cannot be forwarded to a number of this portal.", field="forward_to"
        )
    return spelled


def own(client_id: int, public_id: uuid.UUID) -> tuple[int, str]:
    row = (
        session()
        .execute(
            select(Did.id, Did.number)
            .join(DidLink, DidLink.did_id == Did.id)
            .where(
                Did.public_id == public_id,
                Did.kind == "voice",
                DidLink.client_id == client_id,
                DidLink.valid_to.is_(None),
            )
        )
        .first()
    )
    if row is None:
        raise NotFound("There is no such number.")
    return row.id, row.number


def of(client_id: int, did_id: int) -> Any:
    return select(NumberTexts).where(
        NumberTexts.client_id == client_id, NumberTexts.did_id == did_id
    )


def _row(client_id: int, did_id: int) -> NumberTexts:
    values: Mapping[str, Any] = {
        "reseller_id": scope.reseller_id(), "client_id": client_id, "did_id": did_id, "is_on": True,
        "email": "", "forward_to": "", "callback_url": "", "callback_form": Form.GET,
        "sealed_secret": "", "give_up_hours": 24,
    }  # fmt: skip
    insert_once(NumberTexts, values)
    row: NumberTexts = (
        session()
        .scalars(of(client_id, did_id).with_for_update().execution_options(populate_existing=True))
        .one()
    )
    return row


def settings(row: NumberTexts, number: str) -> NumberSettings:
    return NumberSettings(
        number, row.is_on, row.email, row.forward_to, row.callback_url, Form(row.callback_form),
        row.give_up_hours, _secret(row),
    )  # fmt: skip


def _secret(row: NumberTexts) -> str:
    if not row.sealed_secret:
        return ""
    return registry.key_ring().unseal(row.sealed_secret, context=_context(row))


def _new_secret(row: NumberTexts) -> None:
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    row.sealed_secret = registry.key_ring().seal(secret, context=_context(row))


def _context(row: NumberTexts) -> str:
    return f"reseller:{row.reseller_id}/number_texts/secret/{row.client_id}/{row.did_id}"
