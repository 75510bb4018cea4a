"""Two who change packages and their rates at the same moment: one of them is told."""

from __future__ import annotations

import uuid
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import select

from portal import pricing
from portal.core.db import finish_reading, session, transaction
from portal.core.errors import InvalidInput, Refused
from portal.core.money import rate_e8
from portal.core.scope import Scope, bind
from portal.pricing import PackageDetails
from portal.pricing.models import AreaRate
from tests.pricing.market import make_reseller
from tests.together import meet

ONE, TWO, THREE = rate_e8("0.01"), rate_e8("0.02"), rate_e8("0.03")


@pytest.fixture
def scope(app_on_each: Flask) -> Scope:
    return Scope(make_reseller())


@pytest.fixture
def package(scope: Scope) -> uuid.UUID:
    with bind(scope), transaction():
        return pricing.save_package(PackageDetails("Office"))


@pytest.fixture
def rate(scope: Scope, package: uuid.UUID) -> uuid.UUID:
    with bind(scope), transaction():
        return pricing.set_area_rate(package, "country", "FR", rate_e8=ONE)


def in_force(scope: Scope) -> list[int]:
    """Rates that have no end, and no two of one moment."""
    with bind(scope):
        rows = session().scalars(select(AreaRate).order_by(AreaRate.valid_from)).all()
        for row, after in pairwise(rows):
            assert row.valid_to == after.valid_from
        finish_reading()
        return [row.rate_e8 for row in rows if row.valid_to is None]


def test_of_two_who_change_a_rate_at_once_the_second_is_told(
    app_on_each: Flask, scope: Scope, rate: uuid.UUID
) -> None:
    first, second = meet(
        app_on_each, scope,
        lambda: pricing.change_area_rate(rate, rate_e8=TWO),
        lambda: pricing.change_area_rate(rate, rate_e8=THREE),
    )  # fmt: skip

    assert isinstance(first, uuid.UUID)
    assert isinstance(second, Refused)
    assert in_force(scope) == [TWO]


def test_who_ends_a_rate_that_is_being_changed_is_told_that_it_goes_on(
    app_on_each: Flask, scope: Scope, rate: uuid.UUID
) -> None:
    _, second = meet(
        app_on_each, scope,
        lambda: pricing.change_area_rate(rate, rate_e8=TWO),
        lambda: pricing.end_area_rate(rate),
    )  # fmt: skip

    assert isinstance(second, Refused)
    assert in_force(scope) == [TWO]


def test_a_free_zone_added_twice_at_once_is_one(
    app_on_each: Flask, scope: Scope, package: uuid.UUID
) -> None:
    first, second = meet(
        app_on_each, scope,
        lambda: pricing.add_free_zone(package, "country", "FR"),
        lambda: pricing.add_free_zone(package, "country", "FR"),
    )  # fmt: skip

    assert first == second
    with bind(scope):
        assert len(pricing.free_zones(package)) == 1
        finish_reading()


def test_the_form_of_a_new_package_sent_twice_at_once_is_one_package(
    app_on_each: Flask, scope: Scope
) -> None:
    def save() -> uuid.UUID:
        return pricing.save_package(PackageDetails("Office Plus"))

    _, second = meet(app_on_each, scope, save, save)

    assert isinstance(second, InvalidInput)
    with bind(scope):
        assert [one.details.name for one in pricing.list_packages()] == ["Office Plus"]
        finish_reading()


def test_a_package_retired_meanwhile_takes_no_rate_and_no_free_zone(
    scope: Scope, package: uuid.UUID, rate: uuid.UUID
) -> None:
    with bind(scope), transaction():
        pricing.retire_package(package)

    for price in (
        lambda: pricing.set_area_rate(package, "usa", "", rate_e8=ONE),
        lambda: pricing.change_area_rate(rate, rate_e8=TWO),
        lambda: pricing.add_free_zone(package, "country", "FR"),
    ):
        with pytest.raises(Refused, match="retired"), bind(scope), transaction():
            price()
    assert in_force(scope) == [ONE]
