"""Which client and package a sub-account belongs to: dated links, one open one at a time."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, update

from portal import ledger
from portal.core import clock
from portal.core.db import only_one, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.period import local_day, next_after
from portal.core.queue import enqueue
from portal.identity import hold_open_client
from portal.identity.facts import reseller_zone
from portal.identity.models import Reseller
from portal.pricing.models import Package, PackageLink, PackageVersion
from portal.pricing.values import Link
from portal.tasks import BILL_CLIENT


def link_sub_account(
    sub_account_id: int,
    client_id: int,
    package_id: int | None,
    *,
    next_billing_day: date | None = None,
    charge_setup: bool = False,
    valid_from: datetime | None = None,
) -> uuid.UUID:
    """Give a sub-account to a client, under a package or none, from a moment (now) on.

    What it was before ends at that moment, so calls that started earlier keep their owner and terms;
    a changed package begins with its whole allowance (F8). ``next_billing_day`` sets the day of the
    month on which its fees fall due; without it, the day of ``valid_from`` in the month after. On the
    day itself it is charged at once; what fell due of the package before stays due. With ``charge_setup`` the
    setup fee of the package is charged now, once. The same link again changes nothing.
    """
    at = valid_from or clock.now()
    hold_open_client(client_id)  # nobody closes it before the link is there to be seen
    package = None if package_id is None else _package(package_id, at)
    today = local_day(at, reseller_zone())
    if next_billing_day is not None and next_billing_day < today:
        raise InvalidInput("The next billing day is in the past.", field="next_billing_day")
    anchor_day = (next_billing_day or today).day
    current = _open_link(sub_account_id)
    if current is not None:
        same = (current.client_id, current.package_id) == (client_id, package_id)
        if same and next_billing_day in (None, current.next_billing_day):
            return current.public_id
        if same:
            current.anchor_day, current.next_billing_day = anchor_day, next_billing_day
            session().flush()
            if next_billing_day == today:
                enqueue(BILL_CLIENT, client_id=client_id)
            return current.public_id
        _close(current, at)
        if current.client_id == client_id and current.next_billing_day == next_billing_day:
            # Changed on the billing day, before anybody charged it: the new package's fee is due.
            current.next_billing_day = None
    link = PackageLink(
        sub_account_id=sub_account_id,
        client_id=client_id,
        package_id=package_id,
        valid_from=at,
        anchor_day=anchor_day,
        next_billing_day=next_billing_day or next_after(today, anchor_day),
    )
    session().add(link)
    session().flush()
    if charge_setup and package is not None:
        _charge_setup(link, package, at if valid_from else None)
    if package is not None and link.next_billing_day == today and valid_from is None:
        enqueue(BILL_CLIENT, client_id=client_id)
    return link.public_id


def unlink(sub_account_id: int, *, at: datetime | None = None) -> None:
    """End what a sub-account is linked to; its calls up to then stay the client's. Refused when free."""
    current = _open_link(sub_account_id)
    if current is None:
        raise Refused("This sub-account is not linked to a client.", code="not_linked")
    _close(current, at or clock.now())


def link_at(sub_account_id: int, at: datetime | None = None) -> Link | None:
    """Whose a sub-account was at a moment (now), and under which package."""
    found = session().execute(
        _links(at or clock.now()).where(PackageLink.sub_account_id == sub_account_id)
    )
    row = found.first()
    return None if row is None else Link._make(row)


def links_of(client_id: int, at: datetime | None = None) -> list[Link]:
    """A client's links in force at a moment (now)."""
    rows = session().execute(_links(at or clock.now()).where(PackageLink.client_id == client_id))
    return [Link._make(row) for row in rows]


def package_ids_of(client_id: int) -> dict[int, int | None]:
    """A client's sub-accounts (id) now, with the package (id) of each: one query."""
    at = clock.now()
    rows = session().execute(
        select(PackageLink.sub_account_id, PackageLink.package_id).where(
            PackageLink.client_id == client_id,
            PackageLink.valid_from <= at,
            or_(PackageLink.valid_to.is_(None), PackageLink.valid_to > at),
        )
    )
    return {row.sub_account_id: row.package_id for row in rows}


def client_link_counts(client_ids: list[int]) -> dict[int, int]:
    """How many sub-accounts each of these clients has now."""
    rows = session().execute(
        select(PackageLink.client_id, func.count())
        .where(PackageLink.client_id.in_(client_ids), PackageLink.valid_to.is_(None))
        .group_by(PackageLink.client_id)
    )
    return {client_id: count for client_id, count in rows if client_id is not None}


def package_names_of(client_ids: list[int]) -> dict[int, list[str]]:
    """The names of the packages these clients have now, by name: one query for a list."""
    rows = session().execute(
        select(PackageLink.client_id, Package.name)
        .join(Package, Package.id == PackageLink.package_id)
        .where(PackageLink.client_id.in_(client_ids), PackageLink.valid_to.is_(None))
        .group_by(PackageLink.client_id, Package.name)
        .order_by(Package.name)
    )
    found: dict[int, list[str]] = {}
    for client_id, name in rows:
        if client_id is not None:
            found.setdefault(client_id, []).append(name)
    return found


def without_package() -> list[int]:
    """The clients (ids) that have a sub-account without a package now, one for each sub-account."""
    rows = session().scalars(
        select(PackageLink.client_id)
        .where(PackageLink.package_id.is_(None), PackageLink.valid_to.is_(None))
        .order_by(PackageLink.client_id)
    )
    return [client_id for client_id in rows if client_id is not None]


def _links(at: datetime) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(
            PackageLink.id,
            PackageLink.sub_account_id,
            PackageLink.client_id,
            PackageLink.package_id,
            PackageLink.valid_from,
            PackageLink.valid_to,
            PackageLink.anchor_day,
            Reseller.time_zone,
        )
        .join(Reseller, Reseller.id == PackageLink.reseller_id)
        .where(
            PackageLink.valid_from <= at,
            or_(PackageLink.valid_to.is_(None), PackageLink.valid_to > at),
        )
        .order_by(PackageLink.sub_account_id)
    )
    return statement


def _open_link(sub_account_id: int) -> PackageLink | None:
    found: PackageLink | None = session().scalar(
        select(PackageLink)
        .where(PackageLink.sub_account_id == sub_account_id, PackageLink.valid_to.is_(None))
        .with_for_update()
    )
    return found


def _close(link: PackageLink, at: datetime) -> None:
    if at <= link.valid_from:
        raise Refused("This sub-account was linked after that moment.", code="linked_later")
    mine = only_one(
        update(PackageLink)
        .where(PackageLink.id == link.id, PackageLink.valid_to.is_(None))
        .values(valid_to=at)
    )
    if not mine:
        raise Refused("Somebody else has just changed this sub-account.", code="changed")
    session().refresh(link)


def _package(package_id: int, at: datetime) -> Package:
    # Held, so that nobody deletes it before the link is there to be seen.
    package = session().scalar(
        select(Package)
        .where(Package.id == package_id)
        .with_for_update(read=True, key_share=True)
        .execution_options(populate_existing=True)
    )
    if package is None:
        raise NotFound("There is no such package.")
    if package.retired_at is not None:
        raise Refused("This package is retired: choose another.", code="retired")
    begins = session().scalar(
        select(func.min(PackageVersion.valid_from)).where(PackageVersion.package_id == package_id)
    )
    if begins is None or begins > at:
        raise Refused("This package has no prices for that moment yet.", code="no_prices_yet")
    return package


def _charge_setup(link: PackageLink, package: Package, posted_at: datetime | None) -> None:
    fee = (
        session()
        .scalars(
            select(PackageVersion.setup_fee)
            .where(
                PackageVersion.package_id == package.id,
                PackageVersion.valid_from <= link.valid_from,
            )
            .order_by(PackageVersion.valid_from.desc())
            .limit(1)
        )
        .one()
    )
    if fee and link.client_id is not None:
        begins = ledger.posting_day(link.valid_from)
        ledger.charge_fee(
            link.client_id,
            fee,
            fee=ledger.FeeSource(ledger.FeeKind.SETUP, link.public_id, begins),
            description=package.name,
            posted_at=posted_at,
        )
        if posted_at is None:
            ledger.review_crossed([link.client_id])
