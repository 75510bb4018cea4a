"""What must not be told is not in the log, in an error, or in the outbox."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from portal import upstream
from portal.core import log
from portal.core.db import db, session, transaction
from portal.core.scope import Scope, bind
from portal.identity.models import Client
from tests.browser import Browser
from tests.world import PASSWORD, World, scope_of

CANARY = "canary-9d2e71"


@pytest.fixture
def said(world_app: Flask) -> Iterator[list[str]]:
    """Every line of the log, at its most talkative."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    log.configure("DEBUG")
    lines: list[str] = []
    handler = root.handlers[0]
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    yield lines
    root.handlers[:], root.level = before[0], before[1]


def test_passwords_tokens_and_secrets_of_requests_are_not_logged(
    world_app: Flask, world: World, said: list[str], browser: Callable[..., Browser]
) -> None:
    with bind(scope_of(world.northwind)), transaction():
        upstream.connect_login("someone@example.com", f"{CANARY}-carrier")
    with bind(scope_of(world.northwind)):
        secret = upstream.hook_secret()
    somebody = browser(world.northwind)

    somebody.log_in(world.a.email, f"{CANARY}-wrong")
    somebody.log_in(world.a.email, PASSWORD)
    somebody.open(f"/reset/{CANARY}-token")
    world_app.test_client().get(f"/hooks/voipms/{CANARY}/sms?message={CANARY}")
    world_app.test_client().get(f"/hooks/voipms/{secret}/sms?message={CANARY}&to=1")
    token = somebody.client.get_cookie("session")

    told = "\n".join(said)
    assert CANARY not in told
    assert PASSWORD not in told
    assert str(secret) not in told
    assert token is not None
    assert token.value not in told


def test_a_crash_names_the_page_and_not_its_address(
    make_app: Callable[..., Flask], world_app: Flask, said: list[str]
) -> None:
    def crash(token: str) -> str:
        raise RuntimeError("broken")

    app = make_app(world_app.config["SQLALCHEMY_DATABASE_URI"], own=True)
    app.testing = False
    app.add_url_rule("/crash/<token>", "public.crash", crash)
    log.configure("DEBUG")
    handler = logging.getLogger().handlers[0]
    handler.emit = lambda record: said.append(handler.format(record))  # type: ignore[method-assign]

    app.test_client().get(f"/crash/{CANARY}?password={CANARY}")

    told = "\n".join(said)
    assert "/crash/<token>" in told
    assert "RuntimeError" in told
    assert CANARY not in told


def test_an_error_of_the_database_keeps_the_values_to_itself(
    world_app: Flask, world: World
) -> None:
    def take_a_number_twice() -> None:
        with transaction():
            known = session().scalars(select(Client.number)).first()
            session().add(
                Client(number=known, first_name=CANARY, last_name="B", email=f"{CANARY}@x.example")
            )

    with bind(Scope(world.northwind.id)), pytest.raises(DBAPIError) as problem:
        take_a_number_twice()

    assert CANARY not in str(problem.value)
    db.session.rollback()
