"""Numbers for reports: a filter, pages by number, and the sums of all of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select

from portal.core import clock
from portal.core.db import MoneyType, session
from portal.core.money import Money
from portal.core.paging import Page
from portal.numbers.models import Did, DidLink
from portal.numbers.queries import _in_force, _listed, _rows
from portal.numbers.values import DidRow


@dataclass(frozen=True, slots=True)
class DidFilter:
    """Which numbers. ``state``: connected, free, gone (no longer at the carrier; else left out)."""

    client_id: int | None = None
    kind: str = ""
    state: str = ""
    text: str = ""


class DidSums(NamedTuple):
    """All that a filter finds; ``monthly`` is what clients pay for them a month."""

    numbers: int
    connected: int
    monthly: Money


def dids_page(wanted: DidFilter, *, after: str | None = None, rows: int = 50) -> Page[DidRow]:
    """One page by number; ``after`` is the number that the page before ended with."""
    statement = _listed().where(*_which(wanted), Did.number > (after or ""))
    found = _rows(statement.limit(rows + 1))
    return Page(found[:rows], older=found[rows - 1].number if len(found) > rows else None)


def did_sums(wanted: DidFilter) -> DidSums:
    """How many, how many of them have a client, and their monthly fees: one query."""
    fee: Any = DidLink.monthly_fee
    statement = _listed().where(*_which(wanted)).order_by(None)
    count, connected, monthly = (
        session()
        .execute(
            statement.with_only_columns(
                func.count(Did.id), func.count(DidLink.client_id), func.sum(fee, type_=MoneyType())
            )
        )
        .one()
    )
    return DidSums(count, connected, monthly or Money(0))


def did_ids(wanted: DidFilter) -> set[int]:
    """The same as ids."""
    statement = _listed().where(*_which(wanted)).order_by(None)
    return set(session().scalars(statement.with_only_columns(Did.id)))


def numbers_on(sub_account_ids: Collection[int]) -> dict[int, list[str]]:
    """The numbers that are connected to each of these sub-accounts now: one query."""
    rows = session().execute(
        select(DidLink.sub_account_id, Did.number)
        .join(Did, Did.id == DidLink.did_id)
        .where(DidLink.sub_account_id.in_(sub_account_ids), *_in_force(clock.now()))
        .order_by(Did.number)
    )
    found: dict[int, list[str]] = {}
    for sub_account_id, number in rows:
        if sub_account_id is not None:
            found.setdefault(sub_account_id, []).append(number)
    return found


def _which(wanted: DidFilter) -> list[ColumnElement[bool]]:
    is_gone = wanted.state == "gone"
    found: list[ColumnElement[bool]] = [
        Did.gone_at.is_not(None) if is_gone else Did.gone_at.is_(None)
    ]
    if wanted.client_id is not None:
        found.append(DidLink.client_id == wanted.client_id)
    if wanted.kind:
        found.append(Did.kind == wanted.kind)
    if wanted.state == "connected":
        found.append(DidLink.id.is_not(None))
    elif wanted.state == "free":
        found.append(DidLink.id.is_(None))
    if text := wanted.text.strip().lower():
        digits = "".join(character for character in text if character.isdigit())
        places = [
            func.lower(Did.description).contains(text, autoescape=True),
            func.lower(DidLink.label).contains(text, autoescape=True),
        ]
        if digits:
            places.append(Did.number.contains(digits, autoescape=True))
        found.append(or_(*places))
    return found
