"""Publishing a brand: versions, texts, and whose it is."""

from __future__ import annotations

import pytest
from flask import Flask

from portal import branding
from portal.core.db import transaction
from portal.core.errors import InvalidInput
from portal.core.scope import Scope, bind
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
