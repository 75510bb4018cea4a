"""The login form on a reseller's own website, and forgotten passwords."""

from __future__ import annotations

import re
from collections.abc import Callable

from portal import identity, mail
from tests.browser import Browser, Page
from tests.worker import work
from tests.world import PASSWORD, World

Door = Callable[..., Browser]
SITE = "https://www.northwind.example"


def post_from(somebody: Browser, world: World, origin: str, password: str = PASSWORD) -> Page:
    """What a browser sends for the form of the guide, standing on another website."""
    return somebody.ask(
        "POST",
        "/site/login.php",
        headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"},
        data={
            "UID": world.northwind.uid,
            "action": "DirectLogin",
            "col_email": world.a.email,
            "col_password": password,
        },
    )


def test_a_website_on_the_list_logs_in_at_once(world: World, browser: Door) -> None:
    with world.within(world.northwind):
        identity.set_login_origins(SITE)

    page = post_from(browser(), world, SITE)

    assert page.path == "/r/100482/dashboard"
    assert page.title.endswith("Priya")


def test_any_other_website_is_asked_about(world: World, browser: Door) -> None:
    somebody = browser()

    page = post_from(somebody, world, "https://evil.example")
    assert page.title == "Continue as Priya Raman?"
    assert somebody.open("/r/100482/dashboard").title == "Log in"
    post_from(somebody, world, "https://evil.example")
    page = somebody.submit("#continue form")

    assert page.title.endswith("Priya")


def test_nobody_is_quietly_logged_in_as_somebody_else(
    world: World, browse: Callable[..., Browser]
) -> None:
    with world.within(world.northwind):
        identity.set_login_origins(SITE)
    owen = browse(world.b)

    page = post_from(owen, world, SITE)

    assert page.title == "Continue as Priya Raman?"
    assert "You are logged in as Owen Castellan" in page.words
    assert owen.open("/dashboard").title.endswith("Owen")


def test_a_wrong_password_is_said_on_our_own_page(world: World, browser: Door) -> None:
    page = post_from(browser(), world, SITE, "not the password")

    assert page.status == 422
    assert page.title == "You are not logged in"
    assert page.link("Log in here") == "/r/100482/login"


def test_an_unknown_reseller_does_not_exist(world: World, browser: Door) -> None:
    page = browser().ask("POST", "/site/login.php", data={"UID": "999999", "action": "DirectLogin"})

    assert page.status == 404


def test_a_forgotten_password_is_chosen_anew_by_the_link_of_a_mail(
    world: World, browser: Door
) -> None:
    somebody = browser(world.northwind)
    somebody.open("/forgot")
    page = somebody.submit("#forgot", email=world.a.email)
    assert page.title == "Check your e-mail"
    work()
    with world.reading(world.northwind):
        text = mail.kept_mails()[0].text
    link = re.search(r"/r/100482/reset/\S+", text)
    assert link is not None

    somebody.open(link.group())
    weak = somebody.submit("#reset", password="short", again="short")
    page = somebody.submit("#reset", password="five slow rivers", again="five slow rivers")

    assert weak.status == 422
    assert page.title == "Log in"
    assert somebody.log_in(world.a.email, "five slow rivers").title.endswith("Priya")
    assert somebody.open(link.group()).status in {404, 410, 422}


def test_the_answer_does_not_tell_who_has_an_account(world: World, browser: Door) -> None:
    somebody = browser(world.northwind)
    somebody.open("/forgot")
    known = somebody.submit("#forgot", email=world.a.email).text("main")
    somebody.open("/forgot")
    unknown = somebody.submit("#forgot", email="nobody@example.com").text("main")

    assert known == unknown


def test_a_link_that_was_never_sent_is_refused(world: World, browser: Door) -> None:
    assert browser(world.northwind).open("/reset/nonsense").status in {404, 410, 422}
