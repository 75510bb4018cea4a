"""Sending a bulk text: row after row, under the carrier's limits, until somebody or something says stop.

Each row is one transaction: the claim of the row and the message it becomes. Its message has the
row's reference, so a run that is killed or begun twice sends nothing twice. Whoever stops it locks
the same row first: after that no further text becomes a message.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select, update

from portal import identity, messaging
from portal.core import clock, live
from portal.core.db import only_one, session
from portal.core.errors import DomainError, InsufficientBalance
from portal.core.failpoints import failpoint
from portal.core.queue import enqueue
from portal.messaging import Draft, MessageState
from portal.messaging.models import Message
from portal.messaging.values import UNSETTLED
from portal.numbers.models import Did
from portal.prepared.limits import bulk_limits
from portal.prepared.models import BulkRow, BulkText
from portal.prepared.values import BulkState, Pause, RowState
from portal.tasks import RUN_BULK

LIMIT_REACHED = "limit_reached"
ROUND = timedelta(seconds=60)
SETTLES = timedelta(seconds=10)
# After midnight, so that the carrier's day has ended as well.
_AFTER_MIDNIGHT = time(0, 10)


class Next(Enum):
    """What a run does after a row."""

    GO_ON = auto()
    WAIT = auto()
    END = auto()


def wake(bulk_id: int) -> int:
    """At the beginning of a run: a pause that is over ends, and what the carrier refused for the day waits again.

    How many texts the reseller may send today after those that went out.
    """
    bulk = _locked(bulk_id)
    if bulk is None:
        return 0
    if bulk.state == BulkState.PAUSED and bulk.paused_until is not None:
        if bulk.paused_until > clock.now():  # rung for too early
            enqueue(RUN_BULK, due_at=bulk.paused_until, bulk_id=bulk.id)
            return 0
        bulk.state, bulk.pause, bulk.paused_until = BulkState.RUNNING, "", None
    if bulk.state == BulkState.RUNNING:
        refused = select(Message.id).where(
            Message.id == BulkRow.message_id,
            Message.state == MessageState.FAILED,
            Message.error_code == LIMIT_REACHED,
        )
        session().execute(
            update(BulkRow)
            .where(BulkRow.bulk_id == bulk_id, refused.exists())
            .values(
                state=RowState.WAITING, message_id=None, queued_at=None,
                attempt=BulkRow.attempt + 1,
            ),
            execution_options={"synchronize_session": False},
        )  # fmt: skip
    session().flush()
    return max(bulk_limits().a_day - messaging.sent_since(_midnight()), 0)


def send_next(bulk_id: int, *, left_today: int) -> Next:
    """Make the next row a message, or find out why not now."""
    bulk = _locked(bulk_id)
    if bulk is None or bulk.state != BulkState.RUNNING:
        return Next.END
    if _carrier_has_enough(bulk):
        return _rest(bulk, Pause.CARRIER_LIMIT, until=_tomorrow())
    row: BulkRow | None = session().scalar(
        select(BulkRow)
        .where(BulkRow.bulk_id == bulk_id, BulkRow.state == RowState.WAITING)
        .order_by(BulkRow.position)
        .limit(1)
        .execution_options(populate_existing=True)
    )
    if row is None:
        return _last(bulk)
    if left_today <= 0:
        return _rest(bulk, Pause.DAY_LIMIT, until=_tomorrow())
    if _queued_since(clock.now() - ROUND) >= bulk_limits().a_minute:
        return _again(bulk)
    return _send(bulk, row)


def _send(bulk: BulkText, row: BulkRow) -> Next:
    assert bulk.client_id is not None
    mine = only_one(
        update(BulkRow)
        .where(BulkRow.id == row.id, BulkRow.state == RowState.WAITING)
        .values(state=RowState.QUEUED, queued_at=clock.now())
    )
    if not mine:
        return Next.GO_ON
    number = session().scalar(select(Did.number).where(Did.id == row.did_id)) or ""
    reference = f"bulk-{row.public_id}-{row.attempt}"
    draft = Draft(number, row.number, row.text, reference, send_as=bulk.send_as)  # type: ignore[arg-type]
    failpoint("bulk.claimed")
    try:
        with session().begin_nested():
            sent = messaging.queue(bulk.client_id, draft, person_id=bulk.created_by_id)
    except InsufficientBalance:
        _put_back(row)
        return _rest(bulk, Pause.BALANCE)
    except DomainError as refusal:
        if refusal.code == "suspended":
            _put_back(row)
            return _rest(bulk, Pause.SUSPENDED)
        if refusal.code == messaging.OVER:
            _put_back(row)
            return _rest(bulk, Pause.OWN_LIMIT, until=clock.now() + timedelta(hours=1))
        _settle(row, state=RowState.FAILED, problem=refusal.message[:200], queued_at=None)
    else:
        _settle(row, message_id=sent.id)
    failpoint("bulk.queued")
    _tell(bulk)
    return Next.GO_ON


def _last(bulk: BulkText) -> Next:
    """Nobody is left: done as soon as every message has its end."""
    open_ = session().scalar(
        select(func.count(BulkRow.id))
        .join(Message, Message.id == BulkRow.message_id)
        .where(BulkRow.bulk_id == bulk.id, Message.state.in_(UNSETTLED))
    )
    if open_:
        return _again(bulk, SETTLES)
    refused = session().scalar(
        select(func.count(BulkRow.id))
        .join(Message, Message.id == BulkRow.message_id)
        .where(
            BulkRow.bulk_id == bulk.id,
            Message.state == MessageState.FAILED,
            Message.error_code == LIMIT_REACHED,
        )
    )
    if refused:
        return _rest(bulk, Pause.CARRIER_LIMIT, until=_tomorrow())
    bulk.state, bulk.finished_at = BulkState.DONE, clock.now()
    session().flush()
    _tell(bulk)
    return Next.END


def _carrier_has_enough(bulk: BulkText) -> bool:
    """Did the carrier refuse one of these today, because there were too many?"""
    refused = session().scalar(
        select(BulkRow.id)
        .join(Message, Message.id == BulkRow.message_id)
        .where(
            BulkRow.bulk_id == bulk.id,
            Message.error_code == LIMIT_REACHED,
            or_(Message.state == MessageState.QUEUED, Message.state == MessageState.FAILED),
        )
        .limit(1)
    )
    return refused is not None


def _rest(bulk: BulkText, why: Pause, *, until: datetime | None = None) -> Next:
    bulk.state, bulk.pause, bulk.paused_until = BulkState.PAUSED, why, until
    session().flush()
    if until is not None:
        enqueue(RUN_BULK, due_at=until, bulk_id=bulk.id)
    _tell(bulk)
    return Next.WAIT


def _again(bulk: BulkText, wait: timedelta = ROUND) -> Next:
    enqueue(RUN_BULK, due_at=clock.now() + wait, bulk_id=bulk.id)
    return Next.WAIT


def _put_back(row: BulkRow) -> None:
    _settle(row, state=RowState.WAITING, queued_at=None)


def _settle(row: BulkRow, **values: object) -> None:
    session().execute(
        update(BulkRow).where(BulkRow.id == row.id).values(**values),
        execution_options={"synchronize_session": False},
    )


def _queued_since(since: datetime) -> int:
    """How many rows of all bulk texts of the reseller became messages since then."""
    return session().scalar(select(func.count(BulkRow.id)).where(BulkRow.queued_at > since)) or 0


def _midnight() -> datetime:
    zone = ZoneInfo(identity.own_reseller().time_zone)
    return datetime.combine(clock.now().astimezone(zone).date(), time(0), zone)


def _tomorrow() -> datetime:
    zone = ZoneInfo(identity.own_reseller().time_zone)
    day = clock.now().astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, _AFTER_MIDNIGHT, zone)


def _locked(bulk_id: int) -> BulkText | None:
    bulk: BulkText | None = session().scalar(
        select(BulkText)
        .where(BulkText.id == bulk_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return bulk


def _tell(bulk: BulkText) -> None:
    live.tell("job-changed", client_id=bulk.client_id, did_id=bulk.did_id)
