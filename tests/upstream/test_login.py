"""The carrier's login: sealed at rest, bound to its row, known by its webhook secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import upstream
from portal.carriers import CarrierError
from portal.core.db import session, transaction
from portal.core.errors import InvalidInput, NotFound
from portal.core.scope import Scope, bind, unscoped
from portal.core.secrets import CannotUnseal
from portal.upstream.models import CarrierLogin
from tests.carrier import PASSWORD, USER, Carrier
from tests.pricing.market import make_reseller

CANARY = "canary-4f1d9c-password"


def test_the_password_is_nowhere_in_the_database(app: Flask, sqlite_url: str) -> None:
    with bind(Scope(make_reseller())):
        with transaction():
            upstream.connect_login(USER, CANARY)
        secret = upstream.hook_secret()

    assert secret is not None
    stored = Path(sqlite_url.removeprefix("sqlite:///")).read_bytes()
    assert USER.encode() in stored, "the file holds what was written"
    assert CANARY.encode() not in stored
    assert secret.encode() not in stored


def test_a_sealed_password_in_another_resellers_row_opens_nothing(app: Flask) -> None:
    one, other = make_reseller("100482"), make_reseller("200900")
    for reseller_id in (one, other):
        with bind(Scope(reseller_id)), transaction():
            upstream.connect_login(USER, CANARY)
    with unscoped("a thief with the database"), transaction():
        sealed = session().scalar(
            select(CarrierLogin.sealed_password).where(CarrierLogin.reseller_id == one)
        )
        session().execute(
            update(CarrierLogin)
            .where(CarrierLogin.reseller_id == other)
            .values(sealed_password=sealed)
        )

    with bind(Scope(one)):
        assert upstream.carrier() is not None
    with bind(Scope(other)), pytest.raises(CannotUnseal):
        upstream.carrier()


def test_the_webhook_secret_says_whose_it_is(app: Flask) -> None:
    one, other = make_reseller("100482"), make_reseller("200900")
    for reseller_id in (one, other):
        with bind(Scope(reseller_id)), transaction():
            upstream.connect_login(USER, CANARY)
    with bind(Scope(other)):
        secret = upstream.hook_secret()
    assert secret is not None

    assert upstream.hook_reseller(secret) == other
    assert upstream.hook_reseller(secret + "x") is None
    assert upstream.hook_reseller("") is None
    assert upstream.connected_reseller_ids() == [one, other]


def test_a_new_secret_ends_the_old_and_a_new_password_does_not(app: Flask) -> None:
    reseller_id = make_reseller()
    with bind(Scope(reseller_id)):
        with transaction():
            upstream.connect_login(USER, CANARY)
        first = upstream.hook_secret()
        with transaction():
            upstream.connect_login(USER, "another password")
        assert upstream.hook_secret() == first
        with transaction():
            upstream.new_hook_secret()
    assert first is not None

    assert upstream.hook_reseller(first) is None


@pytest.mark.parametrize(
    ("username", "password", "url", "field"),
    [
        ("", "secret", "https://voip.ms/api/v1/rest.php", "username"),
        (USER, "", "https://voip.ms/api/v1/rest.php", "password"),
        (USER, "secret", "ftp://voip.ms/", "base_url"),
        (USER, "secret", "https://user@voip.ms/", "base_url"),
        (USER, "secret", "https://[/", "base_url"),
    ],
)
def test_half_a_login_is_refused(
    app: Flask, username: str, password: str, url: str, field: str
) -> None:
    with bind(Scope(make_reseller())):
        with pytest.raises(InvalidInput) as refused, transaction():
            upstream.connect_login(username, password, base_url=url)

        assert refused.value.field == field
        with pytest.raises(NotFound):
            upstream.carrier()


def test_health_tells_what_the_carrier_last_said(app: Flask) -> None:
    with Carrier() as sandbox, bind(Scope(make_reseller())):
        sandbox.seed(balance="123.45")
        assert upstream.health() is None
        balance = upstream.try_login(USER, PASSWORD, base_url=sandbox.rest_url)
        with transaction():
            upstream.connect_login(USER, PASSWORD, base_url=sandbox.rest_url)
            upstream.note_ok(balance)
        well = upstream.health()
        with pytest.raises(CarrierError) as refused:
            upstream.try_login(USER, "wrong", base_url=sandbox.rest_url)
        with transaction():
            upstream.note_error(refused.value)
        ill = upstream.health()

    assert well is not None
    assert ill is not None
    assert (str(well.balance), well.is_well) == ("123.450000", True)
    assert (ill.is_well, ill.last_error) == (False, refused.value.sentence)
