"""The guard over calls: a weekend attack replayed against the practice carrier, crashes, two resellers."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal import calls, exposure, identity, ledger, payments, upstream
from portal.core import clock
from portal.core.db import session, transaction
from portal.core.errors import InvalidInput, NotFound
from portal.core.money import Money, rate_e8
from portal.core.outbox import OutboxTask
from portal.core.queue import enqueue
from portal.core.scope import Scope, bind, unscoped
from portal.exposure import Kind, Limits, Worked
from portal.identity import ClientFacts, ClientStatus, Role
from portal.mail.models import OutgoingMail
from portal.tasks import IMPORT_CALLS, REVIEW_EXPOSURE
from tests.calls.conftest import OUT, Shop, books_are_right, open_shop
from tests.calls.test_import import connect
from tests.carrier import Carrier
from tests.run_task import run_and_die
from tests.worker import bring_forward, queued_tasks, work
from tests.world import HASH

LONDON = "442079460018"
AT_ONCE, MINUTES = 30, 10


@pytest.fixture(scope="module")
def practice() -> Iterator[Carrier]:
    with Carrier() as carrier:
        yield carrier


@pytest.fixture
def shop(app: Flask) -> Shop:
    return open_shop()


def client_of(reseller_id: int) -> ClientFacts:
    with bind(Scope(reseller_id)):
        [client_id] = identity.open_client_ids()[:1]
        found = identity.client_facts(client_id)
        session().rollback()
    return found


def alarms(reseller_id: int) -> Counter[str]:
    with bind(Scope(reseller_id)):
        found = Counter(one.kind.value for one in exposure.open_alarms())
        session().rollback()
    return found


def mails(reseller_id: int) -> Counter[str]:
    with bind(Scope(reseller_id)):
        found = Counter(session().scalars(select(OutgoingMail.name)))
        session().rollback()
    return found


def attack(practice: Carrier) -> None:
    """Thirty calls abroad that began ten minutes ago and have just ended, and one for help."""
    for _ in range(AT_ONCE):
        practice.post(
            "calls", account="100482_desk", destination=LONDON, seconds=MINUTES * 60, rate="0.40"
        )
    practice.post("calls", account="100482_desk", destination="911", seconds=600)


def poll(reseller_id: int) -> None:
    """One cycle: fetch the calls, and everything that follows from them."""
    with bind(Scope(reseller_id)), transaction():
        enqueue(IMPORT_CALLS)
    work()


def is_locked(reseller_id: int) -> bool:
    with bind(Scope(reseller_id)):
        carrier = upstream.carrier()
        [line] = carrier.sub_accounts()
        session().rollback()
    return line.international_locked


def test_a_weekend_attack_is_stopped_within_one_poll_and_costs_no_more_than_was_shown(
    app_on_each: Flask, practice: Carrier
) -> None:
    reseller_id = connect(practice, password="kestrel-4711-Lamp", lock_international="0")
    client_id = client_of(reseller_id).id
    with bind(Scope(reseller_id)), transaction():
        identity.add_staff(
            name="Nadia", email="nadia@northwind.test", role=Role.OWNER, password=HASH
        )
        payments.add_payment(client_id, Money.of("1.00"), reference="opening")
        mine = replace(exposure.default_limits(), at_once=AT_ONCE, longest_minutes=MINUTES)
        exposure.save_limits(mine, client_id=client_id)
    with bind(Scope(reseller_id)):
        shown = exposure.worst_cases([client_id])[client_id][1].total
        session().rollback()
    was_open = not is_locked(reseller_id)

    attack(practice)
    poll(reseller_id)
    stopped, locked = client_of(reseller_id), is_locked(reseller_id)
    attack(practice)  # what ran when the lock closed goes on until it is hung up
    poll(reseller_id)
    poll(reseller_id)
    with bind(Scope(reseller_id)), transaction():
        payments.add_payment(client_id, Money.of("1000"), reference="nobody asked for it")
    work()

    assert was_open
    assert (stopped.status, stopped.suspended_for) == (ClientStatus.SUSPENDED, "exposure")
    assert locked
    assert client_of(reseller_id).status is ClientStatus.SUSPENDED  # money does not lift it
    assert alarms(reseller_id) == {"day": 1, "speed": 1, "abroad": 1, "closed": 1}
    assert mails(reseller_id)["exposure_stopped"] == 1
    assert mails(reseller_id)["exposure_alarm"] == 1
    with bind(Scope(reseller_id)):
        loss = Money.of("1001") - ledger.balance_of(client_id)
        seen = exposure.alarms_of(client_id)
        led = {calls.find(one.call_ids[0])[0].destination for one in seen}
        session().rollback()
    assert Money.of("250") < loss <= shown
    assert led == {LONDON}
    assert books_are_right()

    with bind(Scope(reseller_id)), transaction():
        exposure.resume(client_id)
    work()

    assert client_of(reseller_id).status is ClientStatus.ACTIVE
    assert not is_locked(reseller_id)  # as it was before
    assert not alarms(reseller_id)


def record(shop: Shop, count: int, **changes: object) -> None:
    """Calls that have just ended."""
    rows = [
        replace(
            OUT, uniqueid=uuid.uuid4().hex[:20], started_at=clock.now() - timedelta(minutes=11),
            seconds=600, rate_e8=rate_e8("0.40"), total_e8=rate_e8("4.00"), **changes,
        )
        for _ in range(count)
    ]  # fmt: skip
    with shop.writing():
        calls.record(rows)


def newest_review() -> int:
    with unscoped("a test"):
        found = session().scalars(
            select(OutboxTask.id)
            .where(OutboxTask.task == REVIEW_EXPOSURE.name)
            .order_by(OutboxTask.id.desc())
        ).first()  # fmt: skip
        session().rollback()
    return found or 0


def test_a_review_that_is_killed_at_any_point_alarms_stops_and_mails_once(
    shop: Shop, environment: dict[str, str], database_url: str
) -> None:
    record(shop, 5)  # dear calls at home: more than 20 within the hour
    row, settings = newest_review(), environment | {"DATABASE_URL": database_url}

    died = [
        run_and_die(row, failpoint=point, environment=settings)
        for point in ("exposure.alarmed", "exposure.stopped")
        if bring_forward() is None
    ]
    bring_forward()
    work()
    record(shop, 1)
    work()

    assert died == [-9, -9]
    assert alarms(shop.reseller_id) == {"speed": 1}
    assert mails(shop.reseller_id)["exposure_stopped"] == 1
    with shop.reading():
        assert identity.client_facts(shop.client_id).suspended_for == "exposure"
        assert identity.client_facts(shop.other_id).status is ClientStatus.ACTIVE


def test_limits_are_each_resellers_and_clients_own(shop: Shop) -> None:
    with unscoped("a test"), transaction():
        globex = identity.add_reseller(name="Globex", uid="100731", country="GB")
    with shop.writing():
        exposure.save_limits(replace(Limits(), suspends=False))
        exposure.save_limits(
            replace(Limits(), speed_amount=Money.of("10")), client_id=shop.client_id
        )
    with bind(Scope(globex.id)):
        theirs = exposure.default_limits()
        session().rollback()
    with shop.reading():
        own, other = exposure.limits_of(shop.client_id), exposure.limits_of(shop.other_id)
    with shop.writing(), pytest.raises(InvalidInput):
        exposure.save_limits(replace(Limits(), places=("CA", "Narnia")))

    record(shop, 3)
    work()
    with shop.reading():
        [alarm] = exposure.open_alarms()
    with bind(Scope(globex.id)), transaction():
        seen = exposure.open_alarms()
        with pytest.raises(NotFound):
            exposure.acknowledge(alarm.public_id)
    with shop.writing():
        first, again = (exposure.acknowledge(alarm.public_id)[1] for _ in range(2))
        exposure.drop_limits(shop.client_id)
    record(shop, 5)
    work()
    with shop.reading():
        later = exposure.alarms_of(shop.client_id)

    assert theirs.places == ("GB", "CA", "US")
    assert (own.speed_amount, own.suspends) == (Money.of("10"), True)
    assert (other.speed_amount, other.suspends) == (Money.of("20"), False)
    assert seen == []
    assert (first, again) == (True, False)
    # the reseller's limits hold again, what was acknowledged is not counted, and nothing is stopped
    assert [(one.kind, one.worked, one.stopped) for one in later] == [
        (Kind.SPEED, "", False), (Kind.SPEED, Worked.ACKNOWLEDGED, True),
    ]  # fmt: skip
    assert later[0].spent == Money.of("24.15")


def test_old_calls_and_history_are_not_reviewed(shop: Shop) -> None:
    record(shop, 1, destination="911")
    old = replace(OUT, uniqueid="old", started_at=clock.now() - timedelta(days=3), seconds=6000)
    before = queued_tasks().count(REVIEW_EXPOSURE.name)
    with shop.writing():
        calls.record([old])
        calls.record([replace(old, uniqueid="new", started_at=clock.now())], posted_at=clock.now())

    assert before == 1
    assert queued_tasks().count(REVIEW_EXPOSURE.name) == before
