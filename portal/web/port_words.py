"""How far a number is that is brought along, in words for clients and for staff."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext

from portal.numbers import PortRow, PortState

# The carrier is the reseller's affair: a line that names it is not shown to clients.
_NAMES_THE_CARRIER = re.compile(r"voip\W?ms", re.IGNORECASE)


class Step(NamedTuple):
    """One line of what happened, the oldest first."""

    symbol: str
    words: str
    at: datetime | None = None


def port_words(state: PortState) -> tuple[str, str, str]:
    """Tone, symbol and word for how far a request is."""
    return {
        PortState.ASKED: ("info", "clock", gettext("Asked for")),
        PortState.WORKING: ("info", "loader-circle", gettext("At work")),
        PortState.DONE: ("ok", "circle-check", gettext("Done")),
        PortState.REFUSED: ("bad", "circle-x", gettext("Refused")),
    }[state]


def client_steps(port: PortRow) -> list[Step]:
    """What a client sees: what was handed on, the carrier's state and its notes."""
    return [
        *_handed(port),
        *(
            Step("message-square", note.text, note.at)
            for note in port.carrier_notes
            if not _NAMES_THE_CARRIER.search(note.text)
        ),
        *_now(port),
    ]


def staff_steps(port: PortRow) -> list[Step]:
    """What staff see: the same, every note, and what goes wrong."""
    steps = [
        *_handed(port),
        *(Step("message-square", note.text, note.at) for note in port.carrier_notes),
        *_now(port),
    ]
    if port.problem:
        steps.append(Step("triangle-alert", gettext(port.problem)))
    return steps


def carrier_state_words(state: str) -> str:
    """The carrier's word for how far it is, in ours; a new word of its own as it is."""
    return {
        "pending_approval": gettext("Waits for approval"),
        "processing": gettext("Being worked on"),
        "awaiting_documentation": gettext("More papers are needed"),
        "foc_date": gettext("The day of the move is set"),
        "completed": gettext("The number is here"),
        "cancelled": gettext("Called off"),
        "rejected": gettext("The other carrier refused"),
    }.get(state, state.replace("_", " "))


def _handed(port: PortRow) -> list[Step]:
    steps = [Step("clock", gettext("Asked for"), port.created_at)]
    if port.carrier_port:
        steps.append(Step("arrow-right", gettext("Handed to the carrier"), port.handed_at))
    elif port.is_open and port.is_unknown:
        steps.append(Step("loader-circle", gettext("Being handed to the carrier"), port.handed_at))
    if port.bill_sent_at:
        steps.append(Step("paperclip", gettext("The carrier has the bill"), port.bill_sent_at))
    return steps


def _now(port: PortRow) -> list[Step]:
    if not port.carrier_state:
        return []
    symbol = {PortState.DONE: "circle-check", PortState.REFUSED: "circle-x"}.get(
        port.state, "loader-circle"
    )
    return [Step(symbol, carrier_state_words(port.carrier_state), port.changed_at)]
