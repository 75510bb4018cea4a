"""Sending texts: accepted once with the money set aside, handed over once, charged once."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask, current_app

from portal import identity, messaging, numbers
from portal.core import clock
from portal.core.db import db
from portal.core.errors import DomainError, InsufficientBalance, InvalidInput, NotFound, Refused
from portal.core.money import Money
from portal.identity import BalanceMode
from portal.messaging import Limits
from portal.tasks import DELIVER_SMS, IMPORT_MESSAGES
from tests.calls.conftest import books_are_right
from tests.carrier import Carrier
from tests.messaging.conftest import MMS_OUT, OTHERS, PRICE_OUT, SPARE, Desk, open_desk
from tests.pictures import picture
from tests.worker import queued_tasks, work

NOTHING = Money(0)


def at_once(desk: Desk, times: int, action: Callable[[int], Any]) -> list[Any]:
    """Do it in so many threads that start together; each one's answer, or what it raised."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    gate, answers = threading.Barrier(times), [None] * times

    def run(number: int) -> None:
        with app.app_context():
            gate.wait(20)
            try:
                answers[number] = action(number)
            except DomainError as refusal:
                answers[number] = refusal
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_a_text_is_held_when_accepted_and_charged_when_the_carrier_takes_it(desk: Desk) -> None:
    desk.send("Bien reçu 👍")
    accepted = desk.states(), desk.standing(), queued_tasks()

    work()

    assert accepted == (["queued"], (NOTHING, PRICE_OUT), [DELIVER_SMS.name])
    assert desk.copies() == ["Bien reçu 👍"]
    assert desk.standing() == (-PRICE_OUT, NOTHING)
    assert desk.states() == ["sent"]
    assert books_are_right()


def test_the_same_reference_is_the_same_message_whatever_it_says(desk: Desk) -> None:
    first = desk.send("One")
    work()

    again = desk.send("Two", to="+15145550123")
    work()

    assert again == first
    assert desk.copies() == ["One"]
    assert desk.standing() == (-PRICE_OUT, NOTHING)


def test_two_clients_may_use_the_same_reference(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    first = desk.send()

    second = desk.send(sender=OTHERS, client_id=desk.other_id)

    assert first != second
    assert len(desk.messages()) == 2


def test_the_same_reference_at_once_is_one_message_and_one_hold(desk: Desk) -> None:
    card = desk.upload(picture())
    with desk.writing():  # a quota that nothing counted twice would fit into
        messaging.save_limits(Limits(per_hour=3), client_id=desk.client_id)
    answers = [
        at_once(desk, 6, lambda _, wanted=wanted: desk.send(**wanted))
        for wanted in (
            {"text": "With a card", "reference": "card", "files": (card,)},
            {"text": "word " * 50, "reference": "parts", "send_as": "parts"},
        )
    ]

    work()

    assert [len({str(one) for one in same}) for same in answers] == [1, 1]
    assert sorted(map(len, desk.copies())) == [11, 89, 159]
    assert desk.standing() == (-(MMS_OUT + PRICE_OUT + PRICE_OUT), NOTHING)
    assert books_are_right()


@pytest.mark.parametrize("each", ["sqlite", "postgresql"])
def test_g1_credit_for_one_text_lets_one_of_ten_through(
    each: str, request: pytest.FixtureRequest, make_app: Any, practice: Carrier
) -> None:
    fixture = "sqlite_url" if each == "sqlite" else "migrated_postgres_url"
    with make_app(request.getfixturevalue(fixture)).app_context():
        desk = open_desk(practice, mode=BalanceMode.HARD, credit="0.015")

        answers = at_once(desk, 10, lambda number: desk.send(reference=f"r{number}"))
        work()

        kinds = Counter(type(answer) for answer in answers)
        assert kinds == {uuid.UUID: 1, InsufficientBalance: 9}
        assert len(desk.messages()) == len(desk.copies()) == 1
        assert desk.standing() == (NOTHING, NOTHING)
        assert books_are_right()
        db.session.remove()


def test_g2_less_than_the_price_is_refused_beside_the_text(app: Flask, practice: Carrier) -> None:
    desk = open_desk(practice, mode=BalanceMode.HARD, credit="0.0149")

    with pytest.raises(InsufficientBalance) as refused:
        desk.send()

    assert refused.value.field == "text"
    assert desk.messages() == []
    assert queued_tasks() == []
    assert desk.standing() == (Money.of("0.0149"), NOTHING)
    assert books_are_right()


def test_what_the_carrier_refuses_fails_with_the_money_back_and_may_be_sent_again(
    desk: Desk,
) -> None:
    failed = desk.send("Second try")
    desk.fault("status", status="invalid_dst")
    work()
    told = desk.messages()[0]

    with desk.writing():
        messaging.retry(desk.client_id, failed, reference="again")
        messaging.retry(desk.client_id, failed, reference="again")
    work()

    assert (told.state, told.error_code) == ("failed", "invalid_dst")
    assert desk.states() == ["failed", "sent"]
    assert desk.copies() == ["Second try"]
    assert desk.standing() == (-PRICE_OUT, NOTHING)
    assert books_are_right()


@pytest.mark.parametrize("state", ["queued", "sent"])
def test_only_a_failed_text_is_sent_again(desk_on_sqlite: Desk, state: str) -> None:
    name = desk_on_sqlite.send()
    if state == "sent":
        work()

    with pytest.raises(NotFound), desk_on_sqlite.writing():
        messaging.retry(desk_on_sqlite.client_id, name, reference="again")


def test_somebody_elses_failed_text_is_not_there(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    failed = desk.send()
    desk.fault("status", status="invalid_dst")
    work()

    with pytest.raises(NotFound), desk.writing():
        messaging.retry(desk.other_id, failed, reference="again")


def test_a_carrier_that_cannot_be_asked_keeps_texts_waiting_and_gets_each_once(desk: Desk) -> None:
    for number in range(3):
        desk.send(f"Text {number}", reference=f"r{number}")
    desk.fault("status", calls=0, status="method_maintenance")

    work(rounds=2, later=True)
    while_down = desk.states(), desk.copies(), desk.standing()
    desk.well_again()
    work(later=True)

    assert while_down == (["queued"] * 3, [], (NOTHING, Money.of("0.045")))
    assert sorted(desk.copies()) == ["Text 0", "Text 1", "Text 2"]
    assert desk.standing() == (-Money.of("0.045"), NOTHING)
    assert books_are_right()


def test_a_carrier_that_rests_is_not_asked_at_all(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    desk.fault("status", calls=1, status="api_limit_exceeded")
    for number in range(4):
        desk.send(reference=f"r{number}")

    work(rounds=3)

    requests = desk.carrier.control("stats")["requests"]
    assert requests.get("sendSMS", 0) == 1
    assert desk.states() == ["queued"] * 4


def test_an_outage_of_hours_ends_in_failure_with_the_money_back(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    desk.send()
    desk.fault("status", calls=0, status="method_maintenance")
    work(rounds=13, later=True)  # more tries than one task has
    waiting = desk.states()

    with time_machine.travel(clock.now() + timedelta(hours=3, minutes=5), tick=True):
        work(rounds=3, later=True)

    assert waiting == ["queued"]
    assert [(row.state, row.error_code) for row in desk.messages()] == [
        ("failed", "method_maintenance")
    ]
    assert desk.copies() == []
    assert desk.standing() == (NOTHING, NOTHING)
    assert books_are_right()


def test_the_list_of_the_carrier_says_what_was_delivered(desk: Desk) -> None:
    desk.send()
    work()
    desk.carrier.post("tick")

    desk.accept(IMPORT_MESSAGES)
    work()

    [message] = desk.messages()
    assert message.state == "delivered"
    assert message.delivered_at is not None
    assert desk.standing() == (-PRICE_OUT, NOTHING)
    assert books_are_right()


def test_a_conversation_shows_its_first_text_at_once(desk: Desk) -> None:
    desk.send("The very first")

    with desk.reading():
        [row] = messaging.conversations(desk.client_id).rows

    assert (row.last_text, row.last_direction, row.unread) == ("The very first", "out", 0)


def test_a_suspended_client_sends_nothing(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    with desk.writing():
        identity.suspend_client(desk.client_id)

    with pytest.raises(Refused) as refused:
        desk.send()

    assert refused.value.code == "suspended"
    assert desk.messages() == []


def test_a_number_that_is_not_the_clients_own_is_refused(desk_on_sqlite: Desk) -> None:
    for sender in (OTHERS, SPARE, "+12125550199", "", "6135550101\x00"):
        with pytest.raises(InvalidInput) as refused:
            desk_on_sqlite.send(sender=sender)

        assert refused.value.field == "sender"
    assert desk_on_sqlite.standing() == (NOTHING, NOTHING)


def test_a_number_given_back_sends_nothing_more(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    with desk.reading():
        [row] = numbers.dids_of(desk.client_id)
    with desk.writing():
        numbers.unconnect(row.link_public_id)

    with pytest.raises(InvalidInput):
        desk.send()


def test_a_text_that_waits_does_not_go_out_from_a_number_that_is_another_clients_by_then(
    desk_on_sqlite: Desk,
) -> None:
    desk = desk_on_sqlite
    desk.send()
    with desk.reading():
        [row] = numbers.dids_of(desk.client_id)
        [theirs] = numbers.dids_of(desk.other_id)
    with desk.writing():
        numbers.unconnect(row.link_public_id)
        numbers.connect_dids([row.public_id], theirs.sub_account_id, client_id=desk.other_id)

    work()

    assert desk.copies() == []
    assert desk.states() == ["failed"]
    assert desk.standing() == (NOTHING, NOTHING)
    assert books_are_right()


def test_a_recipient_that_is_no_number_is_refused(desk_on_sqlite: Desk) -> None:
    for to in ("", "911x", "12", "call me", "+" + "9" * 40, "6135550101; drop", "\x00"):
        with pytest.raises(InvalidInput) as refused:
            desk_on_sqlite.send(to=to)

        assert refused.value.field == "recipient"


def test_a_text_that_cannot_be_sent_is_refused_and_costs_nothing(desk_on_sqlite: Desk) -> None:
    for text in ("", "   \n ", "a\x00b", "x" * 161, "é" * 81, "👍" * 41):
        with pytest.raises(InvalidInput) as refused:
            desk_on_sqlite.send(text)

        assert refused.value.field == "text"
    assert desk_on_sqlite.standing() == (NOTHING, NOTHING)


def test_hostile_words_arrive_as_they_are(desk_on_sqlite: Desk) -> None:
    texts = [
        "<script>alert(1)</script>", "'; DROP TABLE messages;--", "x" * 160, "👍" * 40,
        "{FROM}&id=1%00", "\u202eright to left", "=HYPERLINK(1)", "it\\'s",
    ]  # fmt: skip
    for number, text in enumerate(["line\r\nbreak", *texts]):
        desk_on_sqlite.send(text, reference=f"r{number}")
    work()

    assert set(desk_on_sqlite.states()) == {"sent"}
    assert sorted(desk_on_sqlite.copies()) == sorted(["line\nbreak", *texts])


def test_a_reference_that_cannot_be_one_is_refused(desk_on_sqlite: Desk) -> None:
    for reference in ("", "x" * 61, "a\x00b", "new\nline"):
        with pytest.raises(InvalidInput) as refused:
            desk_on_sqlite.send(reference=reference)

        assert refused.value.field == "reference"
