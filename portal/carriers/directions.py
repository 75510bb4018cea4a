"""Which way something went at the carrier."""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    """Which way a call, a message or a fax went, seen from the carrier's customer."""

    IN = "in"
    OUT = "out"
    INTERNAL = "internal"  # extension to extension; never a message or a fax
