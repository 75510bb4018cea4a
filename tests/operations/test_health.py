"""/health: up means that every part is up, and what is not is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from rq import Worker

from portal.core.registry import settings
from portal.supervisor import run_file


@pytest.fixture
def with_a_worker(app: Flask) -> Iterator[Flask]:
    """The application, a worker of its Redis registered."""
    worker = Worker(["default"], connection=app.extensions["redis"])
    worker.register_birth()
    yield app
    worker.register_death()


def asked(app: Flask) -> tuple[int, Any]:
    answer = app.test_client().get("/health")
    return answer.status_code, answer.json


def tell(instance: Path, **states: str) -> None:
    parts = {name: {"pid": 1, "state": state, "restarts": 0} for name, state in states.items()}
    run_file.write(instance, {"parts": parts})


def test_a_part_that_is_down_is_named_while_its_supervisor_runs(with_a_worker: Flask) -> None:
    instance = settings().instance
    well = {"ok": True, "database": True, "redis": True, "worker": True, "missing": []}

    alone = asked(with_a_worker)
    with run_file.only_supervisor(instance):
        tell(instance, web="up", cron="up", sweeper="up")
        complete = asked(with_a_worker)
        tell(instance, web="up", cron="restarting", sweeper="up")
        without_cron = asked(with_a_worker)
    tell(instance, cron="restarting")  # as a killed supervisor leaves it
    left_behind = asked(with_a_worker)

    assert (alone, complete, left_behind) == ((200, well),) * 3
    assert without_cron == (503, well | {"ok": False, "missing": ["cron"]})


def test_without_a_worker_the_worker_is_missing(app: Flask) -> None:
    status, told = asked(app)

    assert (status, told["missing"]) == (503, ["worker"])
