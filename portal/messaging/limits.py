"""How many texts a client may send, and where to: against pumping, and against a slip of the hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from portal import identity
from portal.core import clock, phone, scope
from portal.core.db import insert_once, session
from portal.core.dialplan import COUNTRY_PREFIXES
from portal.core.errors import InvalidInput, Refused
from portal.core.phone import Category
from portal.identity import Visitor
from portal.messaging.models import Message, TextLimits, TextUsage

OVER = "text_limit"
MOST = 1_000_000
_NORTH_AMERICA = ("CA", "US")
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_PREFIX = re.compile(r"\+[1-9][0-9]{0,9}")
_COUNTRIES = frozenset(country for country in COUNTRY_PREFIXES.values() if country)


@dataclass(frozen=True, slots=True)
class Limits:
    """Texts in an hour, in a day, and to one contact in a day; and the countries and prefixes."""

    per_hour: int = 500
    per_day: int = 2_000
    per_contact: int = 100
    places: tuple[str, ...] = _NORTH_AMERICA


def limits_of(client_id: int) -> Limits:
    """What holds for a client: an own row, else the reseller's."""
    return own_limits(client_id) or default_limits()


def own_limits(client_id: int) -> Limits | None:
    """What was set for this client alone."""
    return _stored(client_id)


def default_limits() -> Limits:
    """What holds for everybody else."""
    found = _stored(0)
    if found is not None:
        return found
    return Limits(places=tuple(dict.fromkeys((identity.own_reseller().country, *_NORTH_AMERICA))))


def save_limits(limits: Limits, *, client_id: int | None = None, by: Visitor | None = None) -> None:
    """Keep the limits of a client, or those of everybody. InvalidInput names the field."""
    for name in ("per_hour", "per_day", "per_contact"):
        if not 0 <= getattr(limits, name) <= MOST:
            raise InvalidInput("Enter a whole number from 0 to 1,000,000.", field=name)
    values: dict[str, Any] = {
        "per_hour": limits.per_hour, "per_day": limits.per_day, "per_contact": limits.per_contact,
        "places": list(checked_places(limits.places)),
    }  # fmt: skip
    key = {"reseller_id": scope.reseller_id(), "for_client": client_id or 0}
    if not insert_once(TextLimits, key | values):
        row = (
            session()
            .scalars(
                select(TextLimits)
                .where(TextLimits.for_client == (client_id or 0))
                .with_for_update()
            )
            .one()
        )
        for name, value in values.items():
            setattr(row, name, value)
        session().flush()
    identity.record("texts.limits", by=by, client_id=client_id, **values)


def drop_limits(client_id: int, *, by: Visitor | None = None) -> None:
    """Let the reseller's own limits hold for a client again."""
    row = session().scalar(select(TextLimits).where(TextLimits.for_client == client_id))
    if row is not None:
        session().delete(row)
        session().flush()
        identity.record("texts.limits_dropped", by=by, client_id=client_id)


def checked_places(places: Iterable[str]) -> Sequence[str]:
    """Countries (CA) and prefixes (+44) in one spelling, each once."""
    found = []
    for place in places:
        spelled = place.strip().upper()
        if spelled not in _COUNTRIES and not _PREFIX.fullmatch(spelled):
            raise InvalidInput(
                "Write countries as two letters, such as CA, and prefixes with +, such as +44.",
                field="places",
            )
        found.append(spelled)
    return tuple(dict.fromkeys(found))


def is_open_to(limits: Limits, number: str) -> bool:
    """May texts go to this number? Freephone goes with North America, where it is texted."""
    if number.startswith(
        tuple(place for place in limits.places if place.startswith("+")) or ("-",)
    ):
        return True
    if phone.category_of(number) is Category.TOLL_FREE:
        return any(place in limits.places for place in _NORTH_AMERICA)
    return phone.country_of(number) in limits.places


def one_at_a_time(client_id: int) -> None:
    """Let no other text of this client be accepted until this transaction ends."""
    _usage(client_id, clock.now())


def take(client_id: int, conversation_id: int, recipient: str, *, texts: int = 1) -> None:
    """Count texts that are about to be accepted, or raise Refused. Before the wallet is locked."""
    limits = limits_of(client_id)
    if not is_open_to(limits, recipient):
        raise Refused(
            "Texts to this country are not open for your account.",
            code="text_country", field="recipient",
        )  # fmt: skip
    at = clock.now()
    usage = _usage(client_id, at)
    to_contact = _lately(conversation_id, at)
    for used, most, sentence in (
        (usage.in_hour, limits.per_hour, "So many texts are not allowed in an hour. Try again later."),
        (usage.in_day, limits.per_day, "So many texts are not allowed in a day. Try again tomorrow."),
        (to_contact, limits.per_contact, "So many texts to one contact are not allowed in a day."),
    ):  # fmt: skip
        if used + texts > most:
            raise Refused(sentence, code=OVER)
    usage.in_hour += texts
    usage.in_day += texts
    if (
        usage.in_hour >= limits.per_hour
        or usage.in_day >= limits.per_day
        or to_contact + texts >= limits.per_contact
    ):
        usage.full_at = at
    session().flush()


def clients_at_a_limit() -> list[tuple[int, datetime]]:
    """Who reached a limit in the last day, and when: for the reseller's list."""
    rows = session().execute(
        select(TextUsage.client_id, TextUsage.full_at)
        .where(TextUsage.full_at > clock.now() - _DAY)
        .order_by(TextUsage.full_at.desc())
    )
    return [(client_id, full_at) for client_id, full_at in rows if client_id and full_at]


def _usage(client_id: int, at: datetime) -> TextUsage:
    """The counters of this hour and day, locked until the transaction ends."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    key = {"reseller_id": scope.reseller_id(), "client_id": client_id}
    find = (
        select(TextUsage)
        .where(TextUsage.client_id == client_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row: TextUsage | None = session().scalar(find)
    if row is None:
        insert_once(TextUsage, key | {"hour": hour, "in_hour": 0, "day": day, "in_day": 0})
        row = session().scalars(find).one()
    if row.hour != hour:
        row.hour, row.in_hour = hour, 0
    if row.day != day:
        row.day, row.in_day = day, 0
    return row


def _lately(conversation_id: int, at: datetime) -> int:
    """How many texts went to this contact from this number within a day."""
    return (
        session().scalar(
            select(func.count(Message.id)).where(
                Message.conversation_id == conversation_id,
                Message.direction == "out",
                Message.at > at - _DAY,
            )
        )
        or 0
    )


def _stored(for_client: int) -> Limits | None:
    row = session().scalar(select(TextLimits).where(TextLimits.for_client == for_client))
    if row is None:
        return None
    return Limits(row.per_hour, row.per_day, row.per_contact, tuple(row.places))
