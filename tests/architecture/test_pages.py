"""Every page, once: its words can be translated, its reading ends before it is drawn, and it is small."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from bs4 import BeautifulSoup, Comment
from flask import Flask, template_rendered
from flask_babel import get_domain
from sqlalchemy import event

from portal.core.db import db, let_go, session
from tests.architecture.access import Door, declared, doors, expected, place_of
from tests.architecture.people import Knocking, everybody, renew, things
from tests.architecture.source import ROOT
from tests.world import World

QUERIES = Path(__file__).with_name("queries.json")
# The editor of texts brings a library of 59 kB that no other page has.
HEAVIER = {"reseller.wording_text": 165_000}
# What stands on a page and comes from people and numbers, not from us.
_OPEN, _CLOSE = "⟦", "⟧"
_NAMES_OF_PEOPLE = re.compile(
    r"Northwind|Globex|Raman|Castellan|Okafor|Harbourlight|Kestrel|Person|Ringfront|English|Français"
    r"|Español|northwind|example|Bonjour|Perfect|Do you|Yes please|est-ce|Main line|Appointments"
    r"|Reception|Kanata|Yard|Standard|Pay as you go|Canada|Denture|Sunrise|Marchand|OTTAWA|e-Transfer|Okabe"
    r"|vous ne recevrez|vous recevrez|changez des textos|Pour en recevoir|Pour arr|nouveau nos textos|avec nous|plus de textos de ce num"
    r"|Meridian|Priya|Owen|Mina|Waiting|Suspended|Closed|a test|Inbound DID|United States|Toronto"
    r"|Number fee|Setup fee|Charge"  # what a paper said at issue, in its own language
    r"|America/|Europe/|Asia/|Africa/|Atlantic/|Australia/|Indian/|Pacific/|UTC|Etc/"
)

_TEXTS_OF_PEOPLE = (
    "Bonjour, est-ce",
    "Perfect, thank",
    "Do you need",
    "Yes please",
    "Truck 7",
    "We received your payment",
)


@pytest.fixture
def pages(
    make_app: Callable[..., Flask], world_template: tuple[Path, World], tmp_path: Path
) -> tuple[Flask, list[tuple[Door, Knocking, str]]]:
    """The application, and every page of client a and of Northwind's owner with its address."""
    path = tmp_path / "pages.db"
    path.write_bytes(world_template[0].read_bytes())
    app = make_app(f"sqlite:///{path}", PORTAL_LIVE_STREAMS="0")
    with app.app_context():
        people, known = everybody(app, world_template[1]), things(world_template[1])
        let_go()
    found = []
    for door in doors(app):
        who = people["a"] if door.blueprint == "client" else people["owner"]
        if door.method != "GET" or door.blueprint not in {"client", "reseller"}:
            continue
        values = {
            name: known[kind]["a"] if kind else declared()["words"][name]
            for name, kind in door.kinds
        }
        if expected(door, who) == "yes":
            found.append((door, who, place_of(door, who) + door.path(values)))
    return app, found


def words_of(page: bytes) -> Iterator[str]:
    """Every text that a person reads or hears."""
    soup = BeautifulSoup(page, "html.parser")
    for hidden in soup.select("script, style, template, code, kbd, svg, time, option[data-zone]"):
        hidden.decompose()
    for countries_or_zones in soup.select(
        "select:has(option:nth-of-type(30)), .places-part :is(label, summary)"
    ):
        countries_or_zones.decompose()  # named by the language's own list
    for text in soup.find_all(string=True):
        said = any(words in text for words in _TEXTS_OF_PEOPLE)
        if not isinstance(text, Comment) and text.parent is not None and not said:
            yield str(text)
    for element in soup.select("[aria-label], [title], [placeholder], [alt]"):
        for name in ("aria-label", "title", "placeholder", "alt"):
            yield str(element.get(name) or "")


def translate_everything(app: Flask, folder: Path) -> None:
    """A language in which every sentence of ours stands in brackets."""
    catalogue = Catalog(locale="fr")
    methods = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "N_": None, "ngettext": (1, 2)}
    for place in ("portal", "templates"):
        for found in extract_from_dir(
            str(ROOT / place), methods, keywords=keywords,
            options_map={"**.html": {"extensions": "jinja2.ext.i18n", "trimmed": "true", "silent": "false"}},
        ):  # fmt: skip
            message = found[2]
            marked = (
                tuple(f"{_OPEN}{one}{_CLOSE}" for one in message)
                if isinstance(message, tuple)
                else f"{_OPEN}{message}{_CLOSE}"
            )
            catalogue.add(message, marked)
    # Refusals of the business are marked where they are raised.
    for source in (ROOT / "portal").rglob("*.py"):
        for said in re.findall(
            r'(?:Refused|InvalidInput|NotFound)\(\s*"([^"]+)"', source.read_text()
        ):
            catalogue.add(said, f"{_OPEN}{said}{_CLOSE}")
    target = folder / "fr" / "LC_MESSAGES"
    target.mkdir(parents=True)
    with (target / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(folder)
    with app.test_request_context():
        domain = get_domain()
        domain._translation_directories = [str(folder)]
        domain.cache.clear()


def test_every_visible_sentence_can_be_translated(
    pages: tuple[Flask, list[tuple[Door, Knocking, str]]], tmp_path: Path
) -> None:
    app, found = pages
    translate_everything(app, tmp_path / "pseudo")

    untranslated: set[str] = set()
    brackets = 0
    for door, who, path in found:
        answer = who.ask("GET", f"{path}?language=fr")
        if answer.mimetype == "text/html" and answer.status_code == 200:
            for text in words_of(answer.data):
                brackets += text.count(_OPEN)
                left = re.sub(f"{_OPEN}.*{_CLOSE}", "", text, flags=re.S)
                left = _NAMES_OF_PEOPLE.sub("", left)
                for word in re.findall(r"[A-Za-z]{4,}(?: [a-z]{2,})+", left):
                    untranslated.add(f"{door.endpoint}: {word}")
        answer.close()

    assert brackets > 1000, "the language was spoken"
    assert not untranslated, "\n".join(sorted(untranslated))


def test_no_template_runs_while_the_database_is_read(
    pages: tuple[Flask, list[tuple[Door, Knocking, str]]],
) -> None:
    app, found = pages
    reading: set[str] = set()

    def look(_app: Flask, template: object, **_more: object) -> None:
        if session().in_transaction():
            reading.add(str(template))

    with template_rendered.connected_to(look, app):
        for _, who, path in found:
            who.ask("GET", path).close()

    assert sorted(reading) == []


def test_a_page_makes_as_many_queries_as_it_is_known_for(
    pages: tuple[Flask, list[tuple[Door, Knocking, str]]],
) -> None:
    """Fewer is fine. More is written into queries.json by hand, with a reason in the commit."""
    app, found = pages
    said: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: said.append(args[2]))

    made = {}
    for door, who, path in found:
        who.ask("GET", path).close()
        renew(app, who)
        said.clear()
        who.ask("GET", path).close()
        made[door.endpoint] = sum(not words.startswith(("BEGIN", "PRAGMA")) for words in said)

    known: dict[str, int] = json.loads(QUERIES.read_text())
    unknown = {name: count for name, count in made.items() if name not in known}
    more = {
        name: f"{count}, known for {known[name]}"
        for name, count in made.items()
        if count > known.get(name, 99)
    }
    assert not unknown, f"add to queries.json: {json.dumps(unknown)}"
    assert more == {}
    assert set(known) == set(made), "remove what is gone from queries.json"


def test_a_page_with_everything_it_loads_is_under_150_kilobytes(
    pages: tuple[Flask, list[tuple[Door, Knocking, str]]],
) -> None:
    _, found = pages
    sizes: dict[str, int] = {}

    def size_of(who: Knocking, path: str) -> int:
        if path not in sizes:
            with who.ask("GET", path) as answer:
                raw = answer.get_data()
                packed = len(raw) if path.endswith((".woff2", ".png")) else len(gzip.compress(raw))
            sizes[path] = packed
        return sizes[path]

    heavy = {}
    for door, who, path in found:
        with who.ask("GET", path) as answer:
            if answer.mimetype != "text/html":
                continue
            soup = BeautifulSoup(answer.data, "html.parser")
            total = len(gzip.compress(answer.data))
        loaded = {
            str(one.get("href") or one.get("src")).partition("#")[0]
            for one in soup.select("link[href], script[src], img[src]")
        }
        icons = {str(one["href"]).partition("#")[0] for one in soup.select("use[href]")}
        total += sum(size_of(who, path) for path in loaded | icons if path.startswith("/"))
        if total > HEAVIER.get(door.endpoint, 150_000):
            heavy[door.endpoint] = total

    assert sizes
    assert heavy == {}
