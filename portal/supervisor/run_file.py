"""instance/run.json: who runs here; and the lock that keeps a second supervisor out."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from portal.config import ConfigError

NAME = "run.json"
LOCK = "run.lock"


@contextmanager
def only_supervisor(instance: Path) -> Iterator[None]:
    """Hold the installation's lock; raises ConfigError when another supervisor has it."""
    handle = os.open(instance / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle, instance)
        try:
            yield
        finally:
            with suppress(FileNotFoundError):
                (instance / NAME).unlink()
    finally:
        os.close(handle)


def _lock(handle: int, instance: Path) -> None:
    # Commands look at the lock for an instant; that is no reason to give up.
    for _ in range(20):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        else:
            return
    raise ConfigError(
        f"The installation in {instance} is running already. Stop it with .venv/bin/portal stop"
    )


def write(instance: Path, told: Mapping[str, Any]) -> None:
    """Replace run.json in one step; it holds addresses with passwords, so nobody else reads it."""
    draft = instance / f".{NAME}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(told, file, indent=2)
        file.write("\n")
    draft.replace(instance / NAME)
