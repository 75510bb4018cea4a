"""The box that finds everything, with and without scripts."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser import Browser
from tests.web.reseller.conftest import counted
from tests.world import World


def titles(browser: Browser, text: str, *, htmx: bool = False) -> list[str]:
    page = browser.open("/staff/search", q=text, htmx=htmx)
    assert page.status == 200
    return page.texts("#search-results .row-link")


def test_clients_numbers_packages_and_pages_are_found(world: World, owner: Browser) -> None:
    a = world.a
    for text in (a.name, a.email.upper(), a.number):
        assert a.title in titles(owner, text, htmx=True), text
    assert len(titles(owner, a.dids[0][-7:])) >= 1
    assert "Office Standard" in titles(owner, "office stand")
    assert titles(owner, "carrier") == ["Carrier"]
    page = owner.open("/staff/search", q="Office Standard")
    assert owner.follow("Office Standard").path.startswith("/staff/packages/")
    assert page.find("#search-q")["value"] == "Office Standard"


def test_nothing_typed_lists_the_pages_and_nothing_found_says_so(owner: Browser) -> None:
    assert {"Dashboard", "Clients", "Carrier"} <= set(titles(owner, ""))
    page = owner.open("/staff/search", q="<b>zzz</b>")
    assert "Nothing found for “<b>zzz</b>”." in page.text("#search-results")


def test_another_resellers_people_are_not_found(
    world: World, browse: Callable[..., Browser]
) -> None:
    stranger = browse(world.globex.owner)
    stranger.open("/staff/search")

    assert world.a.title not in titles(stranger, world.a.name)
    assert titles(stranger, world.a.email) == []


def test_a_search_asks_little_of_the_database(owner: Browser) -> None:
    with counted() as said:
        owner.open("/staff/search", q="a")

    assert len(said) <= 8


def test_every_page_of_the_back_office_has_the_box(owner: Browser) -> None:
    assert (
        owner.open("/staff/").find("#side-search").find_parent("form")["action"] == "/staff/search"
    )
