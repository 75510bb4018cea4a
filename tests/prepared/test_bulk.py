"""One text to many: each gets their own once, whoever kills, stops, limits or double-presses it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine

from portal import contacts, prepared
from portal.contacts import ContactDraft, NumberFacts
from portal.core import clock
from portal.core.errors import InsufficientBalance, InvalidInput
from portal.core.money import Money
from portal.core.sheets import read_sheet
from portal.identity import BalanceMode
from portal.prepared import BulkFacts, BulkState, Limits, Pause
from portal.tasks import IMPORT_MESSAGES
from tests.calls.conftest import books_are_right
from tests.carrier import Carrier
from tests.messaging.conftest import OWN, PRICE_OUT, Desk, open_desk
from tests.run_task import run_and_die
from tests.worker import bring_forward, work

SHEET = b"""mobile,first name,amount
613 555 0161,Amara,12.50
613 555 0162,Beatriz,7.00
(613) 555-0161,Amara again,1.00
no number,Nobody,0
613 555 0163,Cormac,3.25
"""
TEXTS = ["Hello Amara, 12.50 is due.", "Hello Beatriz, 7.00 is due.", "Hello Cormac, 3.25 is due."]
NOTHING = Money(0)


def written(desk: Desk, text: str = "Hello [first name], [amount] is due.") -> uuid.UUID:
    """A draft for the lines of a file, with its text."""
    with desk.writing():
        found, left_out = prepared.of_sheet(read_sheet(SHEET), country="CA")
        made = prepared.begin_bulk(
            desk.client_id, found, name="due.csv", left_out=left_out, person_id=None
        )
    with desk.writing():
        prepared.write_bulk(
            desk.client_id, made, sender=OWN, text=text, send_as="", sender_name="Ada"
        )
    return made


def started(desk: Desk) -> uuid.UUID:
    made = written(desk)
    with desk.writing():
        assert prepared.start_bulk(desk.client_id, made)
    with desk.writing():
        assert not prepared.start_bulk(desk.client_id, made), "pressed twice"
    return made


def facts(desk: Desk, made: uuid.UUID) -> BulkFacts:
    with desk.reading():
        return prepared.find_bulk(desk.client_id, made)


@pytest.mark.parametrize("failpoint", ["bulk.claimed", "bulk.queued:2", "bulk.row"])
def test_a_worker_killed_between_any_two_texts_sends_each_once(
    desk: Desk, each_database: str, environment: dict[str, str], failpoint: str
) -> None:
    made = started(desk)
    settings = environment | {"DATABASE_URL": each_database}

    killed = run_and_die(desk.newest_task(), failpoint=failpoint, environment=settings)
    bring_forward()
    work(later=True)

    assert killed == -9
    assert sorted(desk.copies()) == TEXTS
    assert desk.standing() == (-PRICE_OUT - PRICE_OUT - PRICE_OUT, NOTHING)
    assert facts(desk, made).state is BulkState.DONE
    assert books_are_right()


def test_what_each_gets_costs_and_who_is_left_out_is_known_before(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    desk.arrives("STOP", contact="6135550162")
    desk.accept(IMPORT_MESSAGES)
    work()
    answers = desk.copies()
    made = written(desk)

    with desk.reading():
        rows = prepared.rows_of_bulk(desk.client_id, made)
        found = prepared.find_bulk(desk.client_id, made)

    assert [(row.text, row.kind, row.bytes, row.price, row.state) for row in rows] == [
        (TEXTS[0], "sms", 26, PRICE_OUT, "waiting"),
        (TEXTS[1], "sms", 27, NOTHING, "left_out"),
        (TEXTS[2], "sms", 26, PRICE_OUT, "waiting"),
    ]
    assert found.left_out == {"duplicate": 1, "no_number": 1}
    assert (found.to_send, found.total) == (2, PRICE_OUT + PRICE_OUT)
    with pytest.raises(InvalidInput, match="no variable"), desk.writing():
        prepared.write_bulk(
            desk.client_id, made, sender=OWN, text="[amounts]", send_as="", sender_name=""
        )
    assert desk.copies() == answers, "nothing went out"


def test_the_balance_covers_all_or_nothing_begins(app: object, practice: Carrier) -> None:
    desk = open_desk(practice, mode=BalanceMode.HARD, credit="0.04")
    made = written(desk)

    with pytest.raises(InsufficientBalance), desk.writing():
        prepared.start_bulk(desk.client_id, made)
    desk.pay("0.01")
    with desk.writing():
        prepared.start_bulk(desk.client_id, made)
    desk.send("Something else", reference="other")  # takes what the last one needed
    work(later=True)
    paused = facts(desk, made)
    desk.pay("0.01")
    desk.pay("0.02")
    with desk.writing():
        assert prepared.resume_bulk(desk.client_id, made)
    work(later=True)

    assert (paused.state, paused.pause, paused.over) == (BulkState.PAUSED, Pause.BALANCE, 2)
    assert sorted(desk.copies()) == [*TEXTS, "Something else"]
    assert books_are_right()


def test_whoever_stops_it_stops_it_at_once(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    with desk.writing():
        prepared.save_bulk_limits(Limits(a_minute=1, a_day=100))
    made = started(desk)
    work()
    slow = facts(desk, made)

    with desk.writing():
        assert prepared.pause_bulk(desk.client_id, made)
    work(later=True)
    with desk.writing():
        assert prepared.stop_bulk(desk.client_id, made)
        assert not prepared.resume_bulk(desk.client_id, made)
    work(later=True)

    with desk.writing():
        prepared.save_bulk_limits(Limits(a_minute=100, a_day=100))
    second = started(desk)
    work()
    with desk.writing():
        prepared.pause_bulk(desk.client_id, second)
    work(later=True)
    assert facts(desk, second).state is BulkState.DONE, "nothing was left to pause"
    assert (slow.state, slow.over) == (BulkState.RUNNING, 1)
    assert facts(desk, made).state is BulkState.STOPPED
    assert desk.copies() == TEXTS[:1] + TEXTS
    assert books_are_right()


def test_the_carriers_limit_of_the_day_pauses_it_until_tomorrow(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    with desk.writing():
        prepared.save_bulk_limits(Limits(a_minute=600, a_day=2))
    made = started(desk)
    work()
    full = facts(desk, made)
    desk.fault("status", calls=0, status="limit_reached")

    with time_machine.travel(clock.now() + timedelta(days=1), tick=True):
        work()
        with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
            work()
            refused = facts(desk, made)
        with time_machine.travel(clock.now() + timedelta(hours=4), tick=True):
            work(rounds=4, later=True)
    desk.well_again()
    with time_machine.travel(clock.now() + timedelta(days=2), tick=True):
        work(later=True)

    assert (full.state, full.pause, full.over) == (BulkState.PAUSED, Pause.DAY_LIMIT, 2)
    assert full.paused_until is not None
    assert (refused.state, refused.pause) == (BulkState.PAUSED, Pause.CARRIER_LIMIT)
    assert facts(desk, made).state is BulkState.DONE
    assert sorted(desk.copies()) == TEXTS
    assert desk.standing() == (-PRICE_OUT - PRICE_OUT - PRICE_OUT, NOTHING)
    assert books_are_right()


def test_contacts_get_their_names_and_who_has_no_number_is_counted(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    with desk.writing():
        contacts.add(
            desk.client_id,
            ContactDraft("Nadia Okafor", "Rideau Press", numbers=(NumberFacts("613 555 0155"),)),
        )
        contacts.add(desk.client_id, ContactDraft("Nobody"))
        cards = contacts.every(desk.client_id, contacts.ContactFilter())
        found, left_out = prepared.of_contacts(cards)

    assert left_out == {"no_number": 1}
    assert prepared.fill("Dear [First_Name] of [company],[my name]", found[0].values) == (
        "Dear Nadia of Rideau Press,[my name]"
    )
    assert prepared.fill("Hello [first name], bye", {"first name": ""}) == "Hello, bye"
