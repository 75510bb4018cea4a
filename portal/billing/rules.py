"""How a reseller bills: how far back missed fees are charged, and what a suspension leaves open."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from portal import identity
from portal.billing.models import BillingRules
from portal.billing.suspension import push_client
from portal.billing.values import Rules
from portal.core.db import session
from portal.core.errors import InvalidInput
from portal.identity import Visitor

MOST_PERIODS = 24


def rules() -> Rules:
    """What the bound reseller chose, or what holds until it does."""
    row = session().execute(
        select(BillingRules.most_periods, BillingRules.keeps_inbound)
    ).first()  # fmt: skip
    return Rules() if row is None else Rules(*row)


def save_rules(wanted: Rules, *, by: Visitor | None = None) -> None:
    """Let this hold from now on; who is suspended now is brought in line at the carrier."""
    if not 1 <= wanted.most_periods <= MOST_PERIODS:
        raise InvalidInput("Choose between 1 and 24 months.", field="most_periods")
    row = _row()
    changed = row.keeps_inbound != wanted.keeps_inbound
    row.most_periods, row.keeps_inbound = wanted.most_periods, wanted.keeps_inbound
    session().flush()
    if changed:
        for client_id in identity.suspended_client_ids():
            push_client(client_id)
    identity.record(
        "billing.rules",
        by=by,
        most_periods=wanted.most_periods,
        keeps_inbound=wanted.keeps_inbound,
    )


def note_listed(day: date) -> None:
    """A task was accepted for everybody with something due by this day."""
    row = _row()
    row.listed_day = day if row.listed_day is None else max(row.listed_day, day)
    session().flush()


def _row() -> BillingRules:
    row = session().scalar(select(BillingRules).with_for_update())
    if row is None:
        row = BillingRules(most_periods=Rules().most_periods, keeps_inbound=Rules().keeps_inbound)
        session().add(row)
    return row
