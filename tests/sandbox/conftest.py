"""One sandbox carrier for all tests of this folder, emptied and planted before each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.carrier import Carrier

DID, OTHER_DID, CONTACT = "2125550101", "4165550102", "4165550142"


@pytest.fixture(scope="session")
def running_carrier() -> Iterator[Carrier]:
    with Carrier() as carrier:
        yield carrier


@pytest.fixture
def carrier(running_carrier: Carrier) -> Carrier:
    """Northwind with two lines, two numbers, a client and a package; nothing has happened yet."""
    running_carrier.reset()
    running_carrier.control("settings", DEFAULTS)
    running_carrier.seed(**NORTHWIND)
    return running_carrier


DEFAULTS: dict[str, Any] = {
    "speed": 1, "paused": True, "quirks": 1, "retry_seconds": 1, "delivery_seconds": 1,
    "limit_per_minute": 0, "messages_per_day": 0, "sms_wait_seconds": 0,
    "media_delay_seconds": 0, "media_life_seconds": 0,
}  # fmt: skip
NORTHWIND: dict[str, Any] = {
    "login": "100482",
    "allow_ips": ["127.0.0.1"],
    "packages": [{"package": 8378, "name": "Office", "markup_fixed": "0.0025", "pulse": "60"}],
    "clients": [
        {
            "client": 561115, "email": "jane@example.test", "password": "johnspassword",
            "firstname": "Jane", "lastname": "Doe", "phone_number": "2125550199",
        }
    ],
    "sub_accounts": [
        {
            "username": "desk", "description": "Front Desk", "password": "Sturdy1pass",
            "callerid_number": DID, "extension": "101", "reseller_client": "561115",
            "reseller_package": "8378", "profile": {"calls_per_day": 60},
        },
        {"username": "sales", "extension": "102", "profile": {"calls_per_day": 60}},
    ],
    "dids": [
        {"did": DID, "account": "desk", "sms_enabled": True, "description": "NEW YORK, NY"},
        {"did": OTHER_DID, "account": "sales", "description": "TORONTO, ON"},
    ],
    "contacts": [{"number": "4165550142", "replies": ["Got it"], "delay_seconds": 0.1}],
}  # fmt: skip


@pytest.fixture
def cdr(carrier: Carrier) -> Any:
    """Ask for the calls of some days; all dispositions and timezone 0 unless told otherwise."""

    def ask(first: str, last: str | None = None, **more: Any) -> dict[str, Any]:
        wanted = {"timezone": "0", "answered": "1", "noanswer": "1", "busy": "1", "failed": "1"}
        return carrier.call("getCDR", date_from=first, date_to=last or first, **(wanted | more))

    return ask
