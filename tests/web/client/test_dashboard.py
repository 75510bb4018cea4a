"""The first page: is everything all right?"""

from __future__ import annotations

from collections.abc import Callable

from portal import ledger, wording
from tests.browser import Browser
from tests.world import World

Browse = Callable[..., Browser]


def test_the_dashboard_shows_the_balance_of_the_books(world: World, browse: Browse) -> None:
    with world.reading(world.a):
        balance = ledger.balance_of(world.a.id)

    page = browse(world.a).open("/dashboard")

    assert page.title.endswith(", Priya")
    assert page.texts("#figures .figure-value")[0] == f"${balance.decimal:.2f}"
    assert page.text("#balance-chip") == f"Balance ${balance.decimal:.2f}"
    assert "alert below $25.00" in page.text("#figures")


def test_sub_accounts_calls_and_texts_of_the_client_are_listed(
    world: World, browse: Browse
) -> None:
    page = browse(world.a).open("/dashboard")

    assert "Reception" in page.text("#registration")
    assert "Registered" in page.text("#registration")
    assert "Capital Denture Lab" in page.words
    assert "Perfect, thank you! See you Tuesday" in page.words
    assert "Truck 7" not in page.words


def test_the_chart_has_its_numbers_as_a_table(world: World, browse: Browse) -> None:
    page = browse(world.a).open("/dashboard")

    rows = page.all(".chart-table tbody tr")

    assert len(rows) == 14
    assert page.find("svg.chart")["aria-label"].startswith("Calls of the last 14 days:")


def test_the_welcome_text_is_shown_as_it_was_written(world: World, browse: Browse) -> None:
    words = wording.from_delta(
        {
            "ops": [
                {"insert": "<b>Closed</b> on Monday, "},
                {"insert": "[firstname]", "attributes": {"bold": True, "color": "c-ffee00"}},
                {"insert": "\n"},
            ]
        }
    )
    with world.within(world.northwind):
        wording.save_text(wording.WELCOME, "en", "Good news for [company]", words, version=0)

    page = browse(world.a).open("/dashboard")

    assert page.text("#welcome-title") == "Good news for Harbourlight Dental"
    assert "<b>Closed</b> on Monday, Priya" in page.words
    assert page.find("#welcome strong .ql-color-c-ffee00").get_text() == "Priya"
    (sheet,) = [one["href"] for one in page.all("link") if "/brand." in str(one["href"])]
    style = browse(world.a).open(str(sheet)).body
    assert b".ql-color-c-ffee00 { color: light-dark(" in style
    assert not browse(world.x).open("/dashboard").has("#welcome")


def test_figures_come_alone_when_money_moved(world: World, browse: Browse) -> None:
    part = browse(world.a).open("/dashboard/figures", htmx=True)

    assert part.has("#figures[hx-get]")
    assert not part.has("html")


def test_the_simple_view_leaves_the_spending_out(
    world: World, browse: Browse, configure: Callable[..., None]
) -> None:
    configure(world.northwind, "Office Standard", view="simple")

    page = browse(world.a).open("/dashboard")

    assert "This month" not in page.text("#figures")
    assert "Balance" in page.text("#figures")


def test_without_money_there_is_no_amount_anywhere(
    world: World, browse: Browse, configure: Callable[..., None]
) -> None:
    configure(world.northwind, "Office Standard", hide_money=True)
    ada = browse(world.a)

    pages = [ada.open(path) for path in ("/dashboard", "/calls", "/messages", "/messages/new")]

    assert all("$" not in page.words for page in pages)
    assert not any(page.has("#balance-chip") for page in pages)
    assert ada.open("/balance").status == 404
    assert ada.open("/balance.csv").status == 404


def test_services_that_are_off_are_neither_in_the_menu_nor_at_their_address(
    world: World, browse: Browse, configure: Callable[..., None]
) -> None:
    configure(world.northwind, "Office Standard", without=("sms_mms", "cdr"))
    ada = browse(world.a)

    page = ada.open("/dashboard")

    assert "Messages" not in page.text("#menu-groups")
    assert "Calls" not in page.text("#menu-groups")
    for path in ("/messages", "/messages/new", "/calls", "/calls.csv", "/calls/totals"):
        assert ada.open(path).status == 404
    assert ada.post("/messages", {"body": "x"}).status == 404


def test_the_language_is_kept_with_the_person(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    ada.open("/dashboard")

    ada.post("/language", {"language": "es"})

    assert ada.open("/dashboard").find("html")["lang"] == "es"
    assert browse(world.a).open("/dashboard").find("html")["lang"] == "es"


def test_a_page_never_asks_the_database_too_often(
    world: World, browse: Browse, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    ada = browse(world.a)

    asked = {
        path: count_queries(lambda path=path: ada.open(path))  # type: ignore[misc]
        for path in ("/dashboard", "/calls", "/balance", "/messages", "/messages/new", "/profile")
    }

    most = {"/balance": 27}  # chart, coming fees, ways to pay and their taxes
    assert [path for path, count in asked.items() if count > most.get(path, 25)] == [], asked
