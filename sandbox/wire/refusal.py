"""How a method says no: a status word, and nothing else."""

from __future__ import annotations


class Refusal(Exception):
    """The answer `{"status": word}`."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status
