"""What clients' calls may cost: for everybody, and for one client."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal import identity
from portal.core import clock, scope
from portal.core.db import insert_once, session
from portal.core.errors import InvalidInput
from portal.core.money import Money
from portal.exposure.models import ExposureLimits
from portal.exposure.regions import COUNTRIES
from portal.exposure.values import NORTH_AMERICA, Limits
from portal.identity import Visitor

_WHOLE = {"speed_minutes": (1, 1_440), "at_once": (1, 1_000), "longest_minutes": (1, 1_440)}
_MOST_ABROAD = 100_000
# What is reckoned with and judges nothing.
_FOR_THE_WORST_CASE = ("at_once", "longest_minutes")


def default_limits() -> Limits:
    """What holds for every client without own limits."""
    return _stored([0]).get(0) or _built_in()


def own_limits(client_id: int) -> Limits | None:
    """What was set for this client alone."""
    return _stored([client_id]).get(client_id)


def limits_of(client_id: int) -> Limits:
    """What holds for a client: an own row, else the reseller's."""
    found = _stored([client_id, 0])
    return found.get(client_id) or found.get(0) or _built_in()


def daily_cap_of(client_id: int) -> Money | None:
    """What a client's calls out of one day may cost; None is no cap."""
    found = _stored([0, client_id])
    return (found.get(client_id) or found.get(0) or Limits()).daily_cap


def every_own_limits(client_ids: Collection[int] | None = None) -> dict[int, Limits]:
    """The same for many: those that have own limits."""
    found = _stored(client_ids)
    found.pop(0, None)
    return found


def save_limits(limits: Limits, *, client_id: int | None = None, by: Visitor | None = None) -> None:
    """Keep the limits of a client, or those of everybody. InvalidInput names the field."""
    values = _checked(limits) | {"set_at": holds_from(limits, client_id)}
    key = {"reseller_id": scope.reseller_id(), "for_client": client_id or 0}
    if not insert_once(ExposureLimits, key | values):
        row = _row(client_id or 0)
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)
        session().flush()
    said = {name: str(value) for name, value in values.items() if name not in ("places", "set_at")}
    identity.record("exposure.limits", by=by, client_id=client_id, places=values["places"], **said)


def holds_from(limits: Limits, client_id: int | None = None) -> datetime | None:
    """From when these limits would hold: from now on, unless the same were there already."""
    before = _stored([client_id or 0]).get(client_id or 0)
    if before is None:
        before = default_limits() if client_id else _built_in()
    kept = {name: getattr(before, name) for name in _FOR_THE_WORST_CASE}
    if {*limits.places} == {*before.places}:
        kept["places"] = before.places
    return before.set_at if replace(limits, **kept) == before else clock.now()


def drop_limits(client_id: int, *, by: Visitor | None = None) -> None:
    """Let the reseller's own limits hold for a client again."""
    row = _row(client_id)
    if row is not None:
        session().delete(row)
        session().flush()
        identity.record("exposure.limits_dropped", by=by, client_id=client_id)


def home_of(client_id: int) -> frozenset[str]:
    """The countries that are never abroad for a client: the reseller's, its own, their neighbours."""
    both = {_country(), identity.client_facts(client_id).details.country}
    return frozenset(both | set(NORTH_AMERICA) if both & set(NORTH_AMERICA) else both)


def _built_in() -> Limits:
    """What holds until the reseller says otherwise."""
    return replace(Limits(), places=tuple(dict.fromkeys((_country(), *NORTH_AMERICA))))


def _checked(limits: Limits) -> dict[str, Any]:
    for name, (least, most) in _WHOLE.items():
        if not least <= getattr(limits, name) <= most:
            raise InvalidInput("This is too little or too much.", field=name)
    if limits.abroad_minutes is not None and not 0 <= limits.abroad_minutes <= _MOST_ABROAD:
        raise InvalidInput("This is too little or too much.", field="abroad_minutes")
    return {
        "daily_cap": limits.daily_cap,
        "speed_amount": limits.speed_amount,
        "speed_minutes": limits.speed_minutes,
        "abroad_minutes": limits.abroad_minutes,
        "ceiling_e8": limits.ceiling_e8,
        "places": _checked_places(limits.places),
        "new_places": limits.new_places,
        "at_once": limits.at_once,
        "longest_minutes": limits.longest_minutes,
        "suspends": limits.suspends,
    }


def _checked_places(places: Iterable[str]) -> list[str]:
    found = [place.strip().upper() for place in places]
    if wrong := next((place for place in found if place not in COUNTRIES), None):
        raise InvalidInput("Choose countries of the list.", field="places") from (ValueError(wrong))
    return list(dict.fromkeys(found))


def _country() -> str:
    return identity.own_reseller().country


def _row(for_client: int) -> ExposureLimits | None:
    found: ExposureLimits | None = session().scalar(
        select(ExposureLimits).where(ExposureLimits.for_client == for_client).with_for_update()
    )
    return found


def _stored(for_clients: Collection[int] | None) -> dict[int, Limits]:
    statement = select(ExposureLimits)
    if for_clients is not None:
        statement = statement.where(ExposureLimits.for_client.in_(for_clients))
    return {
        row.for_client: Limits(
            row.daily_cap, row.speed_amount, row.speed_minutes, row.abroad_minutes, row.ceiling_e8,
            tuple(row.places), row.new_places, row.at_once, row.longest_minutes, row.suspends,
            row.set_at,
        )
        for row in session().scalars(statement)
    }  # fmt: skip
