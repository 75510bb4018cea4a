"""The reseller's default view and services, kept beside the packages that override them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select

from portal.core.db import session
from portal.pricing.models import ServiceDefaults


class StoredDefaults(NamedTuple):
    """What was saved, as words."""

    view: str
    services: list[str]
    hide_money: bool


def service_defaults() -> StoredDefaults | None:
    """What the reseller saved; None before the first time."""
    row = (
        session()
        .execute(select(ServiceDefaults.view, ServiceDefaults.services, ServiceDefaults.hide_money))
        .first()
    )
    return None if row is None else StoredDefaults(row.view, list(row.services), row.hide_money)


def save_service_defaults(view: str, services: list[str], *, hide_money: bool) -> None:
    """Keep the reseller's default view and services."""
    row = session().scalar(select(ServiceDefaults))
    if row is None:
        row = ServiceDefaults()
        session().add(row)
    row.view, row.services, row.hide_money = view, services, hide_money
    session().flush()
