"""Teams when two act at the same moment, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from portal import identity
from portal.core.db import db, session, transaction
from portal.core.errors import DomainError
from portal.core.scope import Scope, bind, unscoped
from portal.identity import Role
from portal.identity.models import Person
from tests.identity.people import (
    ADDRESS,
    BROWSER,
    HASH,
    add_owner,
    add_reseller,
    log_in,
    try_login,
    within,
)
from tests.second_step import give_telephone


def at_once(app: Flask, actions: list[Callable[[], object]]) -> list[object]:
    """Do these at the same time, each in a transaction of its own; answers or refusals."""
    start, answers = threading.Barrier(len(actions)), list[object]()

    def act(action: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    answers.append(action())
            except DomainError as refusal:
                answers.append(refusal)
            db.session.remove()

    threads = [threading.Thread(target=act, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_two_owners_who_demote_each_other_leave_one(app_on_each: Flask) -> None:
    northwind = add_reseller()
    owners = [add_owner(northwind, f"{name}@example.com") for name in ("ada", "bo")]

    def demote(who: identity.PersonFacts) -> Callable[[], object]:
        def act() -> None:
            with bind(Scope(northwind.id)):
                identity.set_role(who.public_id, Role.SUPPORT)

        return act

    answers = at_once(app_on_each, [demote(who) for who in owners])

    assert sum(isinstance(answer, DomainError) for answer in answers) == 1
    with bind(Scope(northwind.id)):
        roles = session().scalars(select(Person.role).where(Person.is_staff)).all()
    assert sorted(roles) == [Role.OWNER, Role.SUPPORT]


def test_a_link_that_two_open_lets_one_in(app_on_each: Flask) -> None:
    northwind = add_reseller()
    add_owner(northwind)
    olive = log_in(None, "owner@example.com").visitor
    with within(northwind):
        link = identity.invite(name="Noor", email="noor@example.com", role=Role.SUPPORT, by=olive)
    token = link.address.rpartition("/")[2]

    def join() -> object:
        with unscoped("nobody is logged in yet"):
            return identity.accept_invitation(
                None, token, name="Noor", chosen=HASH, address=ADDRESS, browser=BROWSER
            )

    answers = at_once(app_on_each, [join, join])

    assert sum(isinstance(answer, identity.Entered) for answer in answers) == 1
    assert sum(isinstance(answer, identity.LinkIsSpent) for answer in answers) == 1


def test_one_code_given_twice_at_once_lets_one_in(app_on_each: Flask) -> None:
    northwind = add_reseller()
    add_owner(northwind)
    telephone, _ = give_telephone("owner@example.com")
    needed = try_login(None, "owner@example.com")
    assert isinstance(needed, identity.NeedsCode)
    code = telephone.code()
    attempts = []
    for _ in range(2):
        with unscoped("nobody is logged in yet"), transaction():
            attempts.append(identity.begin_code(None, needed.token, address=ADDRESS))

    def give(attempt: object) -> Callable[[], object]:
        return lambda: identity.enter_code(attempt, code, browser=BROWSER)  # type: ignore[arg-type]

    answers = at_once(app_on_each, [give(attempt) for attempt in attempts])

    assert sum(isinstance(answer, identity.Entered) for answer in answers) == 1
    assert sum(isinstance(answer, identity.LoginRefusal) for answer in answers) == 1


def test_the_operator_lets_the_only_owner_in_again(app_on_each: Flask) -> None:
    northwind = add_reseller()
    add_owner(northwind)
    give_telephone("owner@example.com")

    with within(northwind):
        identity.reset_staff_second_step("Owner@Example.com")

    assert log_in(None, "owner@example.com").visitor.has_second_step is False
