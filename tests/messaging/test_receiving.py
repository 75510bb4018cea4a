"""Texts that arrive: by webhook, by polling, by both; each stored and charged once."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask, current_app
from sqlalchemy import select

from portal import calls, identity, messaging, numbers, upstream
from portal.carriers import CarrierMessage, Direction, MessageKind
from portal.core import clock
from portal.core.db import session
from portal.core.money import Money
from portal.messaging.models import InboundEvent
from portal.tasks import IMPORT_MESSAGES, RECEIVE_MESSAGE
from tests.calls.conftest import books_are_right
from tests.messaging.conftest import CONTACT, OTHERS, OWN, PRICE_IN, SPARE, Desk
from tests.worker import queued_tasks, work

NOTHING = Money(0)


def hook(desk: Desk) -> str:
    with desk.reading():
        return f"/hooks/voipms/{upstream.hook_secret()}/sms"


def fields(row: dict[str, Any], **changes: str) -> dict[str, str]:
    """What the carrier's templated callback says of a text."""
    return {
        "to": row["did"], "from": row["contact"], "message": row["message"], "id": str(row["id"]),
        "files": ",".join(row["media"]), "date": "",
    } | changes  # fmt: skip


def tell(desk: Desk, row: dict[str, Any], **changes: str) -> int:
    """Call our webhook as the carrier does; the status of the answer."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    answer = app.test_client().get(hook(desk), query_string=fields(row, **changes))
    session().rollback()
    if answer.status_code == 200:
        assert answer.get_data(as_text=True) == "ok"
    return answer.status_code


def poll(desk: Desk) -> None:
    desk.accept(IMPORT_MESSAGES)
    work()


def message(text: str = "Hello", **changes: Any) -> CarrierMessage:
    facts: dict[str, Any] = {
        "kind": MessageKind.SMS, "id": "7", "direction": Direction.IN, "did": OWN[2:],
        "contact": CONTACT[2:], "text": text, "at": clock.now() - timedelta(minutes=1),
    } | changes  # fmt: skip
    return CarrierMessage(**facts)


def test_a_text_told_twice_and_polled_twice_is_one_text_charged_once(desk: Desk) -> None:
    row = desk.arrives("Are you open?")

    assert tell(desk, row) == 200
    assert tell(desk, row) == 200
    assert queued_tasks() == [RECEIVE_MESSAGE.name] * 2
    work()
    poll(desk)
    poll(desk)

    [stored] = desk.messages("in")
    assert (stored.text, stored.state, stored.contact) == ("Are you open?", "received", CONTACT)
    assert desk.standing() == (-PRICE_IN, NOTHING)
    with desk.reading():
        [line] = messaging.conversations(desk.client_id).rows
    assert (line.unread, line.last_text, line.last_direction) == (1, "Are you open?", "in")
    assert books_are_right()


def test_what_the_webhook_missed_is_polled_in_both_kinds(desk: Desk) -> None:
    desk.arrives("One")
    desk.arrives("Two", media=["https://media.example.test/1.jpg"])

    poll(desk)

    assert [(row.kind, row.text) for row in desk.messages("in")] == [("sms", "One"), ("mms", "Two")]
    assert books_are_right()


def test_after_three_days_without_a_poll_what_came_on_the_first_is_fetched(desk: Desk) -> None:
    three_days_ago = clock.now() - timedelta(days=3)
    with time_machine.travel(three_days_ago):
        poll(desk)
    came_at = three_days_ago + timedelta(hours=1)
    desk.arrives("While you were away", at=came_at.isoformat())
    desk.arrives("Just now")

    poll(desk)
    poll(desk)

    assert [row.text for row in desk.messages("in")] == ["While you were away", "Just now"]
    assert desk.standing() == (-PRICE_IN - PRICE_IN, NOTHING)
    with desk.writing():
        again_from = calls.texts_from(
            clock.now(), overlap=timedelta(hours=26), longest=timedelta(days=91)
        )
    assert clock.now() - again_from < timedelta(hours=27), "the gap is closed"
    assert books_are_right()


def test_a_poll_that_the_carrier_refused_leaves_the_gap_open(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    three_days_ago = clock.now() - timedelta(days=3)
    with time_machine.travel(three_days_ago):
        poll(desk)
    desk.arrives("Early", at=(three_days_ago + timedelta(hours=1)).isoformat())
    desk.fault("html", calls=0, method="getSMS")
    poll(desk)
    desk.well_again()

    poll(desk)

    assert [row.text for row in desk.messages("in")] == ["Early"]


def test_a_look_for_texts_goes_back_91_days_at_most(desk_on_sqlite: Desk) -> None:
    now = clock.now()
    words = {"overlap": timedelta(hours=26), "longest": timedelta(days=91)}
    with desk_on_sqlite.writing():
        first = calls.texts_from(now, **words)
        calls.texts_complete(now - timedelta(days=200), new=0)
        long_after = calls.texts_from(now, **words)

    assert (now - first, now - long_after) == (timedelta(hours=26), timedelta(days=91))


def test_j13_text_seven_and_picture_seven_are_two(desk: Desk) -> None:
    with desk.writing():
        new = [
            messaging.receive(message("text")),
            messaging.receive(message("picture", kind=MessageKind.MMS)),
            messaging.receive(message("text again")),
            messaging.receive(message("sent", direction=Direction.OUT, id="8")),
        ]

    assert new == [True, True, False, False]
    assert [row.kind for row in desk.messages("in")] == ["sms", "mms"]
    assert books_are_right()


def test_a_number_of_nobody_is_kept_for_the_reseller_and_charged_to_nobody(desk: Desk) -> None:
    row = desk.arrives("Who is this?", did=SPARE[2:])

    tell(desk, row)
    work()
    poll(desk)

    assert desk.strays() == 1
    assert desk.messages("in") == []
    assert (desk.standing(), desk.standing(desk.other_id)) == ((NOTHING, NOTHING),) * 2
    with desk.reading():
        assert messaging.stray_count() == 1


def test_a_late_text_belongs_to_whoever_had_the_number_then(desk: Desk) -> None:
    with desk.reading():
        [own] = numbers.dids_of(desk.client_id)
        [others] = numbers.dids_of(desk.other_id)
    before = clock.now() - timedelta(hours=2)
    with desk.writing():
        assert own.link_public_id is not None
        assert others.sub_account_id is not None
        numbers.unconnect(own.link_public_id, at=clock.now() - timedelta(hours=1))
        numbers.connect_dids(
            [own.public_id], others.sub_account_id, client_id=desk.other_id,
            charge_setup=False, charge_monthly=False,
        )  # fmt: skip

    with desk.writing():
        messaging.receive(message("late", at=before))
        messaging.receive(message("between", id="8", at=clock.now() - timedelta(minutes=30)))
        messaging.receive(message("now", id="9", at=clock.now() + timedelta(seconds=5)))

    owners = {row.text: row.client_id for row in desk.messages("in")}
    assert owners == {"late": desk.client_id, "now": desk.other_id}
    assert desk.strays() == 1
    assert books_are_right()


def test_a_late_text_does_not_push_a_newer_one_from_the_list(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    with desk.writing():
        messaging.receive(message("newer"))
        messaging.receive(message("older", id="8", at=clock.now() - timedelta(hours=3)))

    with desk.reading():
        [line] = messaging.conversations(desk.client_id).rows
    assert (line.last_text, line.unread) == ("newer", 2)
    assert books_are_right()


def test_a_suspended_client_still_receives(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    with desk.writing():
        identity.suspend_client(desk.client_id)

    poll_of = desk.arrives()
    tell(desk, poll_of)
    work()

    assert len(desk.messages("in")) == 1
    assert desk.standing() == (-PRICE_IN, NOTHING)


def test_the_hour_that_happens_twice_is_one_moment_by_both_ways(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    first_pass = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # 01:30 Eastern, for the first time
    row = desk.arrives("Twice", at=first_pass.isoformat())

    tell(desk, row, date="2026-11-01 01:30:00")
    work()

    [stored] = desk.messages("in")
    assert stored.at == first_pass


def test_an_envelope_of_json_is_the_same_text(desk: Desk) -> None:
    row = desk.arrives("Both ways")
    envelope = {"data": {"id": row["id"], "event_type": "message.received", "payload": {
        "id": row["id"], "type": "SMS", "from": {"phone_number": row["contact"]},
        "to": [{"phone_number": row["did"]}], "text": row["message"], "media": [],
        "received_at": row["at"],
    }}}  # fmt: skip
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    answer = app.test_client().post(hook(desk), json=envelope)
    session().rollback()
    tell(desk, row)
    work()

    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "ok")
    assert len(desk.messages("in")) == 1
    assert books_are_right()


@pytest.mark.parametrize(
    "body",
    ["{", "[]", "null", '{"data": 1}', '{"data": {"event_type": "message.received"}}',
     "[" * 20_000],
)  # fmt: skip
def test_a_body_that_is_no_message_is_kept_as_a_problem(desk_on_sqlite: Desk, body: str) -> None:
    desk = desk_on_sqlite
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    answer = app.test_client().post(hook(desk), data=body, content_type="application/json")
    session().rollback()

    assert answer.status_code == 400
    assert queued_tasks() == []
    with desk.reading():
        [event] = session().scalars(select(InboundEvent))
        assert event.problem
        assert event.handled_at is not None


def test_a_callback_without_its_facts_is_refused(desk_on_sqlite: Desk) -> None:
    row = desk_on_sqlite.arrives()
    for changes in ({"id": ""}, {"id": "{ID}"}, {"from": "{FROM}"}, {"to": ""}):
        assert tell(desk_on_sqlite, row, **changes) == 400
    assert queued_tasks() == []


def test_another_secret_reaches_nobody(desk_on_sqlite: Desk) -> None:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    answer = app.test_client().get("/hooks/voipms/guessed/sms?id=1&to=1&from=1&message=x")
    session().rollback()

    assert answer.status_code == 404
    assert queued_tasks() == []


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in pieces"])
def test_a_body_of_thirty_megabytes_is_refused_and_none_of_it_is_kept(
    desk_on_sqlite: Desk, announced: bool
) -> None:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    envelope = (
        b'{"data": {"event_type": "message.received", "payload": {"text": "' + b"a" * 30_000_000
    )
    bodies = [
        (envelope, "application/json"),
        (b"message=" + b"a" * 30_000_000, "application/x-www-form-urlencoded"),
    ]
    if not announced:  # the carrier would read ok, and we would have kept a cut one
        bodies.append((envelope[:90_000] + b'"}}}', "application/json"))
    for body, kind in bodies:
        length = (
            {"CONTENT_LENGTH": str(len(body))} if announced else {"wsgi.input_terminated": True}
        )
        answer = app.test_client().post(
            hook(desk_on_sqlite),
            input_stream=io.BytesIO(body),
            content_type=kind,
            environ_overrides=length,
        )
        session().rollback()
        assert answer.status_code == 413
    with desk_on_sqlite.reading():
        assert list(session().scalars(select(InboundEvent))) == []


@pytest.mark.parametrize("boundary", ["x", "", "x" * 5_000, 'x"; y'])
def test_garbage_that_calls_itself_multipart_is_no_message_and_no_fault(
    desk_on_sqlite: Desk, boundary: str
) -> None:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    part = b'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n7\r\n'
    for body in (b"\xff\x00" * 400, part * 300, b"--x\r\n" * 900, part[:-9]):
        answer = app.test_client().post(
            hook(desk_on_sqlite),
            data=body,
            content_type=f"multipart/form-data; boundary={boundary}",
        )
        session().rollback()
        assert answer.status_code in {400, 413}
    assert queued_tasks() == []


def test_a_nul_in_a_body_is_no_reason_to_fail(desk: Desk) -> None:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    answer = app.test_client().post(hook(desk), data="{\x00", content_type="application/json")
    session().rollback()

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "text",
    ["a\x00b \x1b[31mred\x07 \ud83d", "x" * 9_000, "'; DROP TABLE messages;-- <b>\u202e{ID}"],
)
def test_hostile_words_are_stored_as_words(desk: Desk, text: str) -> None:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    payload = {"id": 31, "type": "SMS", "from": {"phone_number": CONTACT}, "text": text,
               "to": [{"phone_number": OWN}]}  # fmt: skip
    envelope = {"data": {"event_type": "message.received", "payload": payload}}

    answer = app.test_client().post(
        hook(desk), data=json.dumps(envelope), content_type="application/json"
    )
    session().rollback()
    work()

    assert answer.status_code == 200
    [stored] = desk.messages("in")
    assert "\x00" not in stored.text
    assert len(stored.text) <= 4_096
    assert books_are_right()


def test_somebody_with_the_others_number_gets_nothing_of_ours(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    desk.arrives("For the other", did=OTHERS[2:])

    poll(desk)

    [stored] = desk.messages("in")
    assert stored.client_id == desk.other_id
    assert desk.standing() == (NOTHING, NOTHING)
    assert desk.standing(desk.other_id) == (-PRICE_IN, NOTHING)
