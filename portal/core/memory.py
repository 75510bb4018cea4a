"""What was worked out once, looked up the next time; as much of it as a process can spare."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

MOST = 20_000


class Memory(dict[Key, Value]):
    """``memory[key]`` is ``work(key)``. It forgets everything when it has grown too large."""

    def __init__(self, work: Callable[[Key], Value]) -> None:
        super().__init__()
        self._work = work

    def __missing__(self, key: Key) -> Value:
        if len(self) >= MOST:
            self.clear()
        value = self[key] = self._work(key)
        return value
