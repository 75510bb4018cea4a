"""The proof of the books finds every fault that is planted behind its back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError

from portal import ledger
from portal.commands.check import command
from portal.core.db import session
from portal.core.money import Money
from portal.ledger import Reason, check
from portal.ledger.models import Balance
from tests.ledger.conftest import Books, make_books

SMS = {"source_type": "message", "kind": "sms"}
WALLET = "(select id from ledger_accounts where client_id = {client} and kind = 'wallet')"


@pytest.fixture
def filled(books: Books) -> Books:
    """A bit of everything: a payment, usage, a hold, a reversal."""
    wrong = books.pay(books.soft, "2", "wrong")
    books.pay(books.hard, "1")
    with books.open():
        assert wrong.public_id is not None
        ledger.reverse(wrong.public_id)
        ledger.hold(books.hard, Money(40), source_id="m1", **SMS)
        for client in (books.hard, books.soft):
            ledger.charge(
                client,
                Money(30),
                reason=Reason.CALL,
                source_type="call",
                source_id=str(client),
                kind="price",
                seconds=6,
            )
    return books


class Raw:
    """The database without the portal: what somebody with a password could do to it."""

    def __init__(self, url: str, books: Books) -> None:
        self.engine = create_engine(url)
        self.books = books
        self.sqlite = url.startswith("sqlite")

    def run(self, *statements: str) -> None:
        names = {"hard": self.books.hard, "soft": self.books.soft}
        names |= {"wallet": WALLET.format(client=self.books.hard)}
        with self.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement.format(**names)))

    def drop_guards(self) -> None:
        if self.sqlite:
            self.run(*(f"DROP TRIGGER ledger_transfers_no_{v}" for v in ("update", "delete")))
        else:
            for guard in ("only_grows", "stays"):
                self.run(f"ALTER TABLE ledger_transfers DISABLE TRIGGER ledger_transfers_{guard}")

    def drop_constraint(self, table: str, name: str) -> None:
        """On PostgreSQL by name; SQLite can only look away, and cannot drop a unique key."""
        self.run(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


@pytest.fixture
def raw(filled: Books, each_database: str):
    made = Raw(each_database, filled)
    yield made
    made.engine.dispose()


def faults() -> list[str]:
    return list(check.findings())


def test_right_books_have_no_faults(filled: Books):
    assert faults() == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_transfers SET amount = amount + 1",
        "UPDATE ledger_transfers SET description = 'other'",
        "DELETE FROM ledger_transfers",
    ],
)
def test_the_database_itself_refuses_to_change_a_transfer(raw: Raw, change: str):
    with pytest.raises((IntegrityError, OperationalError, ProgrammingError, DBAPIError)) as refusal:
        raw.run(change)

    assert "added, never changed" in str(refusal.value)
    assert faults() == []


def test_emptying_the_transfers_at_once_is_refused_too(raw: Raw):
    statement = (
        "DELETE FROM ledger_transfers" if raw.sqlite else "TRUNCATE ledger_transfers CASCADE"
    )

    with pytest.raises(DBAPIError, match="added, never changed"):
        raw.run(statement)


PLANTED = [
    ("UPDATE ledger_balances SET balance = balance + 1 WHERE client_id = {hard}", "The balance of"),
    (
        "UPDATE ledger_transfers SET amount = amount + 1 WHERE reason = 'payment'"
        " AND client_id = {hard}",
        "but its transfers make",
    ),
    ("DELETE FROM ledger_transfers WHERE reason = 'call'", "The roll-up of call"),
    ("UPDATE ledger_balances SET held = held + 1 WHERE client_id = {hard}", "is set aside for"),
    ("UPDATE ledger_holds SET state = 'voided'", "but its open holds make"),
    ("UPDATE ledger_usage_days SET amount = amount - 1", "The roll-up of call"),
    ("UPDATE ledger_usage_days SET items = items + 1", "items away from its transfers"),
    ("DELETE FROM ledger_usage_days", "The roll-up of call"),
    (
        "UPDATE ledger_transfers SET debit_account_id = credit_account_id,"
        " credit_account_id = debit_account_id WHERE reason = 'call'",
        "between accounts that do not fit",
    ),
    (
        "UPDATE ledger_transfers SET client_id = {soft} WHERE client_id = {hard}",
        "between accounts that do not fit",
    ),
    (
        "UPDATE ledger_transfers SET debit_account_id = {wallet} WHERE reason = 'reversal'",
        "is not the mirror image",
    ),
    ("UPDATE ledger_transfers SET reverses_id = NULL", "is not the mirror image"),
    ("UPDATE ledger_balances SET floor = NULL WHERE client_id = {hard}", "has no floor"),
    ("UPDATE ledger_balances SET floor = 0 WHERE client_id = {soft}", "has the floor 0.000000"),
    ("UPDATE clients SET balance_mode = 'hard' WHERE id = {soft}", "The mode of client 200002"),
    ("DELETE FROM ledger_balances WHERE client_id = {soft}", "There is no balance for"),
]


def test_every_planted_fault_is_found(raw: Raw, filled: Books):
    """One database for all of them: each is planted, found and taken back."""
    tables = ("ledger_transfers", "ledger_balances", "ledger_holds", "ledger_usage_days", "clients")
    raw.drop_guards()
    kept = [sentence for sentence in faults() if "guard" not in sentence]
    assert kept == []

    for statement, expected in PLANTED:
        with raw.engine.connect() as connection:
            before = {
                table: connection.execute(text(f"SELECT * FROM {table}")).mappings().all()
                for table in tables
            }
        raw.run(statement)
        found = faults()
        _put_back(raw, before)

        assert any(expected in sentence for sentence in found), (statement, found)
        assert all("guard" in sentence for sentence in faults()), statement


def _put_back(raw: Raw, before: dict[str, list]) -> None:
    with raw.engine.begin() as connection:
        for table, rows in before.items():
            present = connection.execute(text(f"SELECT * FROM {table}")).mappings().all()
            key = "account_id" if table == "ledger_balances" else "id"
            for row in rows:
                now = [one for one in present if one[key] == row[key]]
                if not now:
                    names = ", ".join(row)
                    values = ", ".join(f":{name}" for name in row)
                    statement = f"INSERT INTO {table} ({names}) VALUES ({values})"
                elif now[0] != row:
                    changes = ", ".join(f"{name} = :{name}" for name in row)
                    statement = f"UPDATE {table} SET {changes} WHERE {key} = :{key}"
                else:
                    continue
                connection.execute(text(statement), dict(row))


def test_amounts_below_zero_and_doubles_are_found_when_the_constraints_are_gone(raw: Raw):
    if raw.sqlite:
        copy = (
            "CREATE TABLE copied AS SELECT * FROM {table}",
            "DROP TABLE {table}",
            "ALTER TABLE copied RENAME TO {table}",
        )
        for table in ("ledger_transfers", "ledger_balances", "ledger_holds"):
            raw.run(*(statement.format(table=table) for statement in copy))
    else:
        raw.drop_guards()
        raw.drop_constraint("ledger_transfers", "ck_ledger_transfers_moves_money")
        raw.drop_constraint("ledger_balances", "ck_ledger_balances_held_is_not_negative")
        raw.drop_constraint("ledger_holds", "ck_ledger_holds_is_not_negative")
        raw.drop_constraint(
            "ledger_transfers",
            "uq_ledger_transfers_reseller_id_source_type_source_id_kind",
        )

    raw.run(
        "UPDATE ledger_transfers SET amount = -amount WHERE reason = 'payment'",
        "UPDATE ledger_transfers SET source_type = 'twice', source_id = 'x', kind = 'y'"
        " WHERE reason = 'call'",
        "UPDATE ledger_balances SET held = -5",
        "UPDATE ledger_holds SET amount = -5",
    )

    found = "\n".join(faults())
    assert "moves -1.000000" in found
    assert "twice x (y) of client 200001 of reseller 100482 was posted 2 times." in found
    assert "-0.000005 is set aside for client 200001" in found
    assert "The hold for message m1 of client 200001 of reseller 100482 is -0.000005." in found
    assert "guard" in found


def test_the_command_says_what_it_compared_and_that_the_books_are_right(
    filled: Books, each_database: str, environment: dict[str, str]
):
    answer = CliRunner().invoke(command, env={**environment, "DATABASE_URL": each_database})

    assert answer.exit_code == 0, answer.output
    *compared, verdict = answer.output.splitlines()
    assert verdict.startswith("The books are right: ")
    said = [line.split(maxsplit=2) for line in compared]
    assert {word for word, _, _ in said} >= {f"I{number}" for number in range(1, 12)}
    numbers = {(word, what): int(rows.replace(",", "")) for word, rows, what in said}
    assert numbers["I6", "transfers, each of a source of its own"] == 5
    assert numbers["I6", "holds, each of a source of its own"] == 1
    assert numbers["I9", "texts, each at its end or on its way"] == 0
    assert numbers["I10", "webhooks of texts"] == 0
    assert numbers["I11", "rows of clients, each of its client's reseller"] > 0


def test_the_command_names_every_fault_and_ends_with_one(
    raw: Raw, each_database: str, environment: dict[str, str]
):
    raw.run("UPDATE ledger_balances SET balance = balance + 1 WHERE client_id = {hard}")

    answer = CliRunner().invoke(command, env={**environment, "DATABASE_URL": each_database})

    assert answer.exit_code == 1
    assert answer.output.splitlines()[-2:] == [
        "The balance of client 200001 of reseller 100482 is 0.999971,"
        " but its transfers make 0.999970.",
        "The books are not right: 1 faults.",
    ]


def test_other_packages_add_their_own_questions(filled: Books, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(check, "_CHECKS", [*check._CHECKS])

    @check.register
    def never_right() -> list[str]:
        return ["Something else is wrong."]

    assert faults() == ["Something else is wrong."]


def test_a_question_of_several_statements_is_asked_of_one_moment(
    make_app: Callable[..., Flask], migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    with make_app(migrated_postgres_url).app_context():
        raw = Raw(migrated_postgres_url, make_books())
        monkeypatch.setattr(check, "_CHECKS", [])

        @check.register
        def asked_twice() -> Iterator[str]:
            before = session().scalar(select(func.sum(Balance.balance)))
            raw.run("UPDATE ledger_balances SET balance = balance + 1 WHERE client_id = {hard}")
            if session().scalar(select(func.sum(Balance.balance))) != before:
                yield "Somebody wrote meanwhile."

        assert faults() == []
        raw.engine.dispose()


def test_nothing_is_corrected(raw: Raw, filled: Books, app_on_each: Flask):
    raw.run("UPDATE ledger_usage_days SET amount = amount + 7")

    first, second = faults(), faults()

    assert first == second != []
