"""What is connected to a client, in few queries and never another client's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from portal import numbers, pbx, pricing
from portal.carriers import Registration
from portal.core import clock
from portal.core.db import db, transaction
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.numbers import DidFees
from tests.pricing.market import make_client, make_did, make_reseller, make_sub_account


@contextmanager
def counted() -> Iterator[list[str]]:
    """The SELECTs that run meanwhile."""
    seen: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_the_connections_of_a_client_take_two_queries(app: Flask) -> None:
    reseller_id = make_reseller()
    client_id, other = make_client(reseller_id), make_client(reseller_id, "200002")
    accounts = [make_sub_account(reseller_id, name) for name in ("desk", "back", "their")]
    for last in range(4):
        make_did(reseller_id, f"+1613555010{last}", routing="account:100482_desk")
    with bind(Scope(reseller_id)), transaction():
        package = pricing.save_package(
            pricing.PackageDetails("Office", monthly_fee=Money.of("12.95"))
        )
        for account_id, owner in zip(accounts, (client_id, client_id, other), strict=True):
            pricing.link_sub_account(account_id, owner, pricing.package_id(package))
        dids = [row.public_id for row in numbers.free_dids()]
        numbers.connect_dids(dids[:2], accounts[0], DidFees(), client_id=client_id)
        numbers.connect_dids(dids[2:3], accounts[2], DidFees(), client_id=other)

    with bind(Scope(reseller_id)), counted() as queries:
        rows = pbx.sub_accounts_of(client_id)
        connected = numbers.by_sub_account(client_id)
        table = [(row.username, row.package, len(connected.get(row.id, []))) for row in rows]

    assert table == [("back", "Office", 0), ("desk", "Office", 2)]
    assert {row.monthly_fee for row in rows} == {Money.of("12.95")}
    assert connected[accounts[0]][0].routing == ("account", "100482_desk")
    assert len(queries) == 2


def test_what_prices_a_window_is_read_in_few_queries_however_much_there_is(app: Flask) -> None:
    reseller_id = make_reseller()
    client_id = make_client(reseller_id)
    with bind(Scope(reseller_id)), transaction():
        for number in range(5):
            pricing.save_package(pricing.PackageDetails(f"Package {number}"))
    for number in range(5):
        account_id = make_sub_account(reseller_id, f"desk{number}")
        with bind(Scope(reseller_id)), transaction():
            pricing.link_sub_account(account_id, client_id, None)

    with bind(Scope(reseller_id)), counted() as queries:
        pricing.rating_context(clock.now(), clock.now())
        numbers.did_book(clock.now(), clock.now())
        pbx.ids_by_account()

    assert len(queries) == 11


def test_a_sub_account_without_a_package_is_on_the_list_of_what_needs_attention(
    app: Flask,
) -> None:
    reseller_id = make_reseller()
    client_id = make_client(reseller_id)
    bare = make_sub_account(reseller_id, "bare")
    make_sub_account(reseller_id, "free")
    with bind(Scope(reseller_id)):
        with transaction():
            pricing.link_sub_account(bare, client_id, None)

        assert [row.username for row in pbx.accounts_without_package()] == ["bare"]
        assert [row.username for row in pbx.free_sub_accounts()] == ["free"]


def test_a_note_of_one_reseller_leaves_the_same_account_of_another_alone(app: Flask) -> None:
    one, other = make_reseller("100482"), make_reseller("200900")
    for reseller_id in (one, other):
        make_sub_account(reseller_id, "desk")

    with bind(Scope(one)), transaction():
        pbx.note_registrations([Registration("100482_desk", True)])

    with bind(Scope(one)):
        assert pbx.all_sub_accounts()[0].registered is True
    with bind(Scope(other)):
        assert pbx.all_sub_accounts()[0].registered is None
