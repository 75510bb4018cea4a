"""The supervisor: starts the parts in order, restarts what crashes, ends everything together."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal.config import PROJECT
from portal.supervisor import sessions, tied
from portal.supervisor.output import Output
from portal.supervisor.parts import Part

_START_SECONDS = 90.0
# A part that is misconfigured ends within this time; then the start has failed, and says why.
_SETTLE_SECONDS = 4.0
_STOP_SECONDS = 6.0
_REDIS_STOP_SECONDS = 2.0
# A part that lived this long was well; its next restart is quick again.
_WELL_AFTER_SECONDS = 30.0
_LONGEST_WAIT_SECONDS = 30.0
_TIED = (sys.executable, "-I", "-S", str(Path(tied.__file__)))


class StartFailed(Exception):
    """A part did not come up; the message is a sentence and its last lines."""


@dataclass(slots=True)
class Running:
    """A part and the process that is it at present."""

    part: Part
    process: subprocess.Popen[bytes]
    started_at: float
    restarts: int = 0
    failures_in_a_row: int = 0
    start_again_at: float | None = None
    unfinished: bytes = field(default=b"")

    @property
    def state(self) -> str:
        """One word for run.json."""
        return "up" if self.start_again_at is None else "restarting"


class Supervisor:
    """Runs parts until it is told to stop. Single-threaded: children are tied to this thread."""

    def __init__(
        self,
        parts: Iterable[Part],
        *,
        output: Output,
        environment: Mapping[str, str],
        tell: Callable[[dict[str, Any]], None],
        directory: Path = PROJECT,
        settle_seconds: float = _SETTLE_SECONDS,
    ) -> None:
        self._parts = list(parts)
        self._output = output
        self._environment = dict(environment)
        self._tell = tell
        self._directory = directory
        self._settle_seconds = settle_seconds
        self._running: dict[str, Running] = {}
        self._selector = selectors.DefaultSelector()
        self._undertaker: subprocess.Popen[bytes] | None = None
        self._asked_to_stop: str | None = None

    def run(self, *, when_ready: Callable[[], None]) -> None:
        """Start everything, call ``when_ready``, and keep it running until SIGINT or SIGTERM.

        Raises StartFailed, with everything ended, when a part does not come up.
        """
        woken, wake = os.pipe()
        os.set_blocking(woken, False)
        os.set_blocking(wake, False)
        previous = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._selector.register(woken, selectors.EVENT_READ)
        handlers = {
            number: signal.signal(number, self._ask_to_stop)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            self._start_undertaker()
            for part in self._parts:
                if not self._asked_to_stop:
                    self._bring_up(part)
            self._settle()
            if not self._asked_to_stop:
                when_ready()
            while not self._asked_to_stop:
                self._turn()
        finally:
            self._end_everything()
            signal.set_wakeup_fd(previous)
            for number, handler in handlers.items():
                signal.signal(number, handler)
            self._selector.unregister(woken)
            os.close(woken)
            os.close(wake)
            self._selector.close()

    def _ask_to_stop(self, number: int, _frame: object) -> None:
        self._asked_to_stop = signal.Signals(number).name

    def _bring_up(self, part: Part) -> None:
        running = self._start(part)
        deadline = time.monotonic() + _START_SECONDS
        while not self._asked_to_stop:
            ended = running.process.poll()
            if part.once and ended == 0:
                self._forget(running)
                return
            if ended is not None:
                # What came up and fell over at once has a reason to tell; do not try for ever.
                raise StartFailed(self._why(part, f"ended with {ended}"))
            if not part.once and part.ready():
                self._tell_state()
                return
            if time.monotonic() > deadline and not part.once:
                raise StartFailed(self._why(part, f"was not ready after {_START_SECONDS:.0f} s"))
            self._listen(0.05)

    def _settle(self) -> None:
        """Wait until every part has lived long enough to have read its settings."""
        while not self._asked_to_stop:
            for running in self._running.values():
                if (ended := running.process.poll()) is not None:
                    raise StartFailed(self._why(running.part, f"ended with {ended}"))
            youngest = max((running.started_at for running in self._running.values()), default=0.0)
            if time.monotonic() >= youngest + self._settle_seconds:
                return
            self._listen(0.1)

    def _why(self, part: Part, what: str) -> str:
        self._drain(self._running[part.name])
        lines = "\n".join(f"    {line}" for line in self._output.last_lines(part.name))
        return f"The part {part.name} {what}. Its last lines:\n{lines}"

    def _turn(self) -> None:
        for running in list(self._running.values()):
            if running.start_again_at is None and running.process.poll() is not None:
                self._note_crash(running)
            elif running.start_again_at is not None and time.monotonic() >= running.start_again_at:
                self._start(running.part, before=running)
                self._tell_state()
        if self._undertaker is not None and self._undertaker.poll() is not None:
            self._start_undertaker()
        self._listen(self._until_next_start())

    def _until_next_start(self) -> float:
        waits = [
            r.start_again_at - time.monotonic() for r in self._running.values() if r.start_again_at
        ]
        return max(0.0, min([1.0, *waits]))

    def _note_crash(self, running: Running) -> None:
        part, code = running.part, running.process.returncode
        self._drain(running)
        # What it left behind (a worker's job, a web worker) would hold its port and its rows.
        sessions.send([running.process.pid], signal.SIGKILL)
        self._tell_undertaker("-", running.process.pid)
        lived_seconds = time.monotonic() - running.started_at
        well = lived_seconds > _WELL_AFTER_SECONDS
        running.failures_in_a_row = 1 if well else running.failures_in_a_row + 1
        wait = min(0.25 * 2 ** (running.failures_in_a_row - 1), _LONGEST_WAIT_SECONDS)
        running.start_again_at = time.monotonic() + wait
        running.restarts += 1
        self._output.event(
            "part_ended_unasked",
            level="error",
            ended=part.name,
            code=code,
            lived_seconds=round(lived_seconds, 1),
            restart_in_seconds=wait,
        )
        self._tell_state()

    def _start(self, part: Part, *, before: Running | None = None) -> Running:
        process = subprocess.Popen(
            [*_TIED, str(os.getpid()), *part.command],
            cwd=self._directory,
            env=self._environment | dict(part.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._tell_undertaker("+", process.pid)
        running = Running(part, process, time.monotonic())
        if before is not None:
            running.restarts = before.restarts
            running.failures_in_a_row = before.failures_in_a_row
        self._running[part.name] = running
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        self._selector.register(process.stdout, selectors.EVENT_READ, running)
        self._output.event("part_started", started=part.name, pid=process.pid)
        return running

    def _listen(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if isinstance(key.data, Running):
                self._read(key.data)
            else:
                with suppress(BlockingIOError):
                    os.read(key.fd, 4096)

    def _read(self, running: Running) -> bool:
        """Pass on what a part said; False when there is nothing to read now."""
        stream = running.process.stdout
        if stream is None or stream.closed:
            return False
        try:
            heard = os.read(stream.fileno(), 65_536)
        except BlockingIOError:
            return False
        if not heard:
            self._selector.unregister(stream)
            stream.close()
            return False
        *lines, running.unfinished = (running.unfinished + heard).split(b"\n")
        if len(running.unfinished) > 1_000_000:
            lines, running.unfinished = [*lines, running.unfinished], b""
        for line in lines:
            self._output.line(running.part.name, line)
        return True

    def _drain(self, running: Running) -> None:
        while self._read(running):
            pass
        stream = running.process.stdout
        if stream is not None and not stream.closed:
            self._selector.unregister(stream)
            stream.close()
        if running.unfinished:
            self._output.line(running.part.name, running.unfinished)
            running.unfinished = b""

    def _forget(self, running: Running) -> None:
        self._drain(running)
        self._tell_undertaker("-", running.process.pid)
        del self._running[running.part.name]

    def _end_everything(self) -> None:
        reason = self._asked_to_stop or "a part that did not start"
        self._output.event("stopping", because=reason)
        self._end([r for r in self._running.values() if not r.part.needed_by_others], _STOP_SECONDS)
        self._end(
            [r for r in self._running.values() if r.part.needed_by_others], _REDIS_STOP_SECONDS
        )
        if self._undertaker is not None and self._undertaker.stdin is not None:
            with suppress(BrokenPipeError):
                self._undertaker.stdin.close()
            self._undertaker.wait()
        self._output.event("stopped")

    def _end(self, ending: list[Running], patience_seconds: float) -> None:
        """Ask these parts to end, hear their last words, and kill what takes too long."""
        ids = [r.process.pid for r in ending]
        for running in ending:
            with suppress(ProcessLookupError):
                running.process.terminate()
        deadline = time.monotonic() + patience_seconds
        orphans_asked = False
        while (left := sessions.members(ids)) and time.monotonic() < deadline:
            if not orphans_asked and not set(left) & set(ids):
                orphans_asked = True
                deadline = min(deadline, time.monotonic() + sessions.ORPHANS_SECONDS)
                sessions.send(ids, signal.SIGTERM)
            self._listen(0.05)
            for running in ending:
                running.process.poll()
        killed = sessions.send(ids, signal.SIGKILL)
        for running in ending:
            running.process.wait()
            self._forget(running)
        if killed:
            self._output.event("killed_what_did_not_end", level="warning", processes=len(killed))

    def _start_undertaker(self) -> None:
        self._undertaker = subprocess.Popen(
            [sys.executable, "-m", "portal.supervisor.undertaker"],
            cwd=PROJECT,
            env=self._environment,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        for running in self._running.values():
            self._tell_undertaker("+", running.process.pid)

    def _tell_undertaker(self, sign: str, session: int) -> None:
        if self._undertaker is not None and self._undertaker.stdin is not None:
            with suppress(BrokenPipeError):
                self._undertaker.stdin.write(f"{sign}{session}\n".encode())
                self._undertaker.stdin.flush()

    def _tell_state(self) -> None:
        self._tell(
            {
                name: {"pid": r.process.pid, "state": r.state, "restarts": r.restarts}
                for name, r in self._running.items()
            }
        )
