"""Links: whose a sub-account is, under which package, from when; the setup fee."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from portal import ledger, pricing
from portal.core.db import transaction
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.pricing import PackageDetails
from tests.pricing.market import SEPTEMBER, make_client, make_reseller, make_sub_account

NOON = datetime(2026, 11, 10, 17, tzinfo=UTC)
DETAILS = PackageDetails("Office Standard", setup_fee=Money.of("25"))


class Shop:
    """A reseller with two clients, one sub-account and one package."""

    def __init__(self) -> None:
        self.reseller_id = make_reseller()
        self.client_id = make_client(self.reseller_id)
        self.other_client_id = make_client(self.reseller_id, "200002")
        self.account_id = make_sub_account(self.reseller_id)
        with bind(Scope(self.reseller_id)), transaction():
            package = pricing.save_package(DETAILS, valid_from=SEPTEMBER)
            self.package_id = pricing.package_id(package)
            self.package = package


@pytest.fixture
def shop(app: Flask) -> Shop:
    return Shop()


def test_a_sub_account_that_changes_hands_keeps_its_past(shop: Shop) -> None:
    with bind(Scope(shop.reseller_id)):
        with time_machine.travel(NOON, tick=False), transaction():
            pricing.link_sub_account(shop.account_id, shop.client_id, shop.package_id)
        later = NOON + timedelta(days=3)
        with time_machine.travel(later, tick=False), transaction():
            pricing.link_sub_account(shop.account_id, shop.other_client_id, None)

        context = pricing.rating_context(NOON, later + timedelta(days=1))

    before = context.holder_at(shop.account_id, later - timedelta(seconds=1))
    after = context.holder_at(shop.account_id, later)
    assert before is not None
    assert after is not None
    assert (before.link.client_id, before.version.package) == (shop.client_id, "Office Standard")
    assert (after.link.client_id, after.version.id) == (shop.other_client_id, None)


def test_the_setup_fee_is_charged_once_and_only_when_ticked(shop: Shop) -> None:
    with bind(Scope(shop.reseller_id)):
        with transaction():
            pricing.link_sub_account(shop.account_id, shop.client_id, shop.package_id)
        assert ledger.balance_of(shop.client_id) == Money(0)

        for _ in range(2):
            with transaction():
                pricing.link_sub_account(
                    shop.account_id, shop.other_client_id, shop.package_id, charge_setup=True
                )

        assert ledger.balance_of(shop.other_client_id) == Money.of("-25")


def test_the_billing_day_is_the_day_asked_for_or_that_of_the_link(shop: Shop) -> None:
    with bind(Scope(shop.reseller_id)), time_machine.travel(NOON, tick=False):
        with transaction():
            pricing.link_sub_account(shop.account_id, shop.client_id, shop.package_id)
        plain = pricing.link_at(shop.account_id)
        with transaction():
            pricing.link_sub_account(
                shop.account_id, shop.client_id, shop.package_id,
                next_billing_day=date(2026, 12, 31),
            )  # fmt: skip
        asked = pricing.link_at(shop.account_id)

        with pytest.raises(InvalidInput) as refused, transaction():
            pricing.link_sub_account(
                shop.account_id, shop.client_id, None, next_billing_day=date(2026, 11, 9)
            )

    assert plain is not None
    assert asked is not None
    assert (plain.anchor_day, asked.anchor_day) == (10, 31)
    assert plain.id == asked.id, "another billing day is not another link"
    assert refused.value.field == "next_billing_day"


def test_unlinking_ends_what_was(shop: Shop) -> None:
    with bind(Scope(shop.reseller_id)):
        with transaction():
            pricing.link_sub_account(
                shop.account_id, shop.client_id, shop.package_id, valid_from=SEPTEMBER
            )
        with transaction():
            pricing.unlink(shop.account_id)

        assert pricing.link_at(shop.account_id) is None
        assert pricing.link_at(shop.account_id, SEPTEMBER) is not None
        with pytest.raises(Refused), transaction():
            pricing.unlink(shop.account_id)


def test_a_retired_package_and_a_strangers_client_are_refused(shop: Shop) -> None:
    stranger = make_client(make_reseller("200900"), "300001")
    with bind(Scope(shop.reseller_id)):
        with pytest.raises(NotFound), transaction():
            pricing.link_sub_account(shop.account_id, stranger, shop.package_id)
        with transaction():
            pricing.retire_package(shop.package)
        with pytest.raises(Refused), transaction():
            pricing.link_sub_account(shop.account_id, shop.client_id, shop.package_id)

        assert pricing.link_at(shop.account_id) is None
