"""Sub-accounts for reports: a filter, pages by login, and the sums of all of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select

from portal.core import clock
from portal.core.db import MoneyType, session
from portal.core.money import Money
from portal.core.paging import Page
from portal.pbx.models import SubAccount
from portal.pbx.queries import _listed, _rows
from portal.pbx.values import SubAccountRow
from portal.pricing.models import PackageLink


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which sub-accounts that still exist. ``state``: connected, free, unpriced (no package)."""

    client_id: int | None = None
    state: str = ""
    text: str = ""


class AccountSums(NamedTuple):
    """All that a filter finds; ``monthly`` is what their packages cost a month."""

    accounts: int
    connected: int
    monthly: Money


def accounts_page(
    wanted: AccountFilter, *, after: str | None = None, rows: int = 50
) -> Page[SubAccountRow]:
    """One page by login; ``after`` is the login that the page before ended with."""
    statement = _listed(clock.now()).where(*_which(wanted), SubAccount.account > (after or ""))
    found = _rows(statement.limit(rows + 1))
    return Page(found[:rows], older=found[rows - 1].account if len(found) > rows else None)


def account_sums(wanted: AccountFilter) -> AccountSums:
    """How many, how many of them have a client, and their monthly fees: one query."""
    found = _listed(clock.now()).where(*_which(wanted)).order_by(None).subquery()
    fee: Any = found.c.monthly_fee
    count, connected, monthly = (
        session()
        .execute(
            select(func.count(), func.count(found.c.client_id), func.sum(fee, type_=MoneyType()))
        )
        .one()
    )
    return AccountSums(count, connected, monthly or Money(0))


def account_ids(wanted: AccountFilter) -> set[int]:
    """The same as ids."""
    statement = _listed(clock.now()).where(*_which(wanted)).order_by(None)
    return set(session().scalars(statement.with_only_columns(SubAccount.id)))


def accounts_by_id(ids: Collection[int]) -> dict[int, SubAccountRow]:
    """Several at once, for lists of other things."""
    if not ids:
        return {}
    return {row.id: row for row in _rows(_listed(clock.now()).where(SubAccount.id.in_(ids)))}


def _which(wanted: AccountFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [SubAccount.removed_at.is_(None)]
    if wanted.client_id is not None:
        found.append(PackageLink.client_id == wanted.client_id)
    if wanted.state == "connected":
        found.append(PackageLink.id.is_not(None))
    elif wanted.state == "free":
        found.append(PackageLink.id.is_(None))
    elif wanted.state == "unpriced":
        found += [PackageLink.id.is_not(None), PackageLink.package_id.is_(None)]
    if text := wanted.text.strip().lower():
        found.append(
            or_(
                func.lower(SubAccount.account).contains(text, autoescape=True),
                func.lower(SubAccount.description).contains(text, autoescape=True),
            )
        )
    return found
