"""Tries from inside what the walls forbid, so that a test and the operator can see them stand."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from portal.fenced.values import LARGEST_FILE_BYTES
from portal.fenced.walls import MOST_BYTES


def probe(_file: BinaryIO, *, secret: str) -> dict[str, Any]:
    """What was refused, by name; ``secret`` is a file that exists outside the folder."""
    tries: dict[str, Callable[[], object]] = {
        "network": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "processes": os.fork,
        "signals": lambda: os.kill(os.getppid(), 0),
        "reading": lambda: Path(secret).read_bytes(),
        "writing": lambda: Path(secret).with_name("written-from-inside").write_bytes(b"x"),
        "memory": lambda: bytearray(MOST_BYTES),
        "disk": _fill,
    }
    return {"refused_tries": sorted(name for name, attempt in tries.items() if _fails(attempt))}


def _fails(attempt: Callable[[], object]) -> bool:
    parent = os.getpid()
    try:
        attempt()
    except (OSError, MemoryError):
        return True
    finally:
        if os.getpid() != parent:
            os._exit(0)
    return False


def _fill() -> None:
    with Path("filling").open("wb") as file:
        file.truncate(LARGEST_FILE_BYTES + 1)
