"""``script/soak``: load, kills and faults for some minutes; then nothing may differ from the truth."""

from __future__ import annotations

import argparse
import secrets
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select, update

from portal import exposure, identity
from portal.config import Settings
from portal.core import clock
from portal.core.db import db, session, transaction
from portal.core.outbox import OutboxState, OutboxTask
from portal.core.queue import enqueue
from portal.core.scope import Scope, bind, unscoped
from portal.factory import create_app
from portal.ledger import check
from portal.messaging.models import Message
from portal.messaging.values import UNSETTLED
from portal.tasks import IMPORT_CALLS, IMPORT_MESSAGES, LOOK_UP_MESSAGE
from tests.postgres import PostgresServer
from tests.services import short_folder
from tests.soak import comparison
from tests.soak.chaos import Chaos
from tests.soak.installation import Installation
from tests.soak.people import Writer, writers

DRAIN_SECONDS, STUCK_SECONDS = 1800, 240
WARM_UP_SECONDS = 60
MOST_LINES = 40
_STARTED = time.monotonic()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="of traffic under fire")
    parser.add_argument(
        "--speed", type=int, default=100, help="times an ordinary carrier's traffic"
    )
    parser.add_argument("--writers", type=int, default=6, help="clients who write texts")
    parser.add_argument("--seed", type=int, default=None, help="the same accidents again")
    parser.add_argument("--database-url", help="an empty database; without it, SQLite")
    parser.add_argument(
        "--postgresql", action="store_true", help="start the tests' own PostgreSQL for it"
    )
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look")
    return parser.parse_args()


def say(words: str) -> None:
    print(f"{time.monotonic() - _STARTED:7.1f} s  {words}", flush=True)


def main() -> int:
    """Everything, bounded in time; 0 when nothing differed."""
    chosen = arguments()
    seed = chosen.seed if chosen.seed is not None else secrets.randbelow(1_000_000)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with _database(chosen) as database_url:
        installation = Installation(speed=chosen.speed, database_url=database_url)
        say(f"seed {seed}; starting the demo in {installation.folder}")
        try:
            installation.start()
            return _soak(installation, chosen, seed)
        finally:
            installation.stop()
            if not chosen.keep:
                installation.remove()


def _soak(installation: Installation, chosen: argparse.Namespace, seed: int) -> int:
    say(f"up at {installation.url}; {chosen.minutes:g} minutes under fire")
    _let_traffic_pass(installation)
    before = _counts(installation)
    stop = threading.Event()
    label = f"soak{seed}"
    people = writers(installation.url, chosen.writers, seed=seed, run=label, stop=stop)
    chaos = Chaos(installation, seed=seed, say=say)
    for person in people:
        person.start()
    chaos.begin()
    memory = _watch(installation, chosen.minutes * 60)
    chaos.end()
    stop.set()
    for person in people:
        person.join(120)
    installation.control("faults/clear", {})
    installation.control("pause", {})
    say(f"calm again; killed {sum(chaos.kills.values())}, waiting for the end of everything")
    after = _counts(installation)
    application = create_app(Settings.from_environment(_inside(installation)))
    with application.app_context():
        drained = _drain(installation)
        differences = list(_proof(installation, people, chaos))
        states = _states(label)
        db.session.remove()
    _figures(chosen, before, after, chaos, people, memory, drained, states)
    for line in differences[:MOST_LINES]:
        print(f"DIFFERS  {line}")
    print(f"{len(differences)} differences." if differences else "Nothing differs.")
    return 1 if differences else 0


def _let_traffic_pass(installation: Installation) -> None:
    """So many calls would have every client stopped: here they are alarms alone."""
    application = create_app(Settings.from_environment(_inside(installation)))
    with application.app_context():
        with unscoped("the soak test prepares its resellers"):
            resellers = identity.reseller_ids()
        for reseller_id in resellers:
            with bind(Scope(reseller_id)), transaction():
                exposure.save_limits(replace(exposure.default_limits(), suspends=False))
        db.session.remove()


def _drain(installation: Installation) -> float | None:
    """Let everything come to its end; the seconds it took, None when it stopped before.

    Look-ups of unknown texts wait up to an hour by design: only that waiting is cut short.
    """
    began = moved = time.monotonic()
    settled, fewest = False, sys.maxsize
    while time.monotonic() - moved < STUCK_SECONDS and time.monotonic() - began < DRAIN_SECONDS:
        if not settled and installation.is_well():
            installation.control("calls/settle", {})
            for reseller_id in comparison.resellers().values():
                session().rollback()
                with bind(Scope(reseller_id)), transaction():
                    enqueue(IMPORT_CALLS)
                    enqueue(IMPORT_MESSAGES)
            settled = True
        _no_waiting_for_look_ups()
        waiting = _waiting()
        if settled and not waiting:
            return time.monotonic() - began
        if waiting < fewest:
            fewest, moved = waiting, time.monotonic()
        time.sleep(2)
    for line in _leftovers():
        say(f"still waiting: {line}")
    return None


def _no_waiting_for_look_ups() -> None:
    with unscoped("the soak has no hour"), transaction():
        session().execute(
            update(OutboxTask)
            .where(
                OutboxTask.task == LOOK_UP_MESSAGE.name,
                OutboxTask.state == OutboxState.QUEUED,
                OutboxTask.due_at > clock.now(),
            )
            .values(due_at=clock.now() - timedelta(seconds=1), rung_at=None)
        )


def _waiting() -> int:
    """What is not at its end: tasks that are due, unsettled texts, callbacks to come."""
    with unscoped("the soak looks at everybody's work"):
        # A round of periodic work that failed under fire waits for its next try; others have run.
        tasks = session().scalar(
            select(func.count(OutboxTask.id)).where(
                OutboxTask.state == OutboxState.QUEUED,
                OutboxTask.once_key.is_(None),
            )
        )
        texts = session().scalar(select(func.count(Message.id)).where(Message.state.in_(UNSETTLED)))
        session().rollback()
    return (tasks or 0) + (texts or 0)


def _leftovers() -> Iterator[str]:
    with unscoped("the soak looks at everybody's work"):
        rows = session().execute(
            select(
                OutboxTask.task, OutboxTask.state, OutboxTask.attempt, OutboxTask.due_at,
                OutboxTask.lease_until, OutboxTask.last_error,
            ).where(OutboxTask.state != OutboxState.DONE)
        )  # fmt: skip
        yield from (str(tuple(row)) for row in rows.fetchmany(20))
        session().rollback()


def _proof(installation: Installation, people: list[Writer], chaos: Chaos) -> Iterator[str]:
    if left := _waiting():
        yield f"{left} things are not at their end."
    with unscoped("the soak looks at everybody's work"):
        dead = session().execute(
            select(OutboxTask.task, OutboxTask.last_error).where(
                OutboxTask.state == OutboxState.DEAD
            )
        )
        yield from (f"The task {name} was given up: {error}" for name, error in dead.all())
        session().rollback()
    yield from check.findings()
    yield from comparison.calls_differ(installation)
    yield from comparison.texts_differ(installation)
    wishes = [wish for person in people for wish in person.sent]
    yield from comparison.wishes_differ(installation, wishes)
    yield from (f"{person.name}: {what}" for person in people for what in person.surprises)
    yield from (f"chaos: {problem}" for problem in chaos.problems)


def _states(label: str) -> Counter[str]:
    with unscoped("the soak looks at everybody's texts"):
        rows = session().execute(
            select(Message.state, func.count(Message.id))
            .where(Message.text.startswith(label))
            .group_by(Message.state)
        )
        found = Counter(dict(tuple(row) for row in rows))
        session().rollback()
    return found


def _counts(installation: Installation) -> dict[str, int]:
    told = installation.control("stats")
    return {"calls": told["calls"], "messages": told["messages"]}


def _watch(installation: Installation, seconds: float) -> list[tuple[float, dict[str, float]]]:
    """Wait, and note the memory every few seconds."""
    began, samples = time.monotonic(), []
    while (passed := time.monotonic() - began) < seconds:
        samples.append((passed, installation.memory_mb()))
        time.sleep(min(5, max(0.1, seconds - passed)))
    return samples


def _figures(
    chosen: argparse.Namespace, before: dict[str, int], after: dict[str, int], chaos: Chaos,
    people: list[Writer], memory: list[tuple[float, dict[str, float]]], drained: float | None,
    states: Counter[str],
) -> None:  # fmt: skip
    wishes = [wish for person in people for wish in person.sent]
    kills = ", ".join(f"{name} {count}" for name, count in sorted(chaos.kills.items()))
    faults = ", ".join(f"{name} {count}" for name, count in sorted(chaos.faults.items()))
    ended = ", ".join(f"{name} {count}" for name, count in sorted(states.items()))
    print(f"Traffic at {chosen.speed}× for {chosen.minutes:g} minutes")
    print(
        f"  calls at the carrier      {after['calls'] - before['calls']} new, {after['calls']} in all"
    )
    print(f"  texts at the carrier      {after['messages'] - before['messages']} new")
    print(f"  texts that people wrote   {len(wishes)}, accepted {sum(w.accepted for w in wishes)}")
    print(f"  …their ends               {ended}")
    print(f"  logins again              {sum(max(0, p.logins - 1) for p in people)}")
    print(f"  killed                    {sum(chaos.kills.values())}: {kills}")
    print(f"  carrier faults            {sum(chaos.faults.values())}: {faults}")
    print(f"  drained in                {'NOT' if drained is None else f'{drained:.0f} s'}")
    for line in _memory_lines(memory):
        print(f"  memory                    {line}")


def _memory_lines(samples: list[tuple[float, dict[str, float]]]) -> Iterator[str]:
    """The first and the last third after the warm-up, part by part, in MB."""
    warm = [parts for at, parts in samples if at > WARM_UP_SECONDS and parts]
    third = len(warm) // 3
    if not third:
        return
    for name in sorted({name for parts in warm for name in parts}):
        first, last = (
            [parts[name] for parts in some if parts.get(name)]
            for some in (warm[:third], warm[-third:])
        )
        if first and last:
            yield (
                f"{name:<9} {sum(first) / len(first):6.1f} MB at first,"
                f" {sum(last) / len(last):6.1f} MB at the end"
            )


def _inside(installation: Installation) -> dict[str, str]:
    """The settings of the running installation, for this process beside it."""
    return {"PORTAL_INSTANCE": str(installation.instance), "PORTAL_LOG_LEVEL": "ERROR"}


@contextmanager
def _database(chosen: argparse.Namespace) -> Iterator[str | None]:
    if not chosen.postgresql:
        yield chosen.database_url
        return
    with short_folder("pg") as folder:
        server = PostgresServer(folder)
        server.start()
        try:
            yield server.url(server.create())
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
