"""Outlives the supervisor by seconds: when that one is killed, ends the parts it left behind.

The supervisor writes ``+<session>`` and ``-<session>`` lines to our standard input, as parts come and
go. The end of input means that the supervisor is gone.
"""

from __future__ import annotations

import os
import signal
import sys

from portal.supervisor import sessions

_PATIENCE_SECONDS = 7.0
_QUIETLY = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    """Listen until the supervisor is gone, then end whatever it had started."""
    for number in _QUIETLY:
        signal.signal(number, signal.SIG_IGN)
    open_sessions: set[int] = set()
    for line in sys.stdin:
        sign, session = line[0], int(line[1:])
        if sign == "+":
            open_sessions.add(session)
        else:
            open_sessions.discard(session)
    if open_sessions:
        sessions.end(open_sessions, patience_seconds=_PATIENCE_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main()
