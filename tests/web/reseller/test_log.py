"""The log of everything: every kind of event has words, and it is found by topic, person and page."""

from __future__ import annotations

import ast
import re

import pytest
from flask import Flask
from flask_babel import force_locale

from portal import identity
from portal.config import PROJECT
from portal.core import clock
from portal.identity import AuditRow
from portal.web.reseller import log_words
from portal.web.reseller.log_kinds import KINDS
from tests.browser import Browser
from tests.world import World

LOG = "/staff/configuration/log"
_WRITES = {"record", "_note", "_moved"}


def recorded() -> set[str]:
    """The kinds that the code writes down by name."""
    found: set[str] = set()
    for file in (PROJECT / "portal").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and node.args:
                called = node.func
                name = (
                    called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                )
                first = node.args[0]
                if name in _WRITES and isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return {one for one in found if re.fullmatch(r"[a-z_0-9]+\.[a-z_0-9]+", one)}


def test_every_kind_of_event_has_words_and_a_topic() -> None:
    things = {thing for _, those in log_words.TOPICS.values() for thing in those}

    assert len(recorded()) > 100
    assert recorded() - KINDS.keys() == set()
    assert {kind.partition(".")[0] for kind in KINDS} - things == set()


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_every_kind_is_a_sentence_with_its_facts_in_it(world_app: Flask, language: str) -> None:
    with world_app.test_request_context(), force_locale(language):
        asked = re.findall(r"%\((\w+)\)s", " ".join(str(words) for _, words in KINDS.values()))
        facts: dict[str, object] = {name: f"<{name}>" for name in asked}
        facts |= {"amount": "12.5", "numbers": ["+1 613 555 0155"]}
        for kind in KINDS:
            action, _, reason = kind.partition("/")
            row = AuditRow(clock.now(), "", False, action, facts | {"reason": reason}, "")
            said = log_words.shown(row).text
            assert said
            assert said != action
            assert "%(" not in said


def test_the_log_is_found_by_topic_person_and_page_and_shows_nobody_elses(
    owner: Browser, world: World
) -> None:
    with world.within(world.northwind):
        for number in range(60):
            identity.record("client.edited", client_id=world.a.id, address=f"192.0.2.{number}")
        identity.record("tax.saved", name="GST")
    with world.within(world.globex):
        identity.record("tax.saved", name="TVA of Globex")

    page = owner.open(LOG)
    older = owner.open(page.link("Older"))
    money = owner.open(LOG, topic="money", htmx=True)
    nobody = owner.open(LOG, q="Nobody of that name")
    of_client = owner.open(f"/staff/clients/{world.a.public_id}/log")
    older_of_client = owner.open(of_client.link("Older"))

    said = "#log li .row-main > span:first-child"
    assert len(page.all("#log li")) == 50
    assert page.texts(said)[0] == "Tax GST saved"
    assert "Harbourlight Dental : Details changed" in page.text("#log")
    assert "192.0.2.0" in older.text("#log")
    assert money.texts(said)[0] == "Tax GST saved"
    assert "Details changed" not in money.words
    assert "Nothing matches" in nobody.text("#log")
    assert "Globex" not in page.words + money.words
    assert "192.0.2.0" in older_of_client.text("#log")
    assert "Tax GST" not in of_client.words
