"""Numbers without a gap, whoever issues at the same time and wherever a process dies."""

from __future__ import annotations

import threading
from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from jobs.invoices import issue_invoices
from portal import invoices, ledger
from portal.core.db import db, session, transaction
from portal.core.errors import InvalidInput
from portal.core.money import Money
from portal.core.queue import enqueue
from portal.core.scope import Scope, bind, unscoped
from portal.invoices import Month, PaperFilter, PaperKind
from portal.invoices.models import Paper
from portal.ledger import Reason
from portal.mail.models import OutgoingMail
from portal.tasks import ISSUE_INVOICES, MAKE_PAPER, Task
from tests.calls.conftest import books_are_right
from tests.invoices.conftest import NOW, Firm, local
from tests.run_task import run_and_die
from tests.together import meet
from tests.worker import bring_forward, newest_row, work

OCTOBER = date(2026, 10, 1)


def charge_some(firm: Firm, many: int) -> list[int]:
    clients = [firm.add_client(f"number{one}@example.com") for one in range(many)]
    for client in clients:
        firm.post("5", at="2026-10-10 12:00", reason=Reason.CHARGE, client=client)
    return clients


def accept(firm: Firm, task: Task, **ids: int) -> int:
    """The outbox row of a task that waits."""
    with firm.writing():
        enqueue(task, **ids)
    return newest_row()


def serials(kind: str = "invoice") -> list[int]:
    with unscoped("a test"):
        found = session().scalars(select(Paper.serial).where(Paper.kind == kind)).all()
        session().rollback()
    return sorted(found)


def test_many_who_issue_the_same_months_at_once_leave_no_gap_and_no_double(
    app_on_each: Flask, firm_on_each: Firm
) -> None:
    clients = charge_some(firm_on_each, 6)
    gate, problems = threading.Barrier(4), []

    def run(turn: int) -> None:
        with app_on_each.app_context(), bind(Scope(firm_on_each.reseller_id)):
            gate.wait()
            for client in clients[turn:] + clients[:turn]:
                try:
                    with transaction():
                        invoices.issue_month(client, OCTOBER)
                except Exception as problem:
                    problems.append(problem)
            db.session.remove()

    crowd = [threading.Thread(target=run, args=(turn,)) for turn in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert problems == []
    assert serials() == [1, 2, 3, 4, 5, 6]
    assert books_are_right()


def test_two_credit_notes_at_once_are_never_more_than_the_invoice(
    app_on_each: Flask, firm_on_each: Firm
) -> None:
    firm = firm_on_each
    firm.post("10", at="2026-10-10 12:00")
    firm.content("2026-10")
    with firm.reading():
        name = invoices.papers(PaperFilter()).rows[0].public_id

    def credit(form: str) -> object:
        return invoices.credit_by_hand(name, Money.of("6"), reason="Both", form=form)

    first, second = meet(
        app_on_each, Scope(firm.reseller_id), lambda: credit("a"), lambda: credit("b")
    )

    assert first.kind is PaperKind.CREDIT
    assert isinstance(second, InvalidInput)
    assert serials("credit") == [1]
    assert books_are_right()


def test_a_correction_and_a_credit_note_of_one_invoice_at_once_are_never_more_than_it(
    app_on_each: Flask, firm_on_each: Firm
) -> None:
    firm = firm_on_each
    source = firm.post("10", at="2026-10-10 12:00")
    firm.content("2026-10")
    with firm.reading():
        name = invoices.papers(PaperFilter()).rows[0].public_id
    with time_machine.travel(local("2026-11-20 12:00"), tick=False), firm.writing():
        ledger.correct(
            firm.client_id, Money.of("-4"), of=Reason.CALL, source_type="test", source_id=source,
            kind="rerate",
        )  # fmt: skip

    with time_machine.travel(NOW, tick=False):
        note, month = meet(
            app_on_each,
            Scope(firm.reseller_id),
            lambda: invoices.credit_by_hand(name, None, reason="All of it", form="a"),
            lambda: invoices.issue_month(firm.client_id, date(2026, 11, 1)),
        )

    assert note.total == Money.of("10")
    assert (month.month, month.credits) == (Month.CARRIED, ())
    assert serials("credit") == [1]
    assert books_are_right()


@pytest.mark.parametrize(
    "failpoint",
    ["invoice.claimed", "invoice.numbered:2", "invoice.kept", "invoice.before_commit:2"],
)
def test_a_run_that_is_killed_goes_on_where_it_was(
    firm_on_each: Firm, each_database: str, environment: dict[str, str], failpoint: str
) -> None:
    charge_some(firm_on_each, 3)
    row = accept(firm_on_each, ISSUE_INVOICES)

    settings = environment | {"DATABASE_URL": each_database}
    assert run_and_die(row, failpoint=failpoint, environment=settings) == -9
    bring_forward()
    with bind(Scope(firm_on_each.reseller_id)):
        issue_invoices()

    assert serials() == [1, 2, 3]
    assert books_are_right()


def test_a_paper_is_mailed_once_although_its_maker_was_killed(
    firm_on_each: Firm, each_database: str, environment: dict[str, str]
) -> None:
    firm = firm_on_each
    firm.post("10", at="2026-10-10 12:00")
    firm.content("2026-10")
    with firm.reading():
        paper = invoices.papers(PaperFilter()).rows[0]
    row = accept(firm, MAKE_PAPER, paper_id=paper.id)

    settings = environment | {"DATABASE_URL": each_database}
    assert run_and_die(row, failpoint="invoice.stored", environment=settings) == -9
    bring_forward()
    work()

    with unscoped("a test"):
        mails = session().scalars(select(OutgoingMail.attached_name)).all()
        session().rollback()
    assert list(mails) == [f"{paper.number}.pdf"]
