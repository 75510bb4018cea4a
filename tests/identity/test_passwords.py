"""Choosing, changing and forgetting passwords."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal import identity
from portal.core import clock
from portal.core.db import db, session, transaction
from portal.core.errors import InvalidInput
from portal.core.scope import unscoped
from portal.identity import (
    Entered,
    LinkIsSpent,
    LoginProblem,
    LoginRefusal,
    ResellerFacts,
    ResetLink,
    Role,
    Throttled,
)
from portal.identity.models import OneTimeToken
from tests.identity.people import (
    ADDRESS,
    BROWSER,
    PASSWORD,
    add_client,
    add_owner,
    add_reseller,
    log_in,
    try_login,
    within,
)

NEW = "quite another lamp"


def ask(reseller: ResellerFacts | None, email: str = "ada@example.com") -> ResetLink | None:
    with transaction():
        return identity.begin_reset(reseller.id if reseller else None, email, address=ADDRESS)


def token_for(reseller: ResellerFacts | None, email: str = "ada@example.com") -> str:
    link = ask(reseller, email)
    assert link is not None
    return link.address.rpartition("/")[2]


def finish(reseller: ResellerFacts | None, token: str, password: str = NEW) -> None:
    chosen = identity.choose_password(password)
    with transaction():
        identity.finish_reset(reseller.id if reseller else None, token, chosen, address=ADDRESS)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short one", "password_short"),
        ("x" * 201, "password_long"),
        ("1234567890", "password_common"),
        ("ababababababab", "password_common"),
        ("ADA@example.com", "password_personal"),
        ("Ada.Lovelace", "password_personal"),
    ],
)
def test_a_weak_password_is_refused_with_a_sentence(password: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        identity.choose_password(password, known=("ada@example.com", "ada.lovelace@example.com"))

    assert refusal.value.code == code
    assert refusal.value.field == "password"
    assert refusal.value.message.endswith(".")


def test_a_password_has_no_rules_but_length_and_rareness() -> None:
    assert identity.choose_password("eight owls ").hash.startswith("$argon2id$")


def change(entered: Entered, current: str, new: str = NEW) -> Entered:
    visitor = entered.visitor
    with transaction():
        attempt = identity.begin_change(visitor, address=ADDRESS)
    proof = identity.prove(attempt, current)
    chosen = identity.choose_password(new)
    with unscoped("a test"), transaction():
        return identity.change_password(visitor, proof, chosen, browser=BROWSER)


def test_changing_the_password_needs_the_current_one(northwind: ResellerFacts) -> None:
    add_client(northwind)
    entered = log_in(northwind)

    with pytest.raises(InvalidInput) as refusal:
        change(entered, "a wild guess!")

    assert refusal.value.field == "current_password"
    assert isinstance(try_login(northwind, "ada@example.com", PASSWORD), Entered)


def test_changing_the_password_ends_every_session_and_gives_this_browser_a_new_one(
    app: Flask,
) -> None:
    reseller = add_reseller()
    client = add_client(reseller)
    here, there = log_in(reseller, keep=True), log_in(reseller)

    with transaction():
        attempt = identity.begin_change(here.visitor, address=ADDRESS)
    proof = identity.prove(attempt, PASSWORD)
    chosen = identity.choose_password(NEW)
    with within(reseller, client.id):
        new = identity.change_password(here.visitor, proof, chosen, browser=BROWSER)

    assert identity.resume_session(here.token) is None
    assert identity.resume_session(there.token) is None
    assert identity.resume_session(new.token) is not None
    assert new.cookie_expires_at is not None, "kept, as before"
    assert try_login(reseller, "ada@example.com", PASSWORD) == LoginRefusal(LoginProblem.WRONG)
    assert isinstance(try_login(reseller, "ada@example.com", NEW), Entered)


def test_guessing_the_current_password_is_throttled_like_any_login(
    northwind: ResellerFacts,
) -> None:
    add_client(northwind)
    entered = log_in(northwind)
    for _ in range(10):
        with pytest.raises(InvalidInput):
            change(entered, "a wild guess!")

    with pytest.raises(Throttled):
        change(entered, PASSWORD)
    refusal = try_login(northwind, "ada@example.com", PASSWORD)
    assert isinstance(refusal, LoginRefusal)
    assert refusal.problem is LoginProblem.THROTTLED


def test_a_reset_link_sets_a_new_password_once_and_ends_every_session(
    northwind: ResellerFacts,
) -> None:
    add_client(northwind)
    session_before = log_in(northwind).token
    token = token_for(northwind)
    assert identity.reset_is_open(northwind.id, token)

    finish(northwind, token)

    assert identity.resume_session(session_before) is None
    assert isinstance(try_login(northwind, "ada@example.com", NEW), Entered)
    assert not identity.reset_is_open(northwind.id, token)
    with pytest.raises(LinkIsSpent):
        finish(northwind, token, "yet another lamp")


def test_looking_at_the_page_does_not_spend_the_link(northwind: ResellerFacts) -> None:
    add_client(northwind)
    token = token_for(northwind)

    assert all(identity.reset_is_open(northwind.id, token) for _ in range(3))

    finish(northwind, token)


def test_a_reset_link_lasts_an_hour(northwind: ResellerFacts) -> None:
    add_client(northwind)
    token = token_for(northwind)

    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        assert not identity.reset_is_open(northwind.id, token)
        with pytest.raises(LinkIsSpent):
            finish(northwind, token)


def test_one_used_link_closes_the_others(northwind: ResellerFacts) -> None:
    add_client(northwind)
    first, second = token_for(northwind), token_for(northwind)

    finish(northwind, second)

    with pytest.raises(LinkIsSpent):
        finish(northwind, first)


def test_a_link_opens_nothing_at_another_door(
    northwind: ResellerFacts, globex: ResellerFacts
) -> None:
    add_client(northwind)
    token = token_for(northwind)

    for other in (globex, None):
        with pytest.raises(LinkIsSpent):
            finish(other, token)

    finish(northwind, token)


def test_only_the_hash_of_a_link_is_stored(northwind: ResellerFacts) -> None:
    add_client(northwind)

    link = ask(northwind)

    assert link is not None
    token = link.address.rpartition("/")[2]
    with unscoped("a test"):
        (row,) = session().query(OneTimeToken)
    assert token not in repr(row.__dict__)
    assert token not in repr(link)


def test_nobody_gets_a_link_who_could_not_log_in(northwind: ResellerFacts) -> None:
    add_client(northwind, status=identity.ClientStatus.WAIT)
    add_client(northwind, "gone@example.com", status=identity.ClientStatus.CLOSED)

    assert ask(northwind, "nobody@example.com") is None
    assert ask(northwind) is None
    assert ask(northwind, "gone@example.com") is None


def test_known_and_unknown_are_throttled_alike(northwind: ResellerFacts) -> None:
    add_client(northwind)

    for email in ("ada@example.com", "nobody@example.com"):
        for _ in range(3):
            ask(northwind, email)
        with pytest.raises(Throttled):
            ask(northwind, email)


def test_a_link_leads_to_the_stored_address_never_to_a_header(app: Flask) -> None:
    plain = add_reseller()
    named = add_reseller("Globex Tel", hostname="phones.globex.example")
    for reseller in (plain, named):
        add_client(reseller)
    add_owner(plain)

    with app.test_request_context("/", headers={"Host": "evil.example"}):
        links = [ask(plain), ask(named), ask(None, "owner@example.com")]

    starts = [link.address.rpartition("/")[0] for link in links if link]
    assert starts == [
        f"http://localhost/r/{plain.uid}/reset",
        "http://phones.globex.example/reset",
        "http://localhost/staff/reset",
    ]


def test_staff_reset_their_password_at_their_own_door(northwind: ResellerFacts) -> None:
    add_owner(northwind)
    token = token_for(None, "owner@example.com")

    finish(None, token)

    assert isinstance(try_login(None, "owner@example.com", NEW), Entered)


def test_a_reset_ends_the_pause_that_an_attacker_caused(northwind: ResellerFacts) -> None:
    add_client(northwind)
    for _ in range(10):
        try_login(northwind, "ada@example.com", "not the password", address="203.0.113.1")

    finish(northwind, token_for(northwind))

    assert isinstance(try_login(northwind, "ada@example.com", NEW), Entered)


def test_of_eight_that_use_a_link_at_once_one_wins(app_on_each: Flask) -> None:
    reseller = add_reseller()
    add_client(reseller)
    token, chosen = token_for(reseller), identity.choose_password(NEW)
    won: list[bool] = []
    start = threading.Barrier(8)

    def use() -> None:
        with app_on_each.app_context():
            start.wait()
            try:
                with transaction():
                    identity.finish_reset(reseller.id, token, chosen, address=ADDRESS)
                won.append(True)
            except LinkIsSpent:
                won.append(False)
            db.session.remove()

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == [False] * 7 + [True]


def test_a_disabled_person_gets_no_link(northwind: ResellerFacts) -> None:
    add_owner(northwind)
    helper = add_owner(northwind, "help@example.com", Role.SUPPORT)
    token = token_for(None, "help@example.com")

    with within(northwind):
        identity.disable_teammate(helper.public_id)

    assert ask(None, "help@example.com") is None
    with pytest.raises(LinkIsSpent):
        finish(None, token)
