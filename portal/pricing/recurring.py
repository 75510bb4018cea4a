"""The monthly fees of packages: which links have one, from which day on it is not charged yet."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, or_, select

from portal.core import clock
from portal.core.db import among, session, set_each
from portal.core.money import ZERO, Money
from portal.pricing.models import Package, PackageLink, PackageVersion


class PackageFee(NamedTuple):
    """A sub-account under a package. ``fees`` are the package's own by since when, oldest first."""

    link_id: int
    link: uuid.UUID
    client_id: int
    sub_account_id: int
    package: str
    anchor_day: int
    next_day: date
    valid_from: datetime
    valid_to: datetime | None
    fees: tuple[tuple[datetime, Money], ...]

    def amount(self, at: datetime) -> Money:
        """The fee in force at a moment; a link knows no time before it began."""
        moment = max(at, self.valid_from)
        return next((fee for since, fee in reversed(self.fees) if since <= moment), ZERO)


def package_fees_due(client_ids: Sequence[int], until: date) -> list[PackageFee]:
    """Clients' packages with a billing day by ``until`` that nobody looked at yet: one query.

    Links that have ended are among them: a day may have come before they did.
    """
    return _fees(
        _listed(
            among(PackageLink.client_id, client_ids), PackageLink.next_billing_day <= until
        ).order_by(PackageLink.id, PackageVersion.valid_from)
    )


def coming_package_fees(
    until: date,
    *,
    clients: Select[int] | None = None,
    named: str = "",
    after: tuple[date, uuid.UUID | None] | None = None,
    most: int,
) -> list[PackageFee]:
    """Packages in force whose next billing day comes by ``until``, by day and link.

    ``after`` is where the page before ended: that day without a link is the day's beginning.
    ``clients`` or ``named`` (a part of the package's name) must be right; without both, everybody.
    """
    page = (
        select(PackageLink.id)
        .join(Package, Package.id == PackageLink.package_id)
        .where(
            PackageLink.next_billing_day <= until,
            or_(PackageLink.valid_to.is_(None), PackageLink.valid_to > clock.now()),
            *beyond(PackageLink.next_billing_day, PackageLink.public_id, after),
            *_matching(clients, named),
        )
        .order_by(PackageLink.next_billing_day, PackageLink.public_id)
        .limit(most)
    )
    return _fees(
        _listed(PackageLink.id.in_(page.subquery().select())).order_by(
            PackageLink.next_billing_day, PackageLink.public_id, PackageVersion.valid_from
        )
    )


def clients_with_package_fees_due(today: date) -> Select[int]:
    """Whose packages have a billing day to look at: a select for a list."""
    found: Select[Any] = select(PackageLink.client_id).where(
        PackageLink.package_id.is_not(None), PackageLink.next_billing_day <= today
    )
    return found


def move_package_billing(days: Sequence[tuple[int, date | None]]) -> None:
    """Say from which day on these links (by key) are not looked at yet; None: never again."""
    set_each(PackageLink, "next_billing_day", days)


def days_to_bill() -> list[tuple[int, int, uuid.UUID, date]]:
    """Of every link with a package: reseller, client, link, where billing goes on; for the proof."""
    rows = session().execute(
        select(
            PackageLink.reseller_id,
            PackageLink.client_id,
            PackageLink.public_id,
            PackageLink.next_billing_day,
        ).where(
            PackageLink.next_billing_day.is_not(None),
            PackageLink.package_id.is_not(None),
            PackageLink.client_id.is_not(None),
        )
    )
    found: list[Any] = [tuple(row) for row in rows]
    return found


def beyond(day: Any, link: Any, after: tuple[date, uuid.UUID | None] | None) -> list[Any]:
    """The condition that a list by day and link goes on after a place."""
    if after is None:
        return []
    since, last = after
    if last is None:
        return [day >= since]
    return [or_(day > since, and_(day == since, link > last))]


def _matching(clients: Select[int] | None, named: str) -> list[Any]:
    ways: list[Any] = [] if clients is None else [PackageLink.client_id.in_(clients)]
    if named:
        ways.append(func.lower(Package.name).contains(named.lower(), autoescape=True))
    return [or_(*ways)] if ways else []


def _listed(*which: Any) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(
            PackageLink.id, PackageLink.public_id, PackageLink.client_id,
            PackageLink.sub_account_id, Package.name, PackageLink.anchor_day,
            PackageLink.next_billing_day, PackageLink.valid_from, PackageLink.valid_to,
            PackageVersion.valid_from.label("since"), PackageVersion.monthly_fee,
        )
        .join(Package, Package.id == PackageLink.package_id)
        .join(PackageVersion, PackageVersion.package_id == Package.id)
        .where(PackageLink.client_id.is_not(None), *which)
    )  # fmt: skip
    return statement


def _fees(statement: Select[*tuple[Any, ...]]) -> list[PackageFee]:
    found: dict[int, list[Any]] = {}
    for row in session().execute(statement):
        found.setdefault(row.id, []).append(row)
    return [
        PackageFee._make((*rows[0][:9], tuple((row.since, row.monthly_fee) for row in rows)))
        for rows in found.values()
    ]
