"""The editor of messages in a real browser: what is written is what the client sees, and nothing is refused."""

from __future__ import annotations

import io
import json
import re

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.e2e.people import People

EDITOR = "/configuration/messages/welcome/en"

pytestmark = pytest.mark.browser


def a_picture() -> bytes:
    image = Image.new("RGB", (240, 160), "#0e5c63")
    ImageDraw.Draw(image).ellipse((150, 30, 210, 90), fill="#f6e4cc")
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def delta_of(page: Page) -> str:
    return json.dumps(json.loads(page.locator("#delta").input_value()))


def test_bold_colours_a_list_a_link_and_a_picture_reach_the_client(people: People) -> None:
    page = people.bastien().open(EDITOR)
    page.locator("#subject").fill("Good news")
    area = page.locator(".ql-editor")
    area.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")

    page.locator(".ql-bold").click()
    page.keyboard.type("Bold words")
    page.locator(".ql-bold").click()
    page.keyboard.type(" and ")
    page.locator("#colours summary").click()
    page.locator('.swatch[value="violet"]').click()
    page.keyboard.type("violet ones")
    page.locator("#colours summary").click()
    page.locator("#own-colour").fill("#98541b")
    page.keyboard.type(" and brown ones")
    page.locator("#colours summary").click()
    page.locator("#no-colour").click()
    page.locator(".ql-size").select_option("large")
    page.keyboard.type(" for ")
    page.locator('[data-inserts="[firstname]"]').click()
    page.keyboard.press("Enter")
    page.locator('.ql-list[value="bullet"]').click()
    page.keyboard.type("an entry")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.locator("#add-link").click()
    page.locator("#link-address").fill("javascript:alert(1)")
    page.locator("#link-insert").click()
    expect(page.locator("#link-error")).not_to_be_empty()
    page.locator("#link-address").fill("example.com/news")
    page.locator("#link-address").press("Enter")
    page.keyboard.press("Enter")
    page.locator("#add-picture").click()
    page.locator("#picture-file").set_input_files(
        {"name": "moon.png", "mimeType": "image/png", "buffer": a_picture()}
    )
    expect(page.locator("input[name=text-picture]:checked")).to_have_count(1)
    page.locator("#picture-insert").click()
    expect(page.locator("#picture-error")).not_to_be_empty()
    page.locator("#picture-alt").fill("A moon over the sea")
    page.locator("#picture-insert").click()
    expect(area.locator("img.rich-picture")).to_have_attribute("alt", "A moon over the sea")

    page.locator("[data-shows-preview]").click()
    frame = page.frame_locator("#preview-frame")
    expect(frame.locator("#welcome-title")).to_have_text("Good news")
    expect(frame.locator(".ql-color-c-98541b")).to_have_css("color", "rgb(152, 84, 27)")
    page.locator("button[form=text]").click()
    expect(page.locator("[data-toast]")).to_be_visible()
    expect(area.locator("img.rich-picture")).to_be_visible()

    # Bastien writes English here; Amélie reads French at first.
    client = people.amelie().open("/dashboard?language=en")
    welcome = client.locator("#welcome")
    expect(welcome.locator("h2")).to_have_text("Good news")
    expect(welcome.locator("strong")).to_have_text("Bold words")
    expect(welcome.locator(".ql-color-violet")).to_have_css("color", "rgb(100, 59, 154)")
    expect(welcome.locator(".ql-color-c-98541b")).to_have_css("color", "rgb(152, 84, 27)")
    expect(welcome.locator(".ql-size-large").last).to_contain_text("Amélie")
    expect(welcome.locator("li")).to_have_text("an entry")
    expect(welcome.locator("a")).to_have_attribute("href", "https://example.com/news")
    picture = welcome.get_by_role("img", name="A moon over the sea")
    assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") == 240


def test_what_is_pasted_from_elsewhere_loses_what_a_text_may_not_hold(people: People) -> None:
    page = people.ines().open("/configuration/messages/suspended/en")
    page.locator(".ql-editor").click()
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text/html", `<h1 style="color:#ff0000">Big</h1><p onclick="x()"><b>bold</b>
            <span style="font-size:40px;position:fixed;color:rgb(0, 92, 99)">teal</span>
            <a href="javascript:alert(1)">bad</a> <a href="https://example.com/">good</a>
            <img src="https://example.com/spy.png" onerror="alert(1)"><script>alert(1)</script></p>
            <ul><li>one</li></ul><iframe src="https://example.com/"></iframe>`);
          document.querySelector(".ql-editor").dispatchEvent(
            new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    page.locator("#subject").fill("Pasted")
    before = delta_of(page)
    page.locator("button[form=text]").click()
    expect(page.locator("[data-toast]")).to_be_visible()

    for kept in (before, delta_of(page)):
        assert '"header": 2' in kept
        assert '"color": "c-005c63"' in kept
        assert '"bold": true' in kept
        assert '"link": "https://example.com/"' in kept
        assert "javascript" not in kept
        assert "spy.png" not in kept
        assert "alert" not in kept


def test_the_editor_is_used_by_keyboard_and_tab_leaves_it(people: People) -> None:
    page = people.ines().open("/configuration/messages/resumed/en")
    area = page.get_by_role("textbox", name="Text", exact=True)
    area.focus()
    page.keyboard.press("Control+b")
    page.keyboard.type("Hello")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.dataset.inserts") == "[firstname]"
    page.keyboard.press("Enter")
    expect(area).to_have_text("Hello[firstname]")
    assert area.locator("strong").inner_text().startswith("Hello")
    page.evaluate("delete document.querySelector('#text').dataset.changed")


def test_without_scripts_a_text_is_a_text_area(people: People) -> None:
    ines = people.stranger("reseller", scripts=False)
    expect(ines.log_in()).not_to_have_url(re.compile("/login"))
    page = ines.open("/configuration/messages/fax_result/en")
    page.locator("#subject").fill("Your fax")
    page.locator("#body").fill("First paragraph\nTo [number]: [result]")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.frame_locator("#preview-frame").locator("body")).to_contain_text(
        "To +1 613 555 0142"
    )
    page.locator(".page-actions button[form=text]").click()

    expect(page.locator("#body")).to_have_value("First paragraph\nTo [number]: [result]")
