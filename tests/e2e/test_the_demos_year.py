"""The demo shows a year: its books are right, each month has money, and what differs was meant to."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from flask_babel import force_locale
from sqlalchemy import func, select

from portal import calls, identity, invoices, pricing, reconciling, reports
from portal.calls.models import CallRecording
from portal.core.db import db, session, transaction
from portal.core.money import ZERO
from portal.ledger import check
from portal.reconciling import PARTS, RunState
from portal.reports import ReportKind
from tests.e2e.installation import Installation, until

RESELLERS = ("100482", "100731")


def differences(installation: Installation, uid: str, run: uuid.UUID) -> dict[tuple[str, str], int]:
    """What a comparison found, once a worker is through with it."""

    def is_ready() -> bool:
        with installation.inside(uid):
            return reconciling.find_run(run).state is RunState.READY

    until(is_ready, what="the comparison", seconds=180)
    with installation.inside(uid):
        counts = reconciling.line_counts(run)
        return {found: count for found, (count, _, _) in counts.items()}


def test_the_books_of_the_demo_are_right(installation: Installation) -> None:
    assert installation.app is not None
    with installation.app.app_context():
        faults = list(check.findings())
        db.session.remove()

    assert faults == []


@pytest.mark.parametrize("uid", RESELLERS)
def test_the_financial_report_has_twelve_months_that_grow(
    installation: Installation, uid: str
) -> None:
    with installation.inside(uid), force_locale("en"):
        report = reports.by_kind(ReportKind.FINANCIAL)
        rows = [row for rows in report.chunks(report.choose({})) for row in rows][::-1]

    assert len(rows) == 12
    assert all(sums.revenue > ZERO and sums.cost > ZERO for _, sums in rows)
    assert sum(sums.deposits > ZERO for _, sums in rows) >= 6
    assert rows[-2][1].revenue > rows[0][1].revenue + rows[0][1].revenue


@pytest.mark.parametrize("uid", RESELLERS)
def test_last_month_differs_from_the_carriers_in_three_calls_and_no_other_month_does(
    installation: Installation, uid: str
) -> None:
    with installation.inside(uid):
        first_asked = reconciling.runs()[-1]
        latest = invoices.last_month()

    assert first_asked.first == latest
    assert differences(installation, uid, first_asked.public_id) == {
        ("calls", "theirs_only"): 1,
        ("calls", "ours_only"): 1,
        ("calls", "amount"): 1,
    }

    before = latest - timedelta(days=1)
    with installation.inside(uid):
        owner = identity.team()[0].id
        with transaction():
            run = reconciling.ask(before.replace(day=1), before, PARTS, asked_by_id=owner)
    assert differences(installation, uid, run) == {}


def test_one_client_has_a_month_to_issue_and_past_calls_were_priced_again(
    installation: Installation,
) -> None:
    def runs() -> list[calls.RunRow]:
        with installation.inside():
            packages = pricing.list_packages()
            return [run for one in packages for run in calls.latest_runs(one.public_id)]

    until(lambda: all(run.is_done for run in runs()), what="pricing again", seconds=180)
    with installation.inside():
        latest = invoices.last_month()
        everybody = identity.clients_by_id(set(identity.open_client_ids())).values()
        [by_hand] = [one.id for one in everybody if one.details.last_name == "Halvorsen"]
        draft = invoices.draft(by_hand, latest)
        changed = {run.for_real: calls.added(calls.lines_of(run.id)) for run in runs()}
        was_done = invoices.is_done(by_hand, latest)
        due = invoices.due_months()

    assert draft.content is not None
    assert draft.content.total > ZERO
    assert not was_done
    assert not due
    assert changed[False].difference > ZERO  # on paper, dearer
    assert changed[True].changed > 0
    assert changed[True].difference < ZERO


def test_the_recordings_of_a_line_are_charged_by_themselves(installation: Installation) -> None:
    def charged() -> int:
        with installation.inside(RESELLERS[0]):
            priced = select(func.count(CallRecording.id)).where(CallRecording.price > ZERO)
            return session().scalar(priced) or 0

    assert until(charged, what="the first recording", seconds=180) > 0
