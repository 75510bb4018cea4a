"""Live pages: each hears what is theirs, a full house polls, and nobody holds the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.core import live
from portal.core.db import db, transaction
from portal.core.scope import bind
from tests.browser import Browser
from tests.world import World


@pytest.fixture
def tune_in(browse: Callable[..., Browser], world: World) -> Iterator[Callable[..., TestResponse]]:
    """``tune_in(world.a)`` opens that person's stream and hears that it began."""
    opened: list[TestResponse] = []

    def listen(person: object, path: str = "") -> TestResponse:
        browser = browse(person)
        path = path or ("/live" if browser.base else "/staff/live")
        stream = browser.client.get(browser.base + path, buffered=False)
        opened.append(stream)
        return stream

    yield listen
    for stream in opened:
        stream.close()


def lines(stream: TestResponse) -> Iterator[bytes]:
    return iter(stream.response)  # type: ignore[arg-type]


def tell(world: World, name: str, client: object) -> None:
    with bind(client.scope()), transaction():  # type: ignore[attr-defined]
        live.tell(name, client_id=client.id)  # type: ignore[attr-defined]


def test_each_hears_what_is_theirs(
    world_app: Flask, world: World, tune_in: Callable[..., TestResponse]
) -> None:
    a, b, x, staff = (
        lines(tune_in(who)) for who in (world.a, world.b, world.x, world.northwind.owner)
    )
    for stream in (a, b, x, staff):
        assert next(stream).startswith(b"retry:")
    time.sleep(0.5)  # the one subscription of this process begins

    for name, client in (("of-x", world.x), ("of-b", world.b), ("of-a", world.a)):
        tell(world, name, client)

    assert next(a) == b"event: of-a\ndata: of-a\n\n"
    assert next(b) == b"event: of-b\ndata: of-b\n\n"
    assert next(x) == b"event: of-x\ndata: of-x\n\n"
    assert [next(staff), next(staff)] == [
        b"event: of-b\ndata: of-b\n\n",
        b"event: of-a\ndata: of-a\n\n",
    ]


def test_what_happens_between_the_page_and_its_stream_is_heard_first_and_once(
    world_app: Flask,
    world: World,
    browse: Callable[..., Browser],
    tune_in: Callable[..., TestResponse],
) -> None:
    shell = browse(world.a).open("/dashboard").find("[sse-connect]")
    address = str(shell["sse-connect"]).removeprefix("/r/100482")
    tell(world, "before", world.a)
    tell(world, "before", world.a)
    tell(world, "of-b", world.b)
    time.sleep(1.5)  # longer than clocks may differ

    late, heard = lines(tune_in(world.a)), lines(tune_in(world.a, address))
    for stream in (late, heard):
        assert next(stream).startswith(b"retry:")
    time.sleep(0.5)  # the one reader of this process begins
    assert next(heard) == b"event: before\ndata: before\n\n"
    tell(world, "after", world.a)

    assert next(heard) == b"event: after\ndata: after\n\n"
    assert next(late) == b"event: after\ndata: after\n\n"


def test_a_full_house_answers_no_content_and_a_place_that_is_left_is_free(
    world_app: Flask, world: World, tune_in: Callable[..., TestResponse]
) -> None:
    most = world_app.extensions["settings"].live_streams
    streams = [tune_in(world.a) for _ in range(most)]

    assert {stream.status_code for stream in streams} == {200}
    assert tune_in(world.a).status_code == 204
    streams[0].close()
    assert tune_in(world.a).status_code == 200


def test_an_open_stream_holds_no_database_connection(
    world_app: Flask, world: World, tune_in: Callable[..., TestResponse]
) -> None:
    stream = tune_in(world.a)

    assert next(lines(stream)).startswith(b"retry:")
    assert stream.mimetype == "text/event-stream"
    assert stream.headers["X-Accel-Buffering"] == "no"
    db.session.rollback()
    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_stream_ends_after_a_while_so_that_the_session_is_asked_again(
    world_app: Flask,
    world: World,
    tune_in: Callable[..., TestResponse],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("portal.web.live.LONGEST_SECONDS", 0)
    stream = tune_in(world.a)

    assert list(lines(stream)) == [b"retry: 5000\n\n"]


def test_nobody_is_let_in_without_a_session(world_app: Flask, world: World) -> None:
    for path in ("/r/100482/live", "/staff/live"):
        with closing(world_app.test_client().get(path)) as answer:
            assert answer.status_code == 303
