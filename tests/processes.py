"""Processes of our own for tests: forked from one that has imported the portal already."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class Ended(NamedTuple):
    """How a process ended, and what it said; a negative code is the signal that killed it."""

    returncode: int
    stdout: str
    stderr: str


class Running:
    """One process, from its start to its end."""

    def __init__(self, result: int, said: tuple[IO[bytes], IO[bytes]]) -> None:
        self._result = result
        self._said = said
        self.pid = self._read(120)

    def wait(self, *, seconds: float = 240) -> Ended:
        """Its end; TimeoutError, and it is killed, when that takes longer."""
        try:
            code = self._read(seconds)
        except TimeoutError:
            self.kill()
            raise
        finally:
            os.close(self._result)
        texts = []
        for file in self._said:
            with file:
                file.seek(0)
                texts.append(file.read().decode(errors="replace"))
        return Ended(code, *texts)

    def kill(self) -> None:
        """End it as a power cut would."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def _read(self, seconds: float) -> int:
        if not select.select([self._result], [], [], seconds)[0]:
            raise TimeoutError("a process of a test takes too long")
        number: int = struct.unpack("i", os.read(self._result, 4))[0]
        return number


def start(module: str, *words: str, env: Mapping[str, str], answers: str = "") -> Running:
    """Begin ``python -m module words`` with exactly this environment."""
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115
    result, theirs = os.pipe()
    wish = json.dumps({"module": module, "words": words, "env": dict(env)}).encode()
    with tempfile.TemporaryFile() as typed:
        typed.write(answers.encode())
        typed.seek(0)
        try:
            fds = [typed.fileno(), out.fileno(), err.fileno(), theirs]
            socket.send_fds(_forker(), [wish], fds)
        finally:
            os.close(theirs)
    return Running(result, (out, err))


def run(module: str, *words: str, env: Mapping[str, str], answers: str = "") -> Ended:
    """The same, to its end."""
    return start(module, *words, env=env, answers=answers).wait()


_FORKER: list[socket.socket] = []


def _forker() -> socket.socket:
    """The process that forks, started by the first test that asks; it ends with us."""
    if not _FORKER:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.forker", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
            )
        _FORKER.append(ours)
        atexit.register(_end, process, ours)
    return _FORKER[0]


def _end(process: subprocess.Popen[bytes], ours: socket.socket) -> None:
    ours.close()
    process.wait()
