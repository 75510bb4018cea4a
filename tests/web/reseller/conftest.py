"""The owner of Northwind, logged in, and how many statements a page may ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from portal.core.db import db
from tests.browser import Browser
from tests.worker import queued_tasks
from tests.world import World


@pytest.fixture
def owner(browse: Callable[..., Browser], world: World) -> Browser:
    """Ada, who may do everything at Northwind."""
    return browse(world.northwind.owner)


@pytest.fixture
def reader(browse: Callable[..., Browser], world: World) -> Browser:
    """Rita, who may only look."""
    return browse(world.northwind.reader)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that run meanwhile."""
    said: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def queued_here(world: World) -> Callable[[], list[str]]:
    """Names of the tasks that wait, oldest first."""
    return queued_tasks
