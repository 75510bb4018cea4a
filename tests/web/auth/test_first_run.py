"""The setup page of an empty installation: once, for whoever reads the console."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal import identity
from portal.core import setup_token
from portal.core.db import let_go, session, transaction
from portal.core.errors import DomainError
from portal.core.scope import unscoped
from portal.identity import FirstCompany, Role
from portal.identity.models import SetupToken
from tests.browser import Browser, Page
from tests.identity.people import HASH, PASSWORD, add_reseller

COMPANY = FirstCompany("Fresh Tel", "CA", "CAD", "America/Halifax", "fr", "Olive Owner", "o@fresh.example")  # fmt: skip


def open_setup() -> str:
    """What a start does: the word, of which the database has the hash."""
    token = setup_token.new()
    with unscoped("a test"), transaction():
        assert identity.open_setup(setup_token.hashed(token))
    return token


def filled(token: str, **more: str) -> dict[str, str]:
    return {
        "token": token,
        "name": COMPANY.name,
        "country": COMPANY.country,
        "currency": COMPANY.currency,
        "time_zone": COMPANY.time_zone,
        "language": COMPANY.language,
        "owner_name": COMPANY.owner_name,
        "email": COMPANY.email,
        "password": PASSWORD,
        "again": PASSWORD,
    } | more


def sent(app: Flask, **fields: str) -> Page:
    browser = Browser(app)
    browser.open("/setup")
    return browser.submit("#setup", **fields)


def test_the_first_visitor_with_the_word_becomes_the_owner_and_the_page_is_gone(app: Flask) -> None:
    token = open_setup()
    somebody = Browser(app)
    welcome = somebody.open("/")
    login = Browser(app).open("/staff/login")
    # Typed as people type: small letters, no dashes.
    page = somebody.submit("#setup", **filled(token.lower().replace("-", " ")))

    assert welcome.path == login.path == "/setup"
    assert page.path == "/staff/configuration/carrier"
    assert somebody.open("/staff/").title == "Dashboard"
    with unscoped("a test"):
        (reseller_id,) = identity.reseller_ids()
    fresh = identity.reseller_facts(reseller_id)
    assert (fresh.name, fresh.currency, fresh.time_zone, fresh.language, fresh.country) == (
        "Fresh Tel", "CAD", "America/Halifax", "fr", "CA",
    )  # fmt: skip
    again = Browser(app)
    assert again.open("/setup").status == 404
    assert again.post("/setup", filled(token)).status == 404
    assert again.open("/").path == "/staff/login"
    assert again.log_in(COMPANY.email, PASSWORD).path == "/staff/profile/second-step"
    with unscoped("a test"):
        assert identity.staff_members()[0].role is Role.OWNER


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"token": "AAAAA-BBBBB-CCCCC-DDDDD"}, "token"),
        ({"token": ""}, "token"),
        ({"name": ""}, "name"),
        ({"owner_name": " "}, "owner_name"),
        ({"email": "nobody"}, "email"),
        ({"email": "somebody@localhost"}, "email"),
        ({"password": "short", "again": "short"}, "password"),
        ({"password": "Fresh Tel", "again": "Fresh Tel"}, "password"),
        ({"again": "another one"}, "again"),
        ({"currency": "XXX"}, "currency"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"country": "Q1"}, "country"),
    ],
)
def test_what_is_wrong_is_told_beside_the_field_and_nothing_is_made(
    app: Flask, change: dict[str, str], field: str
) -> None:
    token = open_setup()
    page = sent(app, **(filled(token) | change))

    assert page.status == 422
    assert page.has(f"#{field}-error")
    assert PASSWORD not in page.body.decode()
    assert identity.setup_is_open()
    assert sent(app, **filled(token)).path == "/staff/configuration/carrier", "the word is unspent"


def test_each_start_shows_another_word_and_only_hashes_are_kept(
    app: Flask, sqlite_url: str
) -> None:
    older, newer = open_setup(), open_setup()
    refused = sent(app, **filled(older))

    assert "This is not the word that the console shows." in refused.text("#token-error")
    stored = Path(sqlite_url.removeprefix("sqlite:///")).read_bytes()
    assert newer.encode() not in stored
    with unscoped("a test"):
        assert session().scalars(select(SetupToken.token_hash)).all() == [setup_token.hashed(newer)]


def test_a_start_with_a_reseller_opens_nothing(app: Flask) -> None:
    open_setup()
    add_reseller()

    with unscoped("a test"), transaction():
        assert not identity.open_setup(setup_token.hashed(setup_token.new()))
    with unscoped("a test"):
        assert session().scalars(select(SetupToken)).all() == []
    assert Browser(app).open("/setup").status == 404


def test_whoever_guesses_is_slowed_down(app: Flask) -> None:
    open_setup()
    guesser = Browser(app)
    guesser.open("/setup")
    answers = [guesser.post("/setup", {"token": "A"}).status for _ in range(31)]

    assert answers[0] == 422
    assert answers[-1] == 429


def test_of_two_at_once_one_wins(
    make_app: Callable[..., Flask], migrated_postgres_url: str
) -> None:
    app = make_app(migrated_postgres_url)
    with app.app_context():
        token = open_setup()
    ready = threading.Barrier(2)
    outcomes: list[str] = []

    def try_it(name: str) -> None:
        with app.app_context():
            ready.wait()
            try:
                with unscoped("there is no reseller yet"), transaction():
                    identity.set_up(token, COMPANY, HASH, address=name, browser="a test")
                outcomes.append("owner")
            except DomainError as error:
                outcomes.append(error.code)
            finally:
                let_go()

    threads = [threading.Thread(target=try_it, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert sorted(outcomes) == ["not_found", "owner"]
    with app.app_context():
        assert len(identity.reseller_ids()) == 1
        let_go()
