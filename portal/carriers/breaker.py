"""Stop asking a carrier that does not answer, and try one question again after a rest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import structlog

from portal.core import clock

FAILURES = 5
REST_SECONDS = 30.0


def _log() -> Any:
    """Asked for anew each time, so that a later configuration counts."""
    return structlog.get_logger("carriers")


class State(StrEnum):
    """Closed lets everything through, open nothing, half-open one question."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """What one process knows about the health of one carrier account.

    Opens after five failed requests in a row; thirty seconds later one request may try, and its
    outcome closes it or opens it again. One log line per outage, one at its end.
    """

    def __init__(
        self,
        name: str = "",
        *,
        ticking: Callable[[], float] = clock.ticking,
        failures: int = FAILURES,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self._name = name
        self._ticking = ticking
        self._limit = failures
        self._rest = rest_seconds
        self._lock = threading.Lock()
        self._failed = 0
        self._opened_at: float | None = None
        self._probed_at: float | None = None
        self._held_until = 0.0

    @property
    def state(self) -> State:
        """For status pages; asking changes nothing."""
        with self._lock:
            if self._opened_at is None:
                return State.CLOSED
            rested = self._ticking() - self._opened_at >= self._rest
            return State.HALF_OPEN if rested else State.OPEN

    @property
    def holding(self) -> bool:
        """Whether the carrier asked for fewer requests a moment ago."""
        with self._lock:
            return self._ticking() < self._held_until

    def wait_seconds(self) -> float:
        """Zero when a request may go out now (and, half-open, this caller is the one to try).

        Otherwise the seconds after which asking again makes sense. A try that never reports back
        does not block the next one for longer than a rest.
        """
        with self._lock:
            now = self._ticking()
            if now < self._held_until:
                return self._held_until - now
            if self._opened_at is None:
                return 0.0
            waited_since = self._opened_at if self._probed_at is None else self._probed_at
            if now - waited_since < self._rest:
                return self._rest - (now - waited_since)
            self._probed_at = now
            return 0.0

    def succeeded(self) -> None:
        """The carrier answered, be it with a refusal."""
        with self._lock:
            was_open = self._opened_at is not None
            self._failed = 0
            self._opened_at = self._probed_at = None
        if was_open:
            _log().warning("carrier_back", carrier=self._name)

    def failed(self) -> None:
        """The carrier gave no usable answer."""
        with self._lock:
            was_open = self._opened_at is not None
            self._failed += 1
            if was_open or self._failed >= self._limit:
                self._opened_at = self._ticking()
                self._probed_at = None
            opened = not was_open and self._opened_at is not None
        if opened:
            _log().error("carrier_down", carrier=self._name, failures=self._limit)

    def hold(self, seconds: float) -> None:
        """The carrier asked for fewer requests: send none for so long."""
        with self._lock:
            self._held_until = max(self._held_until, self._ticking() + seconds)


_known: dict[tuple[str, str], Breaker] = {}
_known_lock = threading.Lock()


def breaker_for(base_url: str, username: str) -> Breaker:
    """The one breaker of a carrier account in this process."""
    with _known_lock:
        return _known.setdefault((base_url, username), Breaker(username))


def forget_outages() -> None:
    """Begin with a clean slate: after the operator changed credentials, and between tests."""
    with _known_lock:
        _known.clear()
