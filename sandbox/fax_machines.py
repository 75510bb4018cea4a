"""The machines at the other end: one that prints, and all the ways of not getting through."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox.world import World

RECEIVES, FAILS = "receives", "fails"
DIAL_SECONDS, SECONDS_A_PAGE, BREAK_SECONDS = 12, 28, 15
# Behaviour -> how long it takes and what the carrier says then.
REFUSALS = {
    "busy": (6, "Busy"),
    "no_answer": (40, "No answer"),
    "voice": (25, "No fax tone, a voice answered"),
    "out_of_service": (4, "Number not in service"),
}
BEHAVIOURS = (RECEIVES, FAILS, *REFUSALS)


@dataclass(frozen=True)
class Attempt:
    """How one fax will go."""

    success: bool
    pages: int
    seconds: int
    connected: bool
    message: str = ""


def attempt(world: World, number: str, pages: int) -> Attempt:
    """What happens when this number is called with so many pages; counts the call.

    A number nobody has described receives. `page` says where `fails` breaks off; `fails` how many
    calls go wrong before the machine receives, 0 being all of them.
    """
    with world.store.changing():
        machine = world.store.one("SELECT * FROM fax_machines WHERE number = ?", number)
        if machine is not None:
            world.store.run("UPDATE fax_machines SET calls = calls + 1 WHERE number = ?", number)
    pace = machine["seconds_per_page"] if machine else SECONDS_A_PAGE
    behaviour = _behaviour(machine)
    if behaviour in REFUSALS:
        seconds, message = REFUSALS[behaviour]
        return Attempt(False, 0, seconds, connected=False, message=message)
    if behaviour == FAILS and machine is not None and machine["page"] <= pages:
        through = machine["page"] - 1
        seconds = DIAL_SECONDS + through * pace + BREAK_SECONDS
        message = f"Disconnected after page {through}" if through else "Disconnected"
        return Attempt(False, through, seconds, connected=True, message=message)
    return Attempt(True, pages, DIAL_SECONDS + pages * pace, connected=True)


def _behaviour(machine: sqlite3.Row | None) -> str:
    if machine is None or (machine["fails"] and machine["calls"] >= machine["fails"]):
        return RECEIVES
    return str(machine["behaviour"])


def describe(world: World, wish: dict[str, Any]) -> sqlite3.Row:
    """Put a machine behind a number, or change the one that is there; its count begins anew."""
    behaviour = str(wish.get("behaviour", RECEIVES))
    if behaviour not in BEHAVIOURS:
        raise ValueError(f"behaviour must be one of {', '.join(BEHAVIOURS)}")
    world.store.run(
        "INSERT OR REPLACE INTO fax_machines (number, name, behaviour, page, fails,"
        " seconds_per_page, calls) VALUES (?, ?, ?, ?, ?, ?, 0)",
        str(wish["number"]), str(wish.get("name", "")), behaviour, int(wish.get("page", 2)),
        int(wish.get("fails", 0)), int(wish.get("seconds_per_page", SECONDS_A_PAGE)),
    )  # fmt: skip
    row = world.store.one("SELECT * FROM fax_machines WHERE number = ?", str(wish["number"]))
    assert row is not None
    return row
