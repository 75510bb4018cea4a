"""Free minutes, split inside the call: group F of the rating cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.core.money import Money, rate_e8
from portal.core.period import billing_period
from portal.rating import Rater, Terms, rate_calls, rate_recording, split_at_allowance
from tests.rating.calls import inbound, outbound, rated


@pytest.mark.parametrize(
    "seconds, used", [(0, 0), (1, 1), (59, 1), (60, 1), (61, 2), (191, 4), (240, 4), (241, 5)]
)
def test_a_call_uses_total_rounded_minutes(seconds, used):
    assert split_at_allowance(seconds, 100) == (used, 0)


def test_the_allowance_ends_inside_the_call_and_the_rest_is_charged():
    call = outbound(seconds=180, cost_rate_e8=rate_e8("0.06"))

    result = rated(Terms(pulse_seconds=60), call, 1)

    assert (result.free_minutes, result.billed_seconds) == (1, 120)
    assert result.price == Money.of("0.12")


def test_300_free_seconds_of_a_call_of_420_leave_two_minutes_to_pay():
    call = outbound(seconds=420, cost_rate_e8=rate_e8("0.14"))

    assert rated(Terms(pulse_seconds=60), call, 5).price == Money.of("0.28")


@pytest.mark.parametrize(
    "seconds, left, billed", [(60, 1, 0), (61, 1, 6), (119, 2, 0), (121, 2, 6), (121, 0, 126)]
)
def test_the_neighbours_of_the_end_of_the_allowance(seconds, left, billed):
    assert rated(Terms(), outbound(seconds=seconds), left).billed_seconds == billed


def test_both_clients_of_an_internal_call_pay_for_their_own_leg_once():
    leg_a, leg_b = outbound(seconds=10), inbound(seconds=10)

    results = [rated(Terms(), leg_a, 5), rated(Terms(), leg_b, 3)]

    assert [result.free_minutes for result in results] == [1, 1]
    assert [result.price.micros for result in results] == [0, 0]


def test_two_calls_that_end_together_share_the_last_minute():
    calls = [outbound(seconds=60), outbound(seconds=60)]

    first, second = rate_calls(Rater(Terms(pulse_seconds=60)), calls, 1)

    assert (first.free_minutes, second.free_minutes) == (1, 0)
    assert (first.price, second.price) == (Money(0), Money.of("0.009"))


def test_inbound_calls_count_too():
    calls = [inbound(seconds=61), outbound(seconds=1), inbound(seconds=1)]

    used = [result.free_minutes for result in rate_calls(Rater(Terms()), calls, 3)]

    assert used == [2, 1, 0]


def test_a_first_increment_is_paid_by_the_free_minutes_that_cover_it():
    short_first = Terms(first_increment_seconds=30, pulse_seconds=6)
    long_first = Terms(first_increment_seconds=90, pulse_seconds=60)

    assert rated(short_first, outbound(seconds=61), 1).billed_seconds == 6
    assert rated(long_first, outbound(seconds=61), 1).billed_seconds == 30
    assert rated(long_first, outbound(seconds=91), 1).billed_seconds == 90


def test_the_allowance_begins_again_at_local_midnight_of_the_billing_day():
    zone = ZoneInfo("America/Toronto")
    midnight = datetime(2026, 3, 15, tzinfo=zone).astimezone(UTC)

    old = billing_period(midnight - timedelta(seconds=1), anchor=15, zone=zone)
    new = billing_period(midnight, anchor=15, zone=zone)

    assert old.end == new.start == midnight


@pytest.mark.parametrize("seconds, expected", [(0, "0"), (1, "0.01"), (60, "0.01"), (61, "0.02")])
def test_recording_is_charged_per_started_minute(seconds, expected):
    assert rate_recording(seconds, rate_e8("0.01")).price == Money.of(expected)
