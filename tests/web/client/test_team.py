"""A client's team: managers see everything, members their part, and nobody more than that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from portal import calls, identity
from portal.core.db import session, transaction
from portal.core.scope import NoScope, Only, Scope, bind
from portal.ledger.models import Transfer
from portal.messaging.models import Conversation, Message
from portal.numbers.models import Did, DidLink
from portal.pbx.models import SubAccount
from tests.browser import Browser
from tests.web.reseller.test_team import NEW, link_in_mail
from tests.world import World

Door = Callable[..., Browser]
EVER = (date(2020, 1, 1), date(2099, 12, 31))
KIM = "kim@harbourlight.example"


def kanata(world: World) -> int:
    found = select(SubAccount.id).where(SubAccount.public_id == world.a.accounts["kanata"])
    return session().scalars(found).one()


@pytest.fixture
def kanata_has_a_number(world: World) -> None:
    """The second number of a is connected to the Kanata clinic."""
    with world.within(world.northwind):
        did = session().scalars(select(Did.id).where(Did.number == world.a.dids[1])).one()
        link = session().scalars(select(DidLink).where(DidLink.did_id == did)).one()
        link.sub_account_id = kanata(world)


def invite(world: World, priya: Browser, browser: Door, email: str = KIM, **fields: str) -> Browser:
    """Ask somebody to join, and let them come in."""
    priya.open("/profile/team/invite")
    page = priya.submit("#invite", name="Kim Park", email=email, **fields)
    assert page.path.endswith("/profile/team"), page.words[:500]
    kim = browser(world.northwind)
    kim.open(link_in_mail(world, world.northwind, email))
    assert kim.submit("#join", password=NEW, again=NEW).path == "/r/100482/dashboard"
    return kim


@pytest.fixture
def kim(world: World, browse: Door, browser: Door, kanata_has_a_number: None) -> Browser:
    """Limited to the Kanata clinic."""
    return invite(
        world, browse(world.a), browser, role="member", reach="some",
        sub_accounts=str(world.a.accounts["kanata"]),
    )  # fmt: skip


def test_a_limited_member_sees_calls_of_the_own_sub_account_in_list_csv_and_dashboard(
    world: World, kim: Browser, browse: Door
) -> None:
    with world.reading(world.a):
        every = calls.last_id()
    page = kim.open("/calls", period="30")
    file = kim.open("/calls.csv", period="30").body.decode()
    lines = file.strip().splitlines()[1:]
    all_lines = browse(world.a).open("/calls.csv", period="30")

    assert every
    assert lines
    assert all("100482_kanata" in line for line in lines)
    assert len(lines) < len(all_lines.body.decode().strip().splitlines()) - 1
    assert "Kanata clinic" in page.words
    assert "Reception" not in page.words
    dashboard = kim.open("/dashboard")
    assert "Reception" not in dashboard.words
    assert not dashboard.has("#balance-chip")


def test_a_limited_member_sees_no_money(kim: Browser) -> None:
    for path in ("/balance", "/balance.csv", "/balance/amount", "/statements"):
        assert kim.open(path).status == 404, path
    assert "$" not in kim.open("/calls").text("main")
    assert "Price" not in kim.open("/calls.csv").body.decode()
    assert "Low balance" not in kim.open("/profile").words
    assert "Who viewed your account" not in kim.open("/profile").words


def texts_of(world: World, conversation: object) -> object:
    with world.reading(world.a):
        found = select(Message.public_id).join(
            Conversation, Conversation.id == Message.conversation_id
        )
        return session().scalars(found.where(Conversation.public_id == conversation)).first()


def test_a_limited_member_reads_and_writes_with_the_own_number_alone(
    world: World, kim: Browser, browse: Door
) -> None:
    with world.reading(world.a):
        rows = (
            session()
            .execute(
                select(Conversation.public_id, Did.number).join(Did, Did.id == Conversation.did_id)
            )
            .all()
        )
    other = next(row.public_id for row in rows if row.number == world.a.dids[0])
    own = next(row.public_id for row in rows if row.number == world.a.dids[1])

    page = kim.open("/messages")
    assert len(page.all("a.conversation")) == 1
    assert kim.open(f"/messages/{other}").status == 404
    assert kim.open(f"/messages/{other}/tail", htmx=True).status == 404
    text = texts_of(world, other)
    for action in ("done", "archive", "delete", "assign", "note", "name"):
        assert kim.post(f"/messages/{other}/{action}", {"note": "x", "to": "me"}).status == 404
    assert kim.open(f"/messages/prices/{text}").status == 404
    assert kim.post(f"/messages/{text}/retry").status == 404
    assert kim.open(f"/messages/{own}").status == 200
    sent = kim.submit("#composer", body="We can move it to Friday")
    assert "We can move it to Friday" in sent.words

    kim.open("/messages/new")
    forged = kim.submit("#composer", sender=world.a.dids[0], recipient="+16135550155", body="Hello")
    assert forged.status == 422
    assert browse(world.a).open(f"/messages/{own}").status == 200


def test_the_limit_is_in_the_scope_and_closed_for_what_names_no_sub_account(
    world: World, kanata_has_a_number: None
) -> None:
    with bind(world.a.scope()):
        own = kanata(world)
        did = session().scalars(select(DidLink.did_id).where(DidLink.sub_account_id == own)).one()
        both = {day.day: day.calls for day in calls.days(*EVER, client_id=world.a.id)}
        session().rollback()
    only = Scope(world.a.reseller_id, world.a.id, Only(frozenset({own}), frozenset({did})))

    with bind(only):
        assert session().scalars(select(SubAccount.id)).all() == [own]
        assert session().scalars(select(Did.id)).all() == [did]
        assert session().scalars(select(Transfer)).all() == []
        assert identity.events(world.a.id).rows == []
        part = {day.day: day.calls for day in calls.days(*EVER, client_id=world.a.id)}
        session().rollback()
    nothing = Scope(world.a.reseller_id, world.a.id, Only(frozenset(), frozenset()))
    with bind(nothing):
        assert calls.last_id() == 0
        session().rollback()
    assert 0 < sum(part.values()) < sum(both.values())
    assert all(part[day] <= both[day] for day in part)

    with pytest.raises(NoScope):
        move_a_conversation(only, did + 1)


def test_a_member_with_all_sub_accounts_may_see_money_or_not(
    world: World, browse: Door, browser: Door
) -> None:
    rich = invite(
        world, browse(world.a), browser, "rich@harbourlight.example", role="member", reach="all",
        sees_money="y",
    )  # fmt: skip
    assert rich.open("/balance").status == 200
    assert rich.open("/profile/team").status == 404

    poor = invite(
        world, browse(world.a), browser, "poor@harbourlight.example", role="member", reach="all"
    )
    assert poor.open("/balance").status == 404
    assert "Reception" in poor.open("/calls").words
    assert "$" not in poor.open("/calls").text("main")


def test_nonsense_limits_are_refused_beside_the_field(world: World, browse: Door) -> None:
    priya = browse(world.a)
    priya.open("/profile/team/invite")

    nothing = priya.submit("#invite", name="Kim", email=KIM, role="member", reach="some")
    foreign = priya.submit(
        "#invite", name="Kim", email=KIM, role="member", reach="some",
        sub_accounts=str(world.b.accounts["yard"]),
    )  # fmt: skip

    assert nothing.status == foreign.status == 422
    assert "Choose at least one" in nothing.text("#sub_accounts-error")


def test_a_changed_or_disabled_member_is_out_at_once_and_the_last_manager_stays(
    world: World, browse: Door, kim: Browser
) -> None:
    priya = browse(world.a)
    priya.open("/profile/team")
    priya.follow("Kim Park")
    priya.submit("#access-form", role="manager")
    assert kim.open("/dashboard").title == "Log in"
    kim.log_in(KIM, NEW)
    assert kim.open("/balance").status == 200, "a manager sees everything"

    kim.open("/profile/team")
    kim.follow("Priya Raman")
    kim.submit("#teammate form[action$='/disable']")
    assert priya.open("/dashboard").title == "Log in"

    kim.open("/profile/team")
    kim.follow("Kim Park")
    refused = kim.submit("#teammate form[action$='/disable']")
    assert refused.status == 422
    assert "at least one manager" in refused.words


def test_an_invitation_to_one_portal_opens_no_other(
    world: World, browse: Door, browser: Door
) -> None:
    priya = browse(world.a)
    priya.open("/profile/team/invite")
    priya.submit("#invite", name="Kim Park", email=KIM, role="manager")
    link = link_in_mail(world, world.northwind, KIM)
    token = link.rpartition("/")[2]

    assert browser(world.globex).open(f"/invitation/{token}").status == 422
    assert browser().open(f"/staff/invitation/{token}").status == 422
    assert browser(world.northwind).open(f"/invitation/{token}").status == 200


def move_a_conversation(who: Scope, did_id: int) -> None:
    """Write about a number as somebody."""
    with bind(who), transaction():
        own = session().scalars(select(Conversation)).one()
        own.did_id = did_id
