"""Connecting numbers: all or nothing, what is charged, and who had which when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from flask import Flask

from portal import ledger, numbers, pricing
from portal.core.db import db, finish_reading, transaction
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.numbers import DidFees
from tests.pricing.market import (
    SEPTEMBER,
    make_client,
    make_did,
    make_reseller,
    make_sub_account,
)

NOON = datetime(2026, 11, 10, 17, tzinfo=UTC)
FEES = DidFees(
    setup=Money.of("2"), monthly=Money.of("1.50"), minute_e8=500_000, sms_out=Money.of("0.0075")
)


class Shop:
    """A reseller, a client with a linked sub-account, and two free numbers."""

    def __init__(self) -> None:
        self.reseller_id = make_reseller()
        self.client_id = make_client(self.reseller_id)
        self.account_id = make_sub_account(self.reseller_id)
        make_did(self.reseller_id, "+16135550142", sms_enabled=True)
        make_did(self.reseller_id, "+16135550178")
        with bind(Scope(self.reseller_id)):
            with transaction():
                pricing.link_sub_account(
                    self.account_id, self.client_id, None, valid_from=SEPTEMBER
                )
            self.dids = [row.public_id for row in numbers.free_dids()]
            finish_reading()


@pytest.fixture
def shop(app_on_each: Flask) -> Shop:
    return Shop()


def test_setup_and_the_first_month_are_charged_for_each_number(shop: Shop) -> None:
    with bind(Scope(shop.reseller_id)), time_machine.travel(NOON, tick=False):
        with transaction():
            numbers.connect_dids(shop.dids, shop.account_id, FEES, client_id=shop.client_id)

        rows = numbers.dids_of(shop.client_id)
        assert ledger.balance_of(shop.client_id) == Money.of("-7")
        assert [row.number for row in rows] == ["+16135550142", "+16135550178"]
        assert {row.next_billing_day for row in rows} == {date(2026, 12, 10)}
        assert numbers.free_dids() == []
        assert list(numbers.by_sub_account(shop.client_id)) == [shop.account_id]


def test_nothing_is_charged_when_told_not_to(shop: Shop) -> None:
    with bind(Scope(shop.reseller_id)):
        with transaction():
            numbers.connect_dids(
                shop.dids, shop.account_id, FEES, client_id=shop.client_id,
                charge_setup=False, charge_monthly=False,
            )  # fmt: skip

        assert ledger.balance_of(shop.client_id) == Money(0)


def test_when_one_number_is_taken_none_is_connected_or_charged(shop: Shop) -> None:
    with bind(Scope(shop.reseller_id)):
        with transaction():
            numbers.connect_dids(
                shop.dids[1:], shop.account_id, DidFees(), client_id=shop.client_id
            )
        with pytest.raises(Refused), transaction():
            numbers.connect_dids(shop.dids, shop.account_id, FEES, client_id=shop.client_id)

        assert [row.number for row in numbers.free_dids()] == ["+16135550142"]
        assert ledger.balance_of(shop.client_id) == Money(0)


def test_two_people_cannot_connect_the_same_number(shop: Shop, app_on_each: Flask) -> None:
    gate = Barrier(4)

    def connect(_: int) -> bool:
        with app_on_each.app_context(), bind(Scope(shop.reseller_id)):
            gate.wait()
            try:
                with transaction():
                    numbers.connect_dids(
                        shop.dids[:1], shop.account_id, FEES, client_id=shop.client_id
                    )
                return True
            except Refused:
                return False
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        won = sum(pool.map(connect, range(4)))

    assert won == 1
    with bind(Scope(shop.reseller_id)):
        assert ledger.balance_of(shop.client_id) == Money.of("-3.50")


def test_a_sub_account_of_another_client_is_refused(shop: Shop) -> None:
    other = make_client(shop.reseller_id, "200002")

    with bind(Scope(shop.reseller_id)), pytest.raises(InvalidInput) as refused, transaction():
        numbers.connect_dids(shop.dids, shop.account_id, FEES, client_id=other)

    assert refused.value.field == "sub_account"


def test_a_call_belongs_to_whom_the_number_was_connected_when_it_began(shop: Shop) -> None:
    later, last = NOON + timedelta(days=1), NOON + timedelta(days=2)
    with bind(Scope(shop.reseller_id)):
        with time_machine.travel(NOON, tick=False), transaction():
            [link] = numbers.connect_dids(
                shop.dids[:1], shop.account_id, FEES, client_id=shop.client_id
            )
        with time_machine.travel(later, tick=False), transaction():
            dearer = numbers.change_connection(link, replace(FEES, minute_e8=900_000))
        with time_machine.travel(last, tick=False), transaction():
            numbers.unconnect(dearer)

        book = numbers.did_book(NOON - timedelta(days=1), last + timedelta(days=1))
        now = numbers.owner_of("+16135550142", later)
    number = "+16135550142"

    assert book.at(number, NOON - timedelta(seconds=1)) is None
    assert book.at(number, NOON).minute_rate_e8 == 500_000
    assert book.at(number, later - timedelta(seconds=1)).minute_rate_e8 == 500_000
    assert book.at(number, later).minute_rate_e8 == 900_000
    assert book.at(number, last) is None
    assert now == book.at(number, later)
    assert (now.client_id, now.sms_out) == (shop.client_id, Money.of("0.0075"))
    assert pricing.sms_price(now, "out", "sms") == Money.of("0.0075")


def test_changing_the_fees_charges_nothing_and_keeps_the_billing_day(shop: Shop) -> None:
    with bind(Scope(shop.reseller_id)):
        with time_machine.travel(NOON, tick=False), transaction():
            [link] = numbers.connect_dids(
                shop.dids[:1], shop.account_id, FEES, client_id=shop.client_id, label="Main"
            )
        with transaction():
            same = numbers.change_connection(link, FEES, label="Front desk")
        with transaction():
            changed = numbers.change_connection(link, replace(FEES, monthly=Money.of("9")))
        [row] = numbers.dids_of(shop.client_id)

        assert (same, changed) == (link, row.link_public_id)
        assert changed != link
        assert (row.label, row.next_billing_day) == ("Front desk", date(2026, 12, 10))
        assert ledger.balance_of(shop.client_id) == Money.of("-3.50")


def test_texts_go_from_numbers_that_can_send_them(shop: Shop) -> None:
    with bind(Scope(shop.reseller_id)):
        with transaction():
            numbers.connect_dids(
                shop.dids, shop.account_id, FEES, client_id=shop.client_id, label="Main"
            )
        choices = numbers.sms_choices(shop.client_id)

    assert [(choice.number, choice.label) for choice in choices] == [("+16135550142", "Main")]


def test_a_client_sees_only_its_own_numbers(shop: Shop) -> None:
    other = make_client(shop.reseller_id, "200002")
    with bind(Scope(shop.reseller_id)), transaction():
        numbers.connect_dids(shop.dids, shop.account_id, FEES, client_id=shop.client_id)

    with bind(Scope(shop.reseller_id, other)):
        assert numbers.dids_of(shop.client_id) == []
        assert numbers.owner_of("+16135550142") is None
    with bind(Scope(make_reseller("200900"))), pytest.raises(NotFound):
        numbers.find_did(shop.dids[0])


def test_default_fees_are_what_the_form_begins_with(shop: Shop) -> None:
    with bind(Scope(shop.reseller_id)):
        with transaction():
            pricing.save_default_fees(
                pricing.Fees(did_monthly=Money.of("1.95"), sms_in=Money.of("0.01"))
            )
        prefilled = numbers.default_did_fees()

        assert (prefilled.monthly, prefilled.sms_in) == (Money.of("1.95"), Money.of("0.01"))
        with pytest.raises(InvalidInput) as refused, transaction():
            pricing.save_default_fees(pricing.Fees(sms_out=Money(-1)))
        assert refused.value.field == "sms_out"
