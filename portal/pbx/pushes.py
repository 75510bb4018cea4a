"""What a package says about a sub-account's routes, on its way to the carrier.

The lock on international calls: a sub-account made here is locked when it is made, and its first
push makes sure of that. No package opens it yet, so staff open it at the carrier, and no later push
closes it again. One that existed at the carrier before keeps the lock, or the lack of it, it had:
locking it would cut off calls that work today.

While its client is suspended the lock is closed. How it stood before is looked up and remembered
first, so that the same is written when the suspension ends.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from portal import identity, pricing, upstream
from portal.carriers import Route
from portal.core import clock, scope
from portal.core.db import session
from portal.core.queue import enqueue
from portal.identity import ClientStatus
from portal.pbx.models import SubAccount
from portal.pbx.values import PushProblem, RoutePush
from portal.pricing.models import PackageLink
from portal.tasks import PUSH_SUB_ACCOUNT

ROUTES = {"value": Route.VALUE, "premium": Route.PREMIUM}


def push_later(sub_account_id: int, *, due_at: datetime | None = None) -> None:
    """Accept the writing of a sub-account's routes, with the caller's transaction.

    Nothing without a carrier account; a link that begins in the future is written when it begins.
    """
    if upstream.is_connected():
        enqueue(PUSH_SUB_ACCOUNT, due_at=due_at, sub_account_id=sub_account_id)


def push_package(package_id: int) -> None:
    """The same for every sub-account that has a package now. In a transaction."""
    ids = session().scalars(
        select(PackageLink.sub_account_id)
        .where(PackageLink.package_id == package_id, PackageLink.valid_to.is_(None))
        .order_by(PackageLink.sub_account_id)
    )
    for sub_account_id in ids.all():
        push_later(sub_account_id)


def push_client(client_id: int) -> None:
    """The same for every sub-account of a client now: it was suspended, or is no longer. In a transaction."""
    for link in pricing.links_of(client_id):
        push_later(link.sub_account_id)


def open_push(sub_account_id: int) -> RoutePush | None:
    """What has to be written for a sub-account now; None when there is nothing. In a transaction."""
    row = session().scalar(select(SubAccount).where(SubAccount.id == sub_account_id))
    push = None if row is None or row.removed_at is not None else _wanted(row)
    if push is None and row is not None:
        row.push_problem = ""
    return push


def pushed(push: RoutePush) -> None:
    """The carrier has it. When the terms changed meanwhile, it is written once more. In a transaction.

    Whichever of two runs settles last sees what the other wrote was old.
    """
    if push.lock is False:
        _note(push, lock_found="")
    if push.lock is not None:
        _note(push, locked_abroad=push.lock)
    now = open_push(push.sub_account_id)
    if now is not None and (now.routes, now.lock or None) != (push.routes, push.lock or None):
        push_later(push.sub_account_id)
    _note(push, pushed_at=clock.now(), push_problem="")


def note_lock(push: RoutePush, *, locked: bool) -> None:
    """Remember how the lock stood before a suspension closed it. In a transaction."""
    _note(push, lock_found="locked" if locked else "open")


def not_pushed(push: RoutePush, problem: str, *, again_at: datetime) -> None:
    """The carrier did not take it: staff see why, and it is tried again. In a transaction.

    ``problem`` is an English sentence, a message id; empty for a mere wait.
    """
    if problem:
        _note(push, push_problem=problem[:300])
    push_later(push.sub_account_id, due_at=again_at)


def push_problems() -> list[PushProblem]:
    """Sub-accounts whose routes could not be written yet, by login; ``client_id`` now."""
    at = clock.now()
    rows = session().execute(
        select(SubAccount.public_id, SubAccount.account, PackageLink.client_id, SubAccount.push_problem)
        .join(PackageLink, PackageLink.sub_account_id == SubAccount.id)
        .where(
            SubAccount.push_problem != "",
            SubAccount.removed_at.is_(None),
            PackageLink.valid_from <= at,
            PackageLink.valid_to.is_(None),
        )
        .order_by(SubAccount.account)
    )  # fmt: skip
    return [PushProblem._make(row) for row in rows]


def _wanted(row: SubAccount) -> RoutePush | None:
    at = clock.now()
    link = pricing.link_at(row.id, at)
    if link is None:
        return None
    routes = None
    if link.package_id is not None:
        terms = pricing.details_by_id({link.package_id}, at)[link.package_id]
        routes = ROUTES[terms.canada_route], ROUTES[terms.international_route]
    suspended = identity.client_facts(link.client_id).status is ClientStatus.SUSPENDED
    lock = _lock(row, suspended=suspended)
    if routes is None and lock is None:
        return None
    return RoutePush(row.id, row.account, routes, lock, look_first=suspended and not row.lock_found)


def _lock(row: SubAccount, *, suspended: bool) -> bool | None:
    if suspended:
        return True
    if row.lock_found:
        return row.lock_found == "locked"
    made_here = row.sealed_password is not None
    return True if made_here and row.pushed_at is None else None


def _note(push: RoutePush, **values: object) -> None:
    session().execute(
        update(SubAccount)
        .where(SubAccount.reseller_id == scope.reseller_id(), SubAccount.id == push.sub_account_id)
        .values(**values)
    )
