"""Recorded calls against the practice carrier: once each, at the fee of their day, in every book."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select

from portal import calls, entitlements, ledger, pricing, upstream
from portal.calls import Lost
from portal.calls.models import Call, CallRecording
from portal.carriers import CarrierRecording, Direction, UnreadableRow
from portal.carriers.voipms_recordings import ROWS_A_PAGE, read_recordings
from portal.core import clock
from portal.core.db import session, transaction
from portal.core.errors import NotFound
from portal.core.money import Money, rate_e8
from portal.core.period import local_day
from portal.core.queue import enqueue
from portal.core.scope import Scope, bind
from portal.entitlements import DEFAULT_ON, Service
from portal.invoices.lines import read as read_month
from portal.ledger import AccountKind, Reason
from portal.pricing import Fees
from portal.reports import months
from portal.tasks import IMPORT_CALLS, IMPORT_RECORDINGS
from tests.calls.conftest import OUT, books_are_right
from tests.calls.test_import import connect
from tests.carrier import Carrier
from tests.rating.test_money_page import table
from tests.run_task import run_and_die
from tests.worker import bring_forward, newest_row, work

ROWS = [row for row in table("minutes") if row["what"] == "recording"]


@pytest.fixture(scope="module")
def practice() -> Iterator[Carrier]:
    """A practice carrier for this module; each test empties it."""
    with Carrier() as carrier:
        yield carrier


@pytest.fixture
def reseller_id(app_on_each: Flask, practice: Carrier) -> int:
    """Recording cost 0.05 a minute until yesterday, and costs 0.01 since."""
    found = connect(practice)
    now = clock.now()
    with bind(Scope(found)), transaction():
        entitlements.save_default_configuration("standard", [*DEFAULT_ON, Service.CALL_RECORDINGS])
        for fee, ago in (("0.05", 20), ("0.01", 1)):
            pricing.save_default_fees(
                Fees(recording_minute_e8=rate_e8(fee)), valid_from=now - timedelta(days=ago)
            )
    return found


def recorded(practice: Carrier, seconds: int, *, ago: timedelta, **wish: Any) -> int:
    """A recorded call of so long; its number at the carrier."""
    where = wish or {"account": "100482_desk", "destination": "14165550117"}
    at = (clock.now() - ago).isoformat()
    [leg] = practice.post("calls", **where, seconds=max(seconds, 6), started_at=at)["calls"]
    practice.post(f"calls/{leg['id']}/record", seconds=seconds)
    return int(leg["id"])


def accept(reseller_id: int, *, first_calls: bool = True) -> int:
    with bind(Scope(reseller_id)), transaction():
        if first_calls:
            enqueue(IMPORT_CALLS)
        else:
            enqueue(IMPORT_RECORDINGS)
    return newest_row()


def bring_in(reseller_id: int) -> None:
    for first_calls in (True, False):
        accept(reseller_id, first_calls=first_calls)
        work()


def charged(reseller_id: int) -> list[tuple[int, Money | None]]:
    """Length and price of every recording, the shortest first."""
    with bind(Scope(reseller_id)):
        session().rollback()
        rows = session().execute(
            select(CallRecording.seconds, CallRecording.price).order_by(CallRecording.seconds)
        )
        found = [(seconds, price) for seconds, price in rows]
        session().rollback()
        return found


def in_every_book(reseller_id: int) -> set[Money]:
    """What recordings came to: in the history, the usage, the invoice's lines and the months."""
    with bind(Scope(reseller_id)):
        session().rollback()
        client_id = session().scalars(select(Call.client_id).distinct()).one()
        assert client_id is not None
        zone = ZoneInfo("America/Toronto")
        today = local_day(clock.now(), zone)
        first = today - timedelta(days=40)
        history = ledger.history(client_id).page.rows
        whole = months.added(sums for _, sums in months.by_month(first, today))
        with force_locale("en"):
            paper = read_month(client_id, first, today, zone=zone, language="en").lines
        usage = ledger.usage_sums(client_id, first, today)
        found = {
            -sum((one.amount for one in history if one.reason is Reason.RECORDING), Money(0)),
            sum((one.amount for one in usage if one.reason is Reason.RECORDING), Money(0)),
            sum((one.amount for one in paper if one.kind == "recording"), Money(0)),
            whole.charged.get(AccountKind.RECORDINGS, Money(0)),
        }
        session().rollback()
    return found


def test_each_recording_is_charged_once_per_started_minute_at_the_fee_of_its_call(
    reseller_id: int, practice: Carrier
) -> None:
    for number, row in enumerate(ROWS):
        recorded(practice, int(row["seconds"]), ago=timedelta(hours=1 + number))
    recorded(practice, 130, ago=timedelta(hours=30), did="6135550101", caller="<6135550155>")
    recorded(practice, 0, ago=timedelta(hours=9))
    late = recorded(practice, 200, ago=timedelta(minutes=90))
    practice.post(f"calls/{late}/late", seconds=3600)

    for _ in range(2):
        bring_in(reseller_id)

    due = [(int(row["seconds"]), Money.of(row["price"])) for row in ROWS]
    before_the_change = (130, Money.of("0.15"))
    assert charged(reseller_id) == [(0, Money(0)), *due, before_the_change, (200, None)]
    assert in_every_book(reseller_id) == {sum((price for _, price in due), Money.of("0.15"))}

    practice.post("calls/settle")
    bring_in(reseller_id)

    assert charged(reseller_id)[-1] == (200, Money.of("0.04"))
    assert in_every_book(reseller_id) == {sum((price for _, price in due), Money.of("0.19"))}
    assert books_are_right()


def test_a_run_that_is_killed_charges_nothing_twice_and_leaves_nothing_out(
    reseller_id: int,
    practice: Carrier,
    each_database: str,
    environment: dict[str, str],
) -> None:
    recorded(practice, 61, ago=timedelta(hours=2))
    accept(reseller_id)
    work()
    settings = environment | {"DATABASE_URL": each_database}

    killed = run_and_die(
        accept(reseller_id, first_calls=False), failpoint="recordings.matched", environment=settings
    )
    bring_forward()
    work(later=True)

    assert killed == -9
    assert charged(reseller_id) == [(61, Money.of("0.02"))]
    assert in_every_book(reseller_id) == {Money.of("0.02")}
    assert books_are_right()


def test_the_switch_of_the_package_that_held_then_decides_whether_a_recording_costs(
    reseller_id: int, practice: Carrier
) -> None:
    now = clock.now()
    with bind(Scope(reseller_id)), transaction():
        [package] = pricing.list_packages()
        for ago, services in ((6, ("cdr",)), (3, ("call_recordings", "cdr"))):
            pricing.save_package(
                replace(package.details, own_services=True, services=services),
                package=package.public_id, valid_from=now - timedelta(hours=ago),
            )  # fmt: skip
    for number, ago in enumerate((2, 4, 8)):
        recorded(practice, 61 + number, ago=timedelta(hours=ago))

    bring_in(reseller_id)

    # In the package; not in it; and before that the reseller's default, which has it.
    paid = Money.of("0.02")
    assert charged(reseller_id) == [(61, paid), (62, Money(0)), (63, paid)]
    assert in_every_book(reseller_id) == {Money.of("0.04")}
    with bind(Scope(reseller_id)):
        of_calls = [calls.recordings_of(one) for one in session().scalars(select(Call.public_id))]
        session().rollback()
    assert sorted((one.seconds, one.allowed) for [one] in of_calls) == [
        (61, True), (62, False), (63, True),
    ]  # fmt: skip
    assert books_are_right()


def test_a_recording_without_a_call_says_why_and_is_let_rest(
    reseller_id: int, practice: Carrier
) -> None:
    now = clock.now()

    def heard(
        name: str, days: int, number: str = "14165550117", account: str = "100482_desk"
    ) -> CarrierRecording:
        at = now - timedelta(days=days)
        return CarrierRecording(name, account, Direction.OUT, at, False, number, 61)

    with bind(Scope(reseller_id)), transaction():
        new = [heard("a", 1), heard("b", 3), heard("c", 95), heard("d", 5, "16135550166")]
        calls.keep_recordings(new)
        nobodys = replace(OUT, account="100482_gone", started_at=now - timedelta(days=4))
        calls.record([nobodys])
        calls.keep_recordings([heard("e", 4, OUT.destination, "100482_gone")])
        calls.charge_recordings(now)
    with bind(Scope(reseller_id)), transaction():
        lost = calls.lost_recordings(now)
        first = calls.let_recording_rest(lost[0].public_id)
        again = calls.let_recording_rest(lost[0].public_id)
        left = calls.lost_count(now)

    assert [one.why for one in lost] == [Lost.NO_CALL, Lost.NOBODYS, Lost.NO_CALL, Lost.GIVEN_UP]
    assert (first, again, left) == (True, False, 3)
    with bind(Scope(reseller_id + 1)), transaction(), pytest.raises(NotFound):
        calls.let_recording_rest(lost[1].public_id)
    assert books_are_right()


def test_nobody_asks_for_recordings_while_they_are_free(app: Flask, practice: Carrier) -> None:
    reseller_id = connect(practice)
    recorded(practice, 30, ago=timedelta(hours=2))
    asked_before = practice.control("stats")["requests"].get("getCallRecordings", 0)

    bring_in(reseller_id)

    assert charged(reseller_id) == []
    assert practice.control("stats")["requests"].get("getCallRecordings", 0) == asked_before


def test_a_long_list_is_read_to_its_last_page(app: Flask, practice: Carrier) -> None:
    reseller_id = connect(practice, record_calls="1")
    now = clock.now()
    wish = {"account": "100482_desk", "destination": "14165550117", "seconds": 9}
    wishes = [
        wish | {"started_at": (now - timedelta(seconds=30 * number)).isoformat()}
        for number in range(1, ROWS_A_PAGE + 8)
    ]
    practice.post("calls/bulk", calls=wishes)
    asked_before = practice.control("stats")["requests"].get("getCallRecordings", 0)

    with bind(Scope(reseller_id)):
        carrier = upstream.carrier()
        session().rollback()
    listed = carrier.call_recordings("100482_desk", now - timedelta(days=2), now)

    assert len({one.id for one in listed}) == len(listed) == len(wishes)
    assert practice.control("stats")["requests"]["getCallRecordings"] == asked_before + 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"callrecording": ""}, "no id"),
        ({"callrecording": "x" * 256}, "no id"),
        ({"datetime": "yesterday"}, "not a date"),
        ({"type": "Sideways"}, "neither"),
        ({"duration": "-1:20"}, "no length"),
        ({"duration": None}, "no length"),
    ],
)
def test_a_row_nobody_can_read_costs_no_other(change: dict[str, Any], reason: str) -> None:
    good: dict[str, Any] = {
        "callrecording": "MTA5Nzk5", "datetime": "2026-01-06 16:21:46", "destination": 6135550155,
        "type": "Incoming", "subaccount": 109799, "duration": "01:00:26",
    }  # fmt: skip
    odd: list[UnreadableRow] = []

    found = read_recordings("100482_desk", [good | change, good], unreadable=odd.append)

    assert [(one.seconds, one.account, one.number) for one in found] == [
        (3626, "100482_desk", "6135550155")
    ]
    assert found[0].at == datetime.fromisoformat("2026-01-06T21:21:46+00:00")
    assert [reason in row.reason for row in odd] == [True]
