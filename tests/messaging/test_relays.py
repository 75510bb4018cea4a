"""Arrived texts go on: by e-mail, to a phone, and to the client's own system until it says ok."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask, current_app

from portal import mail, messaging, numbers
from portal.core import clock, registry
from portal.core.errors import InvalidInput, Refused
from portal.core.money import Money
from portal.messaging import Form, NumberSettings
from portal.tasks import IMPORT_MESSAGES
from tests.calls.conftest import books_are_right
from tests.carrier import Carrier
from tests.messaging.conftest import CONTACT, OTHERS, OWN, PRICE_IN, PRICE_OUT, Desk, open_desk
from tests.messaging.test_consent import hears
from tests.sandbox.listener import Listener
from tests.worker import work

PHONE = "+15145550123"


@pytest.fixture
def listening(make_app: Callable[..., Flask], sqlite_url: str, practice: Carrier) -> Iterator[Desk]:
    """The world, where a client's system may be on this machine."""
    with make_app(sqlite_url, PORTAL_CALLBACKS_PRIVATE="127.0.0.1").app_context():
        yield open_desk(practice)


def did_of(desk: Desk) -> uuid.UUID:
    with desk.reading():
        return next(row.public_id for row in numbers.dids_of(desk.client_id))


def wish(desk: Desk, **changes: object) -> uuid.UUID:
    did = did_of(desk)
    with desk.writing():
        wanted = replace(NumberSettings(OWN), **changes)  # type: ignore[arg-type]
        messaging.save_number_settings(desk.client_id, did, wanted)
    return did


def lines(desk: Desk, did: uuid.UUID) -> list[tuple[str, str, int]]:
    with desk.reading():
        rows = messaging.relays(desk.client_id, did).rows
    return [(row.way, row.state, row.attempts) for row in rows]


@pytest.mark.parametrize("form", list(Form))
def test_the_clients_system_is_told_in_each_form_until_it_says_ok(
    listening: Desk, form: Form
) -> None:
    desk = listening
    with Listener(answers=["not yet", "ok"]) as system:
        template = "?to={TO}&from={FROM}&message={MESSAGE}&id={ID}&at={TIMESTAMP}&key={SECRET}"
        address = f"{system.url}/texts" + (template if form is Form.GET else "")
        did = wish(desk, callback_url=address, callback_form=form)

        hears(desk, "Déjà vu? {FROM} & more", id="77")
        work()
        first = lines(desk, did)
        work(later=True)

        with desk.reading():
            secret = messaging.number_settings(desk.client_id, did).secret
        heard = system.heard[-1]
        if form is Form.JSON:  # its status says enough
            assert (first, len(system.heard)) == ([("url", "done", 1)], 1)
            payload = heard.body["data"]["payload"]
            assert (payload["id"], payload["text"]) == (77, "Déjà vu? {FROM} & more")
            assert payload["from"] == {"phone_number": CONTACT[2:]}
            assert payload["to"][0]["phone_number"] == OWN[2:]
        else:
            assert first == [("url", "waiting", 1)]
            assert lines(desk, did) == [("url", "done", 2)]
            assert len(system.heard) == 2
        if form is Form.GET:
            assert heard.query["message"] == "Déjà vu? {FROM} & more"
            assert (heard.query["to"], heard.query["from"]) == (OWN[2:], CONTACT[2:])
            assert (heard.query["id"], heard.query["key"]) == ("77", secret)
        if form is Form.FORM:
            assert b"message=D%C3%A9j%C3%A0+vu" in heard.body


def test_a_system_that_never_says_ok_is_given_up_and_can_be_tried_again(listening: Desk) -> None:
    desk = listening
    with Listener(answers=["no"]) as system:
        did = wish(desk, callback_url=f"{system.url}/x", give_up_hours=1)
        hears(desk, "Anybody?")
        work()
        with time_machine.travel(clock.now() + timedelta(minutes=61), tick=True):
            work()
            assert lines(desk, did) == [("url", "failed", 2)]
            with desk.reading():
                [row] = messaging.relays(desk.client_id, did).rows
            assert row.last_answer == "200: no"
            system.answers[:] = ["ok"]
            with desk.writing():
                messaging.try_again(desk.client_id, did, row.public_id)
                messaging.send_test(desk.client_id, did)
            work()
        assert lines(desk, did) == [("url", "done", 1), ("url", "done", 3)]


def test_a_system_that_leads_elsewhere_or_says_ok_too_long_is_not_followed_or_believed(
    listening: Desk,
) -> None:
    desk = listening
    with Listener() as inside, Listener(redirect=f"{inside.url}/secret") as system:
        did = wish(desk, callback_url=f"{system.url}/x")
        hears(desk, "Where to?")
        work()
        system.redirect, system.answers[:] = "", ["ok" + "k" * 5_000]
        work(rounds=1, later=True)
        with desk.reading():
            [row] = messaging.relays(desk.client_id, did).rows
        assert (row.state, row.attempts, inside.heard) == ("waiting", 2, [])
        assert "k" * 300 not in row.last_answer


def test_private_addresses_and_plain_http_are_never_called(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite  # where the carrier itself may be on this machine
    for wrong in (
        "http://example.com/", "ftp://x.example/", "https://u:p@x.example/", "nonsense",
        "https://{MESSAGE}.example/", "https://x.example:{ID}/", "https://x.{TO}/?m={MESSAGE}",
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as refused:
            wish(desk, callback_url=wrong)
        assert refused.value.field == "callback_url"
    with Listener() as system:
        did = wish(desk, callback_url=system.url.replace("http://", "https://"), give_up_hours=1)
        hears(desk, "Hello")
        work()
        with desk.reading():
            [row] = messaging.relays(desk.client_id, did).rows
    assert (row.state, system.heard) == ("waiting", [])
    assert "not a public address" in row.last_answer


def test_a_text_is_copied_by_mail_and_forwarded_once_and_never_in_a_circle(desk: Desk) -> None:
    did = wish(desk, email="copy@desk.example", forward_to=PHONE)
    hears(desk, "Your table is ready")
    work()
    hears(desk, "From the phone it goes to", contact=PHONE[2:])
    hears(desk, "From a number of this portal", contact=OTHERS[2:])
    work()

    assert desk.copies() == ["+1 416 555 0117: Your table is ready"]
    with desk.reading():
        mails = mail.kept_mails()
    assert [one.recipient for one in mails] == ["copy@desk.example"] * 3
    assert "Your table is ready" in mails[-1].text
    found = sorted(lines(desk, did))
    assert (
        found
        == [("email", "done", 1)] * 3 + [("forward", "done", 1)] + [("forward", "failed", 0)] * 2
    )
    taken = PRICE_IN + PRICE_IN + PRICE_IN + PRICE_OUT
    assert desk.standing() == (-taken, Money(0))
    assert books_are_right()
    for own in (OWN, OTHERS):
        with pytest.raises(InvalidInput):
            wish(desk, forward_to=own)


def test_a_text_that_cannot_be_forwarded_says_why_and_a_number_can_be_off(
    desk_on_sqlite: Desk,
) -> None:
    desk = desk_on_sqlite
    did = wish(desk, forward_to="+447700900123")  # a country that is not open
    hears(desk, "Hello")
    work()
    with desk.reading():
        [row] = messaging.relays(desk.client_id, did).rows
    assert (row.state, row.last_answer) == (
        "failed", "Texts to this country are not open for your account.",
    )  # fmt: skip
    wish(desk, is_on=False)
    with pytest.raises((InvalidInput, Refused)) as refused:
        desk.send(reference="off")
    assert refused.value.field == "sender"
    hears(desk, "Still kept")
    assert [one.text for one in desk.messages("in")] == ["Hello", "Still kept"]


def test_a_text_that_goes_round_several_portals_ends_by_its_own_marks(desk: Desk) -> None:
    did = wish(desk, forward_to=PHONE)
    hears(desk, "Is it open? +1 416: no mark", contact=CONTACT[2:])
    work()
    for _ in range(8):  # another portal has PHONE, and sends on what it gets to our number
        newest = desk.copies()[-1]
        hears(desk, f"+1 613 555 0101: {newest}", contact="5145550190")
        work()
    copies = desk.copies()
    hears(desk, "+44 20 7946 0001: +44 20 7946 0002: +44 20 7946 0003: a long chain elsewhere")
    hears(desk, "+44 20 7946 0001: a shorter one goes on")
    work()
    assert copies == ["+1 416 555 0117: Is it open? +1 416: no mark"], (
        "the first time round is the last"
    )
    assert [one[-19:] for one in desk.copies()[1:]] == ["shorter one goes on"]
    with desk.reading():
        told = {row.last_answer for row in messaging.relays(desk.client_id, did).rows}
    assert any("would go round" in one for one in told)
    assert books_are_right()


def test_the_clients_system_gets_pictures_by_links_that_are_ours_and_end(listening: Desk) -> None:
    desk = listening
    with Listener(answers=["ok"]) as system:
        wish(desk, callback_url=f"{system.url}/texts?files={{MEDIA}}")
        desk.arrives("Look", media=["sample:png", "sample:html"])
        desk.accept(IMPORT_MESSAGES)
        work(rounds=2)
        work(later=True)
        heard = [one for one in system.heard if one.path.startswith("/texts")]
    [told] = heard
    [link] = told.query["files"].split(",")
    path = link.removeprefix("http://localhost")
    outside = current_app.test_client()
    fetched = outside.get(path)
    assert (fetched.status_code, fetched.mimetype) == (200, "image/png")
    assert fetched.data.startswith(b"\x89PNG")
    assert "attachment" in fetched.headers["Content-Disposition"]
    sealed = [
        registry.key_ring().seal(words, context="message_files/link")
        for words in (f"x/{uuid.uuid4()}/9", f"1/{uuid.uuid4()}/soon", "1/no-name/9", "1/2", "é")
    ]
    for wrong in (
        path[:-3] + "AAA", path.replace(":", ":A"),
        *(f"/hooks/media/{word}" for word in ("x", "1:AAAA", "é:é", "test:%FF", "test:" + "A" * 5_000)),
        *(f"/hooks/media/{word}" for word in sealed),
    ):  # fmt: skip
        assert outside.get(wrong).status_code == 404
    with time_machine.travel(clock.now() + timedelta(days=8)):
        assert outside.get(path).status_code == 404
    fetched.close()
