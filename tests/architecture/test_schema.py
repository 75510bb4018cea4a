"""Migrations and models say the same, on both databases, forwards and backwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from portal.core import schema
from portal.core.db import Base
from tests.architecture.source import import_every_table

import_every_table()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    make: Callable[[], str] = request.getfixturevalue("postgres_url")
    return make()


def test_the_migrations_make_the_tables_of_the_models(each_database: str) -> None:
    engine = create_engine(each_database)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()

    assert differences == []


def test_the_migrations_go_both_ways(empty_database: str) -> None:
    schema.upgrade(empty_database)
    there = tables(empty_database)

    schema.downgrade(empty_database, "base")
    nothing = tables(empty_database)
    schema.upgrade(empty_database)

    assert nothing == {"alembic_version"}
    assert tables(empty_database) == there == set(Base.metadata.tables) | {"alembic_version"}
    assert schema.is_current(empty_database)


def test_the_migrations_are_one_line_of_history() -> None:
    script = ScriptDirectory.from_config(schema.alembic_config("sqlite://"))

    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()
