"""Reads of numbers: who has which, who had it when, and what texts may be sent from."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select

from portal.core import clock
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.money import ZERO
from portal.numbers.models import CallTarget, Did, DidLink, DidReservation
from portal.numbers.values import DidBook, DidOwner, DidRow, SmsChoice, routing_of

_OWNER = (
    DidLink.did_id,
    DidLink.id,
    Did.number,
    DidLink.client_id,
    DidLink.sub_account_id,
    DidLink.label,
    DidLink.minute_rate_e8,
    DidLink.sms_in,
    DidLink.sms_out,
    DidLink.mms_in,
    DidLink.mms_out,
    DidLink.valid_from,
    DidLink.valid_to,
)


def did_book(window_from: datetime, window_to: datetime) -> DidBook:
    """Who had which number in [from, to), for the bound reseller: two queries."""
    owners = session().execute(
        select(*_OWNER)
        .join(Did, Did.id == DidLink.did_id)
        .where(
            DidLink.valid_from < window_to,
            or_(DidLink.valid_to.is_(None), DidLink.valid_to > window_from),
        )
        .order_by(DidLink.valid_from)
    )
    dids = session().execute(select(Did.number, Did.id))
    return DidBook([DidOwner._make(row) for row in owners], {row[0]: row[1] for row in dids})


def owner_of(number: str, at: datetime | None = None) -> DidOwner | None:
    """To whom a number (E.164) was connected at a moment (now); None when to nobody."""
    row = (
        session()
        .execute(
            select(*_OWNER)
            .join(Did, Did.id == DidLink.did_id)
            .where(Did.number == number, *_in_force(at or clock.now()))
        )
        .first()
    )
    return None if row is None else DidOwner._make(row)


def owner_of_did(did_id: int, at: datetime | None = None) -> DidOwner | None:
    """The same by the number's id."""
    row = (
        session()
        .execute(
            select(*_OWNER)
            .join(Did, Did.id == DidLink.did_id)
            .where(Did.id == did_id, *_in_force(at or clock.now()))
        )
        .first()
    )
    return None if row is None else DidOwner._make(row)


def sms_choices(client_id: int) -> list[SmsChoice]:
    """The numbers a client may send texts from now, by number."""
    rows = session().execute(
        select(Did.id, Did.public_id, Did.number, DidLink.label)
        .join(DidLink, DidLink.did_id == Did.id)
        .where(
            DidLink.client_id == client_id,
            *_in_force(clock.now()),
            Did.sms_enabled,
            Did.gone_at.is_(None),
        )
        .order_by(Did.number)
    )
    return [SmsChoice._make(row) for row in rows]


def dids_of(client_id: int) -> list[DidRow]:
    """A client's numbers as they are connected now, by number."""
    return _rows(_listed().where(DidLink.client_id == client_id))


def by_sub_account(client_id: int) -> dict[int | None, list[DidRow]]:
    """A client's numbers under the sub-account (id) each is connected to: one query."""
    found: dict[int | None, list[DidRow]] = {}
    for row in dids_of(client_id):
        found.setdefault(row.sub_account_id, []).append(row)
    return found


def free_dids(
    kind: str | None = None,
    search: str = "",
    *,
    limit: int | None = None,
    also: Sequence[uuid.UUID] = (),
) -> list[DidRow]:
    """Numbers at the carrier that nobody has and no order works on, by number.

    ``also`` are kept whatever the search says: they are chosen already.
    """
    statement = _listed().where(
        DidLink.id.is_(None),
        Did.gone_at.is_(None),
        ~exists(select(DidReservation.did_id).where(DidReservation.did_id == Did.id)),
    )
    if kind is not None:
        statement = statement.where(Did.kind == kind)
    chosen = _rows(statement.where(Did.public_id.in_(also))) if also else []
    found = _rows(_searched(statement, search).limit(limit))
    known = {row.id for row in chosen}
    return [*chosen, *(row for row in found if row.id not in known)]


def all_dids(search: str = "", *, most: int | None = None) -> list[DidRow]:
    """Every number of the reseller, with its owner; ``search`` looks in number, place and label."""
    return _rows(_searched(_listed(), search).limit(most))


def target_words() -> dict[tuple[str, str], str]:
    """What forwardings and mailboxes at the carrier are, by routing: ``("fwd", "18635")``."""
    rows = session().execute(select(CallTarget.kind, CallTarget.target, CallTarget.words))
    return {(row.kind, row.target): row.words for row in rows}


def _searched(statement: Select[*tuple[Any, ...]], search: str) -> Select[*tuple[Any, ...]]:
    wanted = search.strip().lower()
    if not wanted:
        return statement
    digits = "".join(character for character in wanted if character.isdigit())
    places = [
        func.lower(Did.description).contains(wanted, autoescape=True),
        func.lower(DidLink.label).contains(wanted, autoescape=True),
    ]
    if digits:
        places.append(Did.number.contains(digits, autoescape=True))
    return statement.where(or_(*places))


def clients_with_number(digits: str, *, limit: int = 200) -> set[int]:
    """Whose numbers contain these digits; some, when they are very many."""
    found = session().scalars(
        select(DidLink.client_id)
        .join(Did, Did.id == DidLink.did_id)
        .where(Did.number.contains(digits, autoescape=True), *_in_force(clock.now()))
        .limit(limit)
    )
    return {client_id for client_id in found if client_id is not None}


def find_did(public_id: uuid.UUID) -> DidRow:
    """One number by its public id; NotFound when it is not there for the bound reseller."""
    rows = _rows(_listed().where(Did.public_id == public_id))
    if not rows:
        raise NotFound("There is no such number.")
    return rows[0]


def did_ids_on(sub_account_ids: Collection[int]) -> frozenset[int]:
    """The numbers (ids) that are connected to these sub-accounts now."""
    return frozenset(
        session().scalars(
            select(DidLink.did_id).where(
                DidLink.sub_account_id.in_(sub_account_ids), *_in_force(clock.now())
            )
        )
    )


def did_counts(client_ids: Sequence[int]) -> dict[int, int]:
    """How many numbers each of these clients has now."""
    rows = session().execute(
        select(DidLink.client_id, func.count())
        .where(DidLink.client_id.in_(client_ids), *_in_force(clock.now()))
        .group_by(DidLink.client_id)
    )
    return {client_id: count for client_id, count in rows if client_id is not None}


def any_connected() -> bool:
    """Is any number of the bound reseller connected to a client now?"""
    return session().scalar(select(DidLink.id).where(*_in_force(clock.now())).limit(1)) is not None


def _in_force(at: datetime) -> tuple[Any, ...]:
    return (
        DidLink.valid_from <= at,
        or_(DidLink.valid_to.is_(None), DidLink.valid_to > at),
    )


def _listed() -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(Did, DidLink)
        .outerjoin(DidLink, and_(DidLink.did_id == Did.id, *_in_force(clock.now())))
        .order_by(Did.number)
    )
    return statement


def _rows(statement: Select[*tuple[Any, ...]]) -> list[DidRow]:
    return [_row(did, link) for did, link in session().execute(statement)]


def _row(did: Did, link: DidLink | None) -> DidRow:
    return DidRow(
        id=did.id,
        public_id=did.public_id,
        number=did.number,
        kind=did.kind,
        description=did.description,
        routing=routing_of(did.routing),
        sms_available=did.sms_available,
        sms_enabled=did.sms_enabled,
        texts_off=did.texts_off,
        is_gone=did.gone_at is not None,
        link_public_id=link.public_id if link else None,
        client_id=link.client_id if link else None,
        sub_account_id=link.sub_account_id if link else None,
        label=link.label if link else "",
        setup_fee=link.setup_fee if link else ZERO,
        monthly_fee=link.monthly_fee if link else ZERO,
        minute_rate_e8=link.minute_rate_e8 if link else 0,
        sms_in=link.sms_in if link else ZERO,
        sms_out=link.sms_out if link else ZERO,
        mms_in=link.mms_in if link else ZERO,
        mms_out=link.mms_out if link else ZERO,
        linked_from=link.valid_from if link else None,
        e911_setup=link.e911_setup if link else ZERO,
        e911_monthly=link.e911_monthly if link else None,
        next_billing_day=link.next_billing_day if link else None,
        made_forwarding=link.made_forwarding if link else "",
        made_mailbox=link.made_mailbox if link else "",
        note=link.note if link else "",
    )
