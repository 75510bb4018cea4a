"""Which language and zone a page speaks: the person's, the client's, the reseller's, the browser's."""

from __future__ import annotations

from pathlib import Path

from babel import negotiate_locale
from flask import Flask, g, request
from flask_babel import Babel

from portal.core.registry import settings
from portal.web.session import visitor

LANGUAGES = {"en": "English", "fr": "Français", "es": "Español"}
TRANSLATIONS = Path(__file__).resolve().parents[1] / "translations"


def register(app: Flask) -> None:
    """Choose per request; catalogues lie beside the code."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=language, timezone_selector=time_zone)


def language() -> str:
    """One of LANGUAGES."""
    person = visitor()
    place = g.get("place")
    wanted = (
        request.args.get("language") if request.method == "GET" else None,
        person.language if person else None,
        request.cookies.get(language_cookie()),
        # Canadian French before English, also where plain French is not asked for.
        negotiate_locale(request.accept_languages.values(), list(LANGUAGES), sep="-"),
        place.reseller.language if place and place.reseller else None,
    )
    return next((code for code in wanted if code in LANGUAGES), "en")


def language_cookie() -> str:
    """The cookie of the chosen language, held to this host like every other."""
    return "__Host-language" if settings().https else "language"


def time_zone() -> str:
    """An IANA name: the person's own choice, else the client's, else the reseller's."""
    person = visitor()
    if person is not None:
        return person.time_zone
    place = g.get("place")
    return place.reseller.time_zone if place and place.reseller else "UTC"
