"""One place begins and ends a transaction."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from portal import identity
from portal.core.db import (
    db,
    finish_reading,
    in_transaction,
    only_one,
    session,
    transaction,
    wal_is_safe,
)
from portal.core.scope import Scope, bind, unscoped
from portal.identity.models import Client, Reseller
from portal.pricing.models import Package


@pytest.fixture
def northwind(app_on_each: Flask) -> Scope:
    with unscoped("a test builds"), transaction():
        return Scope(identity.add_reseller(name="Northwind", uid="100482").id)


def add_and_fail() -> None:
    with transaction():
        session().add(Package(name="One", sequence=1))
        session().flush()
        raise ZeroDivisionError


def add_within_another() -> None:
    with transaction():
        session().add(Package(name="One", sequence=1))
        with transaction():
            session().add(Package(name="Two", sequence=2))


def packages() -> int:
    return session().scalar(select(func.count()).select_from(Package)) or 0


def test_what_was_done_is_written_whole(northwind: Scope) -> None:
    with bind(northwind):
        with transaction():
            session().add(Package(name="One", sequence=1))
            session().add(Package(name="Two", sequence=2))

        assert packages() == 2
        assert not in_transaction()


def test_what_failed_half_way_is_not_written_at_all(northwind: Scope) -> None:
    with bind(northwind):
        with pytest.raises(ZeroDivisionError):
            add_and_fail()

        assert packages() == 0
        assert not in_transaction()


def test_transactions_do_not_nest(northwind: Scope) -> None:
    with bind(northwind), pytest.raises(RuntimeError, match="already open"):
        add_within_another()

    with bind(northwind):
        assert packages() == 0


def test_a_claim_is_won_by_exactly_one(northwind: Scope) -> None:
    with bind(northwind), transaction():
        session().add(Package(name="One", sequence=1))

    claim = update(Package).where(Package.name == "One").values(name="Claimed")
    with bind(northwind), transaction():
        assert only_one(claim) is True
        assert only_one(claim) is False


def test_a_claim_that_would_touch_two_rows_stops(northwind: Scope) -> None:
    with bind(northwind), transaction():
        session().add_all([Package(name="One", sequence=1), Package(name="Two", sequence=2)])

    with bind(northwind), pytest.raises(RuntimeError, match="more than one"), transaction():
        only_one(update(Package).values(name="Claimed"))


def test_reading_ends_and_keeps_the_rows(northwind: Scope) -> None:
    with bind(northwind), transaction():
        session().add(Package(name="One", sequence=1))
    with bind(northwind):
        row = session().scalars(select(Package)).one()

        finish_reading()

        assert not session().in_transaction()
        assert row.name == "One", "no refresh behind our back"
        assert not session().in_transaction()


def test_rows_changed_while_reading_are_an_error_and_not_a_silence(northwind: Scope) -> None:
    with bind(northwind), transaction():
        session().add(Package(name="One", sequence=1))
    with bind(northwind):
        session().scalars(select(Package)).one().name = "Changed"

        with pytest.raises(RuntimeError, match="outside a transaction"):
            finish_reading()
        session().rollback()


def test_sqlite_writes_with_begin_immediate_and_reads_with_begin(app: Flask) -> None:
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: said.append(args[2]))

    with unscoped("a test"):
        session().scalar(select(func.count()).select_from(Reseller))
        with transaction():
            session().scalar(select(func.count()).select_from(Reseller))

    assert [words for words in said if words.startswith("BEGIN")] == ["BEGIN", "BEGIN IMMEDIATE"]


def test_sqlite_is_synchronous_and_keeps_away_from_a_broken_wal(app: Flask) -> None:
    with db.engine.connect() as connection:
        cursor = connection.connection.cursor()
        found = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("synchronous", "journal_mode", "foreign_keys", "busy_timeout")
        }

    assert found == {
        "synchronous": 2,
        "journal_mode": "wal" if wal_is_safe() else "delete",
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 50, 6), False),
        ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 52, 0), True),
    ],
)  # fmt: skip
def test_the_wal_race_is_known_by_version(version: tuple[int, ...], safe: bool) -> None:
    assert wal_is_safe(version) is safe


def test_eight_writers_at_once_lose_nothing(app_on_each: Flask, northwind: Scope) -> None:
    with bind(northwind), transaction():
        session().add(
            Client(number="200101", first_name="A", last_name="B", email="a@b.example", zip="0")
        )
    failures: list[BaseException] = []

    def add_ten() -> None:
        try:
            with app_on_each.app_context(), bind(northwind):
                for _ in range(10):
                    with transaction():
                        row = session().scalars(select(Client).with_for_update()).one()
                        row.zip = str(int(row.zip) + 1)
                db.session.remove()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=add_ten) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    with bind(northwind):
        session().rollback()
        session().expunge_all()
        assert session().scalars(select(Client)).one().zip == "80"
