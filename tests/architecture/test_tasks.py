"""Every task has a job, every job is a task, every queue has a worker."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from jobs.schedule import SCHEDULE
from jobs.worker import ALLOWED
from portal import tasks
from portal.config import Settings
from portal.supervisor.parts import background_parts
from portal.tasks import ALL, DOORBELL, QUEUES, Task
from tests.architecture.source import name_of, python_files

MODULES = [
    name_of(path).removesuffix(".py").replace("/", ".")
    for path in python_files("jobs")
    if path.stem != "__init__"
]


def job_of(task: Task) -> object:
    module, _, name = task.path.rpartition(".")
    return getattr(import_module(module), name)


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.name)
def test_a_task_has_a_job_and_a_queue_that_is_served(task: Task) -> None:
    assert getattr(job_of(task), "is_job", False)
    assert task.queue in QUEUES
    assert task.timeout_seconds > 0


def test_every_job_is_a_task() -> None:
    jobs = {
        f"{module}.{name}"
        for module in MODULES
        for name, found in vars(import_module(module)).items()
        if getattr(found, "is_job", False) and found.__module__ == module
    }

    assert jobs == {task.path for task in ALL}


def test_every_task_that_is_named_is_in_the_list_once() -> None:
    named = [found for found in vars(tasks).values() if isinstance(found, Task)]

    assert set(named) == set(ALL)
    assert len({task.name for task in ALL}) == len({task.path for task in ALL}) == len(ALL)


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.name)
def test_a_job_takes_ids_and_nothing_else(task: Task) -> None:
    parameters = inspect.signature(job_of(task)).parameters.values()  # type: ignore[arg-type]

    assert {str(parameter.annotation) for parameter in parameters} <= {"int", "str"}


def test_what_is_periodic_is_a_task_with_a_pause() -> None:
    assert {every.task for every in SCHEDULE} <= set(ALL)
    assert all(every.seconds >= 60 for every in SCHEDULE)


def test_the_supervisor_starts_a_worker_for_every_queue(environment: dict[str, str]) -> None:
    parts = background_parts(Settings.from_environment(environment))

    workers = [part.command for part in parts if "jobs.worker" in part.command]
    names = [command[command.index("jobs.worker") + 1 :] for command in workers]
    assert {name for words in names for name in words} == set(QUEUES)
    assert not [words for words in names if "default" in words and set(words) & {"fax", "fax_out"}]
    assert not [
        words for words in names if "outside" in words and set(words) - {"urgent", "outside"}
    ]
    assert [part.name for part in parts][-2:] == ["cron", "sweeper"]


def test_a_worker_answers_to_two_functions_only() -> None:
    for path in ALLOWED:
        module, _, name = path.rpartition(".")
        assert callable(getattr(import_module(module), name))

    assert {DOORBELL, "jobs.schedule.tick"} == ALLOWED
