"""A client's system that never answers holds up nobody but itself, and for no longer than a try."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask, current_app
from sqlalchemy import func, select

from jobs.sweeper import sweep
from jobs.text_relays import call_client
from portal import identity, mail, messaging, numbers, pbx
from portal.core import clock
from portal.core.db import db, session
from portal.core.errors import NotFound, Refused
from portal.core.outbox import OutboxTask
from portal.core.scope import Scope, bind, unscoped
from portal.messaging import NumberSettings
from portal.messaging.models import CallbackLine, TextRelay
from portal.numbers.models import DidLink
from portal.tasks import CALL_CLIENT
from tests.carrier import Carrier
from tests.jobs.test_worker import at_work
from tests.messaging.conftest import FEES, OTHERS, OWN, SPARE, Desk, open_desk
from tests.messaging.test_consent import hears
from tests.sandbox.listener import Listener, until
from tests.worker import bring_forward, work

ROOT = Path(__file__).resolve().parents[2]
SHORT = {"PORTAL_CALLBACKS_PRIVATE": "127.0.0.1", "PORTAL_OUTSIDE_SECONDS": "1"}
WAITS = 12


class Silent:
    """A host that takes every connection and never says a word."""

    def __enter__(self) -> Silent:
        self.calls: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/hook"
        threading.Thread(target=self._take, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()
        for call in self.calls:
            call.close()

    def _take(self) -> None:
        while True:
            try:
                self.calls.append(self._server.accept()[0])
            except OSError:
                return


@pytest.fixture(params=["sqlite_url"])
def two(
    make_app: Callable[..., Flask], practice: Carrier, request: pytest.FixtureRequest
) -> Iterator[Desk]:
    """Two clients whose systems may be on this machine and have a second to answer."""
    with make_app(request.getfixturevalue(request.param), **SHORT).app_context():
        yield open_desk(practice)
        db.session.remove()


def wish(desk: Desk, client_id: int, **changes: Any) -> Any:
    with desk.writing():
        [did] = [row.public_id for row in numbers.dids_of(client_id)]
        wanted = NumberSettings("", **changes)
        messaging.save_number_settings(client_id, did, wanted)
    return did


def rows(desk: Desk, client_id: int) -> list[TextRelay]:
    with desk.reading():
        found = list(
            session().scalars(
                select(TextRelay)
                .where(TextRelay.client_id == client_id)
                .order_by(TextRelay.id)
                .execution_options(populate_existing=True)
            )
        )
        session().expunge_all()
        return found


def states(desk: Desk, client_id: int) -> Counter[str]:
    return Counter(row.state for row in rows(desk, client_id))


def both_get_texts(desk: Desk) -> None:
    """Many for the one, then one for the other, whose own text goes out last."""
    for number in range(WAITS):
        hears(desk, f"For the silent one {number}")
    hears(desk, "For the other", did=OTHERS[2:])


@contextmanager
def worker(environment: dict[str, str], *queues: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real one, on this test's database and Redis, in a group of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "jobs.worker", *queues],
        cwd=ROOT,
        # Long enough to be killed in the middle of a try.
        env=os.environ | environment | SHORT | {"PORTAL_OUTSIDE_SECONDS": "4"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """The worker and what it forked for the job, which leads a group of its own."""
    members = at_work(process.pid)
    assert len(members) > 1
    for pid in members:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
    until(lambda: not at_work(process.pid), seconds=60)


@pytest.mark.parametrize("two", ["sqlite_url", "migrated_postgres_url"], indirect=True)
def test_while_one_system_hangs_the_others_is_called_texts_go_out_and_a_killed_try_is_made_again(
    two: Desk, environment: dict[str, str]
) -> None:
    """With real workers, as the supervisor starts them."""
    desk = two
    here = environment | {"DATABASE_URL": str(current_app.config["SQLALCHEMY_DATABASE_URI"])}
    with Silent() as silent, Listener() as well:
        wish(desk, desk.client_id, callback_url=silent.url)
        wish(desk, desk.other_id, callback_url=f"{well.url}/texts?m={{MESSAGE}}")
        both_get_texts(desk)
        with worker(here, "default"), worker(here, "urgent", "outside") as out:
            until(lambda: silent.calls, seconds=120)
            desk.send("Goes out meanwhile", reference="own", client_id=desk.other_id, sender=OTHERS)
            told = well.wait(1, seconds=120)[0]
            until(lambda: "Goes out meanwhile" in desk.copies(), seconds=120)
            assert told.query == {"m": "For the other"}
            until(lambda: states(desk, desk.client_id) == {"waiting": WAITS}, seconds=120)
            assert len(silent.calls) == 1, "the other one waited for one try at most"

            bring_forward()
            sweep()
            until(lambda: len(silent.calls) == 2, seconds=120)
            kill_all(out)
        assert states(desk, desk.client_id) == {"waiting": WAITS - 1, "trying": 1}

        wish(desk, desk.client_id, callback_url=f"{well.url}/a?m={{MESSAGE}}")
        work()
        assert states(desk, desk.client_id) == {"waiting": WAITS - 1, "trying": 1}, (
            "somebody may be at it"
        )
        with time_machine.travel(clock.now() + timedelta(minutes=3), tick=True):
            work()

        assert states(desk, desk.client_id) == {"done": WAITS}
        heard = Counter(one.query["m"] for one in well.heard if one.path == "/a")
        assert heard == {f"For the silent one {number}": 1 for number in range(WAITS)}


def test_what_waits_for_a_silent_host_is_one_task_and_one_try_and_ends_when_its_time_is_over(
    two: Desk,
) -> None:
    desk = two
    with Silent() as silent, Listener(answers=["ok"]) as well:
        wish(desk, desk.client_id, callback_url=silent.url, give_up_hours=1)
        wish(desk, desk.other_id, callback_url=f"{well.url}/texts")
        both_get_texts(desk)
        work()
        assert (len(silent.calls), len(well.heard)) == (1, 1)
        with unscoped("a test"):
            calls = select(func.count()).where(OutboxTask.task == CALL_CLIENT.name)
            assert (session().scalar(calls) or 0) <= 6, "what waits has no tasks of its own"

        with time_machine.travel(clock.now() + timedelta(minutes=59), tick=True):
            hears(desk, "A late one")
            work()
        with time_machine.travel(clock.now() + timedelta(minutes=61), tick=True):
            work()
        assert len(silent.calls) == 3
        assert states(desk, desk.client_id) == {"failed": WAITS, "waiting": 1}
        assert {row.last_answer for row in rows(desk, desk.client_id)} == {
            "127.0.0.1 did not answer within 1 seconds.", "",
        }  # fmt: skip


def test_another_port_of_a_silent_host_is_another_system(two: Desk) -> None:
    desk = two
    with desk.writing():
        [line] = [row for row in pbx.all_sub_accounts() if row.account == "100482_desk"]
        [spare] = [row.public_id for row in numbers.free_dids()]
        numbers.connect_dids(
            [spare], line.id, FEES, client_id=desk.client_id, valid_from=clock.now()
        )
    with Silent() as silent, Listener() as well:
        places = {OWN: silent.url, SPARE: f"{well.url}/texts?m={{MESSAGE}}"}
        with desk.writing():
            for did in numbers.dids_of(desk.client_id):
                wanted = NumberSettings("", callback_url=places[did.number])
                messaging.save_number_settings(desk.client_id, did.public_id, wanted)
        for word in ("One", "Two"):
            hears(desk, word)
            hears(desk, word, did=SPARE[2:])
        work()
        with time_machine.travel(clock.now() + timedelta(seconds=5), tick=True):
            work()

        assert len(silent.calls) == 1
        assert [one.query["m"] for one in well.heard] == ["One", "Two"]
        assert states(desk, desk.client_id) == {"waiting": 2, "done": 2}


def taken_from(desk: Desk, _: Any) -> None:
    with desk.writing():
        for link in session().scalars(select(DidLink).where(DidLink.client_id == desk.client_id)):
            link.valid_to = clock.now()


def closed(desk: Desk, _: Any) -> None:
    with desk.writing():
        name = identity.client_facts(desk.client_id).name
        identity.close_client(desk.client_id, typed_name=name, still_connected=[])


def cleared(desk: Desk, _: Any) -> None:
    wish(desk, desk.client_id)


def changed(desk: Desk, elsewhere: str) -> None:
    wish(desk, desk.client_id, callback_url=f"{elsewhere}/new", email="new@desk.example")


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        (cleared, {"unwanted": 6}),
        (taken_from, {"unwanted": 6}),
        (closed, {"unwanted": 6}),
        (changed, {"done": 4, "unwanted": 2}),  # nobody wants it forwarded any more
    ],
)
def test_what_waits_for_a_way_that_is_gone_is_not_wanted_and_for_another_address_goes_there(
    two: Desk, change: Callable[[Desk, str], None], ends: dict[str, int]
) -> None:
    desk = two
    with Silent() as silent, Listener() as well:
        wish(
            desk, desk.client_id, callback_url=silent.url, email="old@desk.example",
            forward_to="+15145550123",
        )  # fmt: skip
        hears(desk, "One")
        hears(desk, "Two")
        assert states(desk, desk.client_id) == {"waiting": 6}

        change(desk, well.url)
        work(later=True)

        assert states(desk, desk.client_id) == ends
        assert silent.calls == []
        with desk.reading():
            assert {one.recipient for one in mail.kept_mails()} <= {"new@desk.example"}


def test_trying_again_leaves_alone_what_is_being_tried_and_doubles_nothing(
    make_app: Callable[..., Flask], migrated_postgres_url: str, practice: Carrier
) -> None:
    """Of many tries by hand that meet a call each comes before it, and is that call, or is refused."""
    with make_app(migrated_postgres_url, **SHORT).app_context(), Listener() as system:
        desk = open_desk(practice)
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        did = wish(desk, desk.client_id, callback_url=f"{system.url}/t?m={{MESSAGE}}")
        for number in range(WAITS):
            hears(desk, f"{number}")
        names = [row.public_id for row in rows(desk, desk.client_id)]
        gate, problems, refused = threading.Barrier(2), [], []

        def call() -> None:
            with desk.reading():
                run = session().scalars(select(CallbackLine.run)).one()
            with bind(Scope(desk.reseller_id)):
                call_client(desk.client_id, run)

        def again(name: Any) -> None:
            for _ in range(4):
                try:
                    with desk.writing():
                        messaging.try_again(desk.client_id, did, name)
                except (Refused, NotFound) as refusal:
                    refused.append(refusal)

        def run(by_hand: bool) -> None:
            with app.app_context():
                for name in names:
                    gate.wait(20)
                    try:
                        again(name) if by_hand else call()
                    except BaseException as problem:
                        problems.append(problem)
                    finally:
                        db.session.remove()

        threads = [threading.Thread(target=run, args=(by_hand,)) for by_hand in (True, False)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        work()

        assert problems == []
        assert refused, "some came while it was tried, or after"
        assert states(desk, desk.client_id) == {"done": WAITS}
        assert Counter(one.query["m"] for one in system.heard) == {
            str(number): 1 for number in range(WAITS)
        }

        hears(desk, "In flight")
        *_, last = rows(desk, desk.client_id)
        with desk.writing():
            run = session().scalars(select(CallbackLine.run)).one()
            work_now = messaging.next_call(desk.client_id, run)
        with pytest.raises(Refused) as told, desk.writing():
            messaging.try_again(desk.client_id, did, last.public_id)
        assert work_now is not None
        assert told.value.message == messaging.BEING_TRIED
        db.session.remove()
