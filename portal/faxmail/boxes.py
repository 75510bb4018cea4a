"""The settings of each fax number: its address, who may write to it, and who gets copies."""

from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import fields
from typing import Final

from sqlalchemy import Select, select

from portal import fax, identity
from portal.core import registry, scope
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound
from portal.faxmail.models import FaxMail, FaxMailBox
from portal.faxmail.values import Box, MailState, ReceivedMail, Wishes
from portal.identity import Visitor
from portal.numbers import DidRow
from portal.numbers.models import Did

MOST_ADDRESSES: Final = 20
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_ADDRESS: Final = re.compile(r"[^@\s,;<>\"]{1,64}@[a-z0-9.-]{1,185}\.[a-z]{2,24}")


def boxes(client_id: int) -> list[Box]:
    """The settings of all fax numbers of a client, also of those nobody set yet."""
    kept = {row.did_id: row for row in session().scalars(_of(client_id))}
    return [_box(did, kept.get(did.id)) for did in fax.fax_numbers(client_id)]


def box(client_id: int, did: uuid.UUID) -> Box:
    """The settings of one number; NotFound when it is no fax number of theirs."""
    found = _did(client_id, did)
    return _box(found, _row(client_id, found.id))


def save(client_id: int, did: uuid.UUID, wanted: Wishes, *, by: Visitor | None = None) -> None:
    """Keep the settings of a number. InvalidInput names the field."""
    found = _did(client_id, did)
    _check(wanted)
    row = _row(client_id, found.id) or _new(client_id, found.id)
    for one in fields(Wishes):
        value = getattr(wanted, one.name)
        setattr(row, one.name, list(value) if isinstance(value, tuple) else value)
    session().flush()
    identity.record(
        "fax_mail.saved", by=by, client_id=client_id, number=found.number,
        takes_mail=wanted.takes_mail, copies=wanted.copy_arrivals,
    )  # fmt: skip


def new_address(client_id: int, did: uuid.UUID, *, by: Visitor | None = None) -> None:
    """Give a number another address and another code; the old ones stop at once."""
    found = _did(client_id, did)
    row = _row(client_id, found.id) or _new(client_id, found.id)
    row.address, row.sealed_code = _word(10), _sealed(_word(8), found.id)
    session().flush()
    identity.record("fax_mail.renewed", by=by, client_id=client_id, number=found.number)


def latest(client_id: int, did: uuid.UUID, *, rows: int = 10) -> list[ReceivedMail]:
    """The last mails that came for a number, and what became of them."""
    found = session().scalars(
        select(FaxMail)
        .join(Did, Did.id == FaxMail.did_id)
        .where(FaxMail.client_id == client_id, Did.public_id == did)
        .order_by(FaxMail.at.desc(), FaxMail.id.desc())
        .limit(rows)
    )
    return [
        ReceivedMail(row.at, row.sender, row.contact, MailState(row.state), row.reason, row.fax)
        for row in found
    ]


def code_of(row: FaxMailBox) -> str:
    """The word that a subject must hold."""
    return registry.key_ring().unseal(row.sealed_code, context=_context(row.did_id))


def address_list(text: str) -> tuple[str, ...]:
    """Addresses typed one a line, or with commas; InvalidInput shows the first that is none."""
    words = [word.lower() for word in re.split(r"[\s,;]+", text.strip()) if word]
    for word in words:
        if len(word) > 254 or not _ADDRESS.fullmatch(word):
            raise InvalidInput("Write e-mail addresses, one on each line.")
    return tuple(dict.fromkeys(words))


def _check(wanted: Wishes) -> None:
    for name in ("senders", "copies_to"):
        if len(getattr(wanted, name)) > MOST_ADDRESSES:
            raise InvalidInput("Write at most 20 addresses.", field=name)
    if wanted.takes_mail and not wanted.senders:
        raise InvalidInput("Write who may send faxes by e-mail.", field="senders")
    if (wanted.copy_arrivals or wanted.copy_results) and not wanted.copies_to:
        raise InvalidInput("Write where the copies go.", field="copies_to")
    if wanted.quality not in {"fine", "standard"} or wanted.paper not in {"letter", "a4"}:
        raise InvalidInput("Choose one of the list.", field="quality")


def _did(client_id: int, did: uuid.UUID) -> DidRow:
    found = next((one for one in fax.fax_numbers(client_id) if one.public_id == did), None)
    if found is None:
        raise NotFound("There is no such fax number.")
    return found


def _of(client_id: int) -> Select[FaxMailBox]:
    return select(FaxMailBox).where(FaxMailBox.client_id == client_id)


def _row(client_id: int, did_id: int) -> FaxMailBox | None:
    """Theirs alone: whoever had the number before had an address of their own."""
    return session().scalar(_of(client_id).where(FaxMailBox.did_id == did_id))


def _new(client_id: int, did_id: int) -> FaxMailBox:
    row = FaxMailBox(
        client_id=client_id, did_id=did_id, address=_word(10), sealed_code=_sealed(_word(8), did_id),
        senders=[], copies_to=[],
    )  # fmt: skip
    session().add(row)
    return row


def _box(did: DidRow, row: FaxMailBox | None) -> Box:
    mail = registry.settings().fax_mail
    if row is None:
        return Box(did.public_id, did.number, did.label, "", "", Wishes())
    wishes = Wishes(
        row.takes_mail, tuple(row.senders), row.code_required, row.quality, row.paper,
        tuple(row.copies_to), row.copy_arrivals, row.copy_results, row.attach,
    )  # fmt: skip
    address = f"{row.address}@{mail.host}" if mail else ""
    return Box(did.public_id, did.number, did.label, address, code_of(row), wishes)


def _word(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _sealed(code: str, did_id: int) -> str:
    return registry.key_ring().seal(code, context=_context(did_id))


def _context(did_id: int) -> str:
    return f"reseller:{scope.reseller_id()}/fax_mail_boxes/code/{did_id}"
