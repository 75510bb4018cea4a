"""The staff: asked to join, given roles, sent away, and never without an owner."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import time_machine
from sqlalchemy import select

from portal.core import clock
from portal.core.db import session
from portal.mail.models import OutgoingMail
from tests.browser import Browser
from tests.second_step import give_telephone
from tests.world import PASSWORD, Shop, World

Door = Callable[..., Browser]
TEAM = "/staff/configuration/team"
NEW = "nine quiet herons"


def invite(who: Browser, email: str, role: str = "support") -> None:
    who.open(f"{TEAM}/invite")
    page = who.submit("#invite", name="Noor Haddad", email=email, role=role)
    assert page.path == TEAM, page.words[:400]


def link_in_mail(world: World, shop: Shop, email: str) -> str:
    """The path of the newest invitation's link."""
    with world.reading(shop):
        text = (
            session()
            .scalars(
                select(OutgoingMail.text)
                .where(OutgoingMail.name == "invitation", OutgoingMail.recipient == email)
                .order_by(OutgoingMail.id.desc())
            )
            .first()
        )
    assert text is not None
    found = re.search(r"https?://\S+/invitation/\S+", text)
    assert found is not None
    return urlsplit(found.group()).path


def test_somebody_is_invited_joins_once_and_has_the_role(
    world: World, browse: Door, browser: Door
) -> None:
    ada = browse(world.northwind.owner)
    invite(ada, "noor@northwind.example", "read_only")
    link = link_in_mail(world, world.northwind, "noor@northwind.example")
    noor, other = browser(), browser()

    page = noor.open(link)
    assert page.title == "Join Northwind Voice"
    other.open(link)
    weak = noor.submit("#join", name="Noor Haddad", password="short", again="short")
    assert weak.status == 422
    assert noor.submit("#join", name="Noor Haddad", password=NEW, again=NEW).path == "/staff/"
    late = other.submit("#join", name="Somebody", password=NEW, again=NEW)

    assert late.status == 422
    assert "no longer works" in late.words
    assert noor.open(f"{TEAM}/invite").status == 403
    assert not noor.open(TEAM).has("a[href$='/invite']")
    assert "Read-only" in ada.open(TEAM).words
    assert not ada.page.has("#invitations .row")  # type: ignore[union-attr]


def test_a_link_that_is_old_withdrawn_replaced_or_at_another_door_opens_nothing(
    world: World, browse: Door, browser: Door
) -> None:
    ada = browse(world.northwind.owner)
    invite(ada, "noor@northwind.example")
    first = link_in_mail(world, world.northwind, "noor@northwind.example")
    ada.open(TEAM)
    ada.submit("#invitations form[action$='/resend']")
    second = link_in_mail(world, world.northwind, "noor@northwind.example")
    somebody = browser()

    assert first != second
    assert somebody.open(first).status == 422
    assert browser(world.northwind).open(second.removeprefix("/staff")).status == 422
    assert somebody.open(second).status == 200
    with time_machine.travel(clock.now() + timedelta(days=7, seconds=1)):
        assert browser().open(second).status == 422

    ada.open(TEAM)
    ada.submit("#invitations form[action$='/withdraw']")
    assert browser().open(second).status == 422


def test_nobody_is_invited_who_logs_in_already_anywhere(world: World, browse: Door) -> None:
    ada = browse(world.northwind.owner)
    ada.open(f"{TEAM}/invite")

    page = ada.submit("#invite", name="Mo", email=world.globex.owner.email.upper(), role="support")

    assert page.status == 422
    assert "already logs in" in page.text("#email-error")
    assert page.find("#name")["value"] == "Mo"


def test_a_new_role_or_none_at_all_ends_their_sessions_at_once(
    world: World, browse: Door, browser: Door
) -> None:
    ada, sam = browse(world.northwind.owner), browse(world.northwind.support)

    ada.open(TEAM)
    ada.follow("Sam Support")
    ada.submit("#role-form", role="read_only")
    assert sam.open("/staff/clients").title == "Log in"
    sam.log_in(world.northwind.support.email)
    assert sam.open("/staff/clients").title == "Clients"

    ada.open(TEAM)
    ada.follow("Sam Support")
    ada.submit("#teammate form[action$='/disable']")
    assert sam.open("/staff/clients").title == "Log in"
    assert sam.log_in(world.northwind.support.email).status == 422

    ada.open(TEAM)
    ada.follow("Sam Support")
    ada.submit("#teammate form[action$='/enable']")
    assert sam.log_in(world.northwind.support.email).path == "/staff/"


def test_the_last_owner_neither_leaves_nor_loses_the_role(world: World, browse: Door) -> None:
    ada = browse(world.northwind.owner)

    ada.open(TEAM)
    ada.follow("Ada Moreau")
    role = ada.submit("#role-form", role="support")
    ada.open(role.path.rpartition("/")[0])
    leave = ada.submit("#teammate form[action$='/disable']")

    assert role.status == leave.status == 422
    assert "at least one owner" in role.words
    assert ada.open(f"{TEAM}/invite").status == 200


def test_another_resellers_people_do_not_exist(world: World, browse: Door) -> None:
    ada, mo = browse(world.northwind.owner), browse(world.globex.owner)
    mo.open(TEAM)
    theirs = mo.page.link("Sam Support")  # type: ignore[union-attr]
    invite(mo, "new@globex.example")
    mo.open(TEAM)
    withdraw = str(mo.page.find("form[action$='/withdraw']")["action"])  # type: ignore[union-attr]

    assert ada.open(theirs).status == 404
    assert ada.post(f"{theirs}/disable").status == 404
    assert ada.post(withdraw).status == 404


def test_an_owner_helps_a_colleague_who_lost_the_telephone(
    world: World, browse: Door, browser: Door
) -> None:
    give_telephone(world.northwind.support.email)
    ada = browse(world.northwind.owner)

    ada.open(TEAM)
    ada.follow("Sam Support")
    ada.submit("#teammate form[action$='/second-step/reset']")

    assert browser().log_in(world.northwind.support.email).path == "/staff/"
    with world.reading(world.northwind):
        mails = session().execute(select(OutgoingMail.name, OutgoingMail.recipient)).all()
    assert ("second_step_off", world.northwind.support.email) in [tuple(one) for one in mails]


def test_the_owner_requires_the_second_step_of_everybody_after_having_one(
    world: World, browse: Door, browser: Door
) -> None:
    ada, sam = browse(world.northwind.owner), browse(world.northwind.support)
    refused = ada.post(f"{TEAM}/second-step", {"required": "1"})
    assert refused.status == 422

    telephone, _ = give_telephone(world.northwind.owner.email)
    ada.open(TEAM)
    ada.submit("#require form")

    assert sam.open("/staff/clients").title == "2-step login"
    assert ada.open("/staff/clients").title == "Clients"
    invite(ada, "noor@northwind.example")
    noor = browser()
    noor.open(link_in_mail(world, world.northwind, "noor@northwind.example"))
    assert noor.submit("#join", password=NEW, again=NEW).title == "2-step login"
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        later = browser()
        later.log_in(world.northwind.owner.email, PASSWORD)
        assert later.submit("#code-form", code=telephone.code()).path == "/staff/"
