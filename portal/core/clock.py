"""The only place that asks what time it is; tests stop it with time-machine."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def ticking() -> float:
    """Seconds of a clock that only moves forward, for durations and deadlines."""
    return time.monotonic()
