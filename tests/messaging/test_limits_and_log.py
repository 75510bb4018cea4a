"""Limits of sending, what a text costs the reseller, the log, and who reads what is written."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from portal import identity, messaging, numbers, prepared, pricing
from portal.core import clock
from portal.core.db import session, transaction
from portal.core.errors import InvalidInput, Refused
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.messaging import Limits, LogFilter, limits
from portal.messaging.models import Message
from portal.prepared import LaterDraft, Recipient
from portal.pricing import TextCost
from tests.architecture.people import everybody
from tests.calls.conftest import books_are_right
from tests.messaging.conftest import CONTACT, OWN, PRICE_IN, PRICE_OUT, Desk
from tests.messaging.test_consent import hears
from tests.worker import work
from tests.world import World

NOTHING = Money(0)
DAY = timedelta(days=1)


def test_ten_thousand_texts_to_one_prefix_stop_at_the_quota(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    desk.send(reference="first")
    conversation_id = desk.messages()[0].conversation_id
    accepted, refused = 1, set()
    with desk.writing():
        for _ in range(10_000):
            try:
                limits.take(desk.client_id, conversation_id, "+14165550117")
                accepted += 1
            except Refused as refusal:
                refused.add(refusal.code)
                if accepted == 500:
                    break
        with pytest.raises(Refused):
            limits.take(desk.client_id, conversation_id, "+14165550117", texts=9_500)
        full = messaging.clients_at_a_limit()

    assert (accepted, refused) == (500, {messaging.OVER})
    assert [client_id for client_id, _ in full] == [desk.client_id]


@pytest.mark.parametrize(
    ("own", "to", "code"),
    [
        (Limits(per_hour=1), "+14165550117", "text_limit"),
        (Limits(per_day=1), "+15145550123", "text_limit"),
        (Limits(per_contact=1), "+14165550117", "text_limit"),
        (Limits(), "+447700900123", "text_country"),
        (Limits(), "+18765550123", "text_country"),  # +1 is not everywhere North America
        (Limits(places=("+1416",)), "+15145550123", "text_country"),
    ],
)
def test_what_is_over_a_clients_limits_is_refused_and_holds_nothing(
    desk_on_sqlite: Desk, own: Limits, to: str, code: str
) -> None:
    desk = desk_on_sqlite
    desk.send(reference="r0")
    with desk.writing():
        messaging.save_limits(own, client_id=desk.client_id)

    with pytest.raises(Refused) as refused:
        desk.send(reference="r1", to=to)

    assert refused.value.code == code
    assert desk.standing() == (NOTHING, PRICE_OUT)
    with desk.writing():
        messaging.drop_limits(desk.client_id)
        messaging.save_limits(Limits(places=("GB", "JM", "CA")))
    if code == "text_limit" or to.startswith(("+44", "+1876")):
        desk.send(reference="r2", to=to)


def test_limits_that_mean_nothing_are_refused_by_field(desk_on_sqlite: Desk) -> None:
    for wrong, field in (
        (Limits(per_hour=-1), "per_hour"),
        (Limits(per_day=10**9), "per_day"),
        (Limits(places=("ZZ",)), "places"),
        (Limits(places=("+0",)), "places"),
    ):
        with desk_on_sqlite.writing(), pytest.raises(InvalidInput) as refused:
            messaging.save_limits(wrong)
        assert refused.value.field == field


def test_the_log_has_cost_price_and_profit_and_no_words(desk: Desk) -> None:
    with desk.writing():
        pricing.save_text_costs(
            TextCost(Money.of("0.004"), Money.of("0.009"), Money.of("0.02"), Money.of("0.03"))
        )
    hears(desk, "A secret")
    desk.send("Another secret", reference="r1")
    work()
    desk.send("Not yet", reference="r2")
    wanted = LogFilter(clock.now() - DAY, clock.now() + DAY)

    with desk.reading():
        rows, totals = messaging.logged_texts(wanted).rows, messaging.log_totals(wanted)
        assert [row.text for row in rows] == ["", "", ""]
        assert [(row.direction, row.state) for row in rows] == [
            ("out", "queued"), ("out", "sent"), ("in", "received"),
        ]  # fmt: skip
        assert [(row.cost, row.price) for row in rows] == [
            (NOTHING, NOTHING), (Money.of("0.009"), PRICE_OUT), (Money.of("0.004"), PRICE_IN),
        ]  # fmt: skip
        assert totals == (3, Money.of("0.013"), PRICE_OUT + PRICE_IN)
        assert messaging.logged_texts(wanted, after=rows[0].public_id.hex).rows == rows[1:]
        assert not messaging.logged_texts(LogFilter(wanted.since, wanted.until, text="secret")).rows
        found = messaging.logged_texts(LogFilter(wanted.since, wanted.until, text=OWN[-4:])).rows
        assert len(found) == 3
    assert books_are_right()


CANARY = "Zebrafish at noon"


def _prepared(world: World) -> tuple[uuid.UUID, uuid.UUID]:
    """A template, a text for later and one to many, with the words nobody else is to read."""
    with world.within(world.a):
        prepared.add_template(world.a.id, "Reminder", CANARY)
        draft = LaterDraft(world.a.dids[0], CONTACT, CANARY, clock.now() + DAY)
        later = prepared.begin_later(world.a.id, draft, person_id=None, country="CA")
        prepared.change_later(world.a.id, later, draft)
        bulk = prepared.begin_bulk(
            world.a.id, [Recipient(CONTACT, "", {})], name="To all", left_out={}, person_id=None
        )
        prepared.write_bulk(
            world.a.id, bulk, sender=world.a.dids[0], text=CANARY, send_as="", sender_name=""
        )
    return later, bulk


def test_staff_read_no_texts_until_the_client_lets_them(world_app: Flask, world: World) -> None:
    with world.within(world.a):
        session().execute(
            update(Message)
            .where(Message.client_id == world.a.id)
            .values(text=CANARY, search_text=CANARY.lower())
        )
        session().execute(
            update(messaging.models.Conversation).values(last_text=CANARY),
            execution_options={"synchronize_session": False},
        )
    later, bulk = _prepared(world)
    people = everybody(world_app, world)
    acting, own, owner = people["acting"], people["a"], people["owner"]
    with bind(Scope(world.northwind.id)):
        [found] = [
            row.public_id
            for row in messaging.conversations(world.a.id).rows[:1]
        ]  # fmt: skip
        number = numbers.dids_of(world.a.id)[0].public_id
        session().rollback()
    pages = [
        (acting, f"{acting.place}/messages"),
        (acting, f"{acting.place}/messages/{found}"),
        (acting, f"{acting.place}/messages?q=zebrafish"),
        (acting, f"{acting.place}/dashboard"),
        (acting, f"{acting.place}/messages/later"),
        (acting, f"{acting.place}/messages/later/{later}"),
        (acting, f"{acting.place}/messages/templates"),
        (acting, f"{acting.place}/messages/bulk"),
        (acting, f"{acting.place}/messages/bulk/{bulk}"),
        (acting, f"{acting.place}/messages/bulk/{bulk}/result.csv"),
        (owner, f"/staff/clients/{world.a.public_id}/messages"),
        (owner, "/staff/reports/messages.csv"),
        (owner, "/staff/reports/messages"),
    ]

    def shown() -> list[int]:
        return [who.ask("GET", path).get_data(as_text=True).count(CANARY) for who, path in pages]

    assert own.ask("GET", f"{own.place}/messages/{found}").get_data(as_text=True).count(CANARY)
    assert shown() == [0] * len(pages)
    assert (
        acting.ask(
            "POST", f"{acting.place}/profile/privacy", data={"staff_may_read": "1"}
        ).status_code
        == 404
    )
    for path, words in (
        (f"later/{later}", {"body": "Other words"}),
        (f"bulk/{bulk}/text", {"body": "Other words", "sender": world.a.dids[0]}),
        ("later", {"body": "Other words"}),
        (f"numbers/{number}", {"is_on": "1", "email": "staff@northwind.example"}),
    ):
        acting.ask("POST", f"{acting.place}/messages/{path}", data=words)
    own.ask("POST", f"{own.place}/profile/privacy", data={"staff_may_read": "1"})
    seen = shown()
    assert all(seen[:3] + seen[4:]), seen
    assert own.ask("GET", f"{own.place}/messages/numbers/{number}").text.count("staff@") == 0
    with bind(Scope(world.northwind.id)), transaction():
        last = identity.events(world.a.id, rows=5).rows
    assert "texts.staff_may_read" in [event.action for event in last]
