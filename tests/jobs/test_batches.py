"""Work on many clients whose worker is killed half way: the rest is done, and nothing twice."""

from __future__ import annotations

from collections import Counter

from flask import Flask
from sqlalchemy import select

from portal import batches, identity
from portal.batches import BatchKind, BatchState, Counts
from portal.core.db import session, transaction
from portal.core.outbox import OutboxTask
from portal.core.scope import Scope, bind, unscoped
from portal.identity import ClientFilter
from portal.mail.models import OutgoingMail
from tests.run_task import run_and_die
from tests.worker import bring_forward, work

ROWS = 60


def test_an_import_killed_half_way_creates_and_invites_everybody_once(
    app_on_each: Flask, each_database: str, environment: dict[str, str]
) -> None:
    with unscoped("a test"), transaction():
        reseller = identity.add_reseller(name="Northwind", uid="100482")
    lines = [f"Ida,Novak,ida{number}@novak.example" for number in range(ROWS)]
    sheet = batches.read_sheet("\n".join(["first name,last name,email", *lines]).encode())
    with bind(Scope(reseller.id)), transaction():
        made = batches.upload(
            sheet,
            name="clients.csv",
            defaults={"country": "CA", "language": "en", "time_zone": "America/Toronto"},
        )
        batches.start(made, BatchKind.IMPORT, invite=True)
    with unscoped("a test"):
        task = session().scalars(select(OutboxTask.id).where(OutboxTask.task == "run_batch")).one()
        session().rollback()

    killed = run_and_die(
        task, failpoint="batch.chunk", environment=environment | {"DATABASE_URL": each_database}
    )
    with bind(Scope(reseller.id)):
        half = batches.find(made).counts
        session().rollback()
    bring_forward()
    work()

    assert killed == -9
    assert half == Counts(waiting=ROWS - 25, done=25)
    with bind(Scope(reseller.id)):
        facts = batches.find(made)
        assert (facts.state, facts.counts) == (BatchState.DONE, Counts(done=ROWS))
        assert identity.count_found(ClientFilter()) == ROWS
        to = Counter(session().scalars(select(OutgoingMail.recipient)))
        assert len(to) == ROWS
        assert set(to.values()) == {1}
        session().rollback()
