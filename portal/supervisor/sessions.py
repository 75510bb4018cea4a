"""Signals to a part and everything it started, even what moved to a process group of its own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
# Fields of /proc/<pid>/stat behind the program's name: state, parent, group, session.
_STATE, _SESSION = 0, 3
# What a part left running when it ended itself gets this long to end too.
ORPHANS_SECONDS = 1.0


def members(session_ids: Iterable[int]) -> list[int]:
    """The living processes of these sessions (each part is started as a session of its own)."""
    wanted = set(session_ids)
    if not _PROC.joinpath("self/stat").exists():
        return [pid for pid in wanted if _group_lives(pid)]
    found = []
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError, ValueError, IndexError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[_SESSION]) in wanted and fields[_STATE] not in "ZX":
                found.append(int(entry.name))
    return found


def send(session_ids: Iterable[int], number: signal.Signals) -> list[int]:
    """Send a signal to every process of these sessions; the processes there were."""
    pids = members(session_ids)
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
    return pids


def end(session_ids: Iterable[int], *, patience_seconds: float) -> None:
    """Ask these sessions to end, wait, and kill what is still there."""
    wanted = list(session_ids)
    deadline = time.monotonic() + patience_seconds
    for leader in wanted:
        # The leader ends its own children in its own order; only what outlives it is signalled.
        with suppress(ProcessLookupError, PermissionError):
            os.kill(leader, signal.SIGTERM)
    orphans_asked = False
    while (left := members(wanted)) and time.monotonic() < deadline:
        if not orphans_asked and not set(left) & set(wanted):
            orphans_asked, deadline = True, min(deadline, time.monotonic() + ORPHANS_SECONDS)
            send(wanted, signal.SIGTERM)
        time.sleep(0.05)
    while send(wanted, signal.SIGKILL) and time.monotonic() < deadline + 2:
        time.sleep(0.02)


def _group_lives(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
