"""What goes wrong: the carrier's answers, and processes that die."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.soak.installation import SUPERVISOR, Installation

# Every process but the databases. Redis is a doorbell here, so it dies like the others.
PARTS = {
    "worker-1": 6, "worker-2": 6, "worker-fax": 3, "worker-outside-1": 6, "web": 5, "cron": 2,
    "sweeper": 3, "sandbox": 3, "redis": 3, SUPERVISOR: 1,
}  # fmt: skip
METHODS = ("sendSMS", "sendSMS", "sendSMS", "getSMS", "getMMS", "getCDR", "getDIDsInfo", "*")
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "delay", "seconds": 2},
    {"kind": "hang", "seconds": 8},
    {"kind": "reset"},
    {"kind": "http", "code": 500},
    {"kind": "http", "code": 429, "headers": {"Retry-After": "3"}},
    {"kind": "html"},
    {"kind": "status", "status": "method_maintenance"},
    {"kind": "status", "status": "api_limit_exceeded"},
    {"kind": "redirect"},
    {"kind": "array"},
    {"kind": "null"},
    {"kind": "empty"},
    {"kind": "truncated"},
    {"kind": "cut"},
    {"kind": "reset_after"},
    {"kind": "drip", "seconds": 0.05},
    {"kind": "empty", "after": True},
    {"kind": "big", "megabytes": 12},
    {"kind": "gzip_bomb", "megabytes": 30},
)
# The clock does not decide how much there is to do; odd rows (late, corrected, twins) are common.
# Told again and again, since a carrier that was killed has forgotten it.
BUSY = {"night_share": 4.0, "quirks": 6.0, "retry_seconds": 20.0}
_KILL_EVERY, _FAULT_EVERY = (4.0, 14.0), (2.0, 7.0)


class Chaos:
    """Two threads, one that spoils answers and one that kills, until ``end``."""

    def __init__(
        self, installation: Installation, *, seed: int, say: Callable[[str], None]
    ) -> None:
        self.installation = installation
        self.kills: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.problems: list[str] = []
        self._say = say
        self._stop = threading.Event()
        self._draws = random.Random(f"faults {seed}"), random.Random(f"kills {seed}")
        self._threads = [
            threading.Thread(target=self._guarded, args=(work,), daemon=True)
            for work in (self._spoil, self._kill)
        ]

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop breaking things; what is broken stays so."""
        self._stop.set()
        for thread in self._threads:
            thread.join(600)

    def _guarded(self, work: Callable[[], None]) -> None:
        while not self._stop.is_set():
            try:
                work()
            except Exception as error:
                self.problems.append(f"{work.__name__}: {type(error).__name__}: {error}")
                time.sleep(2)

    def _spoil(self) -> None:
        draw = self._draws[0]
        while not self._stop.wait(draw.uniform(*_FAULT_EVERY)):
            fault = {**draw.choice(FAULTS), "method": draw.choice(METHODS)}
            fault["calls"] = draw.choice((1, 1, 1, 2, 6))
            self.installation.control("settings", BUSY)
            self.installation.control("faults", fault)
            self.faults[fault["kind"]] += 1
            if draw.random() < 0.5:
                self.installation.control("faults/clear", {})

    def _kill(self) -> None:
        draw = self._draws[1]
        names, weights = list(PARTS), list(PARTS.values())
        while not self._stop.wait(draw.uniform(*_KILL_EVERY)):
            [name] = draw.choices(names, weights)
            if self.installation.kill(name, draw):
                self.kills[name] += 1
                if name == SUPERVISOR:
                    self._say("the supervisor was killed; starting again")
                    self.installation.start()
