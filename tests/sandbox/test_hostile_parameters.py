"""Whatever a parameter holds, the carrier answers with a status word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.app import create_app
from sandbox.wire.table import METHODS, PARAMETERS
from sandbox.world import Options
from tests.carrier import PASSWORD, USER
from tests.sandbox.conftest import DID, NORTHWIND

VALUES = (
    "0", "-1", "9" * 30, "1.5", "NaN", "٣", "' OR 1=1 --", "%00\x00", "{}", "é🎉", "2026-02-30",
    "true", "x" * 5000,
)  # fmt: skip
GOOD = {
    "did": DID, "dst": "2125550123", "message": "hi", "client": "561115", "package": "8378",
    "route": "1", "query": "212", "type": "1", "timezone": "0", "answered": "1",
    "date_from": "2026-01-01", "date_to": "2026-01-02", "account": "100482_desk", "id": "99785",
    "routing": "none:", "pop": "1", "dialtime": "60", "cnam": "0", "billing_type": "1",
    "state": "FL", "province": "ON", "monthly": "1", "setup": "0", "minute": "0", "enable": "1",
    "auth_type": "1", "device_type": "2", "lock_international": "0", "international_route": "1",
    "music_on_hold": "default", "allowed_codecs": "ulaw", "dtmf_mode": "auto", "nat": "yes",
    "username": "fresh", "protocol": "1", "password": "Sturdy1pass", "payment": "1", "charge": "1",
    "threshold": "20", "email": "a@example.test", "name": "Here", "test": "1",
}  # fmt: skip


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    app = create_app(
        tmp_path_factory.mktemp("hostile"), options=Options(traffic=False), clockwork=False
    )
    app.testing = True  # an exception is not turned into a page
    client = app.test_client()
    reseller: dict[str, Any] = {"api_username": USER, "api_password": PASSWORD, **NORTHWIND}
    client.post("/control/seed", json={"history_days": 0, "resellers": [reseller]})
    yield client
    app.extensions["world"].store.close()


@pytest.mark.parametrize("method", METHODS)
def test_every_parameter_of_a_method_takes_any_text(web: FlaskClient, method: str) -> None:
    good = {p.name: GOOD[p.name] for p in PARAMETERS[method] if p.name in GOOD}
    who = {"api_username": USER, "api_password": PASSWORD, "method": method}

    for parameter in PARAMETERS[method]:
        for value in VALUES:
            answer = web.get("/api/v1/rest.php", query_string=who | good | {parameter.name: value})
            assert answer.status_code == 200, (parameter.name, value)
            assert isinstance(answer.get_json()["status"], str)
