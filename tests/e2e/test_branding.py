"""A brand is tried in the real pages beside the form, published, and then seen by clients."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.e2e.people import People
from tests.pictures import picture

pytestmark = pytest.mark.browser

PAGE = "/configuration/branding"


def _bar_colour(page: Page | FrameLocator) -> str:
    return str(page.locator("header.bar").evaluate("bar => getComputedStyle(bar).backgroundColor"))


def _frame(page: Page) -> FrameLocator:
    return page.frame_locator("#frame-page")


def test_a_colour_changes_the_frame_while_it_is_typed_and_clients_only_after_publishing(
    people: People,
) -> None:
    bastien, amelie = people.bastien(), people.amelie()
    before = _bar_colour(amelie.open("/dashboard"))
    page = bastien.open(PAGE)
    frame = _frame(page)
    expect(frame.locator("#figures")).to_be_visible()
    # A mark on the page in the frame: it is painted anew, not loaded anew.
    frame.locator("body").evaluate("body => { body.dataset.same = 'yes' }")
    title = f"Globex {uuid.uuid4().hex[:4]}"

    page.locator("#navbar").fill("#5a1f7a")
    page.locator("#navbar_text").fill("#ffffff")
    expect(frame.locator("header.bar")).to_have_css("background-color", "rgb(90, 31, 122)")
    expect(page.locator("[data-picks=navbar]")).to_have_value("#5a1f7a")
    assert frame.locator("body").get_attribute("data-same") == "yes"
    page.locator("#title").fill(title)
    expect(frame.locator(".bar-brand")).to_contain_text(title)
    untouched = _bar_colour(amelie.open("/dashboard"))
    page.locator("#branding-form .branding-foot .btn-primary").click()
    expect(page.locator("#toasts")).to_contain_text(re.compile("."))
    after = amelie.open("/dashboard")

    assert untouched == before, "nothing is stored by looking"
    assert _bar_colour(after) == "rgb(90, 31, 122)"
    expect(after.locator(".bar-brand")).to_contain_text(title)
    # As it was, for the tests after this one; and an earlier look comes back by one click.
    page = bastien.open(f"{PAGE}/versions")
    page.locator("tbody tr").last.locator("form button").click()
    page.wait_for_url(re.compile(f"{PAGE}$"))
    assert _bar_colour(amelie.open("/dashboard")) == before


def test_a_pair_that_is_low_is_mended_by_one_click_and_the_frames_follow_the_buttons(
    people: People,
) -> None:
    ines = people.ines()
    page = ines.open(PAGE)

    page.locator("#success_bg").fill("#35A46F")
    page.locator("#success_fg").fill("#FFFFFF")
    expect(page.locator("#ratio-success")).to_contain_text("3.1 low")
    page.get_by_role("button", name="Use #018855").click()
    expect(page.locator("#success_bg")).to_have_value("#018855")
    expect(page.locator("#success_bg")).to_be_focused()
    expect(page.locator("#low-title")).to_have_count(0)
    page.locator("[name=show][value=calls]").check()
    expect(_frame(page).locator("#call-rows")).to_be_visible()
    page.locator("[name=preview_shade][value=dark]").check()
    expect(_frame(page).locator("html")).to_have_attribute("data-theme", "dark")
    page.locator("[name=size][value=phone]").check()
    expect(page.frame_locator("#frame-phone").locator("#call-rows")).to_be_visible()
    expect(page.locator("#frame-page")).to_be_hidden()


def test_a_logo_is_uploaded_seen_in_the_frame_and_its_colours_suggested(people: People) -> None:
    ines = people.ines()
    page = ines.open(PAGE)

    before = page.locator("[name=login_logo]").input_value()
    page.locator("#slot-login_logo > summary").click()
    page.locator("#login_logo-file").set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": picture("PNG", (80, 80), "#c2410c")}
    )
    expect(page.locator("[name=login_logo]")).not_to_have_value(before)
    now = page.locator("[name=login_logo]").input_value()
    mark = page.frame_locator("#frame-phone").locator(".split-top img.mark")
    expect(mark).to_have_attribute("src", re.compile(now))
    page.get_by_role("button", name="Suggest from logo").click()
    page.get_by_role("button", name="Use palette 2").click()
    expect(page.locator("#low-title")).to_have_count(0)
    expect(page.locator("#branding")).to_contain_text("Not published")


def test_without_scripts_the_preview_button_draws_the_draft(people: People) -> None:
    page = people.ines(scripts=False).open(PAGE)

    page.locator("#navbar").fill("#5a1f7a")
    page.locator("#success_bg").fill("#35A46F")
    page.get_by_role("button", name="Preview", exact=True).last.click()

    expect(_frame(page).locator("header.bar")).to_have_css("background-color", "rgb(90, 31, 122)")
    expect(page.locator("#ratio-success")).to_contain_text("low")
    page.get_by_role("button", name=re.compile("Use #")).first.click()
    expect(page.locator("#low-title")).to_have_count(0)
    expect(page.locator("#navbar")).to_have_value("#5A1F7A")
