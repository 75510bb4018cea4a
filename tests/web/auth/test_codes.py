"""2-step login in a browser: set up, asked for at every door, lost, reset, required."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal import identity
from portal.core.db import session, transaction
from portal.core.scope import unscoped
from portal.identity.models import Person, SecondStep
from portal.mail.models import OutgoingMail
from tests.browser import Browser, Page
from tests.second_step import Telephone, give_telephone
from tests.world import PASSWORD, World

Door = Callable[..., Browser]


@pytest.fixture(autouse=True)
def standing_clock(world: World) -> Iterator[time_machine.Coordinates]:
    """In the middle of a step of 30 seconds."""
    now = datetime.now(UTC).timestamp()
    with time_machine.travel(now - now % 30 + 15, tick=False) as travel:
        yield travel


def set_up(who: Browser, page: str = "/profile/second-step") -> tuple[Telephone, Page]:
    """From nothing to the page of the recovery codes, by the key that is shown."""
    who.open(page)
    shown = who.submit("#second-step-begin", current_password=PASSWORD)
    telephone = Telephone(shown.text("#second-step-key"))
    return telephone, who.submit("#second-step-confirm", code=telephone.code())


def test_a_client_turns_it_on_with_the_key_of_the_page_and_needs_a_code_from_then_on(
    world: World, browse: Door, browser: Door
) -> None:
    priya = browse(world.a)
    elsewhere = browse(world.a)

    telephone, done = set_up(priya)
    codes = done.texts("#recovery-codes code")
    assert len(set(codes)) == 10
    assert priya.open("/profile").text("#second-step-card .badge") == "On"
    assert elsewhere.open("/profile").title == "Log in", "a browser from before is logged out"

    new = browser(world.northwind)
    new.open("/calls")
    page = new.submit("#log-in", email=world.a.email, password=PASSWORD)
    assert page.title == "Enter the code"
    assert new.open("/dashboard").title == "Log in", "the password alone opens nothing"
    new.open("/login/code", next="/calls")
    refused = new.submit("#code-form", code=telephone.wrong_code())
    assert refused.status == 422
    page = new.submit("#code-form", code=telephone.code(later_seconds=30))
    assert page.title == "Calls"


def test_a_code_works_once(
    world: World, browser: Door, standing_clock: time_machine.Coordinates
) -> None:
    telephone, _ = give_telephone(world.a.email)
    one, other = browser(world.northwind), browser(world.northwind)
    one.log_in(world.a.email)
    other.log_in(world.a.email)
    one.log_in(world.a.email)  # the newest waiting login counts
    code = telephone.code()

    assert one.submit("#code-form", code=code).title.endswith("Priya")
    other.log_in(world.a.email)
    assert other.submit("#code-form", code=code).status == 422

    standing_clock.shift(timedelta(seconds=30))
    assert other.submit("#code-form", code=code).status == 422, "nor in the step after"
    assert other.submit("#code-form", code=telephone.code()).title.endswith("Priya")


def test_a_recovery_code_works_once_and_instead_of_the_telephone(
    world: World, browser: Door
) -> None:
    _, codes = give_telephone(world.a.email)
    somebody = browser(world.northwind)

    somebody.log_in(world.a.email)
    somebody.follow("Use a recovery code")
    page = somebody.submit("#code-form", code=f" {codes[3].upper()} ")
    assert page.title.endswith("Priya")
    assert "9" in somebody.open("/profile/second-step").text("dl.pairs")

    again = browser(world.northwind)
    again.log_in(world.a.email)
    assert again.submit("#code-form", code=codes[3]).status == 422


def test_guessing_codes_is_told_to_wait_whatever_the_address(world: World, browser: Door) -> None:
    telephone, _ = give_telephone(world.a.email)

    statuses = []
    for count in range(8):
        somebody = browser(world.northwind, address=f"198.51.100.{count}")
        somebody.log_in(world.a.email)
        statuses.append(somebody.submit("#code-form", code=telephone.wrong_code()).status)

    assert statuses[0] == 422
    assert statuses[-1] == 429
    somebody.log_in(world.a.email)
    assert somebody.submit("#code-form", code=telephone.code()).status == 429


def test_a_waiting_login_ends_and_is_worth_nothing_elsewhere(
    world: World, browser: Door, standing_clock: time_machine.Coordinates
) -> None:
    telephone, _ = give_telephone(world.a.email)
    somebody = browser(world.northwind)
    somebody.log_in(world.a.email)
    form = somebody.token()

    elsewhere = somebody.ask(
        "POST", "/r/100731/login/code", data={"csrf_token": form, "code": telephone.code()}
    )
    staff = somebody.ask(
        "POST", "/staff/login/code", data={"csrf_token": form, "code": telephone.code()}
    )
    assert elsewhere.title == staff.title == "Log in"

    somebody.log_in(world.a.email)
    standing_clock.shift(timedelta(minutes=10, seconds=1))
    assert somebody.submit("#code-form", code=telephone.code()).title == "Log in"


def test_the_website_s_form_asks_for_the_code_too(world: World, browser: Door) -> None:
    telephone, _ = give_telephone(world.a.email)
    with world.within(world.northwind):
        identity.set_login_origins("https://www.northwind.example")
    somebody = browser(world.northwind)

    page = somebody.ask(
        "POST",
        "/site/login.php",
        data={
            "UID": "100482",
            "action": "DirectLogin",
            "col_email": world.a.email,
            "col_password": PASSWORD,
        },
        headers={"Origin": "https://www.northwind.example"},
    )

    assert page.title == "Enter the code"
    assert somebody.open("/dashboard").title == "Log in"
    somebody.open("/login/code")
    assert somebody.submit("#code-form", code=telephone.code()).title.endswith("Priya")


def test_a_new_password_takes_no_second_step_away_and_may_be_shorter(
    world: World, browser: Door
) -> None:
    telephone, _ = give_telephone(world.a.email)
    with unscoped("a test"), transaction():
        link = identity.begin_reset(world.northwind.id, world.a.email, address="198.51.100.7")
    assert link is not None
    somebody = browser(world.northwind)

    somebody.open(urlsplit(link.address).path)
    somebody.submit("#reset", password="kx7#owls", again="kx7#owls")
    page = somebody.log_in(world.a.email, "kx7#owls")
    assert page.title == "Enter the code"
    assert somebody.submit("#code-form", code=telephone.code()).title.endswith("Priya")

    somebody.open("/profile/second-step")
    page = somebody.submit(
        "#second-step-change", current_password="kx7#owls", code=telephone.code(), what="off"
    )
    assert page.status == 422
    assert "Choose a longer one first" in page.words


def test_turning_it_off_takes_password_and_code_and_is_mailed(
    world: World, browse: Door, world_app: Flask
) -> None:
    priya = browse(world.a)
    telephone, done = set_up(priya)
    priya.open("/profile/second-step")

    wrong = priya.submit(
        "#second-step-change",
        current_password=PASSWORD,
        code=telephone.wrong_code(),
        what="off",
    )
    right = priya.submit(
        "#second-step-change",
        current_password=PASSWORD,
        code=done.texts("#recovery-codes code")[0],
        what="off",
    )

    assert wrong.status == 422
    assert right.has("#second-step-begin")
    with world.reading(world.northwind):
        assert session().scalars(select(SecondStep)).all() == []
        of_it = OutgoingMail.name.startswith("second_step")
        names = (
            session()
            .scalars(select(OutgoingMail.name).where(of_it).order_by(OutgoingMail.id))
            .all()
        )
        assert names == ["second_step_on", "second_step_off"]


def test_recovery_codes_come_as_a_file_to_their_own_person_only(world: World, browse: Door) -> None:
    priya, owen = browse(world.a), browse(world.b)
    _, done = set_up(priya)
    codes = " ".join(done.texts("#recovery-codes code"))

    file = priya.post("/profile/second-step/codes.txt", {"codes": codes})
    assert file.body.decode().split() == codes.split()
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert owen.post("/profile/second-step/codes.txt", {"codes": codes}).status == 404
    assert priya.post("/profile/second-step/codes.txt", {"codes": "<script>"}).status == 404


def test_the_key_is_sealed_and_no_log_line_knows_a_code(world: World, browse: Door) -> None:
    telephone, done = set_up(browse(world.a))

    with world.reading(world.northwind):
        row = session().scalars(select(SecondStep)).one()
        assert telephone.key not in row.sealed_key
        facts = [str(one.facts) for one in identity.events(world.a.id).rows]
    assert not any(code in fact for fact in facts for code in done.texts("#recovery-codes code"))


def test_an_owner_is_asked_at_the_first_login_and_may_say_not_now(
    world: World, browser: Door
) -> None:
    with unscoped("a test"), transaction():
        ada = session().scalars(select(Person).where(Person.email == world.northwind.owner.email))
        ada.one().second_step_asked_at = None
    somebody = browser()

    asked = somebody.log_in(world.northwind.owner.email)
    assert asked.title == "2-step login"
    later = somebody.post("/staff/profile/second-step/later")
    assert later.path == "/staff/"

    assert browser().log_in(world.northwind.owner.email).path == "/staff/"
    assert browser().log_in(world.northwind.support.email).path == "/staff/", "others are not"


def test_where_it_is_required_nothing_else_is_open_before(
    world: World, browse: Door, make_app: Callable[..., Flask], world_app: Flask
) -> None:
    strict = make_app(world_app.config["SQLALCHEMY_DATABASE_URI"], PORTAL_SECOND_STEP="everybody")
    priya = Browser(strict, world.a.base)

    assert priya.log_in(world.a.email).title == "2-step login"
    assert priya.open("/calls").title == "2-step login"
    assert priya.post("/profile/preferences", {"language": "fr"}).title == "2-step login"
    assert priya.open("/calls", htmx=True).headers["HX-Redirect"].endswith("/profile/second-step")
    set_up(priya)

    assert priya.open("/calls").title == "Calls"
    page = priya.open("/profile/second-step")
    assert not page.has("[value=off]")


def test_staff_give_a_code_at_their_own_door(world: World, browser: Door) -> None:
    telephone, _ = give_telephone(world.northwind.support.email)
    sam = browser()

    assert sam.log_in(world.northwind.support.email).title == "Enter the code"
    assert sam.open("/staff/clients").title == "Log in"
    sam.open("/staff/login/code")
    assert sam.submit("#code-form", code=telephone.code()).path == "/staff/"


def test_viewing_staff_cannot_touch_the_second_step(world: World, browse: Door) -> None:
    sam = browse(world.northwind.support)
    sam.open(f"/staff/clients/{world.a.public_id}/log-in")
    sam.submit("main form", reason="A call about the bill")
    sam.post("/r/100482/acting/allow-changes")

    assert sam.open("/r/100482/profile/second-step").status == 404
    assert (
        sam.post("/r/100482/profile/second-step/begin", {"current_password": PASSWORD}).status
        == 404
    )
