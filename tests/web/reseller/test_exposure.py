"""What calls may cost, as staff and the client see it: the list, limits, alarms, the stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from portal import exposure, identity
from portal.core.money import Money
from portal.identity import ClientStatus
from tests.browser import Browser, Page
from tests.worker import work
from tests.world import World, a_call, record_calls

LIMITS: dict[str, Any] = {
    "daily_cap": "50", "speed_amount": "20", "speed_minutes": "60", "abroad_minutes": "120",
    "ceiling_e8": "0.5", "places": ["CA", "US"], "at_once": "10", "longest_minutes": "60",
}  # fmt: skip


def call_abroad(world: World, *, minutes: int = 60) -> None:
    """Client a calls London, which costs a dollar a minute there."""
    began = datetime.now(UTC) - timedelta(minutes=minutes)
    record_calls(
        world.northwind,
        [a_call("100482_reception", "+442079460018", began, seconds=minutes * 60, rate="1.00")],
    )
    work()


def call_at_home(world: World, *, minutes: int) -> None:
    """Client a calls Toronto at a dollar a minute, just now."""
    began = datetime.now(UTC) - timedelta(seconds=1)
    record_calls(
        world.northwind,
        [a_call("100482_reception", "+14165550188", began, seconds=minutes * 60, rate="1.00")],
    )
    work()


def test_unusual_calls_stop_a_client_and_staff_let_it_go_on(
    browse: Callable[..., Browser], world: World
) -> None:
    ada, priya = browse(world.northwind.owner), browse(world.a)
    here = f"/staff/clients/{world.a.public_id}/exposure"
    assert "No alarms" in ada.open(here).words
    ada.open(f"/staff/clients/{world.b.public_id}/exposure")
    ada.submit("#limits", **LIMITS | {"daily_cap": "0"})

    call_abroad(world)
    listed, attention = ada.open("/staff/exposure").words, ada.open("/staff/attention").words
    page, theirs = ada.open(here).words, priya.open("/balance").words

    assert "Harbourlight Dental" in listed
    assert "Stopped for calls" in listed
    assert "No cap" not in listed  # a cap of nothing is one
    assert "Harbourlight Dental was stopped for unusual calls" in attention
    assert "Calls to United Kingdom, which is not on the list" in page
    assert "+44 20 7946 0018" in page
    assert "Your service was stopped for unusual calls." in theirs
    assert "Calls out in a day, at most" in theirs
    for state, found in (("stopped", True), ("alarm", True), ("over", True), ("", True)):
        said = ada.open(f"/staff/exposure?state={state}").words
        assert ("Harbourlight Dental" in said) == found
        assert ("Kestrel Landscaping" in said) == (not state)
    assert "No clients match" in ada.open("/staff/exposure?q=nobody+at+all").words
    rows = ada.open("/staff/exposure.csv?state=stopped").body.decode().splitlines()
    number, name, spent, cap, _, worst, alarms, state = rows[1].split(",")
    assert (len(rows), number, name) == (2, world.a.number, "Harbourlight Dental")
    assert Decimal(worst) > Decimal(spent) > Decimal(cap) == 50
    assert (alarms, state) == ("4", "Stopped for calls")

    with world.reading(world.northwind):
        [first, *_] = exposure.alarms_of(world.a.id)
    ada.post(f"/staff/exposure/alarms/{first.public_id}/acknowledge", {})
    with world.reading(world.northwind):
        still = identity.client_facts(world.a.id).status
    ada.post(f"{here}/resume", {})
    with world.reading(world.northwind):
        after = identity.client_facts(world.a.id).status
        left = exposure.open_alarms()
    log = ada.open(f"/staff/clients/{world.a.public_id}/log").words

    assert still is ClientStatus.SUSPENDED
    assert after is ClientStatus.ACTIVE
    assert left == []
    assert "Suspended (unusual calls)" in log
    assert "Alarm about calls acknowledged" in log
    assert "Your service was stopped" not in priya.open("/balance").words


WRONG = (
    ("daily_cap", "-1", "Enter an amount from"),
    ("speed_amount", "1.1234567", "at most 6 decimals"),
    ("speed_minutes", "0", "from 1 to 1,440"),
    ("abroad_minutes", "much", "Enter a whole number"),
    ("ceiling_e8", "1e9", "Enter an amount like"),
    ("places", ["CA", "QQ"], "not a valid choice"),
    ("at_once", "1001", "from 1 to 1,000"),
    ("longest_minutes", "", "from 1 to 1,440"),
)


def test_a_wrong_limit_is_refused_beside_its_field(
    browse: Callable[..., Browser], world: World
) -> None:
    ada = browse(world.northwind.owner)
    for page, form in (
        (f"/staff/clients/{world.b.public_id}/exposure", "#limits"),
        ("/staff/configuration/exposure", "#exposure-rules"),
    ):
        for wrong in (WRONG[:4], WRONG[4:]):
            ada.open(page)
            answer = ada.submit(form, **LIMITS | {field: typed for field, typed, _ in wrong})

            assert answer.status == 422
            for field, typed, says in wrong:
                assert says in answer.words, (field, typed)
                if field != "places":
                    assert answer.find(f"[name={field}]")["value"] == typed


def test_limits_of_one_client_are_set_and_dropped_and_read_only_staff_change_nothing(
    browse: Callable[..., Browser], world: World
) -> None:
    ada, reader = browse(world.northwind.owner), browse(world.northwind.reader)
    here = f"/staff/clients/{world.b.public_id}/exposure"

    ada.open(here)
    ada.submit("#limits", **LIMITS | {"daily_cap": "12.5", "abroad_minutes": ""})
    with world.reading(world.northwind):
        own = exposure.own_limits(world.b.id)
    page = reader.open(here)
    ada.post(f"{here}/drop", {})
    ada.open("/staff/configuration/exposure")
    ada.submit("#exposure-rules", **LIMITS | {"daily_cap": "75"})
    with world.reading(world.northwind):
        now = exposure.limits_of(world.b.id)
    with world.reading(world.globex):
        theirs = exposure.default_limits()

    assert own is not None
    assert (own.daily_cap, own.abroad_minutes, own.suspends) == (Money.of("12.5"), None, True)
    assert "12.50" in page.words
    assert "Save limits" not in page.words
    assert now.daily_cap == Money.of("75")
    assert theirs.daily_cap == Money.of("50")


def test_limits_are_tried_first_judge_no_earlier_day_and_ask_before_they_stop_somebody(
    browse: Callable[..., Browser], world: World
) -> None:
    ada = browse(world.northwind.owner)
    with world.within(world.northwind):
        exposure.save_limits(replace(exposure.default_limits(), suspends=False))
    yesterday = datetime.now(UTC) - timedelta(hours=26)
    record_calls(
        world.northwind,
        [a_call("100482_reception", "+14165550188", yesterday, seconds=1800, rate="1.00")],
    )
    call_at_home(world, minutes=8)
    rules = LIMITS | {"suspends": "y", "speed_amount": "", "ceiling_e8": "", "places": ["CA", "US"]}

    def send(**more: str) -> Page:
        ada.open("/staff/configuration/exposure")
        return ada.submit("#exposure-rules", **rules | more)

    def cap() -> Money | None:
        with world.reading(world.northwind):
            return exposure.default_limits().daily_cap

    tried = send(daily_cap="20", do="try")
    asked = send(daily_cap="5")
    before = cap()
    saved = send(daily_cap="20")
    work()

    assert "These limits stop nobody now" in tried.text("#tried")  # yesterday's 30 are not counted
    assert (asked.status, "Nothing is saved yet" in asked.text("#tried")) == (422, True)
    assert "stop 1 client with its next call" in asked.text("#tried")
    assert "Harbourlight Dental" in asked.text("#tried")
    assert (before, saved.status, cap()) == (Money.of("50"), 200, Money.of("20"))
    with world.within(world.northwind):
        assert exposure.review(world.a.id) == []

    send(daily_cap="5", do="anyway")
    with world.within(world.northwind):
        assert exposure.review(world.a.id) == [exposure.Kind.DAY]
    ada.open(f"/staff/clients/{world.b.public_id}/exposure")
    own = ada.submit("#limits", **rules | {"daily_cap": "0", "do": "try"})
    assert "These limits do not stop this client now" in own.text("#tried")


def test_countries_are_found_and_chosen_by_region_without_scripts(
    browse: Callable[..., Browser], world: World
) -> None:
    ada = browse(world.northwind.owner)
    ada.open("/staff/configuration/exposure")

    found = ada.submit("#exposure-rules", find="côte", daily_cap="12")
    europe = ada.submit("#exposure-rules", do="all:150")
    ada.submit("#exposure-rules", do="none:021")
    ada.submit("#exposure-rules", find="")
    saved = ada.submit("#exposure-rules", do="anyway")
    with world.reading(world.northwind):
        places = set(exposure.default_limits().places)

    assert "Côte d’Ivoire" in found.text("#places details[open]:nth-of-type(1)")
    assert found.find("[name=daily_cap]")["value"] == "12"
    assert "Germany" in europe.texts("#places details")[1]
    assert saved.status == 200
    assert places == exposure.REGIONS["150"]
    assert set().union(*exposure.REGIONS.values()) == exposure.COUNTRIES
    assert sum(map(len, exposure.REGIONS.values())) == len(exposure.COUNTRIES)
