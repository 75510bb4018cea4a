"""How a job runs: claim its outbox row, bind its reseller, do the work, settle the row."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from datetime import timedelta
from importlib import import_module
from typing import Any

import structlog

from portal.core import queue, scope
from portal.core.db import let_go, transaction
from portal.core.log import get_logger
from portal.core.queue import Claimed
from portal.core.scope import Scope
from portal.tasks import ALL

log = get_logger(__name__)

_PATHS = frozenset(task.path for task in ALL)
_running: ContextVar[Claimed | None] = ContextVar("running", default=None)


class TryLater(Exception):
    """The job cannot finish now; the row is due again after the usual pause."""

    patience = timedelta(0)


class SomebodyIsAway(TryLater):
    """Whoever must answer first does not: that may take days, and nothing may be lost meanwhile."""

    patience = timedelta(days=3)


def job(function: Callable[..., None]) -> Callable[..., None]:
    """Mark a function as a job. Its arguments are ids; it may run twice and must not mind."""
    path = f"{function.__module__}.{function.__name__}"
    if path not in _PATHS:
        raise RuntimeError(f"{path} is not a task: add it to portal/tasks.py.")
    function.is_job = True  # type: ignore[attr-defined]
    return function


def is_mine_still() -> bool:
    """Tell that this run lives; False when it was silent too long and another has begun. In a transaction."""
    claimed = _running.get()
    return claimed is None or queue.tell_life(claimed)


def answer_the_bell(row_id: int) -> None:
    """Run the task of one outbox row, unless it is done, not due, or running elsewhere."""
    with transaction():
        claimed = queue.claim(row_id)
    if claimed is None:
        return
    token = _running.set(claimed)
    try:
        with structlog.contextvars.bound_contextvars(task=claimed.task.name, outbox_id=row_id):
            _run(claimed)
    finally:
        _running.reset(token)
        let_go()


def _run(claimed: Claimed) -> None:
    try:
        with _scope_of(claimed):
            _function(claimed.task.path)(**claimed.arguments)
    except Exception as error:
        log.warning("job_failed", attempt=claimed.attempt, exc_info=not _expected(error))
        let_go()
        with transaction():
            queue.postpone(
                claimed,
                error=f"{type(error).__name__}: {error}",
                patience=error.patience if isinstance(error, TryLater) else timedelta(0),
            )
        return
    with transaction():
        if not queue.settle(claimed):
            log.warning("lease_lost")


def _expected(error: Exception) -> bool:
    return isinstance(error, TryLater)


def _scope_of(claimed: Claimed) -> Any:
    if claimed.reseller_id is None:
        return scope.unscoped(f"the task {claimed.task.name} serves every reseller")
    return scope.bind(Scope(claimed.reseller_id))


def _function(path: str) -> Callable[..., None]:
    module, _, name = path.rpartition(".")
    function: Callable[..., None] = getattr(import_module(module), name)
    if not getattr(function, "is_job", False):
        raise RuntimeError(f"{path} is not a job.")
    return function
