"""Templates of messages: made, refused, put in order, read to whoever is written to, deleted."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser import Browser
from tests.world import World

Browse = Callable[..., Browser]
NEW = "/messages/templates/new"


def make(ada: Browser, name: str, body: str) -> None:
    ada.open(NEW)
    assert ada.submit("#template-form", name=name, body=body).path.endswith("/templates")


def test_a_template_is_made_and_reads_as_whoever_is_written_to_would_see_it(
    world: World, browse: Browse
) -> None:
    ada = browse(world.a)
    make(ada, "Appointment", "Hello [first name], call [my number].")

    page = ada.open("/messages/templates")

    assert "Hello Nadia, call +1 613 555 0142." in page.text(".row-sub")
    thread = ada.open("/messages").all(".conversation a, a.conversation")[0]["href"]
    offered = ada.open(str(thread)).find("#composer [data-inserts]")
    assert offered.get_text(strip=True) == "Appointment"
    assert "[" not in str(offered["data-inserts"])
    begun = ada.open(str(offered["href"]))
    assert str(offered["data-inserts"]) in begun.find("#composer textarea").get_text()


def test_a_name_that_nothing_stands_for_is_refused_beside_the_text_with_the_near_one(
    world: World, browse: Browse
) -> None:
    ada = browse(world.a)
    ada.open(NEW)

    page = ada.submit("#template-form", name="Appointment", body="Hello [fist name]")

    assert page.status == 422
    assert "[first name]" in page.text("#template-form")
    assert "Hello [fist name]" in page.find("#template-form textarea").get_text()
    assert ada.open("/messages/templates").has(".empty")


def test_templates_keep_their_order_and_go_when_they_are_deleted(
    world: World, browse: Browse
) -> None:
    ada = browse(world.a)
    make(ada, "First", "One")
    make(ada, "Second", "Two")

    ada.open("/messages/templates")
    page = ada.submit(".row:first-child form[action$='/move']", up="0")
    assert page.texts(".row-title") == ["Second", "First"]

    ada.open(str(page.all(".row-title")[0]["href"]))
    page = ada.submit("form[action$='/delete']")
    assert page.texts(".row-title") == ["First"]
