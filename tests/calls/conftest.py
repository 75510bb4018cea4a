"""A reseller with one client, one line, one number and one package, on a fresh database."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from portal import identity, ledger, numbers, pbx, pricing
from portal.carriers import (
    CarrierCall,
    CarrierDid,
    CarrierSubAccount,
    Direction,
    Disposition,
    SmsSettings,
)
from portal.core.db import session, transaction
from portal.core.money import Money, percent_e4, rate_e8
from portal.core.scope import Scope, bind, unscoped
from portal.identity import BalanceMode, ClientDetails
from portal.ledger import check
from portal.numbers import DidFees
from portal.pricing import PackageDetails

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
START = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
DID = "6135550142"
OFFICE = PackageDetails(
    name="Office",
    markup_fixed_e8=rate_e8("0.0025"),
    markup_percent_e4=percent_e4("20"),
    pulse_seconds=6,
)
FEES = DidFees(minute_e8=rate_e8("0.0120"), sms_in=Money.of("0.005"), sms_out=Money.of("0.015"))


@dataclass
class Shop:
    """What a test needs to know."""

    reseller_id: int
    client_id: int
    other_id: int
    package: uuid.UUID
    line: uuid.UUID
    line_id: int

    @contextmanager
    def writing(self) -> Iterator[None]:
        with bind(Scope(self.reseller_id)), transaction():
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        with bind(Scope(self.reseller_id)):
            session().rollback()
            yield
            session().rollback()

    def balance(self, client_id: int | None = None) -> Money:
        with self.reading():
            return ledger.balance_of(client_id or self.client_id)


def open_shop(*, package: PackageDetails = OFFICE, currency: str = "USD") -> Shop:
    """Build it in the open application context, everything in force since LONG_AGO."""
    with unscoped("a test"), transaction():
        reseller = identity.add_reseller(name="Northwind", uid="100482", currency=currency)
    with bind(Scope(reseller.id)), transaction():
        client = _client("priya@example.test")
        other = _client("marcus@example.test")
        pbx.record_accounts([sub_account("100482_desk"), sub_account("100482_free")])
        numbers.record_inventory([did(DID), did("6135550143")])
        public_id = pricing.save_package(package, valid_from=LONG_AGO)
        line = next(row for row in pbx.all_sub_accounts() if row.account == "100482_desk")
        pbx.assign_package(line.public_id, client, public_id, valid_from=LONG_AGO)
        free = {row.number: row for row in numbers.free_dids()}
        numbers.connect_dids(
            [free[f"+1{DID}"].public_id], line.id, FEES, client_id=client, valid_from=LONG_AGO
        )
    return Shop(reseller.id, client, other, public_id, line.public_id, line.id)


def _client(email: str) -> int:
    facts = identity.add_client(ClientDetails(first_name="Priya", last_name="Raman", email=email))
    ledger.open_wallet(facts.id, mode=BalanceMode.SOFT)
    return facts.id


def sub_account(account: str) -> CarrierSubAccount:
    """A sub-account as the carrier lists it."""
    return CarrierSubAccount(
        id=str(abs(hash(account)) % 90_000), account=account, username=account.partition("_")[2],
        description="Desk", protocol="1", device_type="2", caller_id="", canada_route="1",
        international_route="1", international_locked=True, internal_extension="",
        reseller_client="", reseller_package="",
    )  # fmt: skip


def did(number: str) -> CarrierDid:
    """A number as the carrier lists it."""
    sms = SmsSettings(
        available=True, enabled=True, email_enabled=False, email_address="",
        forward_enabled=False, forward_to="", url_callback_enabled=False, url_callback="",
        url_callback_retry=False, webhook_enabled=False, webhook="",
    )  # fmt: skip
    return CarrierDid(
        did=number, description="OTTAWA, ON", routing="account:100482_desk", failover_busy="",
        failover_unreachable="", failover_noanswer="", voicemail="", pop="1",
        dialtime_seconds=60, cnam=False, e911=False, callerid_prefix="", note="",
        billing_type="1", next_billing=None, ordered_on=None, reseller_account="",
        reseller_monthly_e8=None, reseller_minute_e8=None, reseller_setup_e8=None, sms=sms,
    )  # fmt: skip


OUT = CarrierCall(
    uniqueid="1001", direction=Direction.OUT, account="100482_desk", started_at=START,
    ambiguous=False, caller_id_name="Desk", caller_number=DID, destination="15145550117",
    description="Canada", disposition=Disposition.ANSWERED, seconds=60, rate_e8=900_000,
    total_e8=900_000, onnet=False, destination_type="OUT:CAN",
)  # fmt: skip
IN = replace(
    OUT, uniqueid="2001", direction=Direction.IN, caller_id_name="Nadia", caller_number="6135550155",
    destination=DID, description="Inbound", rate_e8=500_000, total_e8=500_000,
    destination_type="IN:CAN",
)  # fmt: skip


@pytest.fixture
def shop(app_on_each: Flask) -> Shop:
    """The shop, on SQLite and on PostgreSQL."""
    return open_shop()


@pytest.fixture
def shop_on_sqlite(app: Flask) -> Shop:
    """The shop, on SQLite only: for what does not depend on the database."""
    return open_shop()


@pytest.fixture
def call() -> Callable[..., CarrierCall]:
    """``call(seconds=61)``: an outbound leg with these facts changed."""

    def make(**changes: Any) -> CarrierCall:
        return replace(OUT, **changes)

    return make


def books_are_right() -> bool:
    """The whole proof; a failing test shows the sentences."""
    assert list(check.findings()) == []
    return True
