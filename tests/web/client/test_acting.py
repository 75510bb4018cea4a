"""Staff look at a client's portal: marked, read-only, written down."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from portal import identity, messaging
from portal.core.scope import unscoped
from tests.browser import Browser
from tests.fax_things import give_faxes
from tests.world import PASSWORD, World

Browse = Callable[..., Browser]


def acting_as_a(app: Flask, world: World, *, allow_changes: bool = False) -> Browser:
    """A browser with the session that the back-office's *Log in as client* gives."""
    with unscoped("nobody is logged in yet"), world.within(world.northwind):
        attempt = identity.begin_login(None, world.northwind.owner.email, address="127.0.0.1")
        entered = identity.log_in(identity.prove(attempt, PASSWORD), browser="Firefox")
        assert isinstance(entered, identity.Entered)
        viewing = identity.begin_acting(
            entered.visitor,
            world.a.public_id,
            reason="Invoice question",
            address="127.0.0.1",
            browser="Firefox",
            allow_changes=allow_changes,
        )
    browser = Browser(app, world.a.base)
    browser.client.set_cookie(app.extensions["settings"].session_cookie, viewing.token, path="/")
    return browser


def test_every_page_says_whose_portal_it_is(world: World, world_app: Flask) -> None:
    staff = acting_as_a(world_app, world)

    pages = [
        staff.open(path) for path in ("/dashboard", "/calls", "/balance", "/messages", "/profile")
    ]

    assert all("Harbourlight Dental" in page.text("#acting") for page in pages)
    assert all("Read only" in page.text("#acting") for page in pages)


def test_reading_leaves_no_trace_in_the_inbox(world: World, world_app: Flask) -> None:
    staff = acting_as_a(world_app, world)
    page = staff.open("/messages")

    thread = staff.open(str(page.all(".conversation")[0]["href"]))

    assert "read-only" in thread.text("#composer")
    with world.reading(world.a):
        assert messaging.unread_count(world.a.id) == 3


def test_nothing_can_be_changed_before_it_is_allowed(world: World, world_app: Flask) -> None:
    staff = acting_as_a(world_app, world)
    staff.open("/dashboard")

    refused = staff.post("/profile/preferences", {"language": "fr", "time_zone": "UTC"})
    staff.open("/dashboard")
    staff.submit("#acting form[action$='allow-changes']")
    allowed = staff.open("/messages/new")

    assert refused.status == 403
    assert allowed.has("#composer textarea")


def test_the_client_sees_who_looked_and_why(world: World, world_app: Flask, browse: Browse) -> None:
    acting_as_a(world_app, world).open("/dashboard")

    page = browse(world.a).open("/profile")

    assert "Ada Moreau" in page.text("#viewers")
    assert "Invoice question" in page.text("#viewers")


def test_staff_neither_see_nor_change_the_clients_password(world: World, world_app: Flask) -> None:
    staff = acting_as_a(world_app, world, allow_changes=True)

    page = staff.open("/profile")

    assert not page.has("#change-password")


def test_staff_see_the_clients_team_and_cannot_let_themselves_into_it(
    world: World, world_app: Flask
) -> None:
    staff = acting_as_a(world_app, world, allow_changes=True)

    page = staff.open("/profile/team")

    assert page.has("#team")
    assert not page.has("a[href$='/profile/team/invite']")
    assert not page.has("#team form")
    assert staff.open("/profile/team/invite").status == 404


def test_nothing_that_staff_are_shown_of_texts_and_faxes_leads_nowhere(
    world: World, world_app: Flask
) -> None:
    with world.within(world.northwind):
        give_faxes(world.a.id, "+16135550155")
    staff = acting_as_a(world_app, world, allow_changes=True)
    lists = [
        "/messages", "/messages/later", "/messages/bulk", "/messages/numbers", "/search?q=a",
        *(f"/faxes?folder={name}" for name in ("inbox", "sent", "failed", "drafts", "bin")),
    ]  # fmt: skip
    found = {
        str(one["href"]) for path in lists for one in staff.open(path).all("main a[href*='/r/']")
    }
    mine = sorted(one for one in found if "/messages/" in one or "/faxes/" in one)
    assert len(mine) > 10
    for one in mine:
        assert staff.open(one).status in {200, 302}, one
