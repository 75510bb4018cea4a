"""The proof of the books finds what is wrong with texts, and says it in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from portal import messaging
from portal.core import clock
from portal.core.db import session
from portal.core.money import Money
from portal.ledger import check
from portal.ledger.models import Hold
from portal.messaging.models import Conversation, Message
from tests.calls.conftest import books_are_right
from tests.messaging.conftest import Desk
from tests.worker import work


def every(model: Any, **values: Any) -> Callable[[], None]:
    return lambda: session().execute(update(model).values(**values)) and None


FAULTS: list[tuple[str, Callable[[], None]]] = [
    ("were charged", every(Message, price=Money.of("1"))),
    ("were charged", every(Message, state="failed")),
    ("; 0 holds of", every(Message, state="unknown")),
    ("; 1 holds of", every(Hold, state="held")),
    ("is still queued", every(Message, state="queued", at=clock.now() - timedelta(hours=5))),
    ("Conversation", every(Conversation, unread=7)),
    ("Conversation", every(Conversation, last_at=clock.now() + timedelta(hours=1))),
    ("Conversation", lambda: session().execute(delete(Message)) and None),
]


@pytest.mark.parametrize("number", range(len(FAULTS)))
def test_each_fault_is_found(desk_on_sqlite: Desk, number: int) -> None:
    words, harm = FAULTS[number]
    desk_on_sqlite.send()
    work()
    assert books_are_right()

    with desk_on_sqlite.writing():
        harm()

    assert any(words in sentence for sentence in check.findings())


def test_texts_in_every_state_are_right(desk: Desk) -> None:
    desk.send("sent")
    work()
    desk.fault("status", status="invalid_dst")
    desk.send("failed", reference="r2")
    work()
    desk.fault("cut")
    desk.send("unknown", reference="r3")
    work()
    desk.send("queued", reference="r4")

    assert desk.states() == ["sent", "failed", "unknown", "queued"]
    assert books_are_right()
    with desk.reading():
        assert messaging.unknown_count() == 1
