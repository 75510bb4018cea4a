"""STOP, START and HELP: heard, answered once, and nothing goes out after a stop."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app

from jobs.messaging import deliver_sms
from portal import messaging
from portal.carriers import CarrierMessage, Direction, MessageKind
from portal.core import clock
from portal.core.db import db, transaction
from portal.core.errors import InvalidInput, Refused
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.identity import BalanceMode
from portal.messaging import Wish, check
from tests.calls.conftest import books_are_right
from tests.carrier import Carrier
from tests.messaging.conftest import CONTACT, OWN, PRICE_IN, PRICE_OUT, Desk, open_desk
from tests.worker import work

NOTHING = Money(0)
ROUNDS = 25


def hears(desk: Desk, text: str, **changes: Any) -> None:
    """A text arrives from the contact."""
    hears.count += 1  # type: ignore[attr-defined]
    facts: dict[str, Any] = {
        "kind": MessageKind.SMS, "id": str(hears.count), "direction": Direction.IN,  # type: ignore[attr-defined]
        "did": OWN[2:], "contact": CONTACT[2:], "text": text, "at": clock.now(),
    } | changes  # fmt: skip
    with desk.writing():
        messaging.receive(CarrierMessage(**facts))


hears.count = 900_000  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("wish", "texts"),
    [
        (
            Wish.STOP,
            "STOP|stop|Stop.|“STOP”|'stop'|STOP please|please stop!|  stop\n|S T O P|STOPALL|Stop all"
            "|ARRÊT|Arret|arrêtez|ARRÊT svp|unsubscribe|END|quit|Cancel|REVOKE|optout|Opt-Out"
            "|OPT OUT|Alto|PARAR|parar, por favor|désabonner|ＳＴＯＰ|stop, thank you",
        ),
        (Wish.START, "START|unstop|Oui|OUI!|yes|Sí|opt in|start please"),
        (Wish.HELP, "HELP|help?|Aide|AYUDA|info|Info please"),
        (
            None,
            "|please|Stop by the office|I will stop there|Don't stop|non stop|stop it|end of the day"
            "|cancel my appointment|yes, at 9|help me move|stop 7|s t|stopped|" + "stop " * 40,
        ),
    ],
)
def test_a_word_alone_is_one_and_a_sentence_that_contains_it_is_not(
    wish: Wish | None, texts: str
) -> None:
    found = {text: messaging.keyword(text) for text in texts.split("|")}

    assert {text: word.wish if word else None for text, word in found.items()} == dict.fromkeys(
        found, wish
    )


def test_j11_the_answer_goes_out_and_then_nothing_more_until_start(desk: Desk) -> None:
    desk.send("Before", reference="r0")
    hears(desk, "ARRÊT")
    hears(desk, "stop")
    work()
    stopped = desk.states(), desk.copies(), desk.standing()

    with pytest.raises(Refused) as refused:
        desk.send("After", reference="r1")
    hears(desk, "Start")
    desk.send("Again", reference="r2")
    work()

    answer = "desk Raman : vous ne recevrez plus de textos de ce numéro. Pour en recevoir : START."
    assert stopped[0] == ["failed", "sent"]
    assert stopped[1] == [answer]  # once a day, and in the language of the word
    assert stopped[2] == (-PRICE_IN - PRICE_IN - PRICE_OUT, NOTHING)
    assert (refused.value.code, refused.value.field) == ("stopped", "recipient")
    first = desk.messages()[0]
    assert (first.text, first.error_code) == ("Before", "stopped")
    assert desk.copies()[1:] == [
        "desk Raman: you will get our texts again. Send STOP to end them.", "Again",
    ]  # fmt: skip
    assert books_are_right()
    with desk.reading():
        rows = messaging.consent_log(desk.client_id).rows
    assert [(row.change, row.source, row.word) for row in rows] == [
        ("allowed", "contact", "start"), ("stopped", "contact", "stop"), ("stopped", "contact", "arret"),
    ]  # fmt: skip


def test_an_answer_goes_out_for_nothing_when_there_is_no_money(
    app: Flask, practice: Carrier
) -> None:
    desk = open_desk(practice, mode=BalanceMode.HARD, credit="0.005")

    hears(desk, "STOP")
    work()

    assert desk.states() == ["sent"]
    assert desk.standing() == (NOTHING, NOTHING)
    assert books_are_right()


def test_old_words_told_late_and_yes_without_a_stop_change_nothing(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    hears(desk, "Yes")
    hears(desk, "STOP")
    hears(desk, "START")

    hears(desk, "STOP", at=clock.now() - timedelta(hours=3))

    desk.send("Fine", reference="r1")
    with desk.reading():
        assert len(messaging.consent_log(desk.client_id).rows) == 2


def test_help_says_who_we_are_and_own_words_must_say_how_to_stop(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    with desk.writing():
        for words, field in (
            ({Wish.STOP: "Bye [name]"}, "stop"),
            ({Wish.HELP: "We are here"}, "help"),
            ({Wish.HELP: "STOP " + "é" * 80}, "help"),
        ):
            with pytest.raises(InvalidInput) as wrong:
                messaging.save_answers(desk.client_id, "en", words)
            assert wrong.value.field == field
        messaging.save_answers(desk.client_id, "en", {Wish.HELP: "[name] here. STOP ends it."})
    hears(desk, "Help")
    hears(desk, "AYUDA")  # once a day
    work()

    assert desk.copies() == ["desk Raman here. STOP ends it."]


def test_nothing_is_handed_over_after_a_committed_stop(
    make_app: Any, migrated_postgres_url: str, practice: Carrier
) -> None:
    """I12, with real threads: of many stops that meet a claim each comes before it or after it."""
    with make_app(migrated_postgres_url).app_context():
        desk = open_desk(practice)
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        contacts = [f"+1416555{number:04d}" for number in range(100, 100 + ROUNDS)]
        for contact in contacts:
            desk.send("Hello", reference=contact, to=contact)
        ids = {row.contact: row.id for row in desk.messages()}
        gate = threading.Barrier(2)
        problems: list[BaseException] = []

        def run(stops: bool) -> None:
            with app.app_context():
                for contact in contacts:
                    gate.wait(20)
                    try:
                        if stops:
                            hears(desk, "STOP", contact=contact[2:])
                        else:
                            with bind(Scope(desk.reseller_id)):
                                deliver_sms(ids[contact])
                    except BaseException as problem:
                        problems.append(problem)
                    finally:
                        db.session.remove()

        threads = [threading.Thread(target=run, args=(stops,)) for stops in (True, False)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)

        assert problems == []
        rows = [row for row in desk.messages() if not row.consent_word]
        assert {row.state for row in rows} <= {"sent", "failed"}
        with desk.reading():
            assert list(check.nothing_was_handed_over_after_a_stop()) == []
            stopped_at = {row.contact: row.at for row in messaging.consent_log(desk.client_id).rows}
        late = [
            row
            for row in rows
            if row.state == "sent" and row.handed_over_at > stopped_at[row.contact]
        ]
        assert late == []
        assert books_are_right()
        # The proof itself can fail.
        with bind(Scope(desk.reseller_id)), transaction():
            row = db.session.get(messaging.models.Message, rows[0].id)
            row.state, row.handed_over_at = "sent", clock.now()
        with desk.reading():
            assert len(list(check.nothing_was_handed_over_after_a_stop())) == 1
        db.session.remove()
