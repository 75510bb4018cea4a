"""Numbers, sub-accounts and rates read from a carrier that answers over HTTP, by the real jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import numbers, pbx, pricing, upstream
from portal.carriers import CarrierError, SubAccountCreated
from portal.core.db import finish_reading, session, transaction
from portal.core.errors import InvalidInput, Refused
from portal.core.queue import enqueue
from portal.core.scope import Scope, bind
from portal.core.secrets import CannotUnseal
from portal.pbx import NewAccount
from portal.pbx.models import SubAccount
from portal.tasks import REFRESH_NUMBERS, REFRESH_RATES
from tests.carrier import PASSWORD, USER, Carrier
from tests.pricing.market import make_client, make_reseller

NEW = NewAccount("kanata", "Sturdy1pass", "Kanata clinic", "Grandstream GRP2613")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Carrier]:
    with Carrier() as carrier:
        yield carrier


@pytest.fixture
def reseller_id(app: Flask, sandbox: Carrier) -> int:
    sandbox.reset()
    sandbox.seed(
        login="100482",
        balance="321.00",
        sub_accounts=[{"username": "desk", "description": "Front desk"}, {"username": "back"}],
        dids=[
            {"did": "2125550101", "account": "desk", "description": "NEW YORK, NY",
             "sms_enabled": True},
            {"did": "2125550102", "account": "back"},
        ],
    )  # fmt: skip
    made = make_reseller()
    with bind(Scope(made)), transaction():
        upstream.connect_login(USER, PASSWORD, base_url=sandbox.rest_url)
    return made


def _refresh(reseller_id: int, run_jobs: Callable[..., None]) -> None:
    with bind(Scope(reseller_id)), transaction():
        enqueue(REFRESH_NUMBERS)
    run_jobs()


def test_what_the_carrier_lists_is_there_after_the_job_and_again(
    reseller_id: int, run_jobs: Callable[..., None]
) -> None:
    for _ in range(2):
        _refresh(reseller_id, run_jobs)

    with bind(Scope(reseller_id)):
        dids = {row.number: row for row in numbers.all_dids()}
        accounts = [row.account for row in pbx.all_sub_accounts()]
        health = upstream.health()
    assert sorted(dids) == ["+12125550101", "+12125550102"]
    assert dids["+12125550101"].sms_enabled
    assert dids["+12125550101"].routing == ("account", "100482_desk")
    assert accounts == ["100482_back", "100482_desk"]
    assert health is not None
    assert str(health.balance) == "321.000000"


def test_a_number_that_is_gone_keeps_its_row_and_comes_back(
    reseller_id: int, sandbox: Carrier, run_jobs: Callable[..., None]
) -> None:
    _refresh(reseller_id, run_jobs)
    sandbox.call("cancelDID", did="2125550102")

    _refresh(reseller_id, run_jobs)
    with bind(Scope(reseller_id)):
        before = {row.number: row for row in numbers.all_dids()}["+12125550102"]
    sandbox.seed(dids=[{"did": "2125550102", "account": "back"}])
    _refresh(reseller_id, run_jobs)
    with bind(Scope(reseller_id)):
        after = {row.number: row for row in numbers.all_dids()}["+12125550102"]

    assert (before.is_gone, after.is_gone) == (True, False)
    assert before.id == after.id


def test_registrations_of_linked_sub_accounts_are_looked_up(
    reseller_id: int, run_jobs: Callable[..., None]
) -> None:
    _refresh(reseller_id, run_jobs)
    client_id = make_client(reseller_id)
    with bind(Scope(reseller_id)):
        with transaction():
            package = pricing.save_package(pricing.PackageDetails("Office"))
            desk = pbx.all_sub_accounts("desk")[0]
            pbx.assign_package(desk.public_id, client_id, package)
        finish_reading()
    _refresh(reseller_id, run_jobs)

    with bind(Scope(reseller_id)):
        [row] = pbx.sub_accounts_of(client_id)
        free = pbx.free_sub_accounts()
    assert (row.account, row.package) == ("100482_desk", "Office")
    assert row.registered is not None
    assert [(one.account, one.registered) for one in free] == [("100482_back", None)]


def test_an_outage_leaves_what_is_there_and_tells_staff(
    reseller_id: int, sandbox: Carrier, run_jobs: Callable[..., None]
) -> None:
    _refresh(reseller_id, run_jobs)
    sandbox.post("faults", kind="status", status="method_maintenance", calls=0)

    with bind(Scope(reseller_id)), transaction():
        enqueue(REFRESH_NUMBERS)
    run_jobs()
    sandbox.reset()

    with bind(Scope(reseller_id)):
        health = upstream.health()
        assert len(numbers.all_dids()) == 2
    assert health is not None
    assert not health.is_well
    assert health.last_error


def test_the_decks_of_both_routes_are_read_once(
    reseller_id: int, run_jobs: Callable[..., None]
) -> None:
    for _ in range(2):
        with bind(Scope(reseller_id)), transaction():
            enqueue(REFRESH_RATES)
        run_jobs()

    with bind(Scope(reseller_id)):
        value, premium = pricing.deck_for("value"), pricing.deck_for("premium")
    assert value is not None
    assert premium is not None
    assert len(value) == len(premium) > 5_000
    assert value.by_prefix["1204"].rate_e8 == 480_000
    assert premium.by_prefix["1204"].rate_e8 == 600_000


def test_a_sub_account_is_made_once_and_its_password_kept_sealed(
    reseller_id: int, sandbox: Carrier
) -> None:
    with bind(Scope(reseller_id)):
        created = pbx.create_at_carrier(NEW)
        with transaction():
            public_id = pbx.keep_account(created, NEW)

        assert created.account == "100482_kanata"
        assert pbx.password_of(public_id) == NEW.password
        assert pbx.find_sub_account(public_id).device == "Grandstream GRP2613"
        with pytest.raises(Refused):
            pbx.create_at_carrier(NEW)
    assert _made(sandbox) == 1


def test_when_the_answer_is_lost_the_list_says_that_it_was_made(
    reseller_id: int, sandbox: Carrier
) -> None:
    sandbox.post("faults", kind="reset_after", method="createSubAccount")

    with bind(Scope(reseller_id)):
        created = pbx.create_at_carrier(NEW)

    assert created.account == "100482_kanata"
    assert _made(sandbox) == 1


def test_when_it_was_not_made_nobody_tries_again(reseller_id: int, sandbox: Carrier) -> None:
    sandbox.post("faults", kind="reset", method="createSubAccount", calls=0)

    with bind(Scope(reseller_id)), pytest.raises(CarrierError):
        pbx.create_at_carrier(NEW)

    assert _made(sandbox) == 0


@pytest.mark.parametrize(
    ("username", "password", "field"),
    [
        ("x", "Sturdy1pass", "username"),
        ("kanata", "weak", "password"),
        ("a b", "Sturdy1pass", "username"),
    ],
)
def test_what_the_carrier_would_refuse_is_refused_before(
    reseller_id: int, username: str, password: str, field: str
) -> None:
    with bind(Scope(reseller_id)), pytest.raises(InvalidInput) as refused:
        pbx.create_at_carrier(NewAccount(username, password))

    assert refused.value.field == field


def _made(sandbox: Carrier) -> int:
    answer = sandbox.call("getSubAccounts")
    return sum(one["username"] == "kanata" for one in answer["accounts"])


def test_a_password_moved_to_another_sub_account_does_not_open(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        created = pbx.create_at_carrier(NEW)
        with transaction():
            own = pbx.keep_account(created, NEW)
            other = pbx.keep_account(SubAccountCreated("1", "100482_thief"), NEW)
        with transaction():
            sealed = session().scalar(
                select(SubAccount.sealed_password).where(SubAccount.public_id == own)
            )
            session().execute(
                update(SubAccount)
                .where(SubAccount.public_id == other)
                .values(sealed_password=sealed)
            )

        assert pbx.password_of(own) == NEW.password
        with pytest.raises(CannotUnseal):
            pbx.password_of(other)
