"""The list of conversations and its search, over a hundred thousand texts of one client."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from bench.rows import Row
from bench.stage import DATABASES, Servers, staged
from portal import messaging
from portal.core.db import insert_all, session, transaction
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.identity.models import Client
from portal.identity.spelling import folded
from portal.messaging import Inbox
from portal.messaging.models import Conversation, Message
from portal.numbers.models import Did

TEXTS, A_CONVERSATION = 100_000, 50
MOST_MS = 200
_WORDS = ("déjà vu", "rendez-vous à midi", "the invoice of March", "parking behind the clinic")


def run(servers: Servers, *, quick: bool = False) -> list[Row]:
    """Milliseconds of the whole function, the median of nine."""
    texts = TEXTS // 10 if quick else TEXTS
    return [row for database in DATABASES for row in _measure(servers, database, texts)]


def _measure(servers: Servers, database: str, texts: int) -> Iterator[Row]:
    url = servers.url(database, "texts")
    with staged(servers, url) as (_, reseller_id), bind(Scope(reseller_id)):
        client_id = session().scalars(select(Client.id).order_by(Client.id)).first()
        assert client_id is not None
        with transaction():
            _fill(reseller_id, client_id, texts)
        for what, wanted in (
            ("the list", Inbox()),
            ("a frequent word", Inbox(text="RENDEZ")),
            ("a rare word", Inbox(text="éléphant")),
            ("a word that is nowhere", Inbox(text="zzyzx")),
        ):
            took = _median(lambda wanted=wanted: messaging.conversations(client_id, wanted))
            yield Row(
                f"{texts:,} texts: {what}, {database}", MOST_MS, took, took / MOST_MS,
                "at most 1.0", "ms",
            )  # fmt: skip


def _fill(reseller_id: int, client_id: int, texts: int) -> None:
    number = Did(number="+16135550100", sms_enabled=True)
    session().add(number)
    session().flush()
    now = datetime.now(UTC)
    conversations = texts // A_CONVERSATION
    insert_all(
        Conversation,
        [
            {
                "reseller_id": reseller_id, "client_id": client_id, "did_id": number.id,
                "public_id": uuid.uuid4(), "contact": f"+1613{at:07}", "last_text": _text(at),
                "last_direction": "in", "last_at": now - timedelta(minutes=at), "unread": 0,
            }
            for at in range(conversations)
        ],
    )  # fmt: skip
    first = session().scalar(select(func.min(Conversation.id)))
    assert first is not None
    insert_all(
        Message,
        [
            {
                "reseller_id": reseller_id, "client_id": client_id, "did_id": number.id,
                "conversation_id": first + at % conversations, "public_id": uuid.uuid4(),
                "direction": "in", "kind": "sms", "contact": f"+1613{at % conversations:07}",
                "text": _text(at), "search_text": folded(_text(at)), "state": "received",
                "carrier_ref": str(at), "price": Money(0), "error_code": "", "lease_number": 0,
                "look_ups": 0, "at": now - timedelta(minutes=at),
            }
            for at in range(texts)
        ],
    )  # fmt: skip


def _text(at: int) -> str:
    rare = " and an éléphant" if at % 9_973 == 5 else ""
    return f"Bonjour, {_WORDS[at % len(_WORDS)]}, number {at}{rare}. Thank you and see you soon."


def _median(ask: Callable[[], object]) -> float:
    took = []
    for _ in range(9):
        started = time.perf_counter()
        ask()
        session().rollback()
        took.append((time.perf_counter() - started) * 1_000)
    return sorted(took)[len(took) // 2]
