"""With Redis gone, web and webhooks go on; with Redis back, everything accepted is done."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.sweeper import sweep
from portal import upstream
from portal.core.db import session, transaction
from portal.core.outbox import OutboxState, OutboxTask
from portal.core.scope import bind, unscoped
from portal.messaging.models import Message
from tests.browser import Browser
from tests.services import RedisServer
from tests.worker import work
from tests.world import World, scope_of


@pytest.fixture
def app_alone(
    make_app: Callable[..., Flask],
    world_template: tuple[Path, World],
    own_redis: RedisServer,
    tmp_path: Path,
) -> Iterator[Flask]:
    """The world on a Redis that this test may stop."""
    path = tmp_path / "world.db"
    path.write_bytes(world_template[0].read_bytes())
    app = make_app(f"sqlite:///{path}", REDIS_URL=own_redis.url)
    with app.app_context():
        yield app


@pytest.fixture
def hook(app_alone: Flask, world_template: tuple[Path, World]) -> str:
    """Where the carrier posts Northwind's texts."""
    with bind(scope_of(world_template[1].northwind)), transaction():
        upstream.connect_login("someone@example.com", "a carrier password")
    with bind(scope_of(world_template[1].northwind)):
        secret = upstream.hook_secret()
    return f"/hooks/voipms/{secret}/sms"


def outbox() -> dict[str, int]:
    session().rollback()
    session().expunge_all()
    found: dict[str, int] = {}
    with unscoped("a test counts"):
        for state in session().scalars(select(OutboxTask.state)):
            found[state] = found.get(state, 0) + 1
    return found


def send(app: Flask, hook: str, world: World, number: int) -> tuple[int, str]:
    answer = app.test_client().get(
        hook,
        query_string={
            "to": world.a.dids[0].removeprefix("+1"), "from": "6135550199",
            "message": f"text {number}", "id": f"90{number}", "date": "2026-11-20 10:00:00",
        },
    )  # fmt: skip
    return answer.status_code, answer.get_data(as_text=True)


def test_texts_and_pages_go_on_without_redis_and_are_caught_up_after(
    app_alone: Flask, own_redis: RedisServer, hook: str, world_template: tuple[Path, World]
) -> None:
    world = world_template[1]
    own_redis.stop()

    started = time.monotonic()
    answers = {send(app_alone, hook, world, number) for number in range(5)}
    staff = Browser(app_alone)
    page = staff.log_in(world.northwind.owner.email)
    health = Browser(app_alone).open("/health")
    took = time.monotonic() - started

    assert answers == {(200, "ok")}
    assert page.status == 200
    assert (health.status, b'"redis":false' in health.body.replace(b" ", b"")) == (503, True)
    assert took < 90
    assert sweep() == 0, "nobody heard it"
    assert outbox() == {OutboxState.QUEUED: 5}

    own_redis.start()
    work()

    assert OutboxState.QUEUED not in outbox()
    with bind(world.a.scope()):
        texts = session().scalars(select(Message.text).where(Message.text.like("text %"))).all()
    assert sorted(texts) == [f"text {number}" for number in range(5)]


def test_a_redis_that_hangs_holds_up_nobody(
    app_alone: Flask, own_redis: RedisServer, hook: str, world_template: tuple[Path, World]
) -> None:
    assert own_redis.process is not None
    os.kill(own_redis.process.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        answer = send(app_alone, hook, world_template[1], 1)
        took = time.monotonic() - started
    finally:
        os.kill(own_redis.process.pid, signal.SIGCONT)

    assert answer == (200, "ok")
    assert took < 60


def test_a_redis_that_forgot_everything_had_nothing_to_forget(
    app_alone: Flask, own_redis: RedisServer, hook: str, world_template: tuple[Path, World]
) -> None:
    for number in range(3):
        send(app_alone, hook, world_template[1], number)
    app_alone.extensions["redis"].flushall()

    work()

    assert OutboxState.QUEUED not in outbox()
