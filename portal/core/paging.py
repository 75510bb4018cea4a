"""One page of a list: its rows, and where the neighbours begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """``older`` and ``newer`` are cursors for the address, None at the end."""

    rows: Sequence[Row]
    older: str | None = None
    newer: str | None = None

    def __bool__(self) -> bool:
        return bool(self.rows)
