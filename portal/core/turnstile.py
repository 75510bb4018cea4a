"""A fair queue in front of SQLite's one writer.

SQLite lets whoever asks first after a commit write next, and those who wait ask every tenth of a
second. A job that writes one batch after the other would keep everybody else out for as long as it
has work. Here one waiter at a time stands at the door, and who has just left goes behind it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def entered(database: str | None) -> Iterator[None]:
    """Be the one who asks next for the database in this file; a killed process frees its place."""
    if not database or database == ":memory:":
        yield
        return
    place = os.open(f"{database}-turnstile", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)
