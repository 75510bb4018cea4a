"""Who may log in, and what a session is worth."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal import identity
from portal.core import clock, passwords
from portal.core.db import session, transaction
from portal.core.errors import NotFound
from portal.core.scope import Scope, bind, unscoped
from portal.identity import ClientStatus, Entered, LoginProblem, LoginRefusal, ResellerFacts, Role
from portal.identity.models import Person, WebSession
from tests.identity.people import (
    ADDRESS,
    BROWSER,
    HASH,
    PASSWORD,
    add_client,
    add_owner,
    add_reseller,
    log_in,
    try_login,
    within,
)

HOUR = timedelta(hours=1)


def test_a_client_logs_in_with_any_spelling_of_the_email(northwind: ResellerFacts) -> None:
    client = add_client(northwind)

    entered = log_in(northwind, "  ADA@Example.COM ")

    assert entered.visitor.client_id == client.id
    assert entered.visitor.reseller_id == northwind.id
    assert entered.visitor.role is None
    assert entered.visitor.may_change
    assert identity.resume_session(entered.token) == entered.visitor


def test_only_the_hash_of_a_token_is_stored(northwind: ResellerFacts) -> None:
    add_client(northwind)

    entered = log_in(northwind)

    with unscoped("a test"):
        (row,) = session().scalars(select(WebSession))
    assert len(entered.token) >= 43, "256 bits"
    assert entered.token not in repr(row.__dict__)
    assert entered.token not in repr(entered)
    assert identity.resume_session(row.token_hash) is None


@pytest.mark.parametrize(
    ("email", "password"),
    [("ada@example.com", "not the password"), ("nobody@example.com", PASSWORD), ("", "")],
)
def test_wrong_and_unknown_are_answered_alike(
    northwind: ResellerFacts, email: str, password: str
) -> None:
    add_client(northwind)

    refusal = try_login(northwind, email, password)

    assert refusal == LoginRefusal(LoginProblem.WRONG)


def test_an_unknown_person_costs_a_hash_too(northwind: ResellerFacts) -> None:
    with transaction():
        attempt = identity.begin_login(northwind.id, "nobody@example.com", address=ADDRESS)
    passwords._nobodys_hash.cache_clear()

    refusal = identity.prove(attempt, PASSWORD)

    assert refusal == LoginRefusal(LoginProblem.WRONG)
    assert passwords._nobodys_hash.cache_info().misses == 1, "the dummy hash was verified"


def test_a_client_of_another_reseller_is_unknown_here(
    northwind: ResellerFacts, globex: ResellerFacts
) -> None:
    add_client(northwind)

    assert try_login(globex, "ada@example.com") == LoginRefusal(LoginProblem.WRONG)


def test_clients_do_not_get_in_at_the_staff_door_nor_staff_at_the_clients(
    northwind: ResellerFacts,
) -> None:
    add_client(northwind)
    add_owner(northwind)

    assert try_login(None, "ada@example.com") == LoginRefusal(LoginProblem.WRONG)
    assert try_login(northwind, "owner@example.com") == LoginRefusal(LoginProblem.WRONG)
    assert log_in(None, "owner@example.com").visitor.role is Role.OWNER


@pytest.mark.parametrize(
    ("status", "problem"),
    [(ClientStatus.WAIT, LoginProblem.WAITING), (ClientStatus.CLOSED, LoginProblem.CLOSED)],
)
def test_a_client_who_waits_or_is_closed_learns_why_but_only_with_the_password(
    northwind: ResellerFacts, status: ClientStatus, problem: LoginProblem
) -> None:
    add_client(northwind, status=status)

    assert try_login(northwind, "ada@example.com") == LoginRefusal(problem)
    wrong = try_login(northwind, "ada@example.com", "not the password")
    assert wrong == LoginRefusal(LoginProblem.WRONG)


def test_a_suspended_client_still_gets_in(northwind: ResellerFacts) -> None:
    add_client(northwind, status=ClientStatus.SUSPENDED)

    assert log_in(northwind).visitor.client_status is ClientStatus.SUSPENDED


@pytest.mark.parametrize(
    ("keep", "idle", "at_most"),
    [(False, 2 * HOUR, 12 * HOUR), (True, None, 30 * 24 * HOUR)],
)
def test_how_long_a_clients_session_lasts(
    northwind: ResellerFacts, keep: bool, idle: timedelta | None, at_most: timedelta
) -> None:
    add_client(northwind)

    entered = log_in(northwind, keep=keep)

    assert (entered.cookie_expires_at is not None) is keep
    assert_lasts(entered, idle=idle, at_most=at_most)


def test_staff_are_logged_out_sooner_and_are_never_kept(northwind: ResellerFacts) -> None:
    add_owner(northwind)

    entered = log_in(None, "owner@example.com", keep=True)

    assert entered.cookie_expires_at is None
    assert_lasts(entered, idle=timedelta(minutes=30), at_most=8 * HOUR)


def assert_lasts(entered: Entered, *, idle: timedelta | None, at_most: timedelta) -> None:
    begin, second = clock.now(), timedelta(seconds=2)
    if idle is not None:
        with time_machine.travel(begin + idle + second, tick=False):
            assert identity.resume_session(entered.token) is None, "idle for too long"
    step = (idle or at_most) * 0.9
    with time_machine.travel(begin, tick=False) as machine:
        while clock.now() + step < begin + at_most:
            machine.shift(step)
            visitor = identity.resume_session(entered.token)
            assert visitor is not None, "in use all the time"
            assert visitor.touch_due
            with transaction():
                identity.touch_session(visitor)
        machine.move_to(begin + at_most - second - second)
        assert identity.resume_session(entered.token) is not None
        machine.move_to(begin + at_most + second)
        assert identity.resume_session(entered.token) is None, "too old, however busy"


def test_last_seen_is_written_at_most_once_a_minute(northwind: ResellerFacts) -> None:
    add_client(northwind)
    with time_machine.travel(clock.now(), tick=False) as machine:
        token = log_in(northwind).token
        machine.shift(59)
        assert_touch(token, due=False)
        machine.shift(1)
        assert_touch(token, due=True)
        assert_touch(token, due=False)


def assert_touch(token: str, *, due: bool) -> None:
    visitor = identity.resume_session(token)
    assert visitor is not None
    assert visitor.touch_due is due
    with transaction():
        identity.touch_session(visitor)
    again = identity.resume_session(token)
    assert again is not None
    assert not again.touch_due


def test_logging_in_ends_the_session_this_browser_had(northwind: ResellerFacts) -> None:
    add_client(northwind)
    old = log_in(northwind).token

    new = log_in(northwind, replaces=old).token

    assert identity.resume_session(old) is None
    assert identity.resume_session(new) is not None


def test_logging_out_ends_this_session_alone(northwind: ResellerFacts) -> None:
    add_client(northwind)
    here, there = log_in(northwind).token, log_in(northwind).token

    with transaction():
        identity.log_out(here)

    assert identity.resume_session(here) is None
    assert identity.resume_session(there) is not None


def test_a_person_sees_and_ends_their_sessions_but_nobody_elses(northwind: ResellerFacts) -> None:
    ada = add_client(northwind)
    add_client(northwind, "bo@example.com")
    here, there = log_in(northwind), log_in(northwind, keep=True)
    bo = log_in(northwind, "bo@example.com")

    with bind(Scope(northwind.id, ada.id)):
        rows = identity.sessions_of(here.visitor)
    with within(northwind, ada.id):
        identity.revoke_session(here.visitor, there.visitor.session_public_id)
    with within(northwind, ada.id), pytest.raises(NotFound):
        identity.revoke_session(here.visitor, bo.visitor.session_public_id)

    assert {(row.public_id, row.current, row.keep) for row in rows} == {
        (here.visitor.session_public_id, True, False),
        (there.visitor.session_public_id, False, True),
    }
    assert {(row.address, row.browser) for row in rows} == {(ADDRESS, BROWSER)}
    assert identity.resume_session(there.token) is None
    assert identity.resume_session(bo.token) is not None


def test_a_visitor_lives_in_their_own_zone_or_the_accounts_or_the_resellers(app: Flask) -> None:
    reseller = add_reseller(time_zone="America/Halifax")
    ada = add_client(reseller, time_zone="America/Vancouver", language="fr")
    add_owner(reseller)
    owner, client = log_in(None, "owner@example.com"), log_in(reseller)

    with within(reseller, ada.id):
        identity.set_time_zone(client.visitor.person_id, "Europe/Paris")
        identity.set_language(client.visitor.person_id, "es")

    again = identity.resume_session(client.token)
    assert again is not None
    assert owner.visitor.time_zone == "America/Halifax"
    assert (client.visitor.time_zone, client.visitor.language) == ("America/Vancouver", "fr")
    assert (again.time_zone, again.language) == ("Europe/Paris", "es")


def test_a_disabled_member_of_staff_is_out_at_once(northwind: ResellerFacts) -> None:
    add_owner(northwind)
    helper = add_owner(northwind, "help@example.com", Role.SUPPORT)
    token = log_in(None, "help@example.com").token

    with within(northwind):
        identity.disable_teammate(helper.public_id)

    assert identity.resume_session(token) is None
    assert try_login(None, "help@example.com") == LoginRefusal(LoginProblem.WRONG)


def test_a_password_changed_between_the_steps_refuses_the_login(northwind: ResellerFacts) -> None:
    add_client(northwind)
    with transaction():
        attempt = identity.begin_login(northwind.id, "ada@example.com", address=ADDRESS)
    proof = identity.prove(attempt, PASSWORD)
    with within(northwind):
        session().scalars(select(Person)).one().password_hash = HASH.hash + "x"

    with transaction():
        entered = identity.log_in(proof, browser=BROWSER)

    assert entered == LoginRefusal(LoginProblem.WRONG)


def test_an_old_hash_is_renewed_at_login(app: Flask, northwind: ResellerFacts) -> None:
    from argon2 import PasswordHasher

    add_client(northwind)
    old = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(PASSWORD)
    with within(northwind):
        session().scalars(select(Person)).one().password_hash = old

    log_in(northwind)

    with bind(Scope(northwind.id)):
        stored = session().scalars(select(Person.password_hash)).one()
    assert stored is not None
    assert not passwords.needs_rehash(stored)
    assert isinstance(try_login(northwind, "ada@example.com"), Entered)


@pytest.mark.parametrize("token", ["", "x", "é" * 300, "\udcff", "0" * 5000])
def test_a_made_up_token_is_nobody(northwind: ResellerFacts, token: str) -> None:
    assert identity.resume_session(token) is None
