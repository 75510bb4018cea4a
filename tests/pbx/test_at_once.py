"""The same form twice at once, and two staff with one sub-account: on both databases."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask

from portal import identity, numbers, pbx, pricing
from portal.carriers import LineSettings
from portal.core.db import finish_reading, transaction
from portal.core.errors import NotFound, Refused
from portal.core.scope import Scope, bind
from portal.numbers import ConnectWish, DidFees, Ring
from portal.pbx import NewAccount, SubAccountRow
from portal.pricing import PackageDetails
from tests.pricing.market import make_client, make_did, make_reseller, make_sub_account
from tests.together import meet

NEW = NewAccount("desk2", "Abcdefg12345", "Desk", "", LineSettings())


@pytest.fixture
def scope(app_on_each: Flask) -> Scope:
    return Scope(make_reseller())


@pytest.fixture
def clients(scope: Scope) -> list[int]:
    return [make_client(scope.reseller_id, f"20000{number}") for number in range(3)]


@pytest.fixture
def account(scope: Scope, clients: list[int]) -> SubAccountRow:
    """The first client's."""
    account_id = make_sub_account(scope.reseller_id)
    with bind(scope):
        with transaction():
            pricing.link_sub_account(account_id, clients[0], None)
        [row] = pbx.all_sub_accounts()
        finish_reading()
        return row


def test_the_form_for_a_new_sub_account_sent_twice_at_once_is_one_order(
    app_on_each: Flask, scope: Scope, clients: list[int]
) -> None:
    def order() -> uuid.UUID:
        return pbx.order_account(NEW, clients[0], None, reference="same")

    first, second = meet(app_on_each, scope, order, order)

    assert isinstance(first, uuid.UUID)
    assert first == second


def test_the_form_that_connects_numbers_sent_twice_at_once_is_one_order(
    app_on_each: Flask, scope: Scope, clients: list[int], account: SubAccountRow
) -> None:
    make_did(scope.reseller_id)
    with bind(scope):
        dids = tuple(row.public_id for row in numbers.free_dids())
        finish_reading()
    wish = ConnectWish(dids, account.id, account.account, DidFees(), ring=Ring.KEEP)

    def order() -> uuid.UUID:
        return numbers.order_connection(wish, client_id=clients[0], reference="same")

    first, second = meet(app_on_each, scope, order, order)

    assert isinstance(first, uuid.UUID)
    assert first == second


def test_a_sub_account_that_is_being_moved_is_not_moved_on_from_its_new_client(
    app_on_each: Flask, scope: Scope, clients: list[int], account: SubAccountRow
) -> None:
    owner, first, second = clients

    _, told = meet(
        app_on_each, scope,
        lambda: pbx.assign_package(account.public_id, first, None, held_by=owner),
        lambda: pbx.assign_package(account.public_id, second, None, held_by=owner),
    )  # fmt: skip

    assert isinstance(told, Refused)
    with bind(scope):
        holder = pricing.link_at(account.id)
        assert holder is not None
        assert holder.client_id == first
        finish_reading()


@pytest.mark.parametrize("deleted_first", [True, False])
def test_a_package_is_not_given_out_and_deleted_at_once(
    app_on_each: Flask,
    scope: Scope,
    clients: list[int],
    account: SubAccountRow,
    *,
    deleted_first: bool,
) -> None:
    with bind(scope), transaction():
        package = pricing.save_package(PackageDetails("Office"))

    def delete() -> None:
        pricing.delete_package(package)

    def give() -> uuid.UUID:
        return pbx.assign_package(account.public_id, clients[0], package)

    _, second = meet(app_on_each, scope, *((delete, give) if deleted_first else (give, delete)))

    assert isinstance(second, NotFound if deleted_first else Refused)
    with bind(scope):
        given = bool(pricing.package_names_of([clients[0]]))
        finish_reading()
    assert given is not deleted_first


def test_nothing_is_ordered_for_a_client_whose_account_is_closed(
    scope: Scope, clients: list[int]
) -> None:
    with bind(scope), transaction():
        identity.close_client(clients[1], typed_name="Priya Raman", still_connected=())

    with pytest.raises(Refused, match="closed"), bind(scope), transaction():
        pbx.order_account(NEW, clients[1], None, reference="r")
