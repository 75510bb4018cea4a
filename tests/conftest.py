"""What every test stands on: a migrated database, a real Redis, the application."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache

from portal.config import Settings
from portal.core import schema
from portal.core.db import db
from tests.applications import Applications
from tests.settings import settings_for_tests

# A busy machine is no fault of what is tested: no test is about time.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

if TYPE_CHECKING:
    from tests.built_once import BuiltOnce

pytest_plugins = [
    "tests.sharing_out",
    "tests.built_once",
    "tests.services",
    "tests.postgres",
    "tests.dns_server",
    "tests.worker",
    "tests.world",
    "tests.browser",
]


def pytest_collection_finish() -> None:
    """Look no more for rubbish in what stays to the end, and less often in what tests make: a tenth of the work."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def sqlite_template(built_once: BuiltOnce) -> Path:
    """A migrated, empty SQLite file; copied for each test."""
    return built_once("empty.db", lambda path: schema.upgrade(f"sqlite:///{path}"))


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh migrated SQLite database."""
    path = tmp_path / "portal.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def migrated_postgres_url(postgres_url: Callable[..., str]) -> str:
    """A fresh migrated PostgreSQL database."""
    return postgres_url("portal", schema.upgrade)


@pytest.fixture
def environment(tmp_path: Path, redis_url: str) -> dict[str, str]:
    """The settings of a test installation, without a database."""
    return settings_for_tests(tmp_path / "instance", redis_url)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """SQLite by default; ask for ``each_database`` to run on PostgreSQL too."""
    return sqlite_url


@pytest.fixture(scope="session")
def applications(shared_folder: Path) -> Applications:
    """The applications of this test process; all processes share their compiled templates."""
    compiled = shared_folder / "templates"
    compiled.mkdir(exist_ok=True)
    return Applications(FileSystemBytecodeCache(str(compiled)))


@pytest.fixture
def make_app(
    environment: dict[str, str], applications: Applications
) -> Iterator[Callable[..., Flask]]:
    """An application on a database; ``own=True``: a new one, because the test changes it."""
    taken: list[Flask] = []

    def make(database_url: str, *, own: bool = False, **more: str) -> Flask:
        settings = Settings.from_environment(environment | {"DATABASE_URL": database_url} | more)
        taken.append(applications.take(settings, special=own or bool(more)))
        return taken[-1]

    yield make
    for app in taken:
        applications.give_back(app)


@pytest.fixture
def app(make_app: Callable[..., Flask], database_url: str) -> Iterator[Flask]:
    """The application on SQLite, its context open."""
    made = make_app(database_url)
    with made.app_context():
        yield made
        db.session.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def each_database(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh migrated database, once for SQLite and once for PostgreSQL."""
    fixture = "sqlite_url" if request.param == "sqlite" else "migrated_postgres_url"
    return str(request.getfixturevalue(fixture))


@pytest.fixture
def app_on_each(make_app: Callable[..., Flask], each_database: str) -> Iterator[Flask]:
    """The application on both databases in turn, its context open."""
    made = make_app(each_database)
    with made.app_context():
        yield made
        db.session.remove()
