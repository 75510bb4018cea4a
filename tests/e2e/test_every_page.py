"""Every page, once per width: nothing inaccessible, nothing refused, nothing sideways, nothing heavy."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.e2e import walk
from tests.e2e.people import PHONE, WIDE, People, Person
from tests.e2e.walk import CLIENT, STAFF, STRANGER, Step

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 768, 1024, 1440)
HEAVIEST_BYTES = 150_000
MOST_SHIFT = 0.02


def _check(person: Person, steps: tuple[Step, ...], *, expected: tuple[str, ...] = ()) -> list[str]:
    found = []
    for step, page in walk.walk(person, steps):
        where = f"{step.name} at {page.viewport_size['width'] if page.viewport_size else 0}"
        found += [f"{where}: {problem}" for problem in walk.problems_of(page)]
        found += [f"{where}: the policy refused {one}" for one in walk.refused_by_policy(page)]
        if (moved := walk.shift_of(page)) > MOST_SHIFT:
            moved = min(_moves_again(page) for _ in range(2))
        if moved > MOST_SHIFT:
            found.append(f"{where}: moved by {moved:.3f}")
        found += _too_wide(page, where)
    return [one for one in found if not any(word in one for word in expected)]


def _moves_again(page: Page) -> float:
    """A busy machine may draw a first view in two halves; a page that moves moves every time."""
    page.reload()
    page.wait_for_timeout(800)  # an open stream never lets the network fall idle
    return walk.shift_of(page)


def _too_wide(page: Page, where: str) -> list[str]:
    size = page.viewport_size
    assert size is not None
    found = []
    for width in WIDTHS if size["width"] == WIDE else ():
        page.set_viewport_size({"width": width, "height": 900})
        for _ in range(10):  # a frame or a picture may still take its new place
            if walk.sideways(page) <= 0:
                break
            page.wait_for_timeout(200)
        if (over := walk.sideways(page)) > 0:
            found.append(f"{where}: {over} px too wide at {width}")
    page.set_viewport_size(size)
    return found


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_every_page_of_a_client(people: People, width: int) -> None:
    assert _check(people.priya(width=width), CLIENT) == []


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_every_page_of_the_back_office(people: People, width: int) -> None:
    ines = people.ines(width=width)
    ines.expect_fault("Blocked script execution")  # the walk's own, in frames that let none run

    assert _check(ines, STAFF) == []


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_every_page_of_somebody_who_is_not_logged_in(people: People, width: int) -> None:
    stranger = people.stranger("client", width=width)
    stranger.expect_fault("404|410|422")

    assert _check(stranger, STRANGER) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_six_pages_in_the_dark_and_in_a_second_brand_in_french(people: People, dark: bool) -> None:
    clients, staff = ("dashboard", "calls", "balance", "messages"), ("dashboard", "clients")
    if not dark:
        amelie, bastien = people.amelie(), people.bastien()
    else:
        amelie, bastien = people.priya(dark=True), people.ines(dark=True)

    found = _check(amelie, tuple(step for step in CLIENT if step.name in clients))
    found += _check(bastien, tuple(step for step in STAFF if step.name in staff))

    assert found == []
    language = amelie.page.get_attribute("html", "lang")
    assert language == ("en" if dark else "fr")


def test_packages_fit_the_narrowest_phone_in_french_before_the_font_has_come(
    people: People,
) -> None:
    bastien = people.bastien()
    bastien.page.route("**/*.woff2", lambda route: route.abort())
    bastien.expect_fault("ERR_FAILED|font")
    bastien.page.set_viewport_size({"width": min(WIDTHS), "height": 900})
    steps = tuple(step for step in STAFF if step.name.startswith("package"))

    over = [
        f"{step.name}: {walk.sideways(page)} px"
        for step, page in walk.walk(bastien, steps)
        if walk.sideways(page) > 0
    ]

    assert over == []


def test_a_first_view_is_light(people: People) -> None:
    heavy = []
    for person, paths in (
        (people.priya(), ("/dashboard", "/calls", "/messages")),
        (people.ines(), ("/", "/packages/new", "/reports/global-cdr")),
    ):
        for path in paths:
            bodies: dict[str, bytes] = {}
            page = person.page.context.new_page()

            def keep(response: object, bodies: dict[str, bytes] = bodies) -> None:
                if response.request.resource_type != "eventsource":  # type: ignore[attr-defined]
                    bodies[response.url] = response.body()  # type: ignore[attr-defined]

            page.on("requestfinished", lambda request, keep=keep: keep(request.response()))
            page.goto(person.base + path, wait_until="load")
            size = walk.compressed_size(bodies)
            page.close()
            if size > HEAVIEST_BYTES:
                heavy.append(f"{path}: {size}")

    assert heavy == []
