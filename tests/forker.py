"""A process that has imported the portal and forks itself for each test that wants one of its own.

To start Python and import the portal takes more than a second of work, a fork takes a hundredth of it.
What is forked is a process like any other: its own settings, its own connections, and it can be killed.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import signal
import socket
import struct
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy.orm import configure_mappers

from portal import commands
from portal.tasks import ALL

LONGEST_WISH = 200_000


def main() -> None:
    """Serve the socket of our parent until it closes it."""
    with socket.socket(fileno=int(sys.argv[1])) as parent:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _warm_up()
        while True:
            wish, descriptors, _, _ = socket.recv_fds(parent, LONGEST_WISH, 4)
            if not wish:
                return
            if os.fork() == 0:
                parent.close()
                _watch(json.loads(wish), descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            _bury()


def _warm_up() -> None:
    for task in ALL:
        import_module(task.path.rpartition(".")[0])
    for found in pkgutil.iter_modules(commands.__path__):
        import_module(f"portal.commands.{found.name}")
    import_module("portal.factory")
    configure_mappers()
    gc.collect()
    gc.freeze()


def _watch(wish: dict[str, Any], descriptors: list[int]) -> None:
    """Fork the process itself, say its id, and how it ended: a parent is told of its own only."""
    result = descriptors[3]
    pid = os.fork()
    if pid == 0:
        os.close(result)
        _become(wish, descriptors)
    for descriptor in descriptors[:3]:
        os.close(descriptor)
    os.write(result, struct.pack("i", pid))
    _, status = os.waitpid(pid, 0)
    os.write(result, struct.pack("i", os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _become(wish: dict[str, Any], descriptors: list[int]) -> None:
    code = 1
    try:
        for number, descriptor in enumerate(descriptors[:3]):
            os.dup2(descriptor, number)
            os.close(descriptor)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(Path(__file__).resolve().parents[1])
        os.environ.clear()
        os.environ.update(wish["env"])
        sys.argv = [wish["module"], *wish["words"]]
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
        import_module(wish["module"]).main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _bury() -> None:
    """Watchers that have ended."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return


if __name__ == "__main__":
    main()
