"""The demo as an installation of its own, in a folder that is removed afterwards."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from portal.config import PROJECT, read_run_file

START_SECONDS = 420
STOP_SECONDS = 30
SUPERVISOR = "supervisor"


class Installation:
    """``portal demo`` at a given speed; its parts may be killed, its supervisor too."""

    def __init__(self, *, speed: int, database_url: str | None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="soak-"))
        self.instance = self.folder / "instance"
        self.output = self.folder / "output"
        self.speed = speed
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.kept_out = ("PORTAL_", "DATABASE_URL", "REDIS_URL", "PORT")
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(self.kept_out)
        } | {
            "PORTAL_INSTANCE": str(self.instance),
            "PORT": str(self.port),
            "PORTAL_LOG_FORMAT": "json",
            "PORTAL_LOG_LEVEL": "WARNING",
        }
        if database_url:
            self.environment["DATABASE_URL"] = database_url
        self.process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()
        self._control = httpx.Client(timeout=20, trust_env=False)

    def start(self) -> None:
        """Start it, or start it again after its supervisor was killed; returns when all is up."""
        deadline = time.monotonic() + START_SECONDS
        self._launch()
        while not self.is_well():
            assert self.process is not None
            if self.process.poll() is not None:
                # The undertaker of a killed supervisor may still be at work: its lock, its port.
                if time.monotonic() > deadline:
                    raise RuntimeError(f"It did not start:\n{self.last_words()}")
                time.sleep(1)
                self._launch()
            if time.monotonic() > deadline:
                raise RuntimeError(f"It was not up in time:\n{self.last_words()}")
            time.sleep(0.3)

    def _launch(self) -> None:
        with self._starting, self.output.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "portal.cli", "demo", "--speed", str(self.speed)],
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def is_well(self) -> bool:
        """Does the health page say that all parts are up?"""
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/health", timeout=5, trust_env=False).status_code == 200
        return False

    def parts(self) -> dict[str, Any]:
        """The parts and their processes, as the supervisor tells them."""
        told: dict[str, Any] = (read_run_file(self.instance) or {}).get("parts", {})
        return told

    def told(self) -> dict[str, Any]:
        """``demo.json``: addresses and logins."""
        found: dict[str, Any] = json.loads((self.instance / "demo.json").read_text())
        return found

    def control(self, path: str, body: dict[str, Any] | None = None, **query: Any) -> Any:
        """Ask the practice carrier's control API, again until it is there: it may be starting."""
        deadline = time.monotonic() + 60
        while True:
            # Read each time: a new supervisor gives it another port.
            address = self.told()["sandbox"]["control_url"].rstrip("/") + "/" + path
            try:
                if body is None:
                    answer = self._control.get(address, params=query, timeout=60)
                else:
                    answer = self._control.post(address, json=body)
                answer.raise_for_status()
                return answer.json()
            except httpx.HTTPError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def kill(self, name: str, draw: random.Random) -> bool:
        """SIGKILL to a part (or one of its own children); False when it was not there."""
        if name == SUPERVISOR:
            assert self.process is not None
            self.process.kill()
            self.process.wait()
            return True
        part = self.parts().get(name)
        if part is None or part["state"] != "up":
            return False
        members = [part["pid"], *_children(part["pid"])]
        try:
            os.kill(draw.choice(members), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def memory_mb(self) -> dict[str, float]:
        """Proportional memory of each part with its children, in MB."""
        return {
            name: sum(_memory_kb(pid) for pid in (part["pid"], *_children(part["pid"]))) / 1024
            for name, part in self.parts().items()
        }

    def last_words(self) -> str:
        return self.output.read_text(errors="replace")[-3000:]

    def stop(self) -> None:
        """End everything; also what a killed supervisor might have left."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._control.close()

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children(pid: int) -> list[int]:
    """The living processes of the session that this one leads, without it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError):
            fields = entry.read_text().rpartition(")")[2].split()
            child = int(entry.parent.name)
            if int(fields[3]) == pid and child != pid and fields[0] not in "ZX":
                found.append(child)
    return found


def _memory_kb(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
