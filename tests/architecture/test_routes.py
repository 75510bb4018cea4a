"""Addresses are promises: the list of them is kept."""

from __future__ import annotations

import re

import pytest
from flask import Blueprint, Flask

from portal.web import guards
from tests.architecture.routes import kept, routes_of

# Words in addresses that are no uuid: secrets and hashes, a day of the history, the ending of a file,
# the name and language of a text.
WORDS = {
    "token", "secret", "hash_", "filename", "day", "reason", "task", "ending", "text", "language",
    "report",
}  # fmt: skip


def test_the_addresses_are_those_of_the_list(app: Flask) -> None:
    there = routes_of(app)

    new, gone = sorted(there - kept()), sorted(kept() - there)
    assert new == [], "run: python -m tests.architecture.routes"
    assert gone == [], "an address is gone: remove its line from routes.txt if that is meant"


def test_a_thing_is_named_by_its_public_id(app: Flask) -> None:
    """Counted numbers would tell how many there are, and invite to try the next one."""
    strange = [
        rule.rule
        for rule in app.url_map.iter_rules()
        for converter, name in re.findall(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>", rule.rule)
        if converter != "uuid" and name not in WORDS
    ]

    assert strange == []


def test_every_page_belongs_to_a_blueprint_and_every_blueprint_has_a_guard(app: Flask) -> None:
    guard = {
        name: blueprint.guard.__name__  # type: ignore[attr-defined]
        for name, blueprint in app.blueprints.items()
    }

    assert guard == {
        "public": "public", "door": "public", "auth": "public",
        "client": "clients", "reseller": "staff", "hooks": "machines",
    }  # fmt: skip
    loose = {rule.endpoint for rule in app.url_map.iter_rules() if "." not in rule.endpoint}
    assert loose == {"static"}


def test_a_blueprint_without_a_guard_stops_the_start(app: Flask) -> None:
    bare = Flask("bare")
    bare.register_blueprint(Blueprint("careless", __name__))

    with pytest.raises(RuntimeError, match="careless"):
        guards.register(bare)


def test_what_staff_need_is_a_right_that_exists(app: Flask) -> None:
    from portal.identity import StaffAction

    asked = {getattr(view, "needs", "read") for view in app.view_functions.values()}

    assert asked <= set(StaffAction)
