"""The brand editor: a draft is seen in the real pages, and only Publish stores it."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from portal import branding
from portal.branding import GLOBEX, Purpose
from tests.browser import Browser, Page, form_values
from tests.carriers import faults
from tests.carriers.faults import FaultServer
from tests.pictures import SVG, bomb, photograph, picture
from tests.world import World

INDEX = "/staff/configuration/branding"
DRAFT, CHECKS = f"{INDEX}/draft", f"{INDEX}/checks"


def send(who: Browser, path: str, *, htmx: bool = False, **changes: Any) -> Page:
    """The editor's form as it stands on the last page, with these fields changed."""
    assert who.page is not None
    values = form_values(who.page.find("#branding-form")) | changes
    values = {name: value for name, value in values.items() if value is not None}
    return who.ask(
        "POST", path, htmx=htmx, data=values, content_type="multipart/form-data"
    )  # fmt: skip


def file(content: bytes, name: str = "logo.png") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def versions(world: World) -> int:
    with world.reading(world.northwind):
        return branding.current_theme().version


def src(page: Page) -> str:
    return str(page.find("#frame-page")["src"])


def test_the_draft_is_shown_in_the_real_pages_and_nothing_is_stored(
    owner: Browser, world: World, browser: Callable[..., Browser]
) -> None:
    owner.open(INDEX)
    drafted = send(owner, DRAFT, navbar="#ff5500", title="Draft Tel", claim="Say it simply")
    address = src(drafted)
    home = owner.open(address)
    sheet = owner.open(str(home.find("link[href*='brand.css']")["href"]))
    login = owner.open(address.replace("preview/dashboard", "preview/login"))
    calls = owner.open(address.replace("preview/dashboard", "preview/calls"))

    assert "#ff5500" in sheet.body.decode()
    assert "Draft Tel" in home.text(".bar-brand")
    assert home.has("#figures")
    assert login.has("#log-in")
    assert calls.has("#call-rows")
    assert login.text(".split-words") == "Say it simply"
    for page in (home, login, calls):
        assert not page.has("script"), "a frame is a picture of a page"
        assert not page.has(".toast:not(template .toast)"), "and says nothing"
        assert world.a.name not in page.words, "nobody's data"
        assert page.find("html")["data-theme"] == "light"
    assert versions(world) == 0
    portal = browser(world.northwind).open("/login")
    assert "Draft Tel" not in portal.words


def test_what_is_published_is_what_clients_see(
    owner: Browser, world: World, browser: Callable[..., Browser]
) -> None:
    owner.open(INDEX)
    before = str(browser(world.northwind).open("/login").find("link[href*='/brand.']")["href"])

    page = send(owner, INDEX, navbar="#123456", title="Northwind Two", dark=None)

    assert (page.status, page.path) == (200, INDEX)
    assert "Your clients see it now" in page.words
    login = browser(world.northwind).open("/login")
    after = str(login.find("link[href*='/brand.']")["href"])
    sheet = browser(world.northwind).open(after)
    assert after != before
    assert "#123456" in sheet.body.decode()
    assert "color-scheme: light;" in sheet.body.decode()
    assert "immutable" in sheet.headers["Cache-Control"]
    assert browser(world.northwind).open(before).status == 404
    assert "Northwind Two" in login.title + login.words
    with world.reading(world.northwind):
        row = branding.versions()[0]
    assert (row.version, row.published_by) == (1, "Ada Moreau")


def test_buttons_and_panels_have_the_colours_that_were_typed(
    owner: Browser, browser: Callable[..., Browser], world: World
) -> None:
    typed = {
        f"{button}_{part}": colour
        for button, ground in (
            ("primary", "#102030"), ("success", "#103020"), ("exit", "#302010"), ("delete", "#301020"),
        )
        for part, colour in (("bg", ground), ("fg", "#fefefe"))
    } | {"panel_bg": "#fdfcfb", "panel_head_bg": "#eeeded", "panel_head_fg": "#111213"}  # fmt: skip
    owner.open(INDEX)

    page = send(owner, INDEX, dark=None, **typed)

    with world.reading(world.northwind):
        theme = branding.current_theme().theme
    login = browser(world.northwind).open("/login")
    sheet = browser(world.northwind).open(str(login.find("link[href*='/brand.']")["href"]))
    css = sheet.body.decode().lower()
    assert page.status == 200
    assert {name: getattr(theme, name).lower() for name in typed} == typed
    assert [colour for colour in set(typed.values()) if colour not in css] == []


def test_what_was_typed_stays_when_a_colour_is_none(owner: Browser, world: World) -> None:
    owner.open(INDEX)

    page = send(owner, INDEX, link="greenish", title="Kept title", text="#123")

    assert page.status == 422
    assert str(page.find("#link")["value"]) == "greenish"
    assert str(page.find("#title")["value"]) == "Kept title"
    assert page.text("#link-error") == "Write the colour as # and six digits or letters."
    assert not page.has("#text-error"), "three digits are a code too"
    assert page.find("#branding-form")["data-changed"] == "1"
    assert versions(world) == 0


@pytest.mark.parametrize(("typed", "stored"), [("35A46F", "#35a46f"), (" #AbC ", "#aabbcc")])
def test_a_code_may_be_short_or_without_its_sign(
    owner: Browser, world: World, typed: str, stored: str
) -> None:
    owner.open(INDEX)

    send(owner, INDEX, navbar=typed, accept_low="y")

    with world.reading(world.northwind):
        assert branding.current_theme().theme.navbar == stored


def test_while_typing_the_ratio_is_measured_and_the_remedy_is_one_click_away(
    owner: Browser,
) -> None:
    owner.open(INDEX)

    part = send(owner, CHECKS, htmx=True, success_bg="#35A46F", success_fg="#fff", link="#0")

    assert part.status == 200
    assert part.text("#ratio-success").endswith("3.1 low")
    assert "3.1 to 1, needs 4.5" in part.words
    assert part.find("#ratio-success")["hx-swap-oob"] == "true"
    buttons = {
        str(one["value"]): " ".join(one.get_text().split()) for one in part.all("[name=use]")
    }
    assert buttons == {
        "success_bg:#018855": "Use #018855",
        "success_fg:#000000": "Use dark text",
    }
    mended = send(owner, DRAFT, success_bg="#35A46F", use="success_bg:#018855")
    assert str(mended.find("#success_bg")["value"]) == "#018855"
    assert mended.find("#success_bg").has_attr("autofocus")
    assert not mended.has("#low-title")


def test_pairs_that_fail_are_published_after_one_explicit_yes(owner: Browser, world: World) -> None:
    owner.open(INDEX)

    refused = send(owner, INDEX, success_bg="#35A46F")
    accepted = send(owner, INDEX, accept_low="y")

    assert refused.status == 422
    assert "say that they may stay" in refused.words
    assert str(refused.find("#success_bg")["value"]) == "#35A46F"
    assert accepted.status == 200
    assert versions(world) == 1


def test_a_picture_is_tried_published_and_seen_by_clients(
    owner: Browser, world: World, browser: Callable[..., Browser]
) -> None:
    owner.open(INDEX)
    page = send(
        owner, DRAFT, header_file=file(picture("PNG", (64, 64))), login_art_file=file(photograph())
    )
    tried = str(page.find("[name=header]")["value"])
    before = browser(world.northwind).open("/login")
    home = owner.open(src(page))
    owner.page = page
    send(owner, INDEX)
    login = browser(world.northwind).open("/login")

    assert not before.has("img.art")
    assert f"/r/100482/pictures/{tried}.png" == home.find(".bar-brand img")["src"]
    art = browser().open(str(login.find("img.art")["src"]))
    assert (art.status, art.headers["Content-Type"]) == (200, "image/jpeg")
    with world.reading(world.northwind):
        assert set(branding.current_theme().pictures) == {Purpose.HEADER, Purpose.LOGIN_ART}
    owner.open(INDEX)
    removed = send(owner, DRAFT, remove="header")
    assert not removed.has("[name=header]")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (SVG, "SVG pictures can carry scripts"),
        (bomb(), "more than 20 million pixels"),
        (picture("PNG")[:50], "This picture is damaged"),
    ],
)
def test_a_picture_that_is_not_taken_is_explained_beside_its_field(
    owner: Browser, world: World, content: bytes, sentence: str
) -> None:
    owner.open(INDEX)

    draft = send(owner, DRAFT, title="Kept title", header_file=file(content))
    publish = send(owner, INDEX, title="Kept title", header_file=file(content))

    for page, status in ((draft, 200), (publish, 422)):
        assert page.status == status
        assert sentence in page.text("#header-error")
        assert page.find("#header-file")["aria-describedby"] == "header-error"
        assert str(page.find("#title")["value"]) == "Kept title"
    assert versions(world) == 0


def test_more_than_any_form_holds_is_refused_before_it_is_read(owner: Browser) -> None:
    owner.open(INDEX)

    raw = {"content_type": "multipart/form-data; boundary=edge"}
    too_much = owner.ask("POST", DRAFT, data=b"x" * 30_000_000, **raw)
    elsewhere = owner.ask("POST", "/staff/configuration/display", data=b"x" * 1_100_000, **raw)

    assert too_much.status == elsewhere.status == 413


def test_a_picture_is_fetched_from_an_address_once_or_refused_with_the_reason(
    owner: Browser,
) -> None:
    owner.open(INDEX)
    with FaultServer(faults.answer(picture("WEBP", (30, 30)))) as site:
        fetched = send(owner, DRAFT, login_logo_url=site.url)
        asked = len(site.requests)
    with FaultServer(faults.redirect) as site:
        moved = send(owner, DRAFT, header_url=site.url)
    private = send(owner, DRAFT, header_url="https://10.1.2.3/logo.png")

    assert asked == 1
    assert fetched.has("[name=login_logo]")
    assert str(fetched.find("#login_logo-url").get("value", "")) == ""
    assert "leads on to another one" in moved.text("#header-error")
    assert private.text("#header-error") == "Write a public address that begins with https."
    assert str(private.find("#header-url")["value"]) == "https://10.1.2.3/logo.png"


def test_another_resellers_picture_is_not_taken_into_a_draft(owner: Browser, world: World) -> None:
    with world.within(world.globex):
        read = branding.read_picture(picture("PNG"), purpose=Purpose.HEADER)
        theirs = branding.keep_picture(read, name="Globex")
    owner.open(INDEX)

    page = send(owner, DRAFT, header=str(theirs.public_id))

    assert page.status == 200
    assert not page.has("[name=header]")


def test_colours_are_suggested_from_the_logo_and_applied_by_one_click(owner: Browser) -> None:
    owner.open(INDEX)
    without = send(owner, DRAFT, suggest="1")
    owner.open(INDEX)
    send(owner, DRAFT, login_logo_file=file(picture("PNG", (60, 60), "#c2410c")))
    page = send(owner, DRAFT, suggest="1")
    words = [str(one["value"]) for one in page.all("[name=palette]")]
    applied = send(owner, DRAFT, palette=words[1])

    assert "Upload a logo first" in without.words
    assert len(words) == 3
    assert not applied.has("#low-title"), "every pair of a palette passes"
    assert branding.Theme.from_word(words[1]).navbar.upper() == applied.find("#navbar")["value"]
    reset = send(owner, DRAFT, reset="1")
    assert reset.find("#navbar")["value"] == branding.NORTHWIND.navbar.upper()
    assert reset.has("[name=login_logo]"), "pictures stay"


def test_a_version_published_meanwhile_is_told_and_not_lost_silently(
    owner: Browser, world: World, browse: Callable[..., Browser]
) -> None:
    second = browse(world.northwind.owner)
    owner.open(INDEX)
    second.open(INDEX)
    send(second, INDEX, title="Theirs")

    refused = send(owner, INDEX, title="Mine")
    again = send(owner, INDEX)

    assert refused.status == 422
    assert "Ada Moreau published version 1" in refused.words
    assert str(refused.find("#title")["value"]) == "Mine"
    assert again.status == 200
    with world.reading(world.northwind):
        titles = [row.look.title for row in branding.versions()]
    assert titles == ["Mine", "Theirs"]


def test_publishing_twice_makes_one_version(owner: Browser, world: World) -> None:
    owner.open(INDEX)
    page = owner.page
    for _ in range(2):
        owner.page = page
        assert send(owner, INDEX, navbar="#123456").status == 200

    assert versions(world) == 1


def test_versions_are_listed_compared_and_restored(owner: Browser, world: World) -> None:
    empty = owner.open(f"{INDEX}/versions")
    for title in ("First", "Second", "Third"):
        owner.open(INDEX)
        colour = {"First": "#112233", "Second": "#442211", "Third": "#224411"}[title]
        send(owner, INDEX, title=title, navbar=colour)
    listed = owner.open(f"{INDEX}/versions")
    compared = owner.follow("Compare two")
    chosen = owner.submit("main form.filters", one=_version_id(listed, "Version 1"))
    framed = owner.open(str(chosen.all("iframe")[0]["src"]))
    owner.page = listed
    restored = owner.submit("tr:nth-of-type(3) form")

    assert "Nothing was published yet" in empty.words
    assert [one.split(" In")[0] for one in listed.texts("td.c-title")] == [
        "Version 3",
        "Version 2",
        "Version 1",
    ]
    assert "Version 2: Second" in compared.words
    assert "Version 3: Third" in compared.words
    assert "#112233" in chosen.words
    assert "Version 1: First" in chosen.words
    assert "First" in framed.text(".bar-brand")
    assert "Your clients see it now" in restored.words
    with world.reading(world.northwind):
        brand = branding.current_theme()
    assert (brand.version, brand.title, brand.theme.navbar) == (4, "First", "#112233")
    assert owner.open(f"{INDEX}/compare", one="nonsense").status == 404


def _version_id(page: Page, name: str) -> str:
    links = [one for one in page.all("a[href*=compare]") if name in one.get_text(" ")]
    return str(links[0]["href"]).partition("one=")[2]


def test_staff_who_may_not_brand_only_look(reader: Browser, world: World) -> None:
    page = reader.open(INDEX)

    assert page.status == 200
    assert not [one for one in page.all("main button") if one.get("name")]
    assert page.find("#navbar").has_attr("disabled")
    assert reader.open(src(page)).has("#figures")
    assert reader.post(INDEX, {"title": "Mine"}).status == 403
    assert reader.post(DRAFT, {"title": "Mine"}).status == 403
    assert versions(world) == 0


@pytest.mark.parametrize(
    "query",
    [
        "draft=", "draft=x", "draft=" + "A" * 9000, "draft=bnVsbA", "draft=W10", "draft=eyJ0aXRsZSI6MX0",
    ],
)  # fmt: skip
def test_a_draft_that_is_none_is_not_shown(owner: Browser, query: str) -> None:
    assert owner.open(f"{INDEX}/preview/login?{query}").status == 404


def test_a_sheet_takes_nothing_but_colours(owner: Browser) -> None:
    good = GLOBEX.word
    for bad in (
        "",
        "x",
        good + "-x",
        good.replace("faf7f2", "red;}*{"),
        good.replace("both", "dark"),
    ):
        assert owner.open(f"{INDEX}/preview/brand.css", theme=bad).status == 404
    sheet = owner.open(f"{INDEX}/preview/brand.css", theme=good)

    assert sheet.body.decode() == branding.sheet_of(GLOBEX).text
    assert re.match("text/css", sheet.headers["Content-Type"])


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "\ud800"},
        {"pictures": {"header": {"ending": "p\ud800", "width": 1, "height": 1}}},
        {"pictures": {"header": {"ending": "png", "width": None, "height": [1]}}},
        {"pictures": {"login_logo": {"ending": "png", "width": "9", "height": 4}}},
    ],
)
def test_a_draft_that_somebody_wrote_by_hand_is_no_page(
    owner: Browser, changes: dict[str, Any]
) -> None:
    owner.open(INDEX)
    page, _, query = src(send(owner, DRAFT)).partition("?")
    draft = parse_qs(query)["draft"][0]
    values = json.loads(base64.urlsafe_b64decode(draft + "=" * (-len(draft) % 4)))
    for shown in changes.get("pictures", {}).values():
        shown["public_id"] = "00000000-0000-4000-8000-000000000000"
    written = json.dumps(values | changes).encode()

    answer = owner.open(page, draft=base64.urlsafe_b64encode(written).decode())

    assert owner.open(page, draft=draft).status == 200
    assert answer.status == 404
