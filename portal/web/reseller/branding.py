"""Branding: a draft in a form, the real portal beside it, and one button that publishes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from portal import branding, identity
from portal.branding import COLOURS, MOST_PICTURE_BYTES, PLACES, Brand, Purpose, Theme
from portal.core import storage
from portal.web import filters
from portal.web.forms.branding import BrandingForm, read_colour
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import branding_pictures
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.reseller.branding_contrast import Contrast, contrast_of
from portal.web.reseller.branding_drafts import theme_of, word_of
from portal.web.reseller.branding_pictures import Draft
from portal.web.security import FRAMING_POLICY, takes_uploads
from portal.web.session import address, person

PAGE, EDITOR, CHECKS = (
    "reseller/branding/index.html",
    "reseller/branding/_editor.html",
    "reseller/branding/_checks.html",
)
PAGES, SIZES, SHADES = ("login", "dashboard", "calls"), ("wide", "phone"), ("light", "dark")
# One upload for each place, and the form around them.
_MOST_BYTES = (MOST_PICTURE_BYTES + 100_000) * len(PLACES)


@bp.get("/configuration/branding", endpoint="branding")
def branding_page() -> Rendered:
    """The editor with what is published now."""
    brand = branding.current_theme()
    return _editor(brand, BrandingForm.of(brand), branding_pictures.published(brand.pictures))


@bp.post("/configuration/branding/draft")
@needs("branding")
@takes_uploads(_MOST_BYTES)
def branding_draft() -> Rendered:
    """The editor with what was typed, sent and chosen; no brand changes."""
    brand, form, pictures = branding.current_theme(), BrandingForm(request.form), _pictures()
    palettes = _suggested(pictures) if "suggest" in request.form else []
    said = ""
    if "suggest" in request.form and not palettes:
        said = gettext("Upload a logo first: colours are taken from it.")
    _apply(form)
    form.validate()
    return _editor(brand, form, pictures, palettes=palettes, said=said)


@bp.post("/configuration/branding/checks")
@needs("branding")
def branding_checks() -> Rendered:
    """While typing: which pairs can be read, and the draft for the frames."""
    brand, form, pictures = branding.current_theme(), BrandingForm(request.form), _pictures()
    return render(CHECKS, **_checked(brand, form, pictures), moves=True)


@bp.post("/configuration/branding")
@needs("branding")
@takes_uploads(_MOST_BYTES)
def publish_branding() -> Rendered:
    """Let the draft be the brand; pairs that fail need one explicit yes."""
    brand, form, visitor = branding.current_theme(), BrandingForm(request.form), person()
    pictures = _pictures()
    if not form.validate() or pictures.problems:
        return _editor(brand, form, pictures, status=422)
    look = replace(form.look(brand.look), pictures=pictures.pictures)
    if contrast_of(look.theme).problems and not form.accept_low.data:
        said = gettext("Mend the pairs below, or say that they may stay.")
        return _editor(brand, form, pictures, status=422, said=said)

    def save() -> int:
        version = branding.publish_look(look, base=form.base.data or 0, by=visitor.name)
        identity.record("branding.published", by=visitor, address=address(), version=version)
        return version

    if form.submit(save) is None:
        return _editor(brand, form, pictures, status=422, said=_refusal(form))
    return go(url_for(".branding"), say=gettext("Published. Your clients see it now."))


def _pictures() -> Draft:
    return branding_pictures.read()


def _apply(form: BrandingForm) -> None:
    """The button that was pressed: one colour, a whole palette, or the product's own colours."""
    slot, _, colour = request.form.get("use", "").partition(":")
    if slot in COLOURS and read_colour(colour):
        form[slot].data = colour
    if "reset" in request.form:
        form.paint(Theme())
    if (palette := theme_of(request.form.get("palette", ""))) is not None:
        form.paint(palette)


def _suggested(pictures: Draft) -> list[Theme]:
    """Three palettes from the draft's logo; none without one."""
    found = pictures.pictures
    for place in (Purpose.HEADER, Purpose.LOGIN_LOGO, Purpose.MENU_LOGO, Purpose.LOGIN_ART):
        if place in found:
            stored_as = branding.find_picture(found[place].public_id).stored_as
            return list(branding.suggest(storage.path_of(stored_as).read_bytes()))
    return []


def _refusal(form: BrandingForm) -> str:
    """Somebody published meanwhile: by whom and when. The next Publish replaces theirs."""
    if form.refusal is None or form.refusal.code != "published_elsewhere":
        return ""
    newest = branding.versions()[0]
    form.form_errors = []
    return gettext(
        "%(name)s published version %(version)s on %(when)s, while this page was open. Compare"
        " the two, or publish again to replace it.",
        name=newest.published_by or gettext("Somebody else"),
        version=newest.version,
        when=filters.daytime(newest.published_at),
    )


def _checked(brand: Brand, form: BrandingForm, pictures: Draft) -> dict[str, Any]:
    look = replace(form.look(brand.look), pictures=pictures.pictures)
    contrast: Contrast = contrast_of(look.theme)
    return {
        "form": form,
        "contrast": contrast,
        "theme": look.theme,
        "draft": word_of(look),
        # What the frames can follow without loading anew: only the colours differ.
        "structure": word_of(replace(look, theme=Theme())),
        "sheet_url": url_for(".preview_sheet", theme=look.theme.word),
        "is_published": brand.version > 0 and look == brand.look,
        "is_changed": look != brand.look,
    }


def _editor(
    brand: Brand,
    form: BrandingForm,
    pictures: Draft,
    *,
    status: int = 200,
    said: str = "",
    palettes: list[Theme] | None = None,
) -> Rendered:
    form.base.raw_data = None
    form.base.data = brand.version
    show = _one_of("show", PAGES, "dashboard")
    response = render(
        PAGE,
        EDITOR,
        status=status,
        has_errors=status != 200,
        **_checked(brand, form, pictures),
        places=pictures.places,
        portal=f"/r/{own_reseller().uid}",
        host=identity.portal_address(own_reseller()).partition("://")[2],
        said=said,
        palettes=palettes or [],
        show=show,
        size=_one_of("size", SIZES, "wide"),
        shade=_one_of("preview_shade", SHADES, "light"),
        versions_url=url_for(".branding_versions"),
        pages=[
            ("login", gettext("Log in")),
            ("dashboard", gettext("Home")),
            ("calls", gettext("Calls")),
        ],
        focus=request.form.get("use", "").partition(":")[0],
    )
    response.headers["Content-Security-Policy"] = FRAMING_POLICY
    return response


def _one_of(name: str, choices: tuple[str, ...], otherwise: str) -> str:
    said = request.form.get(name, "")
    return said if said in choices else otherwise
