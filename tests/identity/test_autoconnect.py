"""The login form on a reseller's website: straight in, or asked first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from portal import identity
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import InvalidInput
from portal.identity import (
    AskToContinue,
    ClientStatus,
    Entered,
    HandOff,
    LoginProblem,
    LoginRefusal,
    ResellerFacts,
    Visitor,
)
from tests.identity.people import ADDRESS, BROWSER, PASSWORD, add_client, log_in, within

LISTED, STRANGER = "https://www.northwind.example", "https://evil.example"


@pytest.fixture
def reseller(northwind: ResellerFacts) -> ResellerFacts:
    """A reseller with one listed website and two clients."""
    with within(northwind):
        identity.set_login_origins(f"{LISTED}\n")
    add_client(northwind)
    add_client(northwind, "bo@example.com", first_name="Bo")
    found = identity.reseller_by_uid(northwind.uid)
    assert found is not None
    return found


def post_form(
    reseller: ResellerFacts,
    *,
    origin: str | None = LISTED,
    email: str = "ada@example.com",
    password: str = PASSWORD,
) -> HandOff | LoginRefusal:
    with transaction():
        attempt = identity.begin_login(reseller.id, email, address=ADDRESS)
    proof = identity.prove(attempt, password)
    with transaction():
        return identity.begin_hand_off(reseller, proof, origin=origin)


def follow(
    reseller: ResellerFacts, hand_off: HandOff | LoginRefusal, **more: Any
) -> Entered | AskToContinue | None:
    assert isinstance(hand_off, HandOff)
    options: dict[str, Any] = {"visitor": None, "confirmed": False} | more
    with transaction():
        return identity.finish_hand_off(
            reseller, hand_off.token, address=ADDRESS, browser=BROWSER, **options
        )


def visitor_of(entered: Entered | AskToContinue | None) -> Visitor:
    assert isinstance(entered, Entered)
    return entered.visitor


def test_from_a_listed_website_it_goes_straight_in(reseller: ResellerFacts) -> None:
    entered = follow(reseller, post_form(reseller))

    assert visitor_of(entered).email == "ada@example.com"
    assert isinstance(entered, Entered)
    assert identity.resume_session(entered.token) is not None
    assert entered.cookie_expires_at is None


@pytest.mark.parametrize(
    "origin", [STRANGER, "null", None, "", "https://www.northwind.example.evil"]
)
def test_from_anywhere_else_it_asks_first(reseller: ResellerFacts, origin: str | None) -> None:
    hand_off = post_form(reseller, origin=origin)

    asked = follow(reseller, hand_off)
    entered = follow(reseller, hand_off, confirmed=True)

    assert asked == AskToContinue("Ada Moreau", "ada@example.com")
    assert visitor_of(entered).email == "ada@example.com"


def test_the_portals_own_address_needs_no_listing(reseller: ResellerFacts) -> None:
    assert isinstance(follow(reseller, post_form(reseller, origin="http://localhost")), Entered)


def test_somebody_elses_session_is_never_replaced_without_asking(reseller: ResellerFacts) -> None:
    bo = log_in(reseller, "bo@example.com")

    asked = follow(reseller, post_form(reseller), visitor=bo.visitor)

    assert isinstance(asked, AskToContinue)
    assert identity.resume_session(bo.token) is not None


def test_the_same_persons_session_is_no_reason_to_ask(reseller: ResellerFacts) -> None:
    ada = log_in(reseller)

    entered = follow(reseller, post_form(reseller), visitor=ada.visitor, replaces=ada.token)

    assert isinstance(entered, Entered)
    assert identity.resume_session(ada.token) is None


def test_a_token_works_once(reseller: ResellerFacts) -> None:
    hand_off = post_form(reseller)
    follow(reseller, hand_off)

    assert follow(reseller, hand_off) is None
    assert follow(reseller, hand_off, confirmed=True) is None


def test_after_a_minute_it_asks_and_after_five_it_is_over(reseller: ResellerFacts) -> None:
    hand_off = post_form(reseller)
    begin = clock.now()

    with time_machine.travel(begin + timedelta(seconds=61)):
        assert isinstance(follow(reseller, hand_off), AskToContinue)
    with time_machine.travel(begin + timedelta(minutes=5, seconds=1)):
        assert follow(reseller, hand_off, confirmed=True) is None


def test_a_token_is_nothing_at_another_resellers_portal(
    reseller: ResellerFacts, globex: ResellerFacts
) -> None:
    assert follow(globex, post_form(reseller), confirmed=True) is None


def test_it_is_the_same_door_to_the_throttle(reseller: ResellerFacts) -> None:
    for _ in range(10):
        wrong = post_form(reseller, password="not the password")
        assert wrong == LoginRefusal(LoginProblem.WRONG)

    refusal = post_form(reseller)

    assert isinstance(refusal, LoginRefusal)
    assert refusal.problem is LoginProblem.THROTTLED


def test_a_client_closed_meanwhile_does_not_get_in(reseller: ResellerFacts) -> None:
    hand_off = post_form(reseller)
    with within(reseller):
        client = identity.find_clients(identity.ClientFilter(text="ada@")).rows[0]
        identity.close_client(client.id, typed_name="Ada Moreau", still_connected=())

    assert follow(reseller, hand_off, confirmed=True) is None


def test_who_waits_is_refused_at_the_form(northwind: ResellerFacts) -> None:
    add_client(northwind, status=ClientStatus.WAIT)

    assert post_form(northwind) == LoginRefusal(LoginProblem.WAITING)


@pytest.mark.parametrize(
    ("line", "origin"),
    [
        ("https://www.example.com", "https://www.example.com"),
        ("HTTPS://WWW.Example.COM:443/", "https://www.example.com"),
        ("http://example.com:8080", "http://example.com:8080"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("http://[2001:db8::1]:81", "http://[2001:db8::1]:81"),
    ],
)
def test_a_website_is_kept_as_browsers_spell_it(
    northwind: ResellerFacts, line: str, origin: str
) -> None:
    with within(northwind):
        assert identity.set_login_origins(f"\n  {line}  \n{line}\n") == (origin,)


@pytest.mark.parametrize(
    "line",
    [
        "www.example.com", "ftp://example.com", "https://", "https://a b.example", "*", "null",
        "https://example.com/path", "https://example.com?x=1", "https://user@example.com",
        "https://example.com:99999", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_website_is_refused(northwind: ResellerFacts, line: str) -> None:
    with within(northwind), pytest.raises(InvalidInput) as refusal:
        identity.set_login_origins(f"https://good.example\n{line}")

    assert refusal.value.field == "login_origins"
