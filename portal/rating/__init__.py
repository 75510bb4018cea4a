"""What things cost: pure functions over plain values; no tables, no network, no clock."""

from __future__ import annotations

from portal.rating.values import (
    DEFAULT_PULSE_SECONDS,
    AreaRate,
    CallFacts,
    DeckRate,
    FreeZone,
    Rated,
    Rule,
    State,
    Terms,
    Worksheet,
)

__all__ = [
    "DEFAULT_PULSE_SECONDS",
    "AreaRate",
    "CallFacts",
    "DeckRate",
    "FreeZone",
    "Rated",
    "Rule",
    "State",
    "Terms",
    "Worksheet",
]
