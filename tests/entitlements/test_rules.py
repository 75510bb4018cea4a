"""What a client may use: reseller's default, the package's own, views, money."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from portal import entitlements, pricing
from portal.core.db import transaction
from portal.core.errors import InvalidInput, NotFound
from portal.core.scope import Scope, bind
from portal.entitlements import FEATURES, MONEY, Service, View
from portal.pricing import PackageDetails
from tests.pricing.market import make_client, make_reseller, make_sub_account

TEXTS_ONLY = PackageDetails(
    "Message centre", own_services=True, services=("sms_mms",), hide_money=True
)


class Shop:
    def __init__(self) -> None:
        self.reseller_id = make_reseller()
        self.client_id = make_client(self.reseller_id)

    def link(self, details: PackageDetails | None, username: str = "desk") -> int:
        account_id = make_sub_account(self.reseller_id, username)
        with bind(Scope(self.reseller_id)), transaction():
            package_id = None
            if details is not None:
                package_id = pricing.package_id(pricing.save_package(details))
            pricing.link_sub_account(account_id, self.client_id, package_id)
        return account_id


@pytest.fixture
def shop(app: Flask) -> Shop:
    return Shop()


def test_a_client_without_a_sub_account_gets_the_resellers_default(shop: Shop) -> None:
    with bind(Scope(shop.reseller_id)):
        with transaction():
            entitlements.save_default_configuration("simple", ["cdr", "balance"])
        allowed = entitlements.allowed_services(shop.client_id)

    assert allowed.services == {Service.CDR, Service.BALANCE}
    assert (allowed.is_simple, allowed.has_services_page) == (True, True)


def test_a_package_that_reduces_the_portal_to_texts_does_so(shop: Shop) -> None:
    shop.link(TEXTS_ONLY)

    with bind(Scope(shop.reseller_id)):
        allowed = entitlements.allowed_services(shop.client_id)

        assert allowed.services == {Service.SMS_MMS}
        assert entitlements.money_is_hidden(shop.client_id)
        assert entitlements.allowed("sms_mms", shop.client_id)
        assert not entitlements.allowed(Service.CDR, shop.client_id)


def test_a_package_without_its_own_configuration_follows_the_default(shop: Shop) -> None:
    shop.link(replace(TEXTS_ONLY, own_services=False))

    with bind(Scope(shop.reseller_id)):
        allowed = entitlements.allowed_services(shop.client_id)

    assert Service.CDR in allowed
    assert not allowed.hide_money


def test_two_sub_accounts_see_different_things_and_together_both(shop: Shop) -> None:
    texts = shop.link(TEXTS_ONLY)
    calls = shop.link(
        PackageDetails("Phone", own_services=True, services=("cdr", "balance")), "phone"
    )

    with bind(Scope(shop.reseller_id)):
        alone = entitlements.allowed_services(shop.client_id, texts)
        other = entitlements.allowed_services(shop.client_id, calls)
        both = entitlements.allowed_services(shop.client_id)

    assert alone.services == {Service.SMS_MMS}
    assert other.services == {Service.CDR, Service.BALANCE}
    assert both.services == {Service.SMS_MMS, Service.CDR, Service.BALANCE}
    assert not both.hide_money


def test_hiding_the_services_page_takes_its_features_along(shop: Shop) -> None:
    shop.link(
        PackageDetails(
            "Plain", own_services=True, view="simple_hidden", client_may_edit=True,
            services=tuple(service.value for service in Service),
        )
    )  # fmt: skip

    with bind(Scope(shop.reseller_id)):
        allowed = entitlements.allowed_services(shop.client_id)

    assert allowed.view is View.SIMPLE_HIDDEN
    assert not allowed.has_services_page
    assert allowed.services == frozenset(Service) - FEATURES


def test_editing_sub_accounts_is_the_packages_right_alone(shop: Shop) -> None:
    account_id = shop.link(PackageDetails("Editors", client_may_edit=True))
    with bind(Scope(shop.reseller_id)):
        with transaction():
            entitlements.save_default_configuration("standard", ["sub_accounts_edit", "cdr"])

        assert entitlements.allowed("sub_accounts_edit", shop.client_id, account_id)
    bare = shop.link(None, "bare")
    with bind(Scope(shop.reseller_id)):
        assert not entitlements.allowed("sub_accounts_edit", shop.client_id, bare)


def test_hidden_money_takes_every_money_component_along(shop: Shop) -> None:
    with bind(Scope(shop.reseller_id)):
        with transaction():
            entitlements.save_default_configuration(
                "standard", [service.value for service in Service], hide_money=True
            )
        allowed = entitlements.allowed_services(shop.client_id)

    assert allowed.hide_money
    assert not allowed.services & MONEY


def test_somebody_elses_sub_account_is_not_found(shop: Shop) -> None:
    stranger = make_sub_account(shop.reseller_id, "stranger")

    with bind(Scope(shop.reseller_id)), pytest.raises(NotFound):
        entitlements.allowed_services(shop.client_id, stranger)


@pytest.mark.parametrize(
    ("view", "services", "field"), [("loud", [], "view"), ("simple", ["teleport"], "services")]
)
def test_unknown_words_are_refused(shop: Shop, view: str, services: list[str], field: str) -> None:
    with bind(Scope(shop.reseller_id)), pytest.raises(InvalidInput) as refused, transaction():
        entitlements.save_default_configuration(view, services)

    assert refused.value.field == field
