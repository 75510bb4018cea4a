"""A person chooses a language, and every page, form and refusal speaks it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from babel import Locale
from flask import Flask

from tests.browser import Browser
from tests.parts import Parts
from tests.web.i18n.pseudo import BEGIN, END, speak
from tests.world import World

SPOKEN = {"fr": ("Se connecter", "Courriel"), "es": ("Iniciar sesión", "Correo electrónico")}
_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "data-busy")


@pytest.mark.parametrize("language", sorted(SPOKEN))
def test_the_browsers_language_is_spoken_before_anybody_logs_in(
    browser: Callable[..., Browser], world: World, language: str
) -> None:
    title, label = SPOKEN[language]

    page = browser(world.northwind).ask(
        "GET", "/login", headers={"Accept-Language": f"{language}-CA, en;q=0.5"}
    )

    assert page.find("html")["lang"] == language
    assert page.title == title
    assert label in page.texts("label, .field-label")


def test_a_chosen_language_stays(browser: Callable[..., Browser], world: World) -> None:
    somebody = browser(world.northwind)
    somebody.open("/login")

    somebody.post("/language", {"language": "es"})

    assert somebody.open("/login").find("html")["lang"] == "es"


def test_what_a_form_finds_wrong_is_said_in_the_persons_language(
    browser: Callable[..., Browser], world: World
) -> None:
    somebody = browser(world.northwind)
    somebody.open("/forgot")
    somebody.post("/language", {"language": "fr"})
    somebody.open("/forgot")

    page = somebody.submit("main form", email="a" * 300)

    assert page.status == 422
    assert "Au plus 254 caractères." in page.words


def test_an_error_is_said_in_the_persons_language(
    browser: Callable[..., Browser], world: World
) -> None:
    page = browser(world.northwind).ask("GET", "/nowhere", headers={"Accept-Language": "es"})

    assert page.status == 404
    assert page.title == "Página no encontrada"


@pytest.mark.own_app
@pytest.mark.parametrize("start", ["/dashboard", "/staff/"])
def test_every_word_of_every_page_went_through_a_catalogue(
    browse: Callable[..., Browser], world: World, world_app: Flask, tmp_path: Path, start: str
) -> None:
    speak(world_app, tmp_path / "pseudo")
    visitor = browse(world.northwind.owner if start == "/staff/" else world.a)

    bare: dict[str, str] = {}
    pages = 0
    for path, page in walk(visitor, start):
        pages += 1
        for text in spoken(page):
            left = re.sub(f"{BEGIN}[^{BEGIN}{END}]*{END}", "", text)
            if BEGIN not in left and re.search(r"[A-Za-z]{3}", left):
                bare.setdefault(" ".join(left.split()), path)

    strange = {text: path for text, path in bare.items() if not is_data(text)}
    assert strange == {}, " ~ ".join(sorted(strange))
    assert pages >= 8


def walk(visitor: Browser, start: str) -> Iterator[tuple[str, Parts]]:
    """Pages that links lead to, one for each rule, and where they are."""
    known: set[str] = set()
    waiting = [visitor._address(start)]
    while waiting:
        path = urlsplit(waiting.pop(0)).path
        rule = re.sub(r"[0-9a-f-]{36}|\d{4}-\d\d-\d\d", "<>", path)
        if rule in known or rule.endswith((".csv", ".pdf", "/live", "/download")):
            continue
        known.add(rule)
        answer = visitor._send("GET", f"{path}?language=fr", {})
        if answer.status_code in {301, 302, 303}:
            waiting.insert(0, answer.headers["Location"])
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        page = Parts(answer.text)
        yield path, page
        for element in page.elements:
            target = element.get("href") or ""
            if target.startswith("/") and not target.startswith("/static"):
                waiting.append(target)


def spoken(page: Parts) -> Iterator[str]:
    """Every text and every attribute that is read out; choices of countries and zones are data."""
    yield from page.texts
    for element in page.elements:
        yield from (said for name in _ATTRIBUTES if (said := element.get(name)))


# Names of people, numbers, packages and languages; what they wrote; days; words that never change.
_DATA = re.compile(
    r"""
    Northwind|Harbourlight|Kestrel|Globex|Priya|Ada\ Moreau|Owen|Olive|Sam\ |Rita|Capital\ Denture
    |Nadia|Élodie|Sunrise|Kanata|Reception|Appointments|Main\ line|Office\ Standard|Pay\ as\ you\ go
    |Inbound\ DID|Canada|English|Français|Español|SOFT|HARD|CAD|USD|Ottawa|Werkzeug|e-Transfer
    |\d{6}_\w+|@|^Ctrl\ K$|^G\.7|^<form\ action=|^<a\ href=|^https?:|^localhost/|^\w+\.example\.com$
    |^\[[\w\ ]+\](?:$|\ :\ vous)|^(?:CSV|GSM|IAX2|MMS|Opus|PDF|SIP|SMS,?|STARTTLS|TLS|XLSX)$|OTTAWA|Yard\ office|We\ received\ your|Bonjour,\ est-ce|Do\ you\ need|Perfect,\ thank|Yes\ please|Toronto|UTC
    |\d\ (?:janv|févr|mars|avr|mai|juin|juill|août|sept|oct|nov|déc)
    |^(?:lun|mar|mer|jeu|ven|sam|dim)\.$|^(?:janv|févr|mars|avr|mai|juin|juill|août|sept|oct|nov|déc)\.?$|^\w+\ \d{4}$|^\w+\ ·\ [\w:-]+\ ·\ \w+$
    """,
    re.VERBOSE,
)

_COUNTRIES = {
    name for locale in ("fr", "fr_CA") for name in Locale.parse(locale).territories.values()
}


def is_data(text: str) -> bool:
    return bool(_DATA.search(text)) or text in _COUNTRIES
