"""Conversations of a team: found, taken, noted, put away, deleted; and how soon a page knows of a new one."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from portal import entitlements, identity, ledger, messaging, pbx
from portal.core.db import session
from portal.core.scope import Only, Scope, bind
from portal.entitlements import Service, View
from portal.identity import Access, MemberRole, PersonFacts
from portal.ledger.check import findings
from portal.messaging import Inbox, Show
from portal.messaging.models import Message
from portal.web.live import Listener
from tests.browser import Browser
from tests.world import HASH, World, receive_text

Browse = Callable[..., Browser]
NADIA, ELODIE = "+16135550155", "+15145550117"


def thread_with(world: World, contact: str = NADIA, did: int = 0) -> str:
    with world.reading(world.a):
        return f"/messages/{messaging.find_conversation(world.a.id, world.a.dids[did], contact)}"


def add_kim(world: World, account: str) -> PersonFacts:
    """One of the team who sees one sub-account."""
    with world.within(world.northwind):
        [own] = [
            one.id for one in pbx.all_sub_accounts() if one.public_id == world.a.accounts[account]
        ]
        return identity.add_member(
            world.a.id, name="Kim Kanata", email="kim@harbourlight.example", password=HASH,
            access=Access(MemberRole.MEMBER, frozenset({own}), sees_money=False),
        )  # fmt: skip


@pytest.mark.parametrize(
    "query",
    ["deplacer", "DÉPLACER rendez", "vous mon", "Élodie", "elodie", "514 555 0117", "5550117"],
)
def test_a_search_finds_names_numbers_and_words_without_their_accents(
    world: World, browse: Browse, query: str
) -> None:
    with world.within(world.a):
        messaging.name_contact(world.a.id, _id(thread_with(world, ELODIE, 1)), "Élodie Marchand")

    page = browse(world.a).open("/messages", q=query)

    assert [line.split()[1] for line in page.texts(".conversation .who")] == ["Marchand"]


def test_a_found_text_is_opened_at_its_place_and_marked(world: World, browse: Browse) -> None:
    receive_text(world.northwind, world.a.dids[0], NADIA, "The purple umbrella is at the desk")
    for at in range(60):
        receive_text(world.northwind, world.a.dids[0], NADIA, f"More {at}")
    ada = browse(world.a)

    page = ada.open("/messages", q="UMBRELLA")
    assert "purple umbrella" in page.text(".conversation .last")
    page = ada.ask("GET", str(page.find(".conversation")["href"]))

    found = page.find("#thread .is-found")
    assert "purple umbrella" in found.find_next_sibling("article").get_text()
    assert page.has("#thread a[href]"), "the newest ones are a page away"
    assert not page.has("#thread[hx-get]"), "a part of the past does not renew itself"


def test_a_team_takes_a_conversation_and_leaves_notes_that_nobody_else_gets(
    world: World, browse: Browse
) -> None:
    add_kim(world, "reception")
    ada, path = browse(world.a), thread_with(world)
    page = ada.open(path)
    assert page.texts("#assign-form button") == ["Me", "Kim Kanata"]
    kim = page.all("#assign-form button")[1]["value"]

    ada.submit("#assign-form", person=kim)
    page = ada.submit("#note-form", note="Wants a receipt.\nCall before noon.")

    assert "Priya assigned this to Kim" in page.text("#thread")
    assert "Wants a receipt." in page.text("#thread .note")
    assert "Kim" in page.text("#assign summary")
    assert "Kim Kanata" in page.text(".conversation[aria-current]")
    assert ada.submit("#note-form", note=" ").status == 422
    assert len(ada.open("/messages", show="mine").all(".conversation")) == 0
    assert NADIA[-4:] not in " ".join(ada.open("/messages", show="unassigned").texts(".who"))
    with world.reading(world.a):
        sent = session().query(Message).filter(Message.text.contains("receipt")).count()
    assert sent == 0, "a note is no message"


def test_only_who_may_see_a_number_is_given_its_conversations(world: World, browse: Browse) -> None:
    kim = add_kim(world, "kanata")
    ada, path = browse(world.a), thread_with(world)

    page = ada.open(path)
    assert page.texts("#assign-form button") == ["Me"]
    page = ada.submit("#assign-form", person=str(kim.public_id))
    assert "Choose somebody who may see this number." in page.words

    with bind(Scope(world.a.reseller_id, world.a.id, Only(frozenset({0}), frozenset()))):
        assert messaging.conversations(world.a.id).rows == []
        session().rollback()


def test_done_and_archived_conversations_leave_the_list_and_come_back_by_one_press(
    world: World, browse: Browse
) -> None:
    ada, path = browse(world.a), thread_with(world)
    for form, show in (("#done-form", "done"), ("#archive-form", "archived")):
        ada.open(path)

        page = ada.submit(form)

        assert len(page.all(".conversation")) == 1
        assert "0155" in " ".join(ada.open("/messages", show=show).texts(".who"))
        ada.open(path)
        if show == "archived":
            ada.submit(form)
        else:
            page = ada.submit("#done-form")
            ada.open(path)
            page = ada.submit("#done-form")
            page = ada.submit("#toasts form")
        assert len(ada.open("/messages").all(".conversation")) == 2

    ada.open(path)
    ada.submit("#archive-form")
    receive_text(world.northwind, world.a.dids[0], NADIA, "One more thing")
    assert len(ada.open("/messages").all(".conversation")) == 2


def test_a_deleted_conversation_is_gone_but_for_the_books_and_a_new_text_begins_another(
    world: World, browse: Browse
) -> None:
    ada, path = browse(world.a), thread_with(world)
    ada.open(path)
    ada.submit("#note-form", note="Secret of the team")
    with world.reading(world.a):
        balance = ledger.standing(world.a.id).balance
        count = session().query(Message).count()

    page = ada.open(f"{path}/delete")
    assert "taken away for good" in page.words
    page = ada.submit("#delete-conversation")

    assert len(page.all(".conversation")) == 1
    assert ada.open(path).status == 404
    assert "No conversations match" in ada.open("/messages", q="insurance").words
    with world.reading(world.a):
        assert ledger.standing(world.a.id).balance == balance
        assert session().query(Message).count() == count, "what was charged stays"
        assert session().query(Message).filter(Message.text.contains("insurance")).count() == 0
    receive_text(world.northwind, world.a.dids[0], NADIA, "Are you there?")
    new = thread_with(world)
    assert new != path
    page = ada.open(new)
    assert page.texts("#thread .bubble-text") == ["Are you there?"]
    assert not page.has("#thread .note")
    with world.reading(world.northwind):
        assert list(findings()) == []


def test_nothing_is_deleted_while_a_text_is_on_its_way(world: World, browse: Browse) -> None:
    ada, path = browse(world.a), thread_with(world)
    ada.open(path)
    ada.submit("#composer", body="Still on its way")

    ada.open(f"{path}/delete")
    page = ada.submit("#delete-conversation")

    assert page.status == 422
    assert "still being sent" in page.words


def test_several_numbers_have_names_in_the_list_and_narrow_it(world: World, browse: Browse) -> None:
    ada = browse(world.a)

    assert {"Main line", "Appointments"} <= set(ada.open("/messages").texts(".conversation .badge"))
    page = ada.open("/messages", via=world.a.dids[1])

    assert len(page.all(".conversation")) == 1
    assert "Appointments" in page.text(".inbox-narrowed")
    with world.reading(world.a):
        mine = Inbox(Show.MINE, person_id=1)
        assert messaging.conversations(world.a.id, mine).rows == []


@pytest.mark.parametrize(
    ("service", "start", "menu"),
    [
        (Service.SMS_MMS, "/messages", ["Messages", "Profile"]),
        (Service.FAX, "/faxes", ["Faxes", "Profile"]),
    ],
)
def test_a_package_of_one_service_is_a_portal_of_just_that(
    world: World, browse: Browse, service: Service, start: str, menu: list[str]
) -> None:
    """Tips 4 and 6 of the guide."""
    with world.within(world.northwind):
        entitlements.save_default_configuration(View.STANDARD, [service.value], hide_money=True)

    page = browse(world.a).open("/")

    assert page.path == f"{world.a.base}{start}"
    assert [line.split()[0] for line in page.texts("#menu-groups a")] == menu


def test_a_new_text_is_in_the_badge_and_the_title_within_two_seconds(
    world: World, world_app: Flask, browse: Browse
) -> None:
    """From its receipt here: by the event stream, without a reload."""
    ada = browse(world.a)
    assert "(3) " in str(ada.open("/dashboard").find("title").string)
    hub = world_app.extensions["live"]

    times = []
    for waiting in (4, 5, 6):  # a busy machine is late once, a slow portal is late again
        since_ms = time.time_ns() // 1_000_000
        listener = Listener(world.a.reseller_id, world.a.id, None, frozenset(), since_ms)
        assert hub.join(listener)
        started = time.monotonic()
        receive_text(world.northwind, world.a.dids[0], f"+1613555015{waiting}", "Now")
        names = {listener.waiting.get(timeout=60), listener.waiting.get(timeout=60)}
        part = ada.open("/counts", htmx=True)
        times.append(time.monotonic() - started)
        hub.leave(listener)

        assert "conversation-changed" in names
        assert part.find("#counts")["data-waiting"] == str(waiting)
        assert part.text("#badge-messages").startswith(str(waiting))
        assert part.text("#tab-badge-messages").startswith(str(waiting))
    assert min(times) < 2, times


def _id(path: str) -> uuid.UUID:
    return uuid.UUID(path.rpartition("/")[2])


def test_a_conversation_leads_to_the_form_of_consent_with_its_numbers(
    world: World, browse: Browse
) -> None:
    ada = browse(world.a)

    page = ada.ask("GET", str(ada.open(thread_with(world)).find("#contact a")["href"]))

    assert page.find("#contact")["value"] == "+1 613 555 0155"
    assert page.find("#number option[selected]")["value"] == world.a.dids[0]
