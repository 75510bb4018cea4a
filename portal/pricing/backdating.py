"""Terms that reach back: what a package says now, for calls that were made before."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.core import clock
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound
from portal.core.sentences import N_
from portal.pricing.models import BackdatedTerms, Package


class Backdated(NamedTuple):
    """Calls of the package that start in [since, until) go by what it said at ``as_of``."""

    package_id: int
    since: datetime
    until: datetime
    as_of: datetime


def backdate(
    package: uuid.UUID, since: datetime, until: datetime, *, saved_by_id: int | None = None
) -> None:
    """From now on calls that started in [since, until) cost what the package says at this moment.

    Markup, pulse, free minutes, area rates and free zones; also for calls that arrive late. It moves
    no money: ``calls.price_again`` posts the differences.
    """
    found = session().scalar(select(Package.id).where(Package.public_id == package))
    if found is None:
        raise NotFound("This package does not exist.")
    as_of = clock.now()
    if not since < until <= as_of:
        raise InvalidInput(N_("Only calls that were made already are priced again."), field="last")
    session().add(
        BackdatedTerms(
            package_id=found, since=since, until=until, as_of=as_of, saved_by_id=saved_by_id
        )
    )
    session().flush()


def backdated_in(since: datetime, until: datetime) -> list[Backdated]:
    """What reaches into [since, until), the newest first."""
    rows = session().execute(
        select(
            BackdatedTerms.package_id,
            BackdatedTerms.since,
            BackdatedTerms.until,
            BackdatedTerms.as_of,
        )
        .where(BackdatedTerms.since < until, BackdatedTerms.until > since)
        .order_by(BackdatedTerms.id.desc())
    )
    return [Backdated._make(row) for row in rows]
