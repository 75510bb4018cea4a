"""Which language and zone a page speaks: the person's, the client's, the reseller's, the browser's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path
from typing import Any, NamedTuple

from babel import Locale, negotiate_locale
from flask import Flask, g, request
from flask_babel import Babel, get_locale, get_timezone, get_translations

from portal.core import formats
from portal.core.registry import settings
from portal.web.session import visitor


class Voice(NamedTuple):
    """A page's catalogue, the locale of its figures and dates, its zone, and what was chosen."""

    catalogue: Any
    locale: Locale
    zone: tzinfo
    chosen: Locale


LANGUAGES = {"en": "English", "fr": "Français", "es": "Español"}
TRANSLATIONS = Path(__file__).resolve().parents[1] / "translations"


def register(app: Flask) -> None:
    """Choose per request; catalogues lie beside the code."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=language, timezone_selector=time_zone)
    # A page asks for its language hundreds of times.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=_say("ugettext"),
        ngettext=_say("ungettext"),
        newstyle=True,
        pgettext=_say("upgettext"),
        npgettext=_say("unpgettext"),
    )


def voice() -> Voice:
    """How this request speaks, looked up once; anew while a mail is written in another language."""
    speech = g.get("_flask_babel")  # where Flask-Babel keeps the locale of the moment
    known: Voice | None = getattr(speech, "voice", None)
    if known is not None and known.chosen is getattr(speech, "babel_locale", None):
        return known
    chosen = get_locale()
    found = Voice(get_translations(), formats.locale_of(chosen.language), get_timezone(), chosen)
    g._flask_babel.voice = found
    return found


def _say(method: str) -> Callable[..., str]:
    """A call of the catalogue of whichever request it is made in."""

    def say(*words: Any) -> str:
        spoken: str = getattr(voice().catalogue, method)(*words)
        return spoken

    return say


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
