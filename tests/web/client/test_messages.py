"""Text messages: read, written, refused, sent once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from portal import identity, ledger, messaging, prepared
from portal.core.money import Money
from portal.identity import SuspendedFor
from portal.prepared import Recipient
from tests.browser import Browser
from tests.world import World, receive_text, send_text

Browse = Callable[..., Browser]
Queued = Callable[[], list[str]]
NADIA = "+16135550155"
SCRIPT = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


@pytest.fixture
def queued(world_app: object) -> Queued:
    """What waits in the outbox of the world."""
    from tests.worker import queued_tasks

    return queued_tasks


def thread_with(world: World, contact: str = NADIA) -> str:
    with world.reading(world.a):
        found = messaging.find_conversation(world.a.id, world.a.dids[0], contact)
    return f"/messages/{found}"


def sent_texts(world: World, text: str) -> list[Any]:
    with world.reading(world.a):
        found = [
            message
            for row in messaging.conversations(world.a.id).rows
            for message in messaging.thread(world.a.id, row.public_id)[0]
        ]
    return [one for one in found if one.text == text]


def test_conversations_show_the_latest_first_with_what_is_unread(
    world: World, browse: Browse
) -> None:
    page = browse(world.a).open("/messages")

    first, second = page.texts(".conversation")
    assert "+1 613 555 0155" in first
    assert "2 unread" in first
    assert "1 unread" in second
    assert "Truck" not in page.words


def test_opening_a_conversation_is_reading_it(world: World, browse: Browse) -> None:
    ada = browse(world.a)

    page = ada.open(thread_with(world))

    assert "See you Tuesday" in page.text("#thread")
    assert page.has(".conversation[aria-current=true]")
    with world.reading(world.a):
        assert messaging.unread_count(world.a.id) == 1


def test_a_text_is_sent_with_its_money_set_aside(
    world: World, browse: Browse, queued: Queued
) -> None:
    ada = browse(world.a)
    page = ada.open(thread_with(world))
    assert page.text("#composer-count") == "0 of 160 bytes, $0.0150"

    page = ada.submit("#composer", body="Parking is free")

    assert page.path.endswith(thread_with(world))
    assert "Sending" in page.texts("#thread .bubble")[-1]
    assert queued() == ["messaging.deliver_sms"] or len(queued()) == 1
    with world.reading(world.a):
        assert ledger.standing(world.a.id).held == Money.of("0.0150")


def test_htmx_gets_the_thread_whose_bubble_has_the_browsers_name(
    world: World, browse: Browse
) -> None:
    ada, ref = browse(world.a), str(uuid.uuid4())
    ada.open(thread_with(world))

    part = ada.submit("#composer", htmx=True, body="Quick", ref=ref)

    assert part.status == 200
    assert part.has(f"#thread > #m-{ref}")
    assert "every 3s" in str(part.find("#thread")["hx-trigger"])


def test_the_same_reference_twice_is_one_text(world: World, browse: Browse, queued: Queued) -> None:
    ada, ref = browse(world.a), str(uuid.uuid4())
    ada.open(thread_with(world))

    ada.submit("#composer", body="Once only", ref=ref)
    ada.submit("#composer", body="Once only", ref=ref)

    assert len(sent_texts(world, "Once only")) == 1
    assert len(queued()) == 1


def test_the_same_reference_to_another_number_shows_the_text_that_went_out(
    world: World, browse: Browse
) -> None:
    ada, ref = browse(world.a), str(uuid.uuid4())
    ada.open(thread_with(world))
    first = ada.submit("#composer", body="Once only", ref=ref)

    ada.open("/messages/new")
    again = ada.submit("#composer", recipient="613 555 0177", body="Once only", ref=ref)

    assert (again.status, again.path) == (200, first.path)
    assert len(sent_texts(world, "Once only")) == 1


def test_without_scripts_the_form_carries_its_own_reference(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    first = ada.open(thread_with(world)).find("#composer [name=ref]")["value"]
    second = ada.open(thread_with(world)).find("#composer [name=ref]")["value"]

    assert first != second
    assert uuid.UUID(str(first)).version == 4


def test_somebody_new_is_written_to_by_number(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    ada.open("/messages/new", to="613 555 0199")
    assert ada.page is not None
    assert ada.page.find("#recipient")["value"] == "613 555 0199"

    page = ada.submit("#composer", body="Hello there")

    assert page.title == "Messages: +1 613 555 0199"
    assert "Hello there" in page.text("#thread")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"recipient": "12"}, "recipient"),
        ({"body": " "}, "body"),
        ({"body": "é" * 81}, "body"),
        ({"sender": "+16135550163"}, "sender"),
        ({"sender": "+14165550108"}, "sender"),
    ],
)
def test_what_cannot_be_sent_is_said_beside_its_field_and_stays(
    world: World, browse: Browse, queued: Queued, fields: dict[str, str], field: str
) -> None:
    ada = browse(world.a)
    ada.open("/messages/new")

    page = ada.submit("#composer", **({"recipient": "6135550199", "body": "Hello"} | fields))

    assert page.status == 422
    assert page.has(f"#{field}-error")
    assert page.find("#body").get_text().strip() == fields.get("body", "Hello").strip()
    assert queued() == []


def test_a_text_that_the_balance_does_not_cover_is_kept_in_the_box(
    world: World, browse: Browse, queued: Queued
) -> None:
    with world.within(world.northwind):
        balance = ledger.balance_of(world.b.id)
        ledger.charge(
            world.b.id, balance - Money.of("0.0100"), reason=ledger.Reason.CHARGE,
            source_type="test", source_id="empty", kind="charge",
        )  # fmt: skip
    owen = browse(world.b)
    owen.open("/messages/new")

    page = owen.submit("#composer", recipient="6135550199", body="On my way to you")

    assert page.status == 422
    assert "This message costs $0.0150; your balance is $0.01." in page.text("#composer")
    assert page.link("Add funds").endswith("/balance")
    assert page.find("#body").get_text().strip() == "On my way to you"
    assert queued() == []


def test_htmx_gets_the_composer_again_when_a_text_is_refused(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    ada.open(thread_with(world))

    part = ada.submit("#composer", htmx=True, body="x" * 161)

    assert part.status == 422
    assert part.headers["HX-Retarget"] == "#composer"
    assert part.headers["HX-Reswap"] == "morph:outerHTML"
    assert "at most 160 bytes" in part.text("#body-error")
    assert "161 of 160" in part.text("#composer-count")


def test_each_outcome_has_its_words(world: World, browse: Browse) -> None:
    def taken(text: str) -> tuple[int, int]:
        draft = messaging.Draft(world.a.dids[0], NADIA, text, str(uuid.uuid4()))
        message = messaging.queue(world.a.id, draft)
        delivery = messaging.claim(message.id)
        assert delivery is not None
        return message.id, delivery.lease_number

    with world.within(world.a):
        messaging.settle(*taken("gone"), "r-1")
        messaging.refuse(*taken("refused"), code="invalid_dst")
        messaging.refuse(*taken("lost"), code="invalid_credentials")
        messaging.mark_unknown(*taken("unknown"))
    send_text(world.a, world.a.dids[0], NADIA, "arrived")

    page = browse(world.a).open(thread_with(world))

    said = {one.split(" ")[0]: one for one in page.texts("#thread .bubble")}
    assert "Sent" in said["gone"]
    assert "Delivered" in said["arrived"]
    assert "Not delivered" in said["refused"]
    assert "cannot send to this number" in said["refused"]
    assert "Checking with the carrier" in said["unknown"]
    assert "password" not in said["lost"]
    assert "every 20s" in str(page.find("#thread")["hx-trigger"])


def test_a_failed_text_is_sent_again_once(world: World, browse: Browse, queued: Queued) -> None:
    with world.within(world.a):
        draft = messaging.Draft(world.a.dids[0], NADIA, "Try me again", str(uuid.uuid4()))
        message = messaging.queue(world.a.id, draft)
        delivery = messaging.claim(message.id)
        assert delivery is not None
        messaging.refuse(message.id, delivery.lease_number, code="invalid_dst")
    ada = browse(world.a)
    page = ada.open(thread_with(world))
    url = str(page.find(".bubble form")["action"])

    ada.post(url)
    ada.post(url)

    assert len(sent_texts(world, "Try me again")) == 2


def test_done_conversations_leave_the_list_until_something_comes(
    world: World, browse: Browse
) -> None:
    ada = browse(world.a)
    ada.open(thread_with(world))

    ada.submit("#done-form")
    open_ones = ada.open("/messages").words
    done_ones = ada.open("/messages", show="done").words
    receive_text(world.northwind, world.a.dids[0], NADIA, "One more thing")

    assert "See you Tuesday" not in open_ones
    assert "See you Tuesday" in done_ones
    assert "One more thing" in ada.open("/messages").words


def test_a_contact_gets_a_name(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    ada.open(thread_with(world))

    page = ada.submit("#contact-name", name="Nadia Okafor")

    assert page.title == "Messages: Nadia Okafor"
    assert "Nadia Okafor" in ada.open("/messages", q="nadia").text("#conversations")


def test_the_search_finds_words_numbers_and_says_when_there_is_nothing(
    world: World, browse: Browse
) -> None:
    ada = browse(world.a)

    assert len(ada.open("/messages", q="insurance card").all(".conversation")) == 1
    assert len(ada.open("/messages", q="514 555").all(".conversation")) == 1
    assert "No conversations match" in ada.open("/messages", q="zebra").words
    assert ada.open("/messages", htmx=True, show="unread").has("#conversation-list")
    assert ada.open("/messages", after="bent").status == 200


def test_what_strangers_write_is_only_text(world: World, browse: Browse) -> None:
    receive_text(world.northwind, world.a.dids[0], NADIA, SCRIPT)
    ada = browse(world.a)

    pages = [ada.open(path) for path in ("/dashboard", "/messages", thread_with(world))]

    assert all(not page.has("img[onerror]") for page in pages)
    assert SCRIPT in pages[2].text("#thread")


def test_another_clients_conversation_does_not_exist(world: World, browse: Browse) -> None:
    with world.reading(world.x):
        theirs = messaging.conversations(world.x.id).rows[0].public_id
        message = messaging.thread(world.x.id, theirs)[0][0].public_id
    ada = browse(world.a)

    assert ada.open(f"/messages/{theirs}").status == 404
    assert ada.open(f"/messages/{theirs}/tail", htmx=True).status == 404
    assert ada.post(f"/messages/{theirs}/done").status == 404
    assert ada.post(f"/messages/{theirs}/name", {"name": "x"}).status == 404
    assert ada.post(f"/messages/{message}/retry").status == 404


def test_the_suspended_may_read_but_not_write(world: World, browse: Browse) -> None:
    with world.within(world.northwind):
        identity.suspend_client(world.a.id, reason=SuspendedFor.BALANCE)
    ada = browse(world.a)

    page = ada.open(thread_with(world))
    refused = ada.post(
        "/messages", {"sender": world.a.dids[0], "recipient": NADIA, "body": "Still here"}
    )

    assert "suspended until funds are added" in page.text("#composer")
    assert not page.has("#composer textarea")
    assert refused.status == 422
    assert sent_texts(world, "Still here") == []
    assert ada.open("/balance").status == 200


def test_older_messages_are_a_page_away(world: World, browse: Browse) -> None:
    for number in range(52):
        receive_text(
            world.northwind, world.a.dids[0], "+16135550177", f"Text {number}", at=datetime.now(UTC)
        )
    ada = browse(world.a)
    page = ada.open(thread_with(world, "+16135550177"))

    older = ada.follow("Older messages")

    assert len(page.all("#thread .bubble")) == 50
    assert len(older.all("#thread .bubble")) == 2
    assert not older.find("#thread").get("hx-get")


@pytest.mark.parametrize("after", ["²", "-1", "99999999999999999999", "x"])
def test_a_page_that_cannot_be_is_the_first_page(world: World, browse: Browse, after: str) -> None:
    with world.within(world.a):
        bulk = prepared.begin_bulk(
            world.a.id, [Recipient(NADIA, "", {})], name="To all", left_out={}, person_id=None
        )

    assert browse(world.a).open(f"/messages/bulk/{bulk}", after=after).status == 200


def test_a_bubbles_price_leads_to_how_it_was_made_and_only_staff_see_the_cost(
    world: World, browse: Browse
) -> None:
    ada = browse(world.a)
    thread = ada.open(thread_with(world))
    links = [str(one["href"]) for one in thread.all(".bubble-meta a[href*='/prices/']")]
    page = ada.open(links[0])
    assert page.status == 200
    assert all(word in page.words for word in ("bytes of text", "agreed since", "charged, once"))
    assert "Cost" not in page.words
    assert browse(world.b).open(links[0].replace(world.a.base, world.b.base)).status == 404
    text = links[0].rpartition("/")[2]
    owner = browse(world.northwind.owner)
    log = owner.open(f"/staff/clients/{world.a.public_id}/messages")
    assert any(text in str(one["href"]) for one in log.all("#report-rows td a"))
    told = owner.open(f"/staff/clients/{world.a.public_id}/messages/{text}")
    assert "Cost" in told.words
    assert "Profit" in told.words
    assert owner.open(f"/staff/clients/{world.b.public_id}/messages/{text}").status == 404
