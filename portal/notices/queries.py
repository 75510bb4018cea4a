"""Reading notices."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import func, select

from portal import identity
from portal.core.db import session
from portal.identity import PersonFacts
from portal.messaging.models import Conversation
from portal.notices.models import Notice, NoticeWish
from portal.notices.values import NoticeRow, Wish

MOST_SHOWN = 60
WISHES = tuple(Wish.__dataclass_fields__)


def waiting(client_id: int, person_id: int) -> tuple[int, int]:
    """How many texts wait to be read, and how many notices this person has not seen: one query."""
    texts = (
        select(func.sum(Conversation.unread))
        .where(Conversation.client_id == client_id, Conversation.unread > 0)
        .scalar_subquery()
    )
    row = session().execute(
        select(func.count(Notice.id), func.coalesce(texts, 0)).where(
            Notice.person_id == person_id, Notice.read_at.is_(None)
        )
    )
    seen = row.one()
    return int(seen[1]), int(seen[0])


def listing(person_id: int) -> list[NoticeRow]:
    """The latest notices of a person."""
    rows = session().execute(
        select(
            Notice.kind, Notice.about, Notice.who, Notice.text, Notice.times, Notice.at,
            Notice.read_at.is_not(None),
        )
        .where(Notice.person_id == person_id)
        .order_by(Notice.at.desc(), Notice.id.desc())
        .limit(MOST_SHOWN)
    )  # fmt: skip
    return [NoticeRow._make(row) for row in rows]


def wish_of(person_id: int) -> Wish:
    """How a person wants to be told."""
    return wishes([person_id]).get(person_id, Wish())


def wishes(person_ids: Collection[int]) -> dict[int, Wish]:
    """The same for several; whoever has said nothing is left out."""
    rows = session().scalars(select(NoticeWish).where(NoticeWish.person_id.in_(person_ids)))
    return {row.person_id: Wish(**{name: getattr(row, name) for name in WISHES}) for row in rows}


def reader(client_id: int | None, person_id: int) -> PersonFacts | None:
    """One of a client's people who may log in, with the language and the zone they read in."""
    if client_id is None:
        return None
    person = next((one for one in identity.people_of(client_id) if one.id == person_id), None)
    if person is None or person.disabled_at is not None:
        return None
    details = identity.client_facts(client_id).details
    return replace(
        person,
        language=person.language or details.language,
        time_zone=person.time_zone or details.time_zone,
    )
