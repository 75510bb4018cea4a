"""Logging in and out in a browser: the client's door, the back-office's, and the way back."""

from __future__ import annotations

from collections.abc import Callable

from portal import identity
from portal.identity import ClientStatus
from tests.browser import Browser
from tests.world import PASSWORD, World

Door = Callable[..., Browser]


def test_a_client_logs_in_and_arrives_where_they_wanted(world: World, browser: Door) -> None:
    somebody = browser(world.northwind)

    page = somebody.open("/calls", direction="in")
    assert page.title == "Log in"
    page = somebody.submit("#log-in", email=world.a.email, password=PASSWORD)

    assert page.title == "Calls"
    assert page.path == "/r/100482/calls"


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(
    world: World, browser: Door
) -> None:
    somebody = browser(world.northwind)

    wrong = somebody.log_in(world.a.email, "not the password")
    unknown = somebody.log_in("nobody@harbourlight.example", "not the password")

    assert wrong.status == unknown.status == 422
    assert wrong.text("[role=alert]") == unknown.text("[role=alert]")
    assert wrong.soup.title is not None
    assert wrong.soup.title.get_text().startswith("Error: ")
    assert wrong.find("#email")["value"] == world.a.email
    assert not wrong.find("#password").get("value")


def test_guessing_is_told_to_wait(world: World, browser: Door) -> None:
    somebody = browser(world.northwind, address="198.51.100.20")

    pages = [somebody.log_in(world.a.email, f"guess number {count}") for count in range(12)]

    assert pages[-1].status == 429
    assert "Too many attempts" in pages[-1].text("[role=alert]")
    assert somebody.log_in(world.a.email, PASSWORD).status == 429


def test_a_client_does_not_exist_at_another_resellers_portal(world: World, browser: Door) -> None:
    somebody = browser(world.globex)

    page = somebody.log_in(world.a.email)

    assert page.status == 422


def test_a_session_is_worth_nothing_at_another_portal(
    world: World, browse: Callable[..., Browser]
) -> None:
    ada = browse(world.a)

    assert ada.open("/r/100731/dashboard").title == "Log in"
    assert ada.open("/staff/").title == "Log in"
    assert ada.open("/dashboard").title.endswith("Priya")


def test_who_waits_or_was_closed_is_told_so(world: World, browser: Door) -> None:
    with world.within(world.northwind):
        identity.add_client(
            identity.ClientDetails("Wes", "Waiting", "wes@example.com"),
            password=identity.choose_password("seven calm otters"),
            status=ClientStatus.WAIT,
        )

    page = browser(world.northwind).log_in("wes@example.com", "seven calm otters")

    assert "waiting to be activated" in page.text("[role=alert]")


def test_logging_out_ends_the_session(world: World, browse: Callable[..., Browser]) -> None:
    ada = browse(world.a)
    ada.open("/dashboard")

    page = ada.submit("#account-menu form[action$='/logout']")

    assert page.title == "Log in"
    assert ada.open("/dashboard").title == "Log in"


def test_the_way_back_leads_only_to_our_own_pages(world: World, browser: Door) -> None:
    somebody = browser(world.northwind)

    for target in (
        "//evil.example/x", "https://evil.example", "/\\evil.example", "/\t\\evil.example", "//[",
        "/calls\r\nSet-Cookie: a=b",
    ):  # fmt: skip
        somebody.open("/login", next=target)
        page = somebody.submit("#log-in", email=world.a.email, password=PASSWORD)
        assert page.path == "/r/100482/dashboard"
        somebody.post("/logout")


def test_the_login_page_speaks_the_language_that_was_chosen(world: World, browser: Door) -> None:
    somebody = browser(world.northwind)
    somebody.open("/login")

    page = somebody.submit("form[action$='/language']", language="fr")

    assert page.find("html")["lang"] == "fr"


def test_the_back_office_has_a_neutral_door(world: World, browser: Door) -> None:
    page = browser().open("/staff/login")

    assert page.find("html")["data-face"] == "reseller"
    assert not page.has("[name=keep]")
    assert "Northwind" not in page.words


def test_htmx_is_sent_to_the_login_page_as_a_whole(world: World, browser: Door) -> None:
    part = browser(world.northwind).open("/balance/chip", htmx=True)

    assert part.status == 401
    assert "/r/100482/login" in part.headers["HX-Redirect"]


def test_a_form_without_its_token_is_refused(world: World, browse: Callable[..., Browser]) -> None:
    ada = browse(world.a)
    ada.open("/profile")

    page = ada.ask("POST", "/profile/preferences", data={"language": "fr", "time_zone": "UTC"})

    assert page.status == 400
    assert ada.open("/profile").find("html")["lang"] == "en"


def test_a_form_from_another_site_is_refused(world: World, browse: Callable[..., Browser]) -> None:
    ada = browse(world.a)
    ada.open("/profile")

    page = ada.post("/logout", headers={"Origin": "https://evil.example"})

    assert page.status == 403
    assert ada.open("/dashboard").title.endswith("Priya")
