"""The address at which the carrier tells us of a number's texts or faxes, on its way to the carrier.

Without it they arrive all the same, when the carrier's list is next polled. A callback that the
number had before gives way to ours; e-mail, forwarding and the rest stay as they are.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from portal import upstream
from portal.core import clock, registry, scope
from portal.core.db import session
from portal.core.queue import enqueue
from portal.numbers.models import Did, DidLink
from portal.numbers.queries import owner_of_did
from portal.numbers.values import CallbackPush, PushProblem
from portal.tasks import PUSH_SMS_CALLBACK

A_CHANGE_EACH = timedelta(seconds=61)  # of a number's text settings, at the carrier


def push_later(did_id: int, *, due_at: datetime | None = None) -> None:
    """Accept the setting of a number's callback, with the caller's transaction.

    Nothing without a carrier account, or where the carrier could not reach the portal.
    """
    if upstream.is_connected() and is_reachable():
        enqueue(PUSH_SMS_CALLBACK, due_at=due_at, did_id=did_id)


def push_all_later() -> int:
    """The address has changed: set it for every connected number with texts or faxes; how many those are."""
    at = clock.now()
    if not (upstream.is_connected() and is_reachable()):
        return 0
    ids = (
        session()
        .scalars(
            select(Did.id)
            .join(DidLink, DidLink.did_id == Did.id)
            .where(
                Did.gone_at.is_(None),
                or_(Did.sms_enabled.is_(True), Did.kind == "fax"),
                DidLink.valid_from <= at,
                or_(DidLink.valid_to.is_(None), DidLink.valid_to > at),
            )
            .distinct()
        )
        .all()
    )
    for did_id in ids:
        push_later(did_id)
    return len(ids)


def switch_texts(did_id: int) -> None:
    """Somebody wants texts at a number, or none any more: the carrier is told. In a transaction.

    It takes one change of a number a minute; sooner would be refused there, so it waits here.
    """
    last = session().scalar(select(Did.pushed_at).where(Did.id == did_id))
    soonest = clock.now() if last is None else last + A_CHANGE_EACH
    if upstream.is_connected():
        enqueue(PUSH_SMS_CALLBACK, due_at=max(clock.now(), soonest), did_id=did_id)


def open_push(did_id: int, *, texts_off: bool = False) -> CallbackPush | None:
    """What has to be set for a number now; None when there is nothing. In a transaction.

    Only numbers that are connected to a client, and bring faxes or have texts switched on, get one.
    ``texts_off``: whoever has the number wants no texts. What we switched off, and nothing else, we
    switch on again.
    """
    row = session().scalar(
        select(Did).where(Did.id == did_id).execution_options(populate_existing=True)
    )
    if row is None:
        return None
    push = _wanted(row, texts_off) if row.gone_at is None and owner_of_did(did_id) else None
    if push is None:
        row.push_problem = ""
    return push


def pushed(push: CallbackPush, *, texts_off: bool = False) -> None:
    """The carrier has it. When something changed meanwhile, it is set once more. In a transaction."""
    values = {} if push.texts is None else {"sms_enabled": push.texts, "texts_off": not push.texts}
    _note(push, pushed_at=clock.now(), push_problem="", **values)
    now = open_push(push.did_id, texts_off=texts_off)
    if now is not None and now != replace(push, texts=None):
        push_later(push.did_id)


def not_pushed(push: CallbackPush, problem: str, *, again_at: datetime) -> None:
    """The carrier did not take it: staff see why, and it is tried again. In a transaction.

    ``problem`` is an English sentence, a message id; empty for a mere wait.
    """
    if problem:
        _note(push, push_problem=problem[:300])
    push_later(push.did_id, due_at=again_at)


def push_problems() -> list[PushProblem]:
    """Connected numbers whose callback could not be set yet, by number."""
    at = clock.now()
    rows = session().execute(
        select(Did.public_id, Did.number, DidLink.client_id, Did.push_problem)
        .join(DidLink, DidLink.did_id == Did.id)
        .where(
            Did.push_problem != "",
            Did.gone_at.is_(None),
            DidLink.valid_from <= at,
            DidLink.valid_to.is_(None),
        )
        .order_by(Did.number)
    )
    return [PushProblem._make(row) for row in rows]


def _wanted(row: Did, texts_off: bool) -> CallbackPush | None:
    if row.kind == "voice" and texts_off:
        off = CallbackPush(row.id, row.number, row.kind, "", texts=False)
        return off if row.sms_enabled else None
    address = (_address(row.kind) if is_reachable() else None) or ""
    if row.texts_off:
        return CallbackPush(row.id, row.number, row.kind, address, texts=True)
    brings = row.sms_enabled or row.kind == "fax"
    return CallbackPush(row.id, row.number, row.kind, address) if brings and address else None


def _address(kind: str) -> str | None:
    return upstream.fax_callback_address() if kind == "fax" else upstream.callback_address()


def is_reachable() -> bool:
    """Can the carrier reach this portal?"""
    settings = registry.settings()
    return settings.https or settings.evaluation


def _note(push: CallbackPush, **values: object) -> None:
    session().execute(
        update(Did)
        .where(Did.reseller_id == scope.reseller_id(), Did.id == push.did_id)
        .values(**values)
    )
