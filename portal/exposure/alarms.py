"""What staff do about alarms: let one rest, stop a client, let the client go on."""

from __future__ import annotations

import uuid

from sqlalchemy import select, update

from portal import billing, identity
from portal.core import clock, live
from portal.core.db import only_one, session
from portal.core.errors import NotFound
from portal.core.queue import enqueue
from portal.exposure.models import ExposureAlarm
from portal.exposure.values import Worked
from portal.identity import Visitor
from portal.tasks import REVIEW_BALANCE


def acknowledge(alarm: uuid.UUID, *, by: Visitor | None = None) -> tuple[int, bool]:
    """These calls are meant: what came until now is not counted again. Who is suspended stays so.

    Whose alarm it is, and False when it was worked on already.
    """
    row = session().execute(
        select(ExposureAlarm.id, ExposureAlarm.client_id, ExposureAlarm.kind).where(
            ExposureAlarm.public_id == alarm
        )
    ).first()  # fmt: skip
    if row is None:
        raise NotFound("There is no such alarm.")
    identity.client_facts(row.client_id, lock=True)  # a review stands in line
    done = only_one(
        update(ExposureAlarm)
        .where(ExposureAlarm.id == row.id, ExposureAlarm.worked_at.is_(None))
        .values(worked_at=clock.now(), worked=Worked.ACKNOWLEDGED, worked_by_id=_person(by))
    )
    if done:
        identity.record("exposure.acknowledged", by=by, client_id=row.client_id, kind=str(row.kind))
        live.tell("attention-changed", client_id=None)
    return row.client_id, done


def resume(client_id: int, *, by: Visitor | None = None) -> bool:
    """Lift a suspension, whatever its reason, at the carrier too; False when there was none.

    The open alarms are worked on by that: the limits begin to count anew. A balance that has become
    empty meanwhile suspends again.
    """
    identity.client_facts(client_id, lock=True)
    if not identity.resume_client(client_id, by=by):
        return False
    session().execute(
        update(ExposureAlarm)
        .where(ExposureAlarm.client_id == client_id, ExposureAlarm.worked_at.is_(None))
        .values(worked_at=clock.now(), worked=Worked.RESUMED, worked_by_id=_person(by)),
        execution_options={"synchronize_session": False},
    )
    billing.push_client(client_id)
    enqueue(REVIEW_BALANCE, client_id=client_id)
    live.tell("attention-changed", client_id=None)
    return True


def _person(by: Visitor | None) -> int | None:
    return None if by is None else by.person_id
