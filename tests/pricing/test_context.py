"""What was in force when: packages, links, exchange rates, looked up for the import."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from portal import pricing
from portal.core.db import session, transaction
from portal.core.scope import Scope, bind
from portal.pricing.models import AreaRate, Package, PackageLink, PackageVersion
from portal.rating import CallFacts
from tests.pricing.market import SEPTEMBER, make_client, make_reseller, make_sub_account

OCTOBER = datetime(2026, 10, 1, 4, tzinfo=UTC)  # midnight in Toronto


@pytest.fixture
def linked(app_on_each: Flask) -> tuple[int, int, int]:
    """A sub-account under a package that costs 0.010 until October and 0.012 after."""
    reseller_id = make_reseller()
    client_id = make_client(reseller_id)
    account_id = make_sub_account(reseller_id)
    with bind(Scope(reseller_id)), transaction():
        package = Package(sequence=1, name="Office Standard")
        session().add(package)
        session().flush()
        for valid_from, rate in ((SEPTEMBER, 1_000_000), (OCTOBER, 1_200_000)):
            session().add(
                PackageVersion(package_id=package.id, valid_from=valid_from, markup_fixed_e8=rate)
            )
        session().add(
            PackageLink(
                sub_account_id=account_id,
                client_id=client_id,
                package_id=package.id,
                valid_from=SEPTEMBER,
            )
        )
        session().add(
            AreaRate(
                package_id=package.id,
                area_kind="canada",
                area="",
                rate_e8=500_000,
                valid_from=OCTOBER + timedelta(days=5),
            )
        )
    return reseller_id, client_id, account_id


def _call(started_at: datetime, number: str = "+12125550123") -> CallFacts:
    return CallFacts("out", number, 60, True, 0, 0, started_at)


def test_a_call_uses_the_terms_of_its_start_however_late_it_is_read(
    linked: tuple[int, int, int],
) -> None:
    reseller_id, client_id, account_id = linked
    before = OCTOBER - timedelta(seconds=30)

    with bind(Scope(reseller_id)):
        context = pricing.rating_context(SEPTEMBER, OCTOBER + timedelta(days=3))
    old = context.holder_at(account_id, before)
    new = context.holder_at(account_id, OCTOBER)

    assert old is not None
    assert new is not None
    assert old.link.client_id == client_id
    assert old.version.rater.rate(_call(before)).price_micros == 10_000
    assert new.version.rater.rate(_call(OCTOBER)).price_micros == 12_000


def test_an_area_rate_holds_from_its_own_day(linked: tuple[int, int, int]) -> None:
    reseller_id, _, account_id = linked
    day = OCTOBER + timedelta(days=5)

    with bind(Scope(reseller_id)):
        context = pricing.rating_context(OCTOBER, OCTOBER + timedelta(days=9))
    holder = context.holder_at(account_id, day)

    assert holder is not None
    rate = holder.version.rater.rate
    canada = "+16135550142"
    assert rate(_call(day - timedelta(seconds=1), canada)).price_micros == 12_000
    assert rate(_call(day, canada)).price_micros == 5_000
    assert rate(_call(day)).price_micros == 12_000, "the United States keep the markup"


def test_a_sub_account_that_nobody_had_has_no_holder(linked: tuple[int, int, int]) -> None:
    reseller_id, _, account_id = linked
    early = SEPTEMBER - timedelta(days=1)

    with bind(Scope(reseller_id)):
        context = pricing.rating_context(early, OCTOBER)

    assert context.holder_at(account_id, early) is None
    assert context.holder_at(account_id + 1000, OCTOBER) is None


def test_another_resellers_links_and_packages_are_not_there(linked: tuple[int, int, int]) -> None:
    _, _, account_id = linked
    other = make_reseller("200900")

    with bind(Scope(other)):
        context = pricing.rating_context(SEPTEMBER, OCTOBER)

    assert context.holder_at(account_id, SEPTEMBER) is None


def test_without_a_package_calls_go_at_cost_in_steps_of_six_seconds(
    linked: tuple[int, int, int],
) -> None:
    reseller_id, _, _ = linked

    with bind(Scope(reseller_id)):
        context = pricing.rating_context(SEPTEMBER, OCTOBER)
    version = context.version_at(None, SEPTEMBER)
    rated = version.rater.rate(
        CallFacts("out", "+12125550123", 31, True, 1_000_000, 600_000, SEPTEMBER)
    )

    assert version.id is None
    assert (rated.billed_seconds, rated.price_micros) == (36, 6_000)


def test_a_row_without_a_rate_takes_the_deck_of_the_route_and_the_time(
    linked: tuple[int, int, int],
) -> None:
    reseller_id, _, account_id = linked
    lines = {"value": 400_000, "premium": 900_000}
    with bind(Scope(reseller_id)), transaction():
        for route, rate in lines.items():
            deck = [
                pricing.DeckLine("1613", "Canada - 613", rate),
                pricing.DeckLine("44", "UK", rate),
            ]
            pricing.record_deck(route, deck, valid_from=SEPTEMBER)
        pricing.record_deck("value", [pricing.DeckLine("44", "UK", 0)], valid_from=OCTOBER)

    with bind(Scope(reseller_id)):
        context = pricing.rating_context(SEPTEMBER, OCTOBER + timedelta(days=1))
        holder = context.holder_at(account_id, SEPTEMBER)
        assert holder is not None
        prices = [
            holder.version.rater.rate(
                CallFacts("out", number, 60, True, None, total, at)
            ).price_micros
            for total in (None, 500_000)
            for number, at in (
                ("+16135550142", SEPTEMBER),
                ("+442079460018", SEPTEMBER),
                ("+442079460018", OCTOBER),
            )
        ]

    assert prices == [19_000, 14_000, 10_000] * 2, "Canada on premium, the rest on value"


def test_exchange_rates_are_dated(linked: tuple[int, int, int]) -> None:
    reseller_id, _, _ = linked
    with bind(Scope(reseller_id)), transaction():
        pricing.save_exchange_rate(130_000_000, valid_from=SEPTEMBER)
        pricing.save_exchange_rate(140_000_000, valid_from=OCTOBER)

    with bind(Scope(reseller_id)):
        context = pricing.rating_context(SEPTEMBER, OCTOBER + timedelta(days=1))

    assert context.exchange_at(OCTOBER - timedelta(seconds=1)) == 130_000_000
    assert context.exchange_at(OCTOBER) == 140_000_000
