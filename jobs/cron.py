"""The scheduler process: RQ's cron with our table. Exactly one is started; two would do no harm."""

from __future__ import annotations

from typing import Any

from redis import Redis
from rq import Queue
from rq.cron import CronJob, CronScheduler
from rq.serializers import JSONSerializer

from jobs.schedule import SCHEDULE, Every, tick
from portal.factory import create_app


class JsonCronJob(CronJob):
    """A cron job whose ring is JSON: RQ's own would be a pickle, which our workers refuse."""

    def enqueue(self, connection: Redis) -> Any:
        """Ring the tick and note when it is due again."""
        queue = Queue(self.queue_name, connection=connection, serializer=JSONSerializer)
        return queue.enqueue_call(
            self.func_name, args=self.args, timeout=60, result_ttl=0, failure_ttl=3600
        )


def make_scheduler(connection: Redis) -> CronScheduler:
    """RQ's scheduler over jobs/schedule.py."""
    scheduler = CronScheduler(connection=connection, logging_level="WARNING")
    scheduler._cron_jobs.extend(_cron_job(every) for every in SCHEDULE)
    return scheduler


def _cron_job(every: Every) -> JsonCronJob:
    return JsonCronJob(
        "default",
        func=tick,
        args=(every.task.name, every.seconds, every.per_reseller, every.only_connected),
        interval=every.seconds,
        name=every.task.name,
    )


def main() -> None:
    """Ring the periodic ticks until told to stop."""
    scheduler: Any = make_scheduler(create_app().extensions["redis"])
    scheduler.start()


if __name__ == "__main__":
    main()
