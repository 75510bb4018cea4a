"""Every page and action, asked for by everybody, for everybody's things: what access.toml says happens."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from portal.core import clock
from portal.core.db import let_go, session
from portal.web.guards import public
from tests.architecture.access import (
    Door,
    Undeclared,
    declared,
    doors,
    expected,
    missing,
    place_of,
    words,
)
from tests.architecture.people import KINDS, SHARED_BY_TEAM, Knocking, everybody, renew, things
from tests.world import World

# Whose things count as the own ones, as another client's, as another reseller's.
OWN = {
    "a": "a",
    "b": "b",
    "x": "x",
    "member": "member",
    "looking": "a",
    "acting": "a",
    "globex_owner": "x",
}
OTHER = {"a": "b", "b": "a", "member": "a", "looking": "b", "acting": "b"}
_STAFF_OF_NORTHWIND = {"owner", "billing", "support", "reader"}
_CHANGES_EACH_TIME = re.compile(
    rb'name="csrf_token" value="[^"]*"|X-CSRFToken": "[^"]*"|[0-9a-f]{8}-[0-9a-f-]{27}'
)


class House:
    """The world with everybody in it, and a watch over its database."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app = app
        self.people = everybody(app, world)
        self.things = things(world)
        session().rollback()
        path = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
        self._watch = sqlite3.connect(path, isolation_level=None, timeout=10)
        self._saved = sqlite3.connect(":memory:")
        self._watch.backup(self._saved)
        self._seen = self.version()

    def version(self) -> int:
        """Changes whenever anybody else has written anything."""
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def was_changed(self) -> bool:
        """Was anything written since the last look?"""
        before, self._seen = self._seen, self.version()
        return before != self._seen

    def restore(self) -> None:
        """Everything as it was."""
        self._saved.backup(self._watch)
        self._seen = self.version()

    def close(self) -> None:
        self._watch.close()
        self._saved.close()


@dataclass(frozen=True)
class Cell:
    """One question, and the declared answer."""

    door: Door
    who: Knocking
    whose: str
    path: str
    expected: str

    def __str__(self) -> str:
        return f"{self.door.name} as {self.who.name}, {self.whose}"


@pytest.fixture
def open_house(
    make_app: Callable[..., Flask], world_template: tuple[Path, World], tmp_path: Path
) -> Iterator[Callable[..., House]]:
    """``open_house(prepare)`` builds it; ``prepare(app)`` may add routes before the first request."""
    houses: list[House] = []
    # The clock stands, so that nobody's session is due to be noted as seen.
    with time_machine.travel(clock.now(), tick=False):

        def build(prepare: Callable[[Flask], None] | None = None) -> House:
            path = tmp_path / f"house{len(houses)}.db"
            path.write_bytes(world_template[0].read_bytes())
            app = make_app(f"sqlite:///{path}", PORTAL_LIVE_STREAMS="0")
            if prepare:
                prepare(app)
            with app.app_context():
                houses.append(House(app, world_template[1]))
                let_go()
            return houses[-1]

        yield build
    for house in houses:
        house.close()


def cells(house: House, door: Door) -> Iterator[Cell]:
    """Every question about one endpoint."""
    for who in house.people.values():
        answer = expected(door, who)
        for whose, values in _askable(house, door, who, only_one=answer != "yes"):
            wanted = answer
            if whose == "mixed" and door.name in declared()["loose"]["confirmations"]:
                continue
            if answer == "yes" and whose in {"another reseller's", "missing", "mixed"}:
                wanted = "gone"
            shared = door.name in declared()["loose"]["shared"]
            if answer == "yes" and whose == "another client's" and who.group == "clients":
                wanted = "yes" if shared else "gone"
            yield Cell(door, who, whose, place_of(door, who) + door.path(values), wanted)


def _askable(
    house: House, door: Door, who: Knocking, *, only_one: bool
) -> Iterator[tuple[str, dict[str, object]]]:
    if not door.has_things:
        yield "no thing", words(door)
        return
    found = list(_things_of(house, door, who))
    yield from found[:1] if only_one else found


def _things_of(house: House, door: Door, who: Knocking) -> Iterator[tuple[str, dict[str, object]]]:
    staff = who.name in _STAFF_OF_NORTHWIND
    own = "a" if staff else OWN.get(who.name)
    other = "b" if staff else OTHER.get(who.name, "a" if who.name == "suspended" else None)
    if who.name == "member" and {kind for _, kind in door.kinds if kind} <= SHARED_BY_TEAM:
        other = "b"  # what the team shares is the member's too
    tenant = "a" if who.name in {"x", "globex_owner"} else "x"
    for whose, owner in (("own", own), ("another client's", other), ("another reseller's", tenant)):
        values = _values(house, door, owner)
        if values is not None:
            yield whose, values
    if own and other and sum(kind is not None for _, kind in door.kinds) > 1:
        outer, inner = _values(house, door, own), _values(house, door, other)
        if outer is not None and inner is not None:
            first = next(name for name, kind in door.kinds if kind)
            yield "mixed", inner | {first: outer[first]}
    yield "missing", missing(door)


def _values(house: House, door: Door, owner: str | None) -> dict[str, object] | None:
    if owner is None:
        return None
    values = {name: house.things[kind].get(owner) for name, kind in door.kinds if kind}
    return None if None in values.values() else words(door) | values


def outcome(answer: TestResponse) -> str:
    """The answer in the table's words."""
    if answer.status_code in {302, 303}:
        leads_to = answer.headers["Location"].partition("?")[0]
        return "login" if leads_to.endswith("/login") else "yes"
    if answer.status_code == 403:
        return "no"
    if answer.status_code == 401 and "/login" in answer.headers.get("HX-Redirect", ""):
        return "login"
    if answer.status_code == 404:
        return "gone"
    if 200 <= answer.status_code < 300 or answer.status_code == 422:
        return "yes"
    return "broken" if answer.status_code >= 500 else str(answer.status_code)


def differences(house: House, door: Door) -> Iterator[str]:
    """What is not as declared, for one endpoint: denied requests first, then those that may act."""
    gone: dict[tuple[str, str], bytes] = {}
    loose = declared()["loose"]
    for cell in sorted(cells(house, door), key=lambda cell: cell.expected == "yes"):
        part = {"HX-Request": "true"} if door.name in loose["parts"] else {}
        answer = cell.who.ask(door.method, cell.path, headers=part)
        got = outcome(answer)
        if got == "gone" and cell.whose == "own" and door.name in loose["in_a_state"]:
            continue
        if got != cell.expected:
            yield f"{cell}: {got} ({answer.status_code}), declared is {cell.expected}"
        if got == "gone":
            gone[cell.who.name, cell.whose] = _CHANGES_EACH_TIME.sub(b"", answer.data)
        changed_cookies = "Set-Cookie" in answer.headers
        answer.close()
        if house.was_changed():
            house.restore()
            if cell.expected != "yes" and not _may_note(door) and changes_again(house, cell, part):
                yield f"{cell}: was refused, and changed the database"
            if not door.is_unsafe and not (got == "yes" and door.name in loose["reads_that_write"]):
                yield f"{cell}: a GET changed the database"
        if changed_cookies:
            renew(house.app, cell.who)
    for (name, whose), body in gone.items():
        never = gone.get((name, "missing"))
        if whose in {"another reseller's", "another client's"} and never not in {None, body}:
            yield f"{door.name} as {name}: {whose} looks different from missing"


def changes_again(house: House, cell: Cell, headers: dict[str, str]) -> bool:
    """SQLite also counts it as a change when its log begins anew; who really writes does it again."""
    renew(house.app, cell.who)
    cell.who.ask(cell.door.method, cell.path, headers=headers).close()
    changed = house.was_changed()
    house.restore()
    return changed


def _may_note(door: Door) -> bool:
    """Doors that count tries, and the ways out, write by being asked."""
    return door.blueprint in {"auth", "door"}


def test_everything_that_can_be_asked_for_is_declared(open_house: Callable[..., House]) -> None:
    house = open_house()

    problems = []
    try:
        for door in doors(house.app):
            for who in house.people.values():
                try:
                    assert expected(door, who) in {"yes", "login", "no", "gone", "broken"}
                except Undeclared as problem:
                    problems.append(str(problem))
    except Undeclared as problem:
        problems.append(str(problem))

    assert sorted(set(problems)) == []


def test_nothing_is_declared_that_does_not_exist(open_house: Callable[..., House]) -> None:
    there = {door.name for door in doors(open_house().app)}
    table = declared()

    named = set(table["page"]) | {name for names in table["staff"].values() for name in names}
    assert named - there == set()
    assert set(table["things"].values()) <= KINDS


@pytest.mark.parametrize("part", ["client", "reseller", "rest"])
def test_everybody_gets_what_is_declared(open_house: Callable[..., House], part: str) -> None:
    house = open_house()

    chosen = [
        door
        for door in doors(house.app)
        if door.blueprint == part
        or (part == "rest" and door.blueprint not in {"client", "reseller"})
    ]
    found = [difference for door in chosen for difference in differences(house, door)]

    assert chosen
    assert found == [], "\n".join(found)


def test_a_thing_of_each_kind_is_there_to_be_asked_for(open_house: Callable[..., House]) -> None:
    found = open_house().things

    lacking = [kind for kind, of in found.items() if of["a"] is None or of["x"] is None]
    assert lacking == []


def test_the_matrix_catches_a_page_that_forgets_whose_thing_it_shows(
    open_house: Callable[..., House],
) -> None:
    def show_anything(public_id: UUID) -> str:
        return f"the call {public_id}"

    def leak(app: Flask) -> None:
        app.add_url_rule("/calls/<uuid:public_id>", "client.leak", show_anything)

    house = open_house(leak)
    door = next(door for door in doors(house.app) if door.endpoint == "client.leak")

    found = list(differences(house, door))

    assert any("as a, another client's: yes" in problem for problem in found)
    assert any("as x, another reseller's: yes" in problem for problem in found)


def test_the_matrix_catches_a_blueprint_whose_guard_sleeps(
    open_house: Callable[..., House],
) -> None:
    house = open_house()
    blueprint = house.app.blueprints["client"]
    door = next(door for door in doors(house.app) if door.name == "client.calls_csv GET")
    awake = blueprint.guard  # type: ignore[attr-defined]

    blueprint.guard = public  # type: ignore[attr-defined]
    try:
        found = list(differences(house, door))
    finally:
        blueprint.guard = awake  # type: ignore[attr-defined]

    assert any("as anonymous" in problem for problem in found)


def test_the_matrix_catches_an_action_that_was_never_declared(
    open_house: Callable[..., House],
) -> None:
    house = open_house(
        lambda app: app.add_url_rule("/staff/x", "reseller.x", lambda: "", methods=["POST"])
    )
    door = next(door for door in doors(house.app) if door.endpoint == "reseller.x")

    with pytest.raises(Undeclared, match=r"put .reseller.x POST. under the right it needs"):
        expected(door, house.people["owner"])
