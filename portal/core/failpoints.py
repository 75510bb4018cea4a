"""Named places where a crash test kills the process, as a power cut would."""

from __future__ import annotations

import os
import signal

_hits: dict[str, int] = {}


def failpoint(name: str) -> None:
    """Die here with SIGKILL when ``PORTAL_FAILPOINT`` says ``name`` (or ``name:N``, the N-th hit).

    Costs one look into the environment otherwise. Only honoured when the variable is set by hand;
    the supervisor never passes it on.
    """
    wanted = os.environ.get("PORTAL_FAILPOINT")
    if not wanted:
        return
    target, _, count = wanted.partition(":")
    if target != name:
        return
    _hits[name] = _hits.get(name, 0) + 1
    if _hits[name] == int(count or 1):
        os.kill(os.getpid(), signal.SIGKILL)
