"""What access.toml says: the declared answer to everybody's every request."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from tests.architecture.people import NOWHERE, STAFF, Knocking

_UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
_ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")


class Undeclared(Exception):
    """access.toml does not say what should happen; the message says what to write there."""


@dataclass(frozen=True)
class Door:
    """One endpoint and method. ``kinds`` names what each argument stands for; None for a word."""

    endpoint: str
    method: str
    rule: str
    kinds: tuple[tuple[str, str | None], ...]

    @property
    def name(self) -> str:
        return f"{self.endpoint} {self.method}"

    @property
    def blueprint(self) -> str:
        return self.endpoint.partition(".")[0]

    @property
    def is_unsafe(self) -> bool:
        return self.method in _UNSAFE

    @property
    def has_things(self) -> bool:
        return any(kind for _, kind in self.kinds)

    def path(self, values: dict[str, object]) -> str:
        """The address with these arguments."""
        return _ARGUMENT.sub(lambda found: str(values[found.group(2)]), self.rule)


@cache
def declared() -> dict[str, Any]:
    """The table."""
    return tomllib.loads(Path(__file__).with_name("access.toml").read_text())


def doors(app: Flask) -> Iterator[Door]:
    """Every endpoint with each of its methods; static files have a test of their own."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        if rule.endpoint == "static":
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Door(rule.endpoint, method, rule.rule, tuple(_kinds(rule)))


def expected(door: Door, who: Knocking) -> str:
    """The declared outcome for this person, before it matters whose thing is asked for."""
    if who.name == "member" and door.name in declared()["member"]["gone"]:
        return "gone"
    row = declared()["page"].get(door.name)
    if row is None and door.blueprint == "reseller":
        row = _staff_row(door)
    if row is None:
        row = declared()["blueprint"].get(f"{door.blueprint} {door.method}")
    if row is None:
        raise Undeclared(f'access.toml: add [page."{door.name}"] and say who may come in.')
    for word in (who.name, who.group, "everybody"):
        if word in row:
            return str(row[word])
    raise Undeclared(f'access.toml: [page."{door.name}"] does not say what {who.name} gets.')


def place_of(door: Door, who: Knocking) -> str:
    """Where this person knocks: client pages are in a portal, the back-office is not."""
    if door.blueprint == "reseller":
        return STAFF
    if door.blueprint == "client" and who.group == "staff":
        return "/r/100482"
    return who.place


def words(door: Door) -> dict[str, object]:
    """Values of the arguments that name no thing."""
    return {name: declared()["words"][name] for name, kind in door.kinds if kind is None}


def missing(door: Door) -> dict[str, object]:
    """Arguments of something that never was."""
    return words(door) | {name: NOWHERE for name, kind in door.kinds if kind}


def _staff_row(door: Door) -> dict[str, str] | None:
    for action, names in declared()["staff"].items():
        if door.name in names:
            may = declared()["roles"][action]
            return {"nobody": "login", "clients": "login", "staff": "no"} | dict.fromkeys(
                may, "yes"
            )
    if door.is_unsafe:
        raise Undeclared(f'access.toml: put "{door.name}" under the right it needs in [staff].')
    return None


def _kinds(rule: Rule) -> Iterator[tuple[str, str | None]]:
    for found in _ARGUMENT.finditer(rule.rule):
        converter, name = found.groups()
        if converter != "uuid":
            if name not in declared()["words"]:
                raise Undeclared(f'access.toml: give "{name}" of {rule.rule} a value in [words].')
            yield name, None
            continue
        upto = rule.rule[: found.end()]
        if upto not in declared()["things"]:
            raise Undeclared(f'access.toml: say in [things] what "{upto}" names.')
        yield name, declared()["things"][upto]
