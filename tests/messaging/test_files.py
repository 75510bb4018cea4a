"""Messages with files and texts in parts: sent once, charged as shown; files that come in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from portal import messaging, upstream
from portal.core import clock
from portal.core.db import session
from portal.core.errors import InsufficientBalance, InvalidInput
from portal.core.money import Money
from portal.core.registry import settings
from portal.core.scope import unscoped
from portal.identity import BalanceMode
from portal.ledger import check
from portal.messaging.models import Message
from portal.tasks import FETCH_MEDIA, IMPORT_MESSAGES, PURGE_EXPIRED
from tests.calls.conftest import books_are_right
from tests.carrier import Carrier
from tests.messaging.conftest import MMS_IN, MMS_OUT, PRICE_OUT, Desk, open_desk
from tests.pictures import photograph, picture
from tests.worker import queued_tasks, work

NOTHING = Money(0)
LONG = "A text of several parts takes more than one message. " * 7
IN_PARTS = Money(PRICE_OUT.micros * 3)


@pytest.fixture
def late(desk_on_sqlite: Desk) -> Iterator[Desk]:
    """A carrier that has the files of messages a while after the messages."""
    desk_on_sqlite.carrier.post("settings", media_delay_seconds=3600)
    yield desk_on_sqlite
    desk_on_sqlite.carrier.post("settings", media_delay_seconds=0, media_life_seconds=0)


def sent_media(desk: Desk) -> list[int]:
    """How many files each message had that really was at the carrier."""
    told = desk.carrier.control("truth/messages", direction="out")["messages"]
    return [len(row["media"]) for row in told]


def kept() -> int:
    return sum(one.is_file() for one in (settings().instance / "files").rglob("*.*"))


def test_j9_what_has_files_is_held_charged_and_given_back_as_an_mms_and_its_retry_has_them_too(
    desk: Desk,
) -> None:
    name = desk.upload(photograph())
    failed = desk.send("Here it is", files=(name,))
    accepted = desk.standing()
    desk.fault("status", method="sendMMS", status="invalid_media")

    work()
    given_back = desk.standing(), desk.states()
    with desk.writing():
        for _ in range(2):
            messaging.retry(desk.client_id, failed, reference="again")
    work()

    assert accepted == (NOTHING, MMS_OUT)
    assert given_back == ((NOTHING, NOTHING), ["failed"])
    assert desk.states() == ["failed", "sent"]
    assert sent_media(desk) == [1]
    assert desk.standing() == (-MMS_OUT, NOTHING)
    assert len({one.stored_as for one in desk.files()}) == 1
    assert books_are_right()


def test_j10_an_mms_whose_answer_was_lost_is_found_in_its_own_list_and_charged_once(
    desk: Desk,
) -> None:
    desk.send("", files=(desk.upload(picture()),))
    desk.fault("cut", method="sendMMS")

    work()
    between = desk.states()
    work(later=True)

    assert (between, desk.states()) == (["unknown"], ["sent"])
    assert sent_media(desk) == [1]
    assert desk.standing() == (-MMS_OUT, NOTHING)
    assert books_are_right()


def test_j13_an_sms_and_an_mms_of_the_same_id_are_two_messages(desk: Desk) -> None:
    for media in ([], ["sample:png"]):
        desk.arrives("Seven", id=7, media=media)

    desk.accept(IMPORT_MESSAGES)
    work()
    desk.accept(IMPORT_MESSAGES)
    work()

    assert [(row.kind, row.carrier_ref) for row in desk.messages("in")] == [
        ("sms", "7"),
        ("mms", "7"),
    ]
    assert books_are_right()


def test_parts_go_in_order_each_for_the_price_of_a_text_and_once_however_often_it_is_pressed(
    desk: Desk,
) -> None:
    first = desk.send(LONG, send_as="parts")
    again = desk.send(LONG, send_as="parts")
    accepted = desk.standing()

    work()

    assert first == again
    assert accepted == (NOTHING, IN_PARTS)
    assert desk.copies() == [row.text for row in desk.messages()]
    assert " ".join(desk.copies()) == LONG.strip()
    assert desk.states() == ["sent"] * 3
    assert desk.standing() == (-IN_PARTS, NOTHING)
    assert books_are_right()


def test_when_a_part_fails_the_rest_stays_here_costs_nothing_and_goes_with_its_retry(
    desk: Desk,
) -> None:
    desk.send(LONG, send_as="parts")
    with desk.writing():
        delivery = messaging.claim(desk.messages()[0].id)
        assert delivery is not None
        messaging.settle(delivery.message_id, delivery.lease_number, "r-1")
    desk.fault("status", status="invalid_dst")
    work()
    told = [(row.state, row.error_code) for row in desk.messages()]
    between = desk.standing()

    failed = desk.messages()[1].public_id
    with desk.writing():
        messaging.retry(desk.client_id, failed, reference="again")
    work()

    assert told == [("sent", ""), ("failed", "invalid_dst"), ("failed", messaging.PART_FAILED)]
    assert between == (-PRICE_OUT, NOTHING)
    assert desk.copies() == [row.text for row in desk.messages()][1:3]
    assert desk.standing() == (-IN_PARTS, NOTHING)
    assert books_are_right()


def test_money_for_two_parts_lets_no_part_of_three_through(practice: Carrier, app: object) -> None:
    desk = open_desk(practice, mode=BalanceMode.HARD, credit="0.03")

    with pytest.raises(InsufficientBalance):
        desk.send(LONG, send_as="parts")
    with pytest.raises(InsufficientBalance):
        desk.send("", files=(desk.upload(picture()),))

    assert (desk.messages(), queued_tasks()) == ([], [])
    assert desk.standing() == (Money.of("0.03"), NOTHING)
    assert books_are_right()


def test_j4_too_many_files_too_much_and_too_long_are_refused_each_with_its_reason(
    desk_on_sqlite: Desk,
) -> None:
    desk = desk_on_sqlite
    files = tuple(desk.upload(picture(colour=f"#{n}00000")) for n in range(4))
    wishes = [
        ({"files": files}, "files", "three files"),
        ({"text": "a" * 2049, "send_as": "mms"}, "text", "2,048 bytes"),
        ({"text": "a" * 161}, "text", "160 bytes"),
        ({"text": "a" * 1601, "send_as": "parts"}, "text", "ten parts"),
        ({"text": ""}, "text", "Write a message"),
    ]

    for wish, field, words in wishes:
        with pytest.raises(InvalidInput, match=words) as refused:
            desk.send(**wish)
        assert refused.value.field == field
    desk.send("a" * 2048, send_as="mms")
    work()

    assert desk.states() == ["sent"]
    assert desk.standing() == (-MMS_OUT, NOTHING)


def test_the_daily_limit_of_the_carrier_keeps_a_text_waiting_and_says_so(
    desk_on_sqlite: Desk,
) -> None:
    desk = desk_on_sqlite
    desk.send()
    desk.fault("status", calls=1, status="limit_reached")

    work(rounds=1)
    waiting = [(row.state, row.error_code) for row in desk.messages()]
    work(later=True)

    assert waiting == [("queued", "limit_reached")]
    assert desk.states() == ["sent"]


def test_files_that_come_in_are_fetched_made_anew_and_kept_or_refused_with_the_reason(
    desk_on_sqlite: Desk,
) -> None:
    desk = desk_on_sqlite
    desk.arrives("Look", media=["sample:png", "sample:html", "sample:amr", "sample:vcf"])
    desk.arrives("More", media=["http://169.254.169.254/latest", "sample:big"])

    desk.accept(IMPORT_MESSAGES)
    work()

    found = [(one.state, one.mime, one.problem) for one in desk.files()]
    assert found[:4] == [
        ("here", "image/png", ""),
        ("refused", "", "web_page"),
        ("here", "audio/amr", ""),
        ("here", "text/vcard", ""),
    ]
    assert found[4:] == [("refused", "", "forbidden"), ("refused", "", "too_large")]
    assert desk.standing() == (Money(-2 * MMS_IN.micros), NOTHING)
    assert books_are_right()


def test_a_file_that_is_not_there_yet_is_asked_for_again_ever_later_for_a_day(late: Desk) -> None:
    desk = late
    desk.arrives(media=["sample:png"])
    desk.arrives(media=["sample:png"])
    desk.accept(IMPORT_MESSAGES)
    work(rounds=2)
    waiting = [one.state for one in desk.files()], queued_tasks()

    desk.carrier.post("settings", media_delay_seconds=0)
    desk.arrives(media=["sample:png"])
    desk.accept(IMPORT_MESSAGES)
    work(rounds=2)
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=True):
        work(rounds=3, later=True)

    assert waiting == (["waiting"] * 2, [FETCH_MEDIA.name] * 2)
    assert [one.state for one in desk.files()] == ["gone", "gone", "here"]


def test_uploads_that_nobody_sends_are_forgotten_and_sent_ones_stay(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    desk.upload(picture())
    desk.send("", files=(desk.upload(picture(colour="#777777")),))
    before = kept()

    with time_machine.travel(clock.now() + timedelta(days=3), tick=True):
        desk.accept(PURGE_EXPIRED)
        work(rounds=1)

    assert (before, kept()) == (4, 2)
    assert len(desk.files()) == 1


def test_the_books_tell_a_text_that_was_charged_as_another_kind(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    desk.send("", files=(desk.upload(picture()),))
    work()
    with unscoped("a test"):
        clean = list(check.findings())
    with desk.writing():
        session().execute(update(Message).values(kind="sms"))

    with unscoped("a test"):
        told = list(check.findings())

    assert clean == []
    assert any("charged as mms" in one for one in told), told


def test_what_is_brought_in_from_the_past_has_its_files_too(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    desk.arrives("Here it is", media=["sample:png"])
    now = clock.now()
    with desk.reading():
        carrier = upstream.carrier()
    past = carrier.mms(now - timedelta(hours=1), now + timedelta(minutes=1))

    with desk.writing():
        messaging.bring_in(past, posted_at=now)
    work()

    assert [one.state for one in desk.files()] == ["here"]
    assert books_are_right()
