"""Reads of sub-accounts: by login for the import, with client and package for the pages."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from portal.core import clock
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.money import Money
from portal.core.paging import Page
from portal.pbx.models import SubAccount
from portal.pbx.values import LineLock, SubAccountRow
from portal.pricing.models import Package, PackageLink, PackageVersion


def ids_by_account() -> dict[str, int]:
    """Every login (``100482_reception``) the reseller has or had, with its id: one query."""
    rows = session().execute(select(SubAccount.account, SubAccount.id))
    return {row.account: row.id for row in rows}


def sub_accounts_of(client_id: int) -> list[SubAccountRow]:
    """A client's sub-accounts now, with package and registration, by login: one query."""
    return _rows(_listed(clock.now()).where(PackageLink.client_id == client_id))


def all_sub_accounts(search: str = "") -> list[SubAccountRow]:
    """Every sub-account of the reseller that still exists, by login."""
    statement = _listed(clock.now()).where(SubAccount.removed_at.is_(None))
    wanted = search.strip().lower()
    if wanted:
        statement = statement.where(
            or_(
                func.lower(SubAccount.account).contains(wanted, autoescape=True),
                func.lower(SubAccount.description).contains(wanted, autoescape=True),
            )
        )
    return _rows(statement)


def clients_with_account(search: str, *, limit: int = 200) -> set[int]:
    """Whose sub-accounts have this in their login or description; some, when they are very many."""
    wanted, at = search.strip().lower(), clock.now()
    found = session().scalars(
        select(PackageLink.client_id)
        .join(SubAccount, SubAccount.id == PackageLink.sub_account_id)
        .where(
            or_(
                func.lower(SubAccount.account).contains(wanted, autoescape=True),
                func.lower(SubAccount.description).contains(wanted, autoescape=True),
            ),
            PackageLink.valid_from <= at,
            or_(PackageLink.valid_to.is_(None), PackageLink.valid_to > at),
        )
        .limit(limit)
    )
    return {client_id for client_id in found if client_id is not None}


def sub_accounts_on(
    package: uuid.UUID, *, search: str = "", after: str = "", rows: int = 50
) -> Page[SubAccountRow]:
    """Who is on a package now, by login; ``after`` is the login that the page before ended with."""
    statement = _listed(clock.now()).where(Package.public_id == package, SubAccount.account > after)
    if wanted := search.strip().lower():
        statement = statement.where(
            or_(
                func.lower(SubAccount.account).contains(wanted, autoescape=True),
                func.lower(SubAccount.description).contains(wanted, autoescape=True),
            )
        )
    found = _rows(statement.limit(rows + 1))
    return Page(found[:rows], older=found[rows - 1].account if len(found) > rows else None)


def accounts_in_use() -> list[str]:
    """The logins that belong to clients now, the longest unchecked registration first."""
    at = clock.now()
    return list(
        session().scalars(
            select(SubAccount.account)
            .join(PackageLink, PackageLink.sub_account_id == SubAccount.id)
            .where(
                SubAccount.removed_at.is_(None),
                PackageLink.valid_from <= at,
                or_(PackageLink.valid_to.is_(None), PackageLink.valid_to > at),
            )
            .order_by(func.coalesce(SubAccount.registered_checked_at, SubAccount.created_at))
        )
    )


def line_locks(client_ids: Collection[int] | None = None) -> list[LineLock]:
    """Whether each sub-account of these clients (everybody) may call abroad, and its package, now."""
    at = clock.now()
    statement = (
        select(PackageLink.client_id, PackageLink.package_id, SubAccount.locked_abroad)
        .join(SubAccount, SubAccount.id == PackageLink.sub_account_id)
        .where(
            SubAccount.removed_at.is_(None),
            PackageLink.valid_from <= at,
            or_(PackageLink.valid_to.is_(None), PackageLink.valid_to > at),
        )
    )
    if client_ids is not None:
        statement = statement.where(PackageLink.client_id.in_(client_ids))
    return [LineLock(row[0] or 0, row[1], bool(row[2])) for row in session().execute(statement)]


def free_sub_accounts() -> list[SubAccountRow]:
    """Sub-accounts that no client is linked to, for "connect an existing one"."""
    return _rows(
        _listed(clock.now()).where(PackageLink.id.is_(None), SubAccount.removed_at.is_(None))
    )


def accounts_without_package() -> list[SubAccountRow]:
    """Sub-accounts of clients without a package: their calls go at cost (rulings 2)."""
    return _rows(
        _listed(clock.now()).where(PackageLink.id.is_not(None), PackageLink.package_id.is_(None))
    )


def find_sub_account(public_id: uuid.UUID) -> SubAccountRow:
    """One sub-account by its public id; NotFound when the bound reseller has none such."""
    rows = _rows(_listed(clock.now()).where(SubAccount.public_id == public_id))
    if not rows:
        raise NotFound("There is no such sub-account.")
    return rows[0]


def _listed(at: datetime) -> Select[*tuple[Any, ...]]:
    in_force = and_(
        PackageLink.sub_account_id == SubAccount.id,
        PackageLink.valid_from <= at,
        or_(PackageLink.valid_to.is_(None), PackageLink.valid_to > at),
    )
    newest = (
        select(func.max(PackageVersion.valid_from))
        .where(PackageVersion.package_id == PackageLink.package_id, PackageVersion.valid_from <= at)
        .correlate(PackageLink)
        .scalar_subquery()
    )
    version = and_(
        PackageVersion.package_id == PackageLink.package_id, PackageVersion.valid_from == newest
    )
    statement: Select[*tuple[Any, ...]] = (
        select(SubAccount, PackageLink, Package.public_id, Package.name, PackageVersion.monthly_fee)
        .outerjoin(PackageLink, in_force)
        .outerjoin(Package, Package.id == PackageLink.package_id)
        .outerjoin(PackageVersion, version)
        .order_by(SubAccount.account)
    )
    return statement


def _rows(statement: Select[*tuple[Any, ...]]) -> list[SubAccountRow]:
    return [_row(*found) for found in session().execute(statement)]


def _row(
    account: SubAccount,
    link: PackageLink | None,
    package_public_id: uuid.UUID | None,
    package: str | None,
    monthly_fee: Money | None,
) -> SubAccountRow:
    return SubAccountRow(
        id=account.id,
        public_id=account.public_id,
        account=account.account,
        description=account.description,
        device=account.device,
        registered=account.registered,
        registered_checked_at=account.registered_checked_at,
        is_removed=account.removed_at is not None,
        has_password=account.sealed_password is not None,
        link_public_id=link.public_id if link else None,
        client_id=link.client_id if link else None,
        package_id=link.package_id if link else None,
        package_public_id=package_public_id,
        package=package or "",
        monthly_fee=monthly_fee,
        linked_from=link.valid_from if link else None,
        next_billing_day=link.next_billing_day if link else None,
    )
