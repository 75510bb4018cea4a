"""The worker process: everything imported before it forks, and deaf to any other function."""

from __future__ import annotations

import gc
import sys
import time
from importlib import import_module
from typing import Any

from redis import RedisError
from rq import Queue, Worker
from rq.exceptions import DeserializationError, NoSuchJobError
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException

from portal.core.log import get_logger
from portal.factory import create_app
from portal.tasks import ALL, DOORBELL, QUEUES

log = get_logger(__name__)

# How long after its start a forked process takes further bells. Longer would keep a worker that was
# told to stop, and RQ kills a process a minute after the time that its first job may take.
GO_ON_SECONDS = 3
# What may stand in Redis as a function's name. Whoever can write to Redis can do no more than this.
ALLOWED = frozenset({DOORBELL, "jobs.schedule.tick"})


class CarefulJob(Job):
    """A job without what RQ would run around it: callbacks and webhooks are names in Redis, too."""

    def restore(self, raw_data: Any) -> None:
        """Read it from Redis, and forget whatever is not the call itself."""
        super().restore(raw_data)
        self._success_callback_name = None
        self._failure_callback_name = None
        self._stopped_callback_name = None
        self.webhooks = []
        self.retries_left = None
        self.repeats_left = None


class CarefulWorker(Worker):
    """Refuses a job that names anything but the allowed functions."""

    job_class = CarefulJob

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        if job.func_name not in ALLOWED:
            log.error("foreign_job_refused", function=str(job.func_name)[:200])
            job.delete()
            return False
        end = time.monotonic() + GO_ON_SECONDS
        done = bool(super().perform_job(job, queue, execution))
        try:
            self._go_on(queue, _timeout(job), end)
        except RedisError as error:  # the first job is done; the sweeper rings for the others
            log.warning("bells_not_heard", error=type(error).__name__)
        return done

    def _go_on(self, queue: Queue, most: int, end: float) -> None:
        """Answer what else rings before this process ends: to fork costs more than most of the work."""
        while time.monotonic() < end and (bell := self._next_bell(queue, most)) is not None:
            try:
                with self.death_penalty_class(_timeout(bell), JobTimeoutException, job_id=bell.id):
                    bell.perform()
            except Exception:
                log.exception("bell_failed")

    def _next_bell(self, queue: Queue, most: int) -> Job | None:
        """The next bell of this queue, taken out of Redis, unless it may take longer than ``most``."""
        while (job_id := queue.pop_job_id()) is not None:
            try:
                job = self.job_class.fetch(job_id, self.connection, self.serializer)
                fits = job.func_name == DOORBELL and _timeout(job) <= most
            except NoSuchJobError:
                continue
            except (DeserializationError, ValueError, TypeError):
                fits = False
            if not fits:  # the worker itself takes it, or refuses it
                queue.push_job_id(job_id, at_front=True)
                return None
            self.connection.delete(job.key)
            return job
        return None


def _timeout(job: Job) -> int:
    return int(job.timeout or Queue.DEFAULT_TIMEOUT)


def make_worker(connection: Any, names: tuple[str, ...] = QUEUES) -> CarefulWorker:
    """A worker for these queues; tests run it in burst mode."""
    queues = [Queue(name, connection=connection, serializer=JSONSerializer) for name in names]
    return CarefulWorker(
        queues,
        connection=connection,
        serializer=JSONSerializer,
        maintenance_interval=30,
        worker_ttl=60,
    )


def main() -> None:
    """Serve the queues named on the command line, or all of them, until told to stop."""
    app = create_app()
    names = tuple(sys.argv[1:]) or QUEUES
    for task in ALL:  # before the fork, so that a job starts warm
        import_module(task.path.rpartition(".")[0])
    gc.freeze()  # what is loaded stays: no task's collector need look through it
    with app.app_context():
        make_worker(app.extensions["redis"], names).work()


if __name__ == "__main__":
    main()
