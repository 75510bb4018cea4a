"""Fixtures that start the real parts: Redis and a mail server, each in its own folder."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
import redis
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.config import PROJECT
from portal.supervisor.redis_server import find_redis_server, redis_command

_START_SECONDS = 120
# Dies with the process that started it, whatever happens to that one.
TIED = [sys.executable, "-I", "-S", str(PROJECT / "portal/supervisor/tied.py")]


def wait_until(ready: Callable[[], bool], *, what: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        if process.poll() is not None:
            raise RuntimeError(f"{what} ended with {process.returncode} instead of starting.")
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not start within {_START_SECONDS} seconds.")
        time.sleep(0.02)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def short_folder(name: str) -> Iterator[Path]:
    """A private folder whose path is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class RedisServer:
    """A Redis on a private socket, with append-only file; may be killed and started again."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.folder / 'redis.sock'}"

    def start(self) -> None:
        command = redis_command(
            find_redis_server(), socket=self.folder / "redis.sock", data=self.folder
        )
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*TIED, str(os.getpid()), *command], stdout=log, stderr=log
            )
        wait_until(self.answers, what="Redis", process=self.process)

    def answers(self) -> bool:
        with redis.Redis.from_url(self.url) as client, suppress(redis.RedisError):
            return bool(client.ping())
        return False

    def stop(self) -> None:
        if self.process is not None:
            end(self.process)
            self.process = None

    def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """The Redis of this test process; do not stop it, take ``own_redis`` for that."""
    with short_folder("redis") as folder:
        server = RedisServer(folder)
        server.start()
        yield server
        server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of a real, empty Redis."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis for one test that stops, kills or restarts it."""
    with short_folder("redis") as folder:
        server = RedisServer(folder)
        server.start()
        yield server
        server.stop()


@dataclass
class Received:
    """One mail as the server took it: envelope and parsed message."""

    sender: str
    recipients: list[str]
    message: EmailMessage


class MailServer:
    """A mail server on a free port that keeps what it is given; ``refuse`` is answered if set."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.refuse: str | None = None
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._arrived = threading.Condition()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="mail server", daemon=True)

    @property
    def url(self) -> str:
        """For PORTAL_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def wait_for(self, count: int, *, seconds: float = 60) -> list[Received]:
        """The mails, as soon as there are ``count`` of them; fails the test when they do not come."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.received) >= count, seconds):
                pytest.fail(f"{len(self.received)} of {count} mails came within {seconds} s.")
            return list(self.received)

    def start(self) -> None:
        self._thread.start()
        if not self._started.wait(_START_SECONDS):
            raise RuntimeError("The mail server for tests did not start.")

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_SECONDS)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuse is not None:
            return self.refuse
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(message, EmailMessage)
        with self._arrived:
            self.received.append(
                Received(envelope.mail_from or "", list(envelope.rcpt_tos), message)
            )
            self._arrived.notify_all()
        return "250 Message accepted for delivery"

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        listening = self._loop.run_until_complete(
            self._loop.create_server(
                lambda: SMTP(self, hostname="mail.test", loop=self._loop), "127.0.0.1", 0
            )
        )
        self.port = listening.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()
        listening.close()
        pending = asyncio.all_tasks(self._loop)
        for task in pending:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()


@pytest.fixture(scope="session")
def _mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def smtp(_mail_server: MailServer) -> MailServer:
    """A real mail server with an empty mailbox."""
    _mail_server.received.clear()
    _mail_server.refuse = None
    return _mail_server
