"""Free minutes: counted from the billing day, and no minute given twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from flask import Flask

from portal import pricing
from portal.core.db import db, finish_reading, transaction
from portal.core.scope import Scope, bind
from portal.pricing import Link, period_of
from tests.pricing.market import SEPTEMBER, make_client, make_reseller, make_sub_account

AT = datetime(2026, 11, 12, 12, tzinfo=UTC)


def _linked(reseller_id: int) -> Link:
    client_id = make_client(reseller_id)
    account_id = make_sub_account(reseller_id)
    with bind(Scope(reseller_id)):
        with transaction():
            pricing.link_sub_account(
                account_id, client_id, None, valid_from=SEPTEMBER,
                next_billing_day=date(2026, 9, 10),
            )  # fmt: skip
        link = pricing.link_at(account_id, SEPTEMBER)
        finish_reading()  # an open read would hold up the writers
    assert link is not None
    return link


def minutes_used(link: Link) -> int:
    """What the period of AT has lost so far."""
    return 1_000 - pricing.Meter().left(period_of(link, AT), granted=1_000)


def test_calls_that_end_together_share_what_is_left_and_no_more(app_on_each: Flask) -> None:
    reseller_id = make_reseller()
    link = _linked(reseller_id)
    gate = Barrier(6)

    def take(_: int) -> int:
        with app_on_each.app_context(), bind(Scope(reseller_id)):
            gate.wait()
            try:
                with transaction():
                    meter = pricing.Meter()
                    taken = min(3, meter.left(period_of(link, AT), granted=10))
                    meter.use(period_of(link, AT), taken)
                    meter.save()
                    return taken
            finally:
                db.session.remove()

    with ThreadPoolExecutor(6) as pool:
        taken = sorted(pool.map(take, range(6)))

    assert taken == [0, 0, 1, 3, 3, 3]
    with bind(Scope(reseller_id)), transaction():
        assert minutes_used(link) == 10


def test_two_runs_of_calls_never_share_a_minute(app_on_each: Flask) -> None:
    reseller_id = make_reseller()
    link = _linked(reseller_id)
    gate = Barrier(4)

    def run(_: int) -> int:
        with app_on_each.app_context(), bind(Scope(reseller_id)):
            gate.wait()
            try:
                with transaction():
                    meter, taken = pricing.Meter(), 0
                    meter.prepare([period_of(link, AT)])
                    for _ in range(4):
                        one = min(1, meter.left(period_of(link, AT), granted=6))
                        meter.use(period_of(link, AT), one)
                        taken += one
                    meter.save()
                    return taken
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(run, range(4)))

    assert sum(taken) == 6
    with bind(Scope(reseller_id)), transaction():
        assert minutes_used(link) == 6


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("America/Toronto", datetime(2026, 11, 10, 5, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2026, 11, 9, 15, tzinfo=UTC)),
    ],
)
def test_the_period_turns_at_midnight_of_the_billing_day_where_the_reseller_is(
    app: Flask, zone: str, midnight: datetime
) -> None:
    link = _linked(make_reseller(time_zone=zone))

    assert pricing.period_start(link, midnight - timedelta(seconds=1)) == date(2026, 10, 10)
    assert pricing.period_start(link, midnight) == date(2026, 11, 10)


def test_minutes_of_one_period_are_not_those_of_the_next(app: Flask) -> None:
    reseller_id = make_reseller()
    link = _linked(reseller_id)
    november = datetime(2026, 11, 12, tzinfo=UTC)
    with bind(Scope(reseller_id)), transaction():
        meter = pricing.Meter()
        meter.use(period_of(link, november), 7)
        meter.save()

    with bind(Scope(reseller_id)), transaction():
        meter = pricing.Meter()
        left = meter.left(period_of(link, november), granted=10)
        next_left = meter.left(period_of(link, november + timedelta(days=31)), granted=10)

    assert (left, next_left) == (3, 10)


def test_a_client_is_told_what_is_left_and_when_it_begins_anew(app: Flask) -> None:
    reseller_id = make_reseller()
    client_id = make_client(reseller_id)
    account_id = make_sub_account(reseller_id)
    at = datetime(2026, 11, 12, 12, tzinfo=UTC)
    with bind(Scope(reseller_id)), time_machine.travel(at, tick=False):
        with transaction():
            package = pricing.save_package(
                pricing.PackageDetails("Free hundred", free_minutes=100), valid_from=SEPTEMBER
            )
            pricing.link_sub_account(
                account_id, client_id, pricing.package_id(package), valid_from=SEPTEMBER,
                next_billing_day=date(2026, 9, 10),
            )  # fmt: skip
            link = pricing.link_at(account_id)
            assert link is not None
            meter = pricing.Meter()
            meter.use(period_of(link, at), 30)
            meter.save()
        [row] = pricing.free_minutes_of(client_id)

    assert (row.granted, row.used, row.left) == (100, 30, 70)
    assert row.renews_on == date(2026, 12, 10)
