"""The carrier tells us of a text: believed by the secret in the address, stored once, answered ``ok``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal import ledger, upstream
from portal.core.db import session, transaction
from portal.core.scope import bind, unscoped
from portal.messaging.models import InboundEvent, Message
from tests.worker import work
from tests.world import World, scope_of

FIELDS = {"from": "6135550199", "message": "Is the clinic open?", "id": "9001"}


@pytest.fixture
def hook(world_app: Flask, world: World) -> str:
    """Northwind's address for the carrier."""
    with bind(scope_of(world.northwind)), transaction():
        upstream.connect_login("someone@example.com", "a carrier password")
    with bind(scope_of(world.northwind)):
        return f"/hooks/voipms/{upstream.hook_secret()}/sms"


@pytest.fixture
def tell(world_app: Flask, world: World, hook: str) -> Callable[..., TestResponse]:
    """``tell()`` is the carrier's request with the usual fields."""

    def told(method: str = "GET", **fields: str) -> TestResponse:
        sent = FIELDS | {"to": world.a.dids[0].removeprefix("+1")} | fields
        more: dict[str, Any] = {"query_string": sent} if method == "GET" else {"data": sent}
        return world_app.test_client().open(hook, method=method, **more)

    return told


@pytest.fixture
def hook_on_each(app_on_each: Flask) -> Iterator[tuple[Flask, str]]:
    """An empty reseller on both databases, and its address for the carrier."""
    from portal import identity
    from portal.core.scope import Scope

    with unscoped("a test builds"), transaction():
        reseller = identity.add_reseller(name="Northwind", uid="100482")
    with bind(Scope(reseller.id)), transaction():
        upstream.connect_login("someone@example.com", "a carrier password")
    with bind(Scope(reseller.id)):
        yield app_on_each, f"/hooks/voipms/{upstream.hook_secret()}/sms"


def stored(model: type = InboundEvent) -> int:
    session().rollback()
    with unscoped("a test counts"):
        return session().scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_text_is_stored_answered_ok_and_then_taken_in(
    world: World, tell: Callable[..., TestResponse], method: str
) -> None:
    before = stored(Message)

    answer = tell(method)

    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"ok", "text/plain")
    assert (stored(), stored(Message)) == (1, before), "taken in after the answer"
    work()
    with bind(world.a.scope()):
        text = session().scalars(select(Message).order_by(Message.id.desc())).first()
        assert text is not None
        assert (text.contact, text.text) == ("+16135550199", "Is the clinic open?")


def test_the_envelope_in_json_is_a_text_as_well(world_app: Flask, world: World, hook: str) -> None:
    body = {
        "data": {
            "event_type": "message.received", "id": 5,
            "payload": {
                "id": 5, "type": "SMS", "text": "Bonjour",
                "from": {"phone_number": "6135550199"},
                "to": [{"phone_number": world.a.dids[0].removeprefix("+1")}],
            },
        }
    }  # fmt: skip

    answer = world_app.test_client().post(hook, json=body)
    work()

    assert answer.data == b"ok"
    with bind(world.a.scope()):
        assert session().scalars(select(Message.text).where(Message.text == "Bonjour")).one()


def test_fifty_repeats_are_one_text_charged_once(
    world: World, tell: Callable[..., TestResponse]
) -> None:
    with bind(world.a.scope()):
        before, texts = ledger.balance_of(world.a.id), stored(Message)

    answers = {tell("GET" if at % 2 else "POST").data for at in range(50)}
    work(rounds=60)

    assert answers == {b"ok"}
    assert stored(Message) == texts + 1
    with bind(world.a.scope()):
        assert (before - ledger.balance_of(world.a.id)).micros == 7_500


@pytest.mark.parametrize("secret", ["wrong", "", "%00", "a" * 5000, "../../health", "ünï"])
def test_a_wrong_secret_is_an_address_that_does_not_exist(
    world_app: Flask, hook: str, secret: str
) -> None:
    browser = world_app.test_client()

    wrong = browser.get(f"/hooks/voipms/{secret}/sms", query_string=FIELDS)
    never = browser.get("/hooks/nobody/at/all")

    assert wrong.status_code == 404
    assert stored() == 0
    assert b"ok" not in wrong.data.lower().split()
    assert wrong.data == never.data


HOSTILE: list[dict[str, Any]] = [
    {"data": b""},
    {"data": b"\x00\xff\xfe", "content_type": "application/json"},
    {"data": b'{"data"\x00', "content_type": "application/json"},
    {"data": b"{" * 20_000, "content_type": "application/json"},
    {"data": b"[" * 20_000, "content_type": "application/json"},
    {"data": b"null", "content_type": "application/json"},
    {"data": b'{"data": null}', "content_type": "application/json"},
    {"data": b'{"data": {"event_type": "message.received", "payload": []}}', "content_type": "application/json"},
    {"data": json.dumps({"data": {"event_type": "message.received", "payload": {"id": "\ud800", "from": 1e308, "to": [[]], "text": {"a": 1}}}}).encode(), "content_type": "application/json"},
    {"data": {"to": "\x00", "from": "'; drop table messages; --", "id": "x\x00y"}},
    {"data": {"to": "1" * 9000, "from": "=cmd()", "message": "\u202e" * 3000, "id": "9" * 9000}},
    {"data": {"to": "6135550142", "from": "6135550199"}},
    {"data": {"{TO}": "1", "to": "{TO}", "from": "{FROM}", "message": "{MESSAGE}", "id": "{ID}"}},
    {"data": b"a=%ff%fe&%00=1", "content_type": "application/x-www-form-urlencoded"},
    {"data": b"--x\r\nnot multipart", "content_type": "multipart/form-data; boundary=x"},
    {"data": b"to=1", "content_type": "text/plain; charset=utf-7"},
]  # fmt: skip


def test_hostile_bodies_are_refused_kept_and_harm_nothing(hook_on_each: tuple[Flask, str]) -> None:
    app, hook = hook_on_each

    for body in HOSTILE:
        answer = app.test_client().post(hook, **body)
        assert answer.status_code == 400, body
        assert b"ok" not in answer.data.lower().split()

    with unscoped("a test looks"):
        events = session().scalars(select(InboundEvent)).all()
    assert len(events) == len(HOSTILE)
    assert all(event.problem and event.handled_at for event in events)
    session().rollback()


def test_strange_texts_arrive_on_both_databases(hook_on_each: tuple[Flask, str]) -> None:
    app, hook = hook_on_each

    for at, text in enumerate(("nul \x00 inside", "lone \ud83d half", "\U0001f9b7", "x" * 9000)):
        payload = {
            "id": 60 + at, "type": "SMS", "text": text,
            "from": {"phone_number": "6135550199"}, "to": [{"phone_number": "6135550100"}],
        }  # fmt: skip
        body = json.dumps({"data": {"event_type": "message.received", "payload": payload}})
        answer = app.test_client().post(hook, data=body, content_type="application/json")
        assert answer.data == b"ok"
    work()

    with unscoped("a test looks"):
        events = session().scalars(select(InboundEvent)).all()
    assert [(event.handled_at is not None, event.problem) for event in events] == [(True, "")] * 4
    session().rollback()


def test_a_body_beyond_reason_is_refused_unread(world_app: Flask, hook: str) -> None:
    answer = world_app.test_client().post(hook, data=b"x" * 70_000, content_type="text/plain")

    assert answer.status_code == 413
    assert stored() == 0


def test_other_methods_are_not_for_the_carrier(world_app: Flask, hook: str) -> None:
    for method in ("PUT", "PATCH", "DELETE"):
        assert world_app.test_client().open(hook, method=method).status_code == 405


def test_a_session_has_no_part_in_it(
    world: World, world_app: Flask, hook: str, browse: Callable[..., Any]
) -> None:
    """Whoever is logged in, the reseller is the one whose secret it is."""
    x = browse(world.x)

    x.client.get(hook, query_string=FIELDS | {"to": world.a.dids[0].removeprefix("+1")})

    with unscoped("a test looks"):
        assert session().scalars(select(InboundEvent)).one().reseller_id == world.northwind.id


def test_an_old_secret_stops_at_once(world: World, world_app: Flask, hook: str) -> None:
    with bind(scope_of(world.northwind)), transaction():
        upstream.new_hook_secret()

    assert world_app.test_client().get(hook, query_string=FIELDS).status_code == 404
