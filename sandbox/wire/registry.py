"""Which function answers which method, and the checks that come before it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.wire.refusal import Refusal
from sandbox.wire.table import PARAMETERS
from sandbox.world import World

Answer = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One call of one method by one reseller; `get` answers "" for what was left out."""

    world: World
    reseller: sqlite3.Row
    method: str
    values: dict[str, str]
    address: str

    def get(self, name: str, default: str = "") -> str:
        return self.values.get(name) or default

    @property
    def store(self) -> Any:
        return self.world.store

    @property
    def reseller_id(self) -> int:
        return int(self.reseller["id"])


Method = Callable[[Request], Answer]
FUNCTIONS: dict[str, Method] = {}


def method(*names: str) -> Callable[[Method], Method]:
    """Let a function answer these methods."""

    def remember(function: Method) -> Method:
        for name in names:
            FUNCTIONS[name] = function
        return function

    return remember


def check(name: str, values: dict[str, str]) -> dict[str, str]:
    """The method's own parameters, absent ones dropped; refuses missing and bad ones in order."""
    accepted = {}
    for parameter in PARAMETERS[name]:
        text = values.get(parameter.name, "")
        if not text.strip():
            if parameter.required:
                raise Refusal(parameter.missing)
            continue
        if not parameter.fits(text.strip()):
            raise Refusal(parameter.invalid)
        accepted[parameter.name] = text
    return accepted


def listed(key: str, rows: list[Any], empty: str) -> Answer:
    """`success` with a list, or the status word that stands for an empty one."""
    if not rows:
        raise Refusal(empty)
    return {key: rows}
