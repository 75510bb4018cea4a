"""Killed at every step of sending, on both databases: at most one copy, the right money, an end."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest

from portal import messaging, upstream
from portal.core import clock
from portal.core.money import Money
from portal.tasks import FETCH_MEDIA, IMPORT_MESSAGES
from tests import processes
from tests.calls.conftest import books_are_right
from tests.messaging.conftest import MMS_OUT, PRICE_IN, PRICE_OUT, Desk
from tests.messaging.test_files import LONG
from tests.pictures import picture
from tests.run_task import run_and_die
from tests.worker import bring_forward, work

NOTHING = Money(0)


def send_and_die(words: list[str], environment: dict[str, str]) -> int:
    """Accept a message in a process of its own; its exit code (−9: it was killed)."""
    done = processes.run("tests.messaging.send_one", *words, env={**os.environ, **environment})
    return done.returncode


def everything_ended_well(desk: Desk, *, went_out: bool) -> bool:
    """One end, as many copies as were charged, and clean books."""
    [state] = desk.states()
    copies = len(desk.copies())
    assert (state, copies) == (("sent", 1) if went_out else ("failed", 0))
    assert desk.standing() == (-PRICE_OUT if copies else NOTHING, NOTHING)
    return books_are_right()


@pytest.mark.parametrize(
    ("failpoint", "went_out"),
    [
        ("sms.claimed", False),
        ("sms.calling", False),
        ("sms.accepted", True),
        ("sms.before_commit", True),
        ("sms.settled", True),
    ],
)
def test_a_worker_killed_while_it_sends(
    desk: Desk,
    each_database: str,
    environment: dict[str, str],
    failpoint: str,
    went_out: bool,
) -> None:
    desk.send("Once or never")
    settings = environment | {"DATABASE_URL": each_database}

    killed = run_and_die(desk.newest_task(), failpoint=failpoint, environment=settings)
    bring_forward()
    work(later=True)

    assert killed == -9
    assert everything_ended_well(desk, went_out=went_out)


SHAPES = {"mms": (MMS_OUT, 1), "parts": (Money(PRICE_OUT.micros * 3), 3)}


def accept(desk: Desk, shape: str) -> dict[str, Any]:
    """What is sent as one MMS with a picture, or as three texts."""
    if shape == "mms":
        return {"text": "Once or never", "files": (desk.upload(picture()),)}
    return {"text": LONG, "send_as": "parts"}


def all_of_it_ended_well(desk: Desk, shape: str) -> bool:
    """Each message once or never, the money for those that went, none held, clean books."""
    price, most = SHAPES[shape]
    told = desk.carrier.control("truth/messages", direction="out")["messages"]
    sent = [row for row in desk.messages() if row.state == "sent"]
    assert len(told) == len(sent) == len({row["message"] for row in told})
    assert {row.state for row in desk.messages()} <= {"sent", "failed"}
    assert len(desk.messages()) == most
    assert desk.standing() == (Money(-price.micros // most * len(sent)), NOTHING)
    return books_are_right()


@pytest.mark.parametrize(
    ("shape", "failpoint", "went_out"),
    [
        ("mms", "sms.accepted", 1),
        ("parts", "sms.before_commit", 3),
        ("parts", "sms.settled", 3),
    ],
)
def test_a_worker_killed_while_it_sends_an_mms_or_parts(
    desk: Desk,
    each_database: str,
    environment: dict[str, str],
    shape: str,
    failpoint: str,
    went_out: int,
) -> None:
    desk.send(**accept(desk, shape))
    settings = environment | {"DATABASE_URL": each_database}

    killed = run_and_die(desk.newest_task(), failpoint=failpoint, environment=settings)
    bring_forward()
    work(later=True)

    assert killed == -9
    assert [row.state for row in desk.messages()].count("sent") == went_out
    assert all_of_it_ended_well(desk, shape)


@pytest.mark.parametrize(
    ("shape", "failpoint", "stored"),
    [("parts", "sms.held:2", 0), ("mms", "outbox.committed", 1)],
)
def test_a_web_server_killed_while_it_accepts_an_mms_or_parts(
    desk: Desk,
    each_database: str,
    environment: dict[str, str],
    shape: str,
    failpoint: str,
    stored: int,
) -> None:
    wish = accept(desk, shape)
    who = [str(desk.reseller_id), str(desk.client_id), str(desk.person_id)]
    files = [str(one) for one in wish.get("files", ())]

    killed = send_and_die(
        [*who, wish["text"], "r1", wish.get("send_as", ""), *files],
        environment | {"DATABASE_URL": each_database, "PORTAL_FAILPOINT": failpoint},
    )
    between = len(desk.messages())
    desk.send(**wish)  # whoever got no answer presses again: the same reference
    work(later=True)

    assert (killed, between) == (-9, stored)
    assert all_of_it_ended_well(desk, shape)


def test_a_worker_killed_while_it_looks_up_an_mms(
    desk: Desk, each_database: str, environment: dict[str, str]
) -> None:
    desk.send(**accept(desk, "mms"))
    desk.fault("cut", method="sendMMS")
    work()
    bring_forward()
    settings = environment | {"DATABASE_URL": each_database}

    killed = run_and_die(desk.newest_task(), failpoint="sms.looked_up", environment=settings)
    work(later=True)

    assert (killed, desk.states()) == (-9, ["sent"])
    assert all_of_it_ended_well(desk, "mms")


def test_a_worker_killed_after_it_kept_a_file_fetches_it_again(
    desk_on_sqlite: Desk, sqlite_url: str, environment: dict[str, str]
) -> None:
    desk = desk_on_sqlite
    desk.arrives(media=["sample:png"])
    with desk.reading():
        carrier = upstream.carrier()
    [row] = carrier.mms(clock.now() - timedelta(hours=1), clock.now() + timedelta(minutes=1))
    with desk.writing():
        messaging.receive(row)
    settings = environment | {"DATABASE_URL": sqlite_url}

    killed = run_and_die(
        desk.newest_task(FETCH_MEDIA), failpoint="media.kept", environment=settings
    )
    between = [one.state for one in desk.files()]
    bring_forward()
    work(later=True)

    assert (killed, between) == (-9, ["waiting"])
    assert [one.state for one in desk.files()] == ["here"]


def test_a_worker_killed_while_it_looks_up(
    desk: Desk, each_database: str, environment: dict[str, str]
) -> None:
    desk.send("Once or never")
    desk.fault("cut")
    work()
    bring_forward()
    settings = environment | {"DATABASE_URL": each_database}

    killed = run_and_die(desk.newest_task(), failpoint="sms.looked_up", environment=settings)
    between = desk.states()
    work(later=True)

    assert (killed, between) == (-9, ["unknown"])
    assert everything_ended_well(desk, went_out=True)


@pytest.mark.parametrize(
    ("failpoint", "stored"),
    [("sms.held", 0), ("outbox.committed", 1), ("outbox.rung", 1)],
)
def test_a_web_server_killed_while_it_accepts(
    desk: Desk, each_database: str, environment: dict[str, str], failpoint: str, stored: int
) -> None:
    who = [str(desk.reseller_id), str(desk.client_id), str(desk.person_id)]
    words = [*who, "Once or never", "r1", ""]
    settings = environment | {"DATABASE_URL": each_database}

    killed = send_and_die(words, settings | {"PORTAL_FAILPOINT": failpoint})
    between = len(desk.messages())
    desk.send("Once or never")  # whoever got no answer presses again: the same reference
    work(later=True)

    assert (killed, between) == (-9, stored)
    assert everything_ended_well(desk, went_out=True)


def test_a_poll_killed_before_its_first_text_is_committed_takes_it_in_the_next(
    desk: Desk, each_database: str, environment: dict[str, str]
) -> None:
    for number in range(3):
        desk.arrives(f"Text {number}")
    row_id = desk.accept(IMPORT_MESSAGES)
    settings = environment | {"DATABASE_URL": each_database}

    killed = run_and_die(row_id, failpoint="sms.received:2", environment=settings)
    between = len(desk.messages("in"))
    bring_forward()
    work()

    assert (killed, between) == (-9, 1)
    assert [row.text for row in desk.messages("in")] == ["Text 0", "Text 1", "Text 2"]
    assert desk.standing() == (-PRICE_IN - PRICE_IN - PRICE_IN, NOTHING)
    assert books_are_right()
