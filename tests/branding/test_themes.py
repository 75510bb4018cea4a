"""Publishing a brand: versions, texts, and whose it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from portal import branding
from portal.branding import Look, PictureFacts, Purpose
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import InvalidInput, Refused
from portal.core.scope import Scope, bind
from tests.pictures import picture
from tests.pricing.market import make_reseller


@pytest.fixture
def reseller_id(app: Flask) -> int:
    return make_reseller()


def test_before_anything_is_published_the_product_shows_the_resellers_name(
    reseller_id: int,
) -> None:
    with bind(Scope(reseller_id)):
        theme = branding.current_theme()

    assert (theme.version, theme.title, theme.theme) == (0, "Reseller 100482", branding.Theme())


def test_the_newest_published_brand_is_in_use(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        with transaction():
            first = branding.publish_theme("Northwind Voice", branding.NORTHWIND)
        before = branding.stylesheet()
        with transaction():
            second = branding.publish_theme(" Globex  Tel ", branding.GLOBEX, claim="Calls, solved")
        theme = branding.current_theme()

    assert (first, second, theme.version) == (1, 2, 2)
    assert (theme.title, theme.claim) == ("Globex Tel", "Calls, solved")
    assert theme.theme == branding.GLOBEX
    assert theme.sheet.hash != before.hash


def test_publishing_the_same_again_changes_nothing(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        for _ in range(2):
            with transaction():
                version = branding.publish_theme("Northwind Voice", branding.NORTHWIND)

    assert version == 1


def test_one_resellers_brand_is_not_anothers(reseller_id: int) -> None:
    with bind(Scope(reseller_id)), transaction():
        branding.publish_theme("Northwind Voice", branding.GLOBEX)

    with bind(Scope(make_reseller("200900"))):
        assert branding.current_theme().version == 0


@pytest.mark.parametrize(
    ("title", "texts", "field"),
    [(" ", {}, "title"), ("x" * 81, {}, "title"), ("Fine", {"claim": "x" * 121}, "claim")],
)
def test_a_brand_without_a_proper_title_or_text_is_refused(
    reseller_id: int, title: str, texts: dict[str, str], field: str
) -> None:
    with bind(Scope(reseller_id)), pytest.raises(InvalidInput) as refused, transaction():
        branding.publish_theme(title, branding.NORTHWIND, **texts)

    assert refused.value.field == field


def test_what_is_no_colour_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput) as refused:
        branding.theme_from({"navbar": "#0b3f45", "link": "red; } body { display: none"})

    assert refused.value.field == "link"


def look(title: str = "Northwind Voice", **more: Any) -> Look:
    return Look(title, **more)


def keep(purpose: Purpose, colour: str = "#0e5c63") -> PictureFacts:
    read = branding.read_picture(picture("PNG", (90, 30), colour), purpose=purpose)
    with transaction():
        return branding.keep_picture(read, name="A picture")


def test_a_look_has_its_pictures_until_it_is_published_without_them(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        kept = keep(Purpose.HEADER)
        shown = {Purpose.HEADER: branding.picture_for(Purpose.HEADER, kept.public_id)}
        with transaction():
            branding.publish_look(look(pictures=shown), base=0, by="Ada")
        with transaction():
            branding.publish_theme("Another title", branding.GLOBEX)
        brand = branding.current_theme()
        with pytest.raises(Refused), transaction():
            branding.delete_picture(kept.public_id)
        with transaction():
            branding.publish_look(look("Bare"), base=2)
        with transaction():
            branding.delete_picture(kept.public_id)
        with transaction():
            branding.restore_version(branding.versions()[-1].public_id, by="Rita")
        restored = branding.versions()[0]

    assert brand.pictures == shown, "texts and colours are published apart from pictures"
    assert shown[Purpose.HEADER].is_name, "it is wide"
    assert (restored.version, restored.published_by, restored.look.pictures) == (4, "Rita", {})
    assert restored.look.title == "Northwind Voice"


def test_a_look_made_from_an_older_version_is_refused_unless_it_is_the_same(
    reseller_id: int,
) -> None:
    with bind(Scope(reseller_id)):
        with transaction():
            branding.publish_look(look("First"), base=0)
        with pytest.raises(Refused) as refused, transaction():
            branding.publish_look(look("Second"), base=0)
        with transaction():
            same = branding.publish_look(look("First"), base=0)

    assert refused.value.code == "published_elsewhere"
    assert same == 1


def test_pictures_that_were_only_tried_are_forgotten(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        used, tried = keep(Purpose.HEADER), keep(Purpose.LOGIN_LOGO)
        text = keep(Purpose.TEXT)
        shown = {Purpose.HEADER: branding.picture_for(Purpose.HEADER, used.public_id)}
        with transaction():
            branding.publish_look(look(pictures=shown), base=0)
        with transaction():
            early = branding.forget_unused_pictures(clock.now() - timedelta(days=1))
        with transaction():
            late = branding.forget_unused_pictures(clock.now() + timedelta(seconds=1))
        left = {one.public_id for one in branding.list_pictures()}

    assert (early, late) == ([], [tried.stored_as])
    assert left == {used.public_id, text.public_id}


def test_a_theme_is_one_word_and_nothing_else_is_one() -> None:
    for theme in (branding.NORTHWIND, branding.GLOBEX, branding.Theme(dark=False)):
        assert branding.Theme.from_word(theme.word) == theme
    for bad in ("", branding.GLOBEX.word[1:], branding.GLOBEX.word + "-both", "x-" * 16 + "both"):
        with pytest.raises(ValueError):
            branding.Theme.from_word(bad)
