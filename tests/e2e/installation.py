"""One running demo: the real supervisor in a folder of its own, and the levers that tests pull."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from flask import Flask
from sqlalchemy import select

from portal import identity
from portal.config import PROJECT, Settings
from portal.core import clock
from portal.core.db import db, session, transaction
from portal.core.outbox import OutboxState, OutboxTask
from portal.core.queue import enqueue
from portal.core.scope import Scope, bind, unscoped
from portal.demo.people import RESELLERS, DemoClient
from portal.factory import create_app
from portal.tasks import IMPORT_CALLS, IMPORT_MESSAGES, Task

START_SECONDS = 400


@dataclass
class Installation:
    """A demo that runs; ``told`` is its demo.json."""

    folder: Path
    url: str
    process: subprocess.Popen[bytes] | None
    told: dict[str, Any] = field(default_factory=dict)
    app: Flask | None = None

    @property
    def control_url(self) -> str:
        return str(self.told["sandbox"]["control_url"])

    def carrier(self, path: str, **body: Any) -> Any:
        """Ask something of the carrier's control API."""
        answer = httpx.post(self.control_url + path, json=body, timeout=120)
        answer.raise_for_status()
        return answer.json()

    def call(self, **wish: Any) -> dict[str, Any]:
        """A call happens at the carrier; its first leg as it really was."""
        leg: dict[str, Any] = self.carrier("calls", **wish)["calls"][0]
        self.import_now()
        return leg

    def import_now(self, task: Task = IMPORT_CALLS, *, uid: str = "100482") -> None:
        """What the clock does every minute: one round for one reseller."""
        with self.inside(uid), transaction():
            enqueue(task)

    def import_texts_now(self) -> None:
        self.import_now(IMPORT_MESSAGES)

    @contextmanager
    def inside(self, uid: str = "100482") -> Iterator[Flask]:
        """The installation's own services, as one of its processes would call them."""
        assert self.app is not None
        with self.app.app_context():
            with unscoped("a test looks for a reseller"):
                reseller = identity.reseller_by_uid(uid)
            assert reseller is not None
            with bind(Scope(reseller.id)):
                yield self.app
            db.session.remove()

    def clients(self) -> Iterator[tuple[str, str, DemoClient]]:
        """UID, password and person of every client who can log in."""
        for reseller in RESELLERS:
            for client in reseller.clients:
                if client.status == "active":
                    yield reseller.uid, reseller.client_password, client

    def rest(self) -> None:
        """Wait until nothing that is due waits to be done: what is timed begins on a quiet demo."""
        assert self.app is not None
        app = self.app

        def is_idle() -> bool:
            due = select(OutboxTask.id).where(
                OutboxTask.state == OutboxState.QUEUED, OutboxTask.due_at <= clock.now()
            )
            with app.app_context(), unscoped("a test looks what is left to do"):
                left = session().scalars(due.limit(1)).first()
                db.session.remove()
            return left is None

        until(is_idle, what="a moment without work")

    def errors(self) -> list[str]:
        """Lines of the log that tell of a fault in the portal."""
        lines = []
        for file in sorted((self.folder / "log").glob("*")):
            for line in file.read_text(errors="replace").splitlines():
                if '"level": "error"' in line or "Traceback" in line:
                    lines.append(line)
        return lines


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(ready: Callable[[], Any], *, what: str, seconds: float = 180) -> Any:
    """What ``ready`` answers as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.1)
    return found


@contextmanager
def running_demo(folder: Path, *, smtp_url: str) -> Iterator[Installation]:
    """Start a demo as the README says, with a mail server, and end every part of it afterwards."""
    instance, port = folder / "instance", free_port()
    chosen = {
        "PORTAL_INSTANCE": str(instance),
        "PORT": str(port),
        "PORTAL_SMTP_URL": smtp_url,
        "PORTAL_MAIL_FROM": "portal@northwind.example",
        "PORTAL_LOG_FORMAT": "json",
        "PORTAL_WEB_THREADS": "32",
    }
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PORTAL_") and name not in {"DATABASE_URL", "REDIS_URL", "PORT"}
    }
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.cli", "demo"],
            cwd=PROJECT,
            env=inherited | chosen,
            stdout=output,
            stderr=output,
        )
    found = Installation(instance, f"http://127.0.0.1:{port}", process)
    try:
        until(lambda: _is_up(found), what="the start of the demo", seconds=START_SECONDS)
        with entered(found):
            yield found
    finally:
        _stop(process)


@contextmanager
def entered(found: Installation) -> Iterator[Installation]:
    """Read who is in a demo that runs, quiet its carrier, and open its services to the tests."""
    found.told = json.loads((found.folder / "demo.json").read_text())
    # The background traffic would move what tests compare.
    found.carrier("pause")
    found.app = create_app(Settings.from_environment({"PORTAL_INSTANCE": str(found.folder)}))
    try:
        yield found
    finally:
        with found.app.app_context():
            for engine in db.engines.values():
                engine.dispose()
        found.app.extensions["redis"].close()


@contextmanager
def joined(instance: Path) -> Iterator[Installation]:
    """A demo that somebody started before; for the person who writes these tests."""
    told = json.loads((instance / "demo.json").read_text())
    with entered(Installation(instance, told["portal"], None)) as found:
        yield found


def _is_up(found: Installation) -> bool:
    assert found.process is not None
    if found.process.poll() is not None:
        output = (found.folder.parent / "output").read_text(errors="replace")
        raise AssertionError(f"the demo ended instead of starting:\n{output[-3000:]}")
    try:
        return httpx.get(f"{found.url}/health", timeout=30).status_code == 200
    except httpx.HTTPError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=90)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
