"""Texts for later: at a moment that exists, once, as changed last, and said when it was not possible."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from portal import mail, prepared
from portal.core import clock
from portal.core.db import session
from portal.core.errors import Refused
from portal.prepared import LaterDraft, LaterState
from tests.calls.conftest import books_are_right
from tests.messaging.conftest import CONTACT, OWN, PRICE_OUT, Desk
from tests.run_task import run_and_die
from tests.worker import bring_forward, work


def draft(text: str = "See you tomorrow") -> LaterDraft:
    return LaterDraft(OWN, CONTACT, text, clock.now() + timedelta(hours=20))


def kept(desk: Desk, text: str = "See you tomorrow") -> uuid.UUID:
    with desk.writing():
        made = prepared.begin_later(desk.client_id, draft(), person_id=None, country="CA")
        prepared.change_later(desk.client_id, made, draft(text))
    return made


def state(desk: Desk, made: uuid.UUID) -> LaterState:
    with desk.reading():
        return prepared.find_later(desk.client_id, made).state


@pytest.mark.parametrize("failpoint", ["later.claimed", "later.queued"])
def test_killed_at_its_moment_it_goes_out_once(
    desk: Desk, each_database: str, environment: dict[str, str], failpoint: str
) -> None:
    made = kept(desk)
    work()
    waiting = (state(desk, made), desk.copies(), desk.standing()[1])
    settings = environment | {"DATABASE_URL": each_database}
    bring_forward()

    killed = run_and_die(desk.newest_task(), failpoint=failpoint, environment=settings)
    work(later=True)

    assert (killed, waiting) == (-9, (LaterState.WAITING, [], PRICE_OUT - PRICE_OUT))
    assert state(desk, made) is LaterState.SENT
    assert desk.copies() == ["See you tomorrow"]
    assert books_are_right()


def test_what_was_changed_goes_out_and_what_was_called_off_does_not(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    changed, off, now = kept(desk), kept(desk, "Never"), kept(desk, "At once")
    with desk.writing():
        prepared.change_later(desk.client_id, changed, draft("See you on Friday"))
        prepared.call_off(desk.client_id, off)
        prepared.send_now(desk.client_id, now)
    work()
    early = desk.copies()
    work(later=True)

    assert early == ["At once"]
    assert sorted(desk.copies()) == ["At once", "See you on Friday"]
    with pytest.raises(Refused), desk.writing():
        prepared.change_later(desk.client_id, changed, draft("Too late"))


def test_whoever_waits_for_it_is_told_when_it_was_not_possible(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    made = kept(desk, "x" * 200)
    work(later=True)

    assert state(desk, made) is LaterState.FAILED
    assert desk.copies() == []
    with desk.reading():
        [told] = [one for one in mail.unsent_mails() if "was not sent" in one.subject]
        session().rollback()
    assert "160 bytes" in told.text
