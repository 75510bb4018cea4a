"""One line of the benchmark table: a floor and ours, measured in the same run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """ratio is ours divided by the floor, in the row's unit; target says what it should be."""

    name: str
    floor: float
    ours: float
    ratio: float
    target: str
    unit: str
