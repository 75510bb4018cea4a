"""Reports by mail: once for each period, whoever rings and whatever dies."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from jobs.reports import send_reports
from portal import identity, reports
from portal.core import clock
from portal.core.db import session, transaction
from portal.core.errors import Refused
from portal.core.outbox import OutboxTask
from portal.core.queue import enqueue
from portal.core.scope import Scope, bind, unscoped
from portal.mail.models import OutgoingMail
from portal.reports import Every, FileFormat, FileState, ReportKind, ScheduleDraft
from portal.reports.models import ReportFile, ReportSchedule
from portal.reports.schedules import MOST_ADDRESSES, MOST_ATTACHED_BYTES, next_run
from portal.tasks import SEND_REPORTS
from tests.browser import Browser
from tests.pricing.market import make_reseller
from tests.run_task import run_and_die
from tests.together import meet
from tests.worker import bring_forward, work
from tests.world import World

ZONE = ZoneInfo("America/Toronto")


@pytest.mark.parametrize(
    ("every", "on_day", "hour", "after", "comes"),
    [
        (Every.DAY, 1, 6, "2026-11-27T05:00", "2026-11-27T06:00"),
        (Every.DAY, 1, 6, "2026-11-27T06:00", "2026-11-28T06:00"),
        (Every.WEEK, 1, 7, "2026-11-27T09:00", "2026-11-30T07:00"),
        (Every.MONTH, 31, 0, "2026-11-30T00:00", "2026-12-31T00:00"),
        (Every.MONTH, 31, 0, "2027-02-01T00:00", "2027-02-28T00:00"),
        # The hour that the clock skips in spring is the next one there is.
        (Every.DAY, 1, 2, "2026-03-07T12:00", "2026-03-08T03:00"),
    ],
)
def test_the_next_time_is_at_the_resellers_hour(
    every: Every, on_day: int, hour: int, after: str, comes: str
) -> None:
    begins = datetime.fromisoformat(after).replace(tzinfo=ZONE).astimezone(UTC)

    found = next_run(every, on_day, hour, after=begins, zone=ZONE)

    assert found.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M") == comes


def test_a_period_is_mailed_once_under_two_rings_and_a_kill(
    world: World, world_app: Flask, environment: dict[str, str], tmp_path: Path
) -> None:
    schedule(world)
    with unscoped("a test"), transaction():
        session().scalars(select(ReportSchedule)).one().next_at = clock.now()
        enqueue(SEND_REPORTS, once_key="a round")
        row_id = (
            session().scalars(select(OutboxTask.id).where(OutboxTask.once_key == "a round")).one()
        )
    died = run_and_die(
        row_id,
        failpoint="report.round",
        environment=environment | {"DATABASE_URL": f"sqlite:///{tmp_path / 'world.db'}"},
    )
    with unscoped("two crons ring"):
        send_reports()
        send_reports()
    bring_forward()
    work()

    [file] = files(world)
    assert died == -9
    assert file.state is FileState.READY
    assert sorted(mails()) == ["ada@northwind.example", "books@accountant.example"]
    assert said_of_mails() == {"attached"}


def test_a_large_file_goes_as_a_link_that_asks_for_the_login(
    world: World, browse: Callable[..., Browser], browser: Callable[..., Browser]
) -> None:
    schedule(world)
    with unscoped("a test"), transaction():
        session().scalars(select(ReportSchedule)).one().next_at = clock.now()
        enqueue(SEND_REPORTS)
    work()
    with world.within(world.northwind):
        file = session().scalars(select(ReportFile)).one()
        file.size_bytes = MOST_ATTACHED_BYTES + 1
        session().flush()
        reports.deliver(file.id)
    with unscoped("a test"):
        sent = session().scalars(select(OutgoingMail).where(OutgoingMail.name == "report")).all()
        linked = [mail for mail in sent if not mail.attached]
        texts = {mail.text for mail in linked}
        session().rollback()

    [link] = {
        found for text in texts for found in re.findall(r"http://localhost(/\S+/files/\S+)", text)
    }
    stranger = browser().open(link)
    assert len(linked) == len(sent) - len(linked) == 2
    assert link == f"/staff/reports/files/{file.public_id}"
    assert stranger.path == "/staff/login"
    assert browse(world.northwind.owner).open(link).status == 200


def test_two_runners_at_once_accept_a_period_once(
    make_app: Callable[..., Flask], migrated_postgres_url: str
) -> None:
    app = make_app(migrated_postgres_url)
    with app.app_context():
        shop = make_reseller()
        with bind(Scope(shop)), transaction():
            reports.add_address("books@accountant.example", confirmed=True)
            [outside] = reports.addresses()
            draft = ScheduleDraft(
                ReportKind.GLOBAL_CDR, {"period": "yesterday"}, [], FileFormat.CSV, Every.DAY, 1, 6,
                people=[], addresses=[outside.public_id],
            )  # fmt: skip
            reports.add_schedule(draft, language="en", made_by_id=None)
            row = session().scalars(select(ReportSchedule)).one()
            row.next_at, due = clock.now(), row.id

        def begin() -> bool:
            return reports.begin_round(due)

        answers = meet(app, Scope(shop), begin, begin)
        work()

        assert sorted(answers) == [False, True]
        assert mails() == ["books@accountant.example"]


def test_paused_nothing_goes_out_run_now_sends_once_a_minute_and_a_failed_run_is_told(
    world: World, browse: Callable[..., Browser]
) -> None:
    name = schedule(world)
    ada, rita = browse(world.northwind.owner), browse(world.northwind.reader)
    base = f"/staff/reports/schedules/{name}"

    ada.post(f"{base}/pause", {"paused": "1"})
    with time_machine.travel(clock.now() + timedelta(days=2)), unscoped("a ring"):
        send_reports()
    none = files(world)
    ada.post(f"{base}/run")
    ada.post(f"{base}/run")
    work()
    page = ada.open("/staff/reports/schedules")

    assert none == []
    assert len(files(world)) == 1
    assert "Paused" in page.words
    assert "Sent" in page.words
    assert rita.post(f"{base}/run").status == 403
    assert rita.open("/staff/reports/schedules").status == 200


def test_the_form_makes_a_schedule_of_the_filter_and_needs_somebody_who_gets_it(
    world: World, browse: Callable[..., Browser]
) -> None:
    ada = browse(world.northwind.owner)
    ada.open("/staff/reports/faxes/schedule", direction="out", period="yesterday")

    nobody = ada.submit("#schedule", people=None, month_day="40")
    ada.open("/staff/reports/faxes/schedule", direction="out", period="yesterday")
    made = ada.submit("#schedule", every="month", month_day="31", hour="7", format="xlsx")

    with world.reading(world.northwind):
        [row] = reports.schedules()
    assert nobody.status == 422
    assert "Faxes" in made.words
    assert (row.every, row.on_day, row.hour, row.format) == (Every.MONTH, 31, 7, FileFormat.XLSX)
    assert row.words == {"direction": "out", "period": "yesterday"}


def test_an_address_outside_gets_nothing_before_who_leads_the_team_confirms_it(
    world: World, browse: Callable[..., Browser]
) -> None:
    sam, ada = browse(world.northwind.support), browse(world.northwind.owner)
    sam.open("/staff/reports/schedules")
    sam.submit("#add-address", email="books@accountant.example")
    with world.reading(world.northwind):
        [before] = reports.addresses()

    refused = sam.post(f"/staff/reports/addresses/{before.public_id}/confirm")
    ada.post(f"/staff/reports/addresses/{before.public_id}/confirm")

    with world.reading(world.northwind):
        [after] = reports.addresses()
    assert before.confirmed_at is None
    assert refused.status == 403
    assert after.confirmed_at is not None
    with world.within(world.northwind):
        for number in range(1, MOST_ADDRESSES):
            reports.add_address(f"{number}@accountant.example", confirmed=True)
        with pytest.raises(Refused):
            reports.add_address("more@accountant.example", confirmed=True)


def schedule(world: World) -> uuid.UUID:
    """Daily at six, to Ada and to an accountant."""
    with world.within(world.northwind):
        reports.add_address("books@accountant.example", confirmed=True)
        [outside] = reports.addresses()
        ada = next(one for one in identity.team() if one.email.startswith("ada@"))
        return reports.add_schedule(
            ScheduleDraft(
                ReportKind.GLOBAL_CDR, {"period": "yesterday"}, [], FileFormat.CSV, Every.DAY, 1, 6,
                people=[ada.public_id], addresses=[outside.public_id],
            ),
            language="en",
            made_by_id=ada.id,
        )  # fmt: skip


def files(world: World) -> Sequence[reports.FileRow]:
    """The files that were made or asked for."""
    with world.reading(world.northwind):
        return reports.files_page().rows


def mails() -> list[str]:
    """To whom mails of reports went."""
    with unscoped("a test"):
        found = session().scalars(
            select(OutgoingMail.recipient).where(OutgoingMail.name == "report")
        )
        return list(found)


def said_of_mails() -> set[str]:
    """Whether each has the file with it."""
    with unscoped("a test"):
        found = session().scalars(
            select(OutgoingMail.attached).where(OutgoingMail.name == "report")
        )
        return {"attached" if one else "linked" for one in found}
