"""One line of the benchmark table: a floor and ours, measured in the same run."""

from __future__ import annotations

import re
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


def meets(row: Row) -> bool:
    """Does a figure keep what its target says? "at most 2.0" bounds the ratio, "at most 40 ms" ours."""
    found = re.match(r"at (most|least) ([0-9.]+)( ms$)?", row.target)
    if not found:
        return True
    bound, value = float(found[2]), row.ours if found[3] else row.ratio
    return value <= bound if found[1] == "most" else value >= bound
