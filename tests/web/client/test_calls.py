"""Call records: found, summed up, explained, exported."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from portal import calls
from portal.core.money import Money
from portal.web.forms.filters import CallsChosen, quick_span
from tests.browser import Browser, Page
from tests.world import World, a_call, record_calls

Browse = Callable[..., Browser]
ZONE = ZoneInfo("America/Toronto")
SCRIPT = '<script>alert("x")</script>'


def exported(page: Page) -> list[list[str]]:
    return list(csv.reader(io.StringIO(page.body.decode("utf-8-sig"))))


def test_the_list_shows_the_newest_calls_and_the_totals_of_all(
    world: World, browse: Browse
) -> None:
    with world.reading(world.a):
        wanted = CallsChosen(quick_span("30", ZONE)).as_filter(ZONE, client_id=world.a.id)
        sums = calls.totals(wanted)

    page = browse(world.a).open("/calls", period="30")

    assert len(page.all("#call-rows tbody tr:not(.explain-row)")) == 50
    assert page.texts("#totals dd")[0] == str(sums.calls)
    assert page.texts("#totals dd")[-1] == f"${sums.price.decimal:.2f}"
    assert "200102" not in page.words
    assert "yard" not in page.words


def test_pages_lead_to_older_calls_and_back(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    first = ada.open("/calls", period="30")

    older = ada.follow("Older")
    back = ada.follow("Newer")

    newest = first.texts("#call-rows time")
    assert older.texts("#call-rows time") != newest
    assert back.texts("#call-rows time") == newest
    assert "period=30" in back.link("Older")


def test_addresses_name_calls_by_words_that_say_nothing(world: World, browse: Browse) -> None:
    page = browse(world.a).open("/calls", period="30")

    cursor = page.link("Older").partition("after=")[2]

    assert uuid.UUID(hex=cursor).version == 4


def test_a_bent_cursor_begins_at_the_start(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    newest = ada.open("/calls", period="30").texts("#call-rows time")

    for bent in ("x", "'; drop table calls", "0" * 32, "9" * 400):
        page = ada.open("/calls", period="30", after=bent)
        assert page.status == 200
        assert page.texts("#call-rows time") == newest


def test_filters_are_taken_from_the_address_and_nonsense_is_no_filter(
    world: World, browse: Browse
) -> None:
    ada = browse(world.a)

    inbound = ada.open("/calls", direction="in", result="answered", q="denture")
    nonsense = ada.open("/calls", direction="up", line="me", period="ever", sort="color", since="x")

    assert set(inbound.texts("#call-rows .c-title .strong")) == {"Capital Denture Lab"}
    assert inbound.has("a:-soup-contains('Clear')")
    assert nonsense.status == 200
    assert nonsense.has("#call-rows tbody tr")


def test_a_line_shows_only_its_own_calls(world: World, browse: Browse) -> None:
    page = browse(world.a).open("/calls", line=str(world.a.accounts["kanata"]))

    assert set(page.texts("#call-rows .mono")) == {"100482_kanata"}


def test_another_clients_line_finds_nothing_of_theirs(world: World, browse: Browse) -> None:
    page = browse(world.a).open("/calls", line=str(world.b.accounts["yard"]))

    assert "100482_yard" not in page.words


def test_the_search_answers_the_results_alone(world: World, browse: Browse) -> None:
    ada = browse(world.a)

    part = ada.open("/calls", htmx=True, q="613 555 0190")
    page = ada.open("/calls", q="613 555 0190")

    assert part.has("#calls > #totals")
    assert part.headers["Vary"] == "HX-Request, Cookie"
    assert part.headers["HX-Push-Url"].endswith("/calls?period=7&q=613+555+0190")
    assert part.texts("#call-rows time") == page.texts("#call-rows time")


def test_sorting_by_length_and_by_price(world: World, browse: Browse) -> None:
    ada = browse(world.a)

    by_length = ada.open("/calls", period="30", sort="length").texts("#call-rows .c-amount")
    by_price = ada.open("/calls", period="30", sort="price").texts(
        "#call-rows .price-link > span:first-child"
    )
    second = ada.follow("Older").texts("#call-rows .price-link > span:first-child")

    def seconds(text: str) -> int:
        minutes, rest = text.split(":")
        return int(minutes) * 60 + int(rest)

    assert [seconds(one) for one in by_length] == sorted(map(seconds, by_length), reverse=True)
    assert by_price == sorted(by_price, reverse=True)
    assert second[0] <= by_price[-1]


def test_nothing_found_names_the_way_back(world: World, browse: Browse) -> None:
    filtered = browse(world.a).open("/calls", q="nobody at all")

    assert "No calls match" in filtered.text("#call-rows")
    assert filtered.link("Clear filters").endswith("/calls")


def test_a_price_is_explained_without_its_cost(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    page = ada.open("/calls")
    url = str(page.all("a.price-link")[0]["href"])

    part = ada.open(url, htmx=True)
    whole = ada.open(url)

    for shown in (part, whole):
        assert "Matched" in shown.words
        assert "Rounded" in shown.words
        assert "Cost" not in shown.words
        assert "Profit" not in shown.words
        assert "0.0090" not in shown.words
    assert part.find("tr")["id"].startswith("explain-")


def test_another_clients_call_does_not_exist(world: World, browse: Browse) -> None:
    with world.reading(world.x):
        wanted = CallsChosen(quick_span("30", ZONE)).as_filter(ZONE, client_id=world.x.id)
        theirs = calls.search(wanted).rows[0].public_id

    ada = browse(world.a)

    assert ada.open(f"/calls/{theirs}/explain").status == 404
    assert ada.open(f"/calls/{uuid.uuid4()}/explain").status == 404


def test_a_call_without_a_known_rate_says_that_its_price_follows(
    world: World, browse: Browse
) -> None:
    at = datetime.now(UTC) - timedelta(minutes=3)
    record_calls(world.northwind, [a_call("100482_reception", "+999123456789", at, rate=None)])

    page = browse(world.a).open("/calls")

    assert "Price to follow" in page.texts("#call-rows tbody tr")[0]


def test_the_hour_that_happens_twice_carries_a_note(world: World, browse: Browse) -> None:
    at = datetime.now(UTC) - timedelta(minutes=2)
    record_calls(world.northwind, [a_call("100482_reception", "+16135550190", at, ambiguous=True)])

    page = browse(world.a).open("/calls")

    assert "The clock went back" in page.texts("#call-rows tbody tr")[0]


def test_what_a_caller_calls_himself_is_only_text(world: World, browse: Browse) -> None:
    at = datetime.now(UTC) - timedelta(minutes=2)
    call = a_call("100482_reception", "+16135550190", at, inbound=world.a.dids[0], name=SCRIPT)
    record_calls(world.northwind, [call])

    page = browse(world.a).open("/calls")

    assert SCRIPT in page.texts("#call-rows tbody tr")[0]
    assert not page.soup.find("script", string=True)


def test_the_export_has_every_call_of_the_filter_and_no_formula(
    world: World, browse: Browse
) -> None:
    at = datetime.now(UTC) - timedelta(minutes=2)
    formula = '=HYPERLINK("http://evil.example")'
    call = a_call("100482_reception", "+16135550190", at, inbound=world.a.dids[0], name=formula)
    record_calls(world.northwind, [call])
    ada = browse(world.a)
    count = ada.open("/calls", period="30").texts("#totals dd")[0]

    page = ada.open("/calls.csv", period="30")

    head, *rows = exported(page)
    assert page.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in page.headers["Content-Disposition"]
    assert len(rows) == int(count)
    assert rows[-1][head.index("Name")] == "'" + formula
    assert rows[-1][head.index("From")] == "+16135550190"
    assert "100482_yard" not in page.body.decode()


def test_the_export_adds_up_to_the_books(world: World, browse: Browse) -> None:
    head, *rows = exported(browse(world.a).open("/calls.csv", period="30"))

    with world.reading(world.a):
        wanted = CallsChosen(quick_span("30", ZONE)).as_filter(ZONE, client_id=world.a.id)
        price = calls.totals(wanted).price

    prices = [Money.of(row[head.index("Price")]) for row in rows if row[head.index("Price")]]
    assert sum((one.micros for one in prices), 0) == price.micros


def test_totals_come_alone_after_an_import(world: World, browse: Browse) -> None:
    part = browse(world.a).open("/calls/totals", htmx=True, direction="in")

    assert part.has("#totals[hx-get]")
    assert "direction=in" in str(part.find("#totals")["hx-get"])


def test_the_simple_view_has_no_filter_for_directions(
    world: World, browse: Browse, configure: Callable[..., None]
) -> None:
    configure(world.northwind, "Office Standard", view="simple")

    page = browse(world.a).open("/calls")

    assert not page.has("[name=direction]")
    assert page.has("[name=result]")
    assert not page.has("#totals svg")
