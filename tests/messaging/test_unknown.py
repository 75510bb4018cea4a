"""Nobody knows whether it went out: it is looked up, charged when found, never sent twice."""

from __future__ import annotations

import pytest

from portal import messaging
from portal.core.errors import NotFound
from portal.core.money import Money
from portal.messaging.delivering import LOOK_UP_AFTER
from portal.tasks import DELIVER_SMS, LOOK_UP_MESSAGE
from tests.calls.conftest import books_are_right
from tests.messaging.conftest import PRICE_OUT, Desk
from tests.worker import queued_tasks, work

NOTHING = Money(0)


def test_what_went_out_without_an_answer_is_found_and_charged_once(desk: Desk) -> None:
    desk.send("Did it go?")
    desk.fault("cut")

    work()
    between = desk.states(), desk.standing(), queued_tasks()
    work(later=True)

    assert between == (["unknown"], (NOTHING, PRICE_OUT), [LOOK_UP_MESSAGE.name])
    assert desk.states() == ["sent"]
    assert desk.copies() == ["Did it go?"]
    assert desk.standing() == (-PRICE_OUT, NOTHING)
    assert books_are_right()


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("reset_after", {}),
        ("truncated", {}),
        ("empty", {"after": True}),
        ("gzip_bomb", {"megabytes": 20}),
        ("changed", {"without": ["sms"]}),
        ("changed", {"without": ["status"]}),
    ],
)
def test_every_way_to_answer_badly_is_an_unknown_outcome(
    desk_on_sqlite: Desk, kind: str, more: dict[str, object]
) -> None:
    desk = desk_on_sqlite
    desk.send("Did it go?")
    desk.fault(kind, **more)

    work()
    between = desk.states()
    work(later=True)

    assert between == ["unknown"]
    assert desk.states() == ["sent"]
    assert desk.copies() == ["Did it go?"]
    assert desk.standing() == (-PRICE_OUT, NOTHING)


def test_an_answer_that_never_ends_is_an_unknown_outcome(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    desk.send("Drop by drop")
    desk.fault("drip", seconds=1)

    work()
    between = desk.states()
    work(later=True)

    assert between == ["unknown"]
    assert desk.states() == ["sent"]
    assert desk.copies() == ["Drop by drop"]


def test_what_proves_absent_fails_after_the_last_look_with_the_money_back(desk: Desk) -> None:
    desk.send("Never arrived")
    desk.fault("reset")

    work()
    between = desk.states()
    work(later=True)

    [message] = desk.messages()
    assert between == ["unknown"]
    assert (message.state, message.error_code) == ("failed", "not_sent")
    assert desk.carrier.control("stats")["requests"]["getSMS"] == len(LOOK_UP_AFTER)
    assert desk.copies() == []
    assert desk.standing() == (NOTHING, NOTHING)
    assert books_are_right()


def test_while_nobody_knows_it_cannot_be_sent_again(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    name = desk.send()
    desk.fault("reset")
    work()

    with pytest.raises(NotFound), desk.writing():
        messaging.retry(desk.client_id, name, reference="again")
    desk.accept(DELIVER_SMS, message_id=desk.messages()[0].id)
    work()

    assert desk.states() == ["unknown"]
    assert desk.copies() == []


def test_a_carrier_that_is_down_for_long_does_not_end_the_looking(
    desk_on_sqlite: Desk,
) -> None:
    desk = desk_on_sqlite
    desk.send("Still looking")
    desk.fault("cut")
    work()
    desk.fault("status", method="getSMS", calls=0, status="method_maintenance")

    work(rounds=13, later=True)
    while_down = desk.states()
    desk.well_again()
    work(later=True)

    assert while_down == ["unknown"]
    assert desk.states() == ["sent"]
    assert desk.copies() == ["Still looking"]
    assert desk.standing() == (-PRICE_OUT, NOTHING)
    assert books_are_right()


def test_two_equal_texts_of_unknown_outcome_are_two_texts(desk: Desk) -> None:
    for number in range(3):
        desk.send("Yes", reference=f"r{number}")
    desk.fault("cut", calls=2)  # the third gets its answer

    work()
    between = sorted(desk.states())
    work(later=True)

    references = [message.carrier_ref for message in desk.messages()]
    assert between == ["sent", "unknown", "unknown"]
    assert desk.states() == ["sent"] * 3
    assert len(set(references)) == len(desk.copies()) == 3
    assert desk.standing() == (-Money.of("0.045"), NOTHING)
    assert books_are_right()


def test_of_two_equal_texts_the_one_that_never_went_out_is_paid_back(desk: Desk) -> None:
    desk.send("Yes", reference="gone")
    desk.fault("reset")
    work()

    desk.send("Yes", reference="sent")
    work()
    work(later=True)

    assert sorted(desk.states()) == ["failed", "sent"]
    assert desk.copies() == ["Yes"]
    assert desk.standing() == (-PRICE_OUT, NOTHING)
    assert books_are_right()


def test_a_run_that_lost_its_lease_changes_nothing(desk: Desk) -> None:
    desk.send()
    [waiting] = desk.messages()
    message_id = waiting.id
    with desk.writing():
        late = messaging.claim(message_id)
    assert late is not None
    with desk.writing():
        messaging.put_back(message_id, late.lease_number, code="carrier_outage")

    work(later=True)
    with desk.writing():
        messaging.settle(message_id, late.lease_number, "999")
        messaging.refuse(message_id, late.lease_number, code="late")
        messaging.mark_unknown(message_id, late.lease_number)

    [message] = desk.messages()
    assert message.state == "sent"
    assert message.carrier_ref != "999"
    assert desk.standing() == (-PRICE_OUT, NOTHING)
    assert books_are_right()
