"""What several tests of report files need: many rows, and the row of a file that was asked for."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from portal.core.db import session
from portal.reports.models import ReportFile
from tests.world import World, a_call, record_calls


def record_many(world: World, many: int) -> None:
    """So many calls of client b, a minute and a second apart, to a hundred numbers."""
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
    rows = (
        a_call(
            "100482_yard",
            f"+1613555{100 + at % 100:04}",
            end - timedelta(seconds=61 * at),
            seconds=60,
        )
        for at in range(many)
    )
    record_calls(world.northwind, list(rows))


def row_id(name: uuid.UUID) -> int:
    """The number that the job of a file is told."""
    found = session().scalar(select(ReportFile.id).where(ReportFile.public_id == name))
    assert found is not None
    session().rollback()
    return found
