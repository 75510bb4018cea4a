"""Nobody sees what is not theirs, however the question is put; without a scope nothing is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.orm import aliased

from portal import identity
from portal.core import scope
from portal.core.db import add_up, insert_new, session, transaction
from portal.core.scope import NoScope, Scope, bind, unscoped
from portal.identity.models import Client, Person, Reseller
from portal.numbers.models import Did
from portal.pbx.models import SubAccount
from portal.pricing.models import Package


@contextmanager
def bound(to: Scope) -> Iterator[None]:
    """A scope, and a session that has not seen another one."""
    session().rollback()
    with bind(to):
        yield
    session().expunge_all()


@pytest.fixture
def two(app_on_each: Flask) -> tuple[Scope, Scope, Scope]:
    """Northwind, Globex, and a client of Northwind; each reseller has two clients and a package."""
    scopes = []
    for name, uid in (("Northwind", "100482"), ("Globex", "100731")):
        with unscoped("a test builds"), transaction():
            reseller = identity.add_reseller(name=name, uid=uid)
        with bind(Scope(reseller.id)), transaction():
            session().add(Package(name="Standard", sequence=1))
            for at in (1, 2):
                session().add(
                    Client(
                        number=f"{uid[-1]}0010{at}", first_name="C", last_name=str(at),
                        email=f"c{at}@{name}.example",
                    )
                )  # fmt: skip
        scopes.append(Scope(reseller.id))
    with bind(scopes[0]):
        client_id = session().scalars(select(Client.id).order_by(Client.id)).first()
    session().rollback()
    session().expunge_all()
    return scopes[0], scopes[1], Scope(scopes[0].reseller_id, client_id)


Question = Callable[[], object]
OTHER = aliased(Client)
QUESTIONS: dict[str, Question] = {
    "plain": lambda: len(session().scalars(select(Client)).all()),
    "columns": lambda: len(session().execute(select(Client.id, Client.email)).all()),
    "aliased": lambda: len(session().scalars(select(OTHER)).all()),
    "count": lambda: session().scalar(select(func.count()).select_from(Client)),
    "count of a subquery": lambda: session().scalar(
        select(func.count()).select_from(select(Client.id).subquery())
    ),
    "join": lambda: len(
        session().execute(select(Client.id).join(Reseller, Reseller.id == Client.reseller_id)).all()
    ),
    "self join": lambda: len(
        session().execute(select(Client.id, OTHER.id).join(OTHER, OTHER.id == Client.id)).all()
    ),
    "outer join": lambda: len(
        [
            1
            for row in session().execute(
                select(Reseller.id, Client.id).outerjoin(Client, Client.reseller_id == Reseller.id)
            )
            if row[1] is not None
        ]
    ),
    "in a subquery": lambda: len(
        session().scalars(select(Client).where(Client.id.in_(select(OTHER.id)))).all()
    ),
    "union": lambda: len(
        session().execute(select(Client.id).union_all(select(Client.id).where(Client.id < 0))).all()
    ),
    "common table": lambda: len(
        session().execute(select(select(Client.id).cte("seen").c.id)).all()
    ),
}  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_question_is_answered_from_the_own_rows_only(
    two: tuple[Scope, Scope, Scope], question: Question
) -> None:
    northwind, globex, client = two

    # In turn and back again: a cached statement must not remember whose it was.
    for whose, expected in ((northwind, 2), (client, 1), (globex, 2), (client, 1), (northwind, 2)):
        with bound(whose):
            assert question() == expected
    with unscoped("a test counts everything"):
        assert question() == 4


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_without_a_scope_no_question_is_answered(
    two: tuple[Scope, Scope, Scope], question: Question
) -> None:
    session().rollback()

    with pytest.raises(NoScope):
        question()


def test_a_foreign_row_does_not_exist_by_any_other_question(
    two: tuple[Scope, Scope, Scope],
) -> None:
    northwind, globex, client = two
    with bound(globex):
        foreign = session().scalars(select(Client.id)).first()

    for whose in (northwind, client):
        with bound(whose):
            there = select(exists(select(Client.id).where(Client.id == foreign)))
            assert session().scalar(there) is False
            assert session().scalar(select(Client).where(Client.id == foreign)) is None
            assert session().scalar(select(func.max(Client.id))) != foreign


@pytest.mark.parametrize("synchronise", ["fetch", "auto", False])
def test_a_bulk_update_and_delete_touch_the_own_rows_only(
    two: tuple[Scope, Scope, Scope], synchronise: object
) -> None:
    northwind, globex, _ = two
    options = {"synchronize_session": synchronise}

    with bound(northwind), transaction():
        changed = session().execute(update(Client).values(city="Ottawa"), execution_options=options)
        gone = session().execute(delete(Package), execution_options=options)

    assert (changed.rowcount, gone.rowcount) == (2, 1)  # type: ignore[attr-defined]
    with bound(globex):
        assert {row.city for row in session().scalars(select(Client))} == {""}
        assert session().scalar(select(func.count()).select_from(Package)) == 1


def test_a_client_changes_its_own_rows_only(two: tuple[Scope, Scope, Scope]) -> None:
    northwind, _, client = two

    with bound(client), transaction():
        session().execute(update(Client).values(city="Ottawa"))

    with bound(northwind):
        cities = {row.id: row.city for row in session().scalars(select(Client))}
    assert [city for owner, city in cities.items() if owner != client.client_id] == [""]
    assert cities[client.client_id or 0] == "Ottawa"


def test_without_a_scope_nothing_is_changed(two: tuple[Scope, Scope, Scope]) -> None:
    row = {"reseller_id": two[0].reseller_id, "name": "Stowaway", "sequence": 9}
    attempts: list[Callable[[], object]] = [
        lambda: session().execute(update(Client).values(city="Nowhere")),
        lambda: session().execute(delete(Package)),
        lambda: session().execute(insert(Package), [row]),
        lambda: insert_new(Package, [row]),
        lambda: add_up(Package, [row], keys=["id"], sums=["id"]),
    ]

    for attempt in attempts:
        with transaction(), pytest.raises(NoScope):
            attempt()
    with pytest.raises(NoScope), transaction():
        session().add(Package(**row))

    with unscoped("a test counts everything"):
        assert session().scalar(select(func.count()).select_from(Package)) == 2


def test_a_new_row_is_stamped_and_a_foreign_one_refused(
    two: tuple[Scope, Scope, Scope],
) -> None:
    northwind, globex, client = two
    with bound(northwind), transaction():
        own = Package(name="Own", sequence=2)
        session().add(own)
        session().flush()
        assert own.reseller_id == northwind.reseller_id

    with bound(northwind), pytest.raises(NoScope), transaction():
        session().add(Package(name="Smuggled", sequence=3, reseller_id=globex.reseller_id))
    with bound(northwind), pytest.raises(NoScope), transaction():
        insert_new(Package, [{"name": "S", "sequence": 4, "reseller_id": globex.reseller_id}])
    with bound(client), pytest.raises(NoScope), transaction():
        session().add(
            Person(
                client_id=(client.client_id or 0) + 1, email="smuggled@example.com", name="S",
            )
        )  # fmt: skip
    with bound(client), transaction():
        mine = Person(email="mine@example.com", name="Mine")
        session().add(mine)
        session().flush()
        assert (mine.reseller_id, mine.client_id) == (client.reseller_id, client.client_id)


def test_a_row_cannot_be_given_away(two: tuple[Scope, Scope, Scope]) -> None:
    northwind, globex, _ = two

    def give_away() -> None:
        with transaction():
            session().scalars(select(Package)).one().reseller_id = globex.reseller_id

    def take_away() -> None:
        with transaction():
            row = session().scalars(select(Package)).one()
            with bind(globex):
                session().delete(row)
                session().flush()

    for attempt in (give_away, take_away):
        with bound(northwind), pytest.raises(NoScope):
            attempt()


def test_a_scope_ends_with_its_block_also_by_an_error(app: Flask) -> None:
    with pytest.raises(ValueError), bind(Scope(1)), bind(Scope(1, 2)):
        raise ValueError

    assert scope.bound() is None
    with pytest.raises(NoScope):
        scope.current()
    with unscoped("a test asks for one reseller"), pytest.raises(NoScope):
        scope.reseller_id()


def test_tables_of_one_reseller_are_empty_for_another(two: tuple[Scope, Scope, Scope]) -> None:
    with bound(two[1]):
        for model in (Did, SubAccount):
            assert session().scalars(select(model)).all() == []
