"""Files of messages in the browser: added, seen, taken away, sent once, and nobody else's."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from portal import contacts, ledger
from portal.core.money import Money
from portal.core.registry import settings
from tests.browser import Browser, Page
from tests.pictures import SVG, photograph, picture
from tests.web.client.test_messages import NADIA, thread_with
from tests.world import World

Browse = Callable[..., Browser]
HELD = Money.of("0.0400")


def upload(who: Browser, page: Page, *files: tuple[bytes, str], htmx: bool = True) -> Page:
    """Add files to the composer of the page, as the browser does at once."""
    fields = {"conversation": page.find("[name=conversation]")["value"]} if htmx else {}
    return who.post(
        "/messages/files",
        fields
        | {"file": [one["value"] for one in page.all("#composer-files [name=file]")]}
        | {"files": [(io.BytesIO(content), name) for content, name in files]},
        htmx=htmx,
    )


def ids(page: Page) -> list[str]:
    return [str(one["value"]) for one in page.all("[name=file]")]


def stored() -> set[Path]:
    return {one for one in (settings().instance / "files").rglob("*") if one.is_file()}


def held(world: World) -> Money:
    with world.reading(world.a):
        return ledger.standing(world.a.id).held


def test_a_picture_is_shown_before_it_is_sent_and_goes_once_for_the_price_of_an_mms(
    world: World, browse: Browse
) -> None:
    ada, ref = browse(world.a), str(uuid.uuid4())
    page = ada.open(thread_with(world))

    part = upload(ada, page, (photograph(), "../../my card.jpg"))
    [name] = ids(part)
    shown = ada.open(str(part.find("#composer-files img")["src"]))
    fields = {"body": "Here it is", "file": name, "ref": ref}
    ada.open(thread_with(world))
    first = ada.submit("#composer", htmx=True, **fields)
    ada.open(thread_with(world))
    ada.submit("#composer", htmx=True, **fields)
    ada.open(thread_with(world))
    again = ada.submit("#composer", htmx=True, **(fields | {"ref": str(uuid.uuid4())}))

    assert "my card.jpg" in part.text("#composer-files")
    assert shown.headers["Content-Type"] == "image/webp"
    assert shown.headers["Cache-Control"] == "private, no-store"
    bubble = first.find(f"#m-{ref}")
    assert "Here it is" in bubble.get_text()
    link = str(bubble.select_one("a[data-views]")["href"])  # type: ignore[index]
    assert ada.open(link).headers["Content-Type"] == "image/jpeg"
    assert (again.status, again.text("#file-error")) == (
        422, "A file is not there any more. Add it again.",
    )  # fmt: skip
    assert held(world) == HELD


def test_without_scripts_files_go_with_the_form_and_a_reload_converts_and_sends_nothing_more(
    world: World, browse: Browse
) -> None:
    ada, ref = browse(world.a), str(uuid.uuid4())
    pages = []
    for _ in range(2):
        ada.open(thread_with(world))
        file = (io.BytesIO(picture()), "map.png")
        pages.append(ada.submit("#composer", body="", ref=ref, files=[file]))

    assert [len(page.all("#thread .bubble-picture")) for page in pages] == [1, 1]
    assert held(world) == HELD
    assert len(stored()) == 2  # the picture and its thumbnail


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (SVG, "logo.png", "SVG pictures can carry scripts"),
        (b"MZ\x90\0" + bytes(200), "invoice.pdf", "Programs and archives are not taken"),
        (b"", "empty.jpg", "This file is empty."),
        (b"\xff\xd8\xff" + bytes(300), "broken.jpg", "This file is damaged."),
    ],
)
def test_what_cannot_be_sent_is_refused_with_the_reason_and_what_was_typed_stays(
    world: World, browse: Browse, content: bytes, name: str, reason: str
) -> None:
    ada = browse(world.a)
    page = ada.open(thread_with(world))

    part = upload(ada, page, (content, name))
    whole = ada.submit("#composer", body="With a file", files=[(io.BytesIO(content), name)])

    assert reason in part.text("#file-error")
    assert ids(part) == []
    assert (whole.status, reason in whole.text("#file-error")) == (422, True)
    assert whole.find("#body").get_text().strip() == "With a file"
    assert stored() == set()
    assert held(world) == Money(0)


def test_at_most_three_files_and_each_can_be_taken_away_again(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    page = ada.open(thread_with(world))
    four = [(picture(colour=f"#{number}{number}0000"), f"{number}.png") for number in range(4)]

    part = upload(ada, page, *four)
    kept = ids(part)
    left = ada.post("/messages/files", {"file": kept, "drop": kept[1]}, htmx=True)
    without_scripts = ada.post("/messages/files", {"file": kept, "drop": kept[2], "body": "Kept"})

    assert len(kept) == 3
    assert "at most three files" in part.text("#file-error")
    assert ids(left) == [kept[0], kept[2]]
    assert ids(without_scripts) == [kept[0]]
    assert without_scripts.find("#body").get_text().strip() == "Kept"
    assert len(stored()) == 2


def test_files_are_their_writers_until_sent_and_then_their_conversations(
    world: World, browse: Browse
) -> None:
    ada, owen, xena = browse(world.a), browse(world.b), browse(world.x)
    page = ada.open(thread_with(world))
    [name] = ids(upload(ada, page, (picture(), "a.png")))
    address = f"/messages/files/{name}"
    before = [who.open(address).status for who in (ada, owen, xena)]
    ada.open(thread_with(world))
    ada.submit("#composer", body="", file=name)
    owen.open("/messages/new")
    theirs = owen.submit("#composer", recipient="6135550199", body="", file=name)

    assert before == [200, 404, 404]
    assert [who.open(address + "/thumbnail").status for who in (ada, owen, xena)] == [200, 404, 404]
    assert (theirs.status, theirs.has("#body-error")) == (422, True)
    assert held(world) == HELD


def test_a_longer_text_goes_as_the_client_chooses_and_costs_what_the_choice_said(
    world: World, browse: Browse
) -> None:
    ada, text = browse(world.a), "word " * 65
    ada.open(thread_with(world))
    asked = ada.submit("#composer", body=text)
    choices = asked.text(".composer-way")

    sent = ada.submit("#composer", send_as="parts")

    assert asked.status == 422
    assert "one MMS, $0.0400" in choices
    assert "3 texts, $0.0450" in choices
    said = [one for one in sent.texts("#thread .bubble") if "part" in one]
    assert [one.split("part ")[1][:6] for one in said] == ["1 of 3", "2 of 3", "3 of 3"]
    assert held(world) == Money.of("0.0450")


def test_a_contact_is_written_to_by_name(world: World, browse: Browse) -> None:
    with world.within(world.a):
        contacts.name_number(world.a.id, NADIA, "Nadia Okafor")
        contacts.name_number(world.a.id, "+16135550156", "Nadia Lindqvist")
    ada = browse(world.a)

    found = ada.open("/messages/recipients", htmx=True, recipient="okáf")
    ada.open("/messages/new")
    several = ada.submit("#composer", recipient="nadia", body="Hello")
    picked = str(several.all("[name=pick]")[1]["value"])
    one = ada.submit("#composer", pick=picked)
    ada.open("/messages/new")
    named = ada.submit("#composer", recipient="lindqvist", body="Hello again")

    assert found.find("[role=option]")["data-value"] == f"Nadia Okafor <{NADIA}>"
    assert (several.status, len(several.all("[name=pick]"))) == (422, 2)
    assert "Hello" in one.text("#thread")
    assert named.title == "Messages: Nadia Lindqvist"
