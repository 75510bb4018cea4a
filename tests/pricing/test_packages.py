"""Packages: versions from a moment on, names, copies, the end of their life."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from portal import pricing
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import DomainError, InvalidInput, NotFound, Refused
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.pricing import PackageDetails
from tests.pricing.market import make_client, make_reseller, make_sub_account

NOON = datetime(2026, 11, 10, 17, tzinfo=UTC)
OFFICE = PackageDetails(
    "Office Standard",
    markup_fixed_e8=250_000,
    markup_percent_e4=200_000,
    monthly_fee=Money.of("12.95"),
    services=("sms_mms", "cdr"),
)


@pytest.fixture
def reseller_id(app: Flask) -> int:
    return make_reseller()


def test_saving_makes_a_version_for_calls_that_start_afterwards(reseller_id: int) -> None:
    with bind(Scope(reseller_id)), time_machine.travel(NOON, tick=False), transaction():
        package = pricing.save_package(OFFICE)
    later = NOON + timedelta(hours=1)
    with bind(Scope(reseller_id)), time_machine.travel(later, tick=False):
        with transaction():
            pricing.save_package(replace(OFFICE, markup_percent_e4=300_000), package=package)

        versions = pricing.versions_of(package)
        context = pricing.rating_context(NOON, later + timedelta(days=1))

    assert [version.valid_from for version in versions] == [later, NOON]
    package_id = context.version_at(1, later).package_id
    assert context.version_at(package_id, later - timedelta(seconds=1)).id == versions[1].id
    assert context.version_at(package_id, later).id == versions[0].id


def test_saving_what_is_there_makes_no_version(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        with transaction():
            package = pricing.save_package(OFFICE)
        with transaction():
            pricing.save_package(OFFICE, package=package)

        assert len(pricing.versions_of(package)) == 1
        assert pricing.find_package(package).details.services == ("cdr", "sms_mms")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"markup_fixed_e8": -1}, "markup_fixed"),
        ({"markup_percent_e4": -1}, "markup_percent"),
        ({"pulse_seconds": 0}, "pulse_seconds"),
        ({"pulse_seconds": 3601}, "pulse_seconds"),
        ({"first_increment_seconds": 0}, "first_increment_seconds"),
        ({"canada_route": "scenic"}, "canada_route"),
        ({"international_route": ""}, "international_route"),
        ({"monthly_fee": Money(-1)}, "monthly_fee"),
        ({"setup_fee": Money.of("100000.000001")}, "setup_fee"),
        ({"free_minutes": -1}, "free_minutes"),
        ({"view": "upside down"}, "view"),
    ],
)
def test_nonsense_is_refused_with_the_field_it_is_in(
    reseller_id: int, changes: dict[str, object], field: str
) -> None:
    with bind(Scope(reseller_id)):
        with pytest.raises(InvalidInput) as refused, transaction():
            pricing.save_package(replace(OFFICE, **changes))

        assert refused.value.field == field
        assert refused.value.message.endswith(".")
        assert pricing.list_packages() == []


def test_two_packages_of_one_reseller_have_different_names(reseller_id: int) -> None:
    other = make_reseller("200900")
    with bind(Scope(reseller_id)), transaction():
        pricing.save_package(OFFICE)

    with bind(Scope(reseller_id)), pytest.raises(InvalidInput), transaction():
        pricing.save_package(replace(OFFICE, name="office  STANDARD"))
    with bind(Scope(other)), transaction():
        pricing.save_package(OFFICE)

    with bind(Scope(other)):
        assert [row.sequence for row in pricing.list_packages()] == [1]


def test_a_copy_has_terms_area_rates_and_zones_of_its_own(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        with transaction():
            package = pricing.save_package(OFFICE)
            pricing.set_area_rate(package, "country", "fr", rate_e8=1_500_000)
            pricing.add_free_zone(package, "prefix", "1800")
        with transaction():
            copy = pricing.copy_package(package, "Office Plus")
        with transaction():
            pricing.set_area_rate(copy, "country", "FR", rate_e8=1_700_000)

        listed = {row.details.name: row for row in pricing.list_packages()}
        assert listed["Office Plus"].details == replace(
            listed["Office Standard"].details, name="Office Plus"
        )
        assert [row.rate_e8 for row in pricing.area_rates(package).rows] == [1_500_000]
        assert [row.rate_e8 for row in pricing.area_rates(copy).rows] == [1_700_000]
        assert [row.zone for row in pricing.free_zones(copy)] == ["1800"]


def test_a_copy_does_not_begin_with_prices_that_are_only_planned(reseller_id: int) -> None:
    with bind(Scope(reseller_id)), transaction():
        package = pricing.save_package(OFFICE)
        pricing.save_package(
            replace(OFFICE, monthly_fee=Money.of("99")), package=package,
            valid_from=clock.now() + timedelta(days=9),
        )  # fmt: skip

        copy = pricing.copy_package(package, "Office Plus")

        assert pricing.find_package(copy).details.monthly_fee == OFFICE.monthly_fee


def test_a_package_in_use_is_counted_and_can_be_retired_but_not_deleted(reseller_id: int) -> None:
    client_id = make_client(reseller_id)
    accounts = [make_sub_account(reseller_id, name) for name in ("front", "back")]
    with bind(Scope(reseller_id)):
        with transaction():
            package = pricing.save_package(OFFICE)
            for account in accounts:
                pricing.link_sub_account(account, client_id, pricing.package_id(package))

        row = pricing.find_package(package)
        with pytest.raises(Refused), transaction():
            pricing.delete_package(package)
        with transaction():
            pricing.retire_package(package)

        assert (row.users, row.clients) == (2, 1)
        assert pricing.list_packages() == []
        assert pricing.package_choices() == []
        assert [row.users for row in pricing.list_packages(retired=True)] == [2]


def test_an_unused_package_can_be_deleted_with_all_its_rates(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        with transaction():
            package = pricing.save_package(OFFICE)
            pricing.set_area_rate(package, "usa", "", rate_e8=1_000_000)
        with transaction():
            pricing.delete_package(package)

        with pytest.raises(NotFound):
            pricing.find_package(package)


def test_another_resellers_package_is_not_found(reseller_id: int) -> None:
    other = make_reseller("200900")
    with bind(Scope(reseller_id)), transaction():
        package = pricing.save_package(OFFICE)

    with bind(Scope(other)):
        for action in (pricing.find_package, pricing.retire_package, pricing.delete_package):
            with pytest.raises(NotFound), transaction():
                action(package)
        with pytest.raises(NotFound), transaction():
            pricing.save_package(replace(OFFICE, name="Mine"), package=package)


def test_an_area_rate_ends_when_the_next_one_begins(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        with transaction(), time_machine.travel(NOON, tick=False):
            package = pricing.save_package(OFFICE)
            first = pricing.set_area_rate(package, "prefix", "+44", rate_e8=2_000_000)
        later = NOON + timedelta(hours=1)
        with transaction(), time_machine.travel(later, tick=False):
            pricing.set_area_rate(package, "prefix", "44", rate_e8=2_500_000)
        with time_machine.travel(later + timedelta(hours=1), tick=False):
            rows = pricing.area_rates(package).rows

        assert [(row.area, row.rate_e8, row.valid_from) for row in rows] == [
            ("44", 2_500_000, later)
        ]
        assert rows[0].public_id != first


def test_a_rate_set_today_lasts_until_the_planned_one_begins(reseller_id: int) -> None:
    new_year = NOON + timedelta(days=30)
    with bind(Scope(reseller_id)), time_machine.travel(NOON, tick=False):
        with transaction():
            package = pricing.save_package(OFFICE)
            pricing.set_area_rate(package, "prefix", "44", rate_e8=3, valid_from=new_year)
            now = pricing.set_area_rate(package, "prefix", "44", rate_e8=1)
        with transaction():
            pricing.change_area_rate(now, rate_e8=2, valid_from=NOON + timedelta(hours=1))

        rows = pricing.area_rates(package).rows

    assert sorted((row.rate_e8, row.valid_from, row.valid_to) for row in rows) == [
        (1, NOON, NOON + timedelta(hours=1)),
        (2, NOON + timedelta(hours=1), new_year),
        (3, new_year, None),
    ]


def test_the_rate_before_goes_on_when_a_planned_one_is_called_off(reseller_id: int) -> None:
    new_year = NOON + timedelta(days=30)
    with bind(Scope(reseller_id)), time_machine.travel(NOON, tick=False):
        with transaction():
            package = pricing.save_package(OFFICE)
            pricing.set_area_rate(package, "prefix", "44", rate_e8=1)
            planned = pricing.set_area_rate(package, "prefix", "44", rate_e8=3, valid_from=new_year)
        with transaction():
            pricing.end_area_rate(planned)

        rows = pricing.area_rates(package).rows

    assert [(row.rate_e8, row.valid_from, row.valid_to) for row in rows] == [(1, NOON, None)]


@pytest.mark.parametrize(
    ("kind", "area", "rate", "field"),
    [
        ("planet", "", 1, "kind"),
        ("country", "XX", 1, "area"),
        ("prefix", "four", 1, "area"),
        ("prefix", "", 1, "area"),
        ("usa", "", -1, "rate"),
    ],
)
def test_an_area_that_is_none_is_refused(
    reseller_id: int, kind: str, area: str, rate: int, field: str
) -> None:
    with bind(Scope(reseller_id)), transaction():
        package = pricing.save_package(OFFICE)

    with bind(Scope(reseller_id)), pytest.raises(DomainError) as refused, transaction():
        pricing.set_area_rate(package, kind, area, rate_e8=rate)

    assert refused.value.field == field
