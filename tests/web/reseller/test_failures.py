"""The dashboard's list of what was given up, and the first steps of a new reseller."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from flask import Flask
from sqlalchemy import select, update

from portal import identity, mail
from portal.core import clock, queue
from portal.core.db import let_go, session, transaction
from portal.core.money import Money
from portal.core.outbox import OutboxState, OutboxTask
from portal.core.scope import Scope, bind, unscoped
from portal.identity import ClientDetails
from portal.mail.models import OutgoingMail
from portal.tasks import DELIVER_SMS, IMPORT_CALLS, RENDER_REPORT, Task
from tests.browser import Browser
from tests.identity.people import HASH, add_owner, add_reseller
from tests.services import MailServer
from tests.worker import queued_tasks, work
from tests.world import World

FRONT = "/staff/"


def bury(reseller_id: int, task: Task, *, rounds: int = 0) -> None:
    """Tasks that failed for the last time: one, or rounds of a periodic one."""
    with bind(Scope(reseller_id)), transaction():
        for number in range(rounds or 1):
            key = f"{task.name}:{reseller_id}:{number}" if rounds else None
            queue.enqueue(task, once_key=key, **({} if rounds else {"file_id": 1}))
    with unscoped("a test"), transaction():
        session().execute(
            update(OutboxTask)
            .where(OutboxTask.task == task.name, OutboxTask.reseller_id == reseller_id)
            .values(state=OutboxState.DEAD, finished_at=clock.now(), attempt=12)
        )


def states(task: Task) -> list[str]:
    with unscoped("a test"), transaction():
        rows = select(OutboxTask.state).where(OutboxTask.task == task.name).order_by(OutboxTask.id)
        return list(session().scalars(rows))


def press(browser: Browser, words: str) -> None:
    """The button of the list whose row or label says this."""
    page = browser.open(FRONT)
    (form,) = [
        form for form in page.all("#attention form") if words in " ".join(form.get_text().split())
    ]
    browser.post(str(form["action"]))


def test_what_was_given_up_is_seen_and_tried_again_or_dismissed(
    world: World, owner: Browser, reader: Browser
) -> None:
    bury(world.northwind.id, RENDER_REPORT)
    bury(world.northwind.id, IMPORT_CALLS, rounds=3)
    bury(world.globex.id, RENDER_REPORT)

    words = owner.open(FRONT).text("#attention")
    looking = reader.open(FRONT)
    assert "Fetching calls failed 3 times, given up last Today" in words
    assert "Making reports failed 1 time, given up Today" in words
    assert not looking.has("#attention form"), "who may only read sees no buttons"
    assert reader.post("/staff/attention/tasks/import_calls/retry").status == 403

    press(owner, "Retry: Fetching calls")
    press(owner, "Dismiss: Making reports")
    press_again = owner.post("/staff/attention/tasks/import_calls/retry")

    assert press_again.status == 200
    assert states(IMPORT_CALLS) == ["dismissed", "dismissed", "queued"], "one round is enough"
    assert states(RENDER_REPORT) == ["dismissed", "dead"], "Globex's is Globex's affair"
    assert "failed" not in owner.open(FRONT).text("#attention")
    assert owner.post("/staff/attention/tasks/no-such-task/retry").status == 404


def test_what_money_waits_for_can_only_be_tried_again(world: World, owner: Browser) -> None:
    bury(world.northwind.id, DELIVER_SMS)
    page = owner.open(FRONT)
    ways = [str(form["action"]) for form in page.all("#attention form")]

    refused = owner.post("/staff/attention/tasks/deliver_sms/dismiss")

    assert [way for way in ways if "deliver_sms" in way] == [
        "/staff/attention/tasks/deliver_sms/retry"
    ]
    assert refused.status in {403, 409, 422}
    assert states(DELIVER_SMS) == [OutboxState.DEAD]


def test_rounds_that_a_later_one_made_good_are_nobodys_worry(world: World, owner: Browser) -> None:
    bury(world.northwind.id, IMPORT_CALLS, rounds=2)
    with unscoped("a test"), transaction():
        last = select(OutboxTask.id).order_by(OutboxTask.id.desc()).limit(1).scalar_subquery()
        session().execute(
            update(OutboxTask).where(OutboxTask.id == last).values(state=OutboxState.DONE)
        )

    assert "Fetching calls" not in owner.open(FRONT).text("#attention")
    with unscoped("a test"), transaction():
        queue.forget_done(clock.now() + timedelta(days=1))
    assert states(IMPORT_CALLS) == []


def test_what_is_given_up_is_counted_the_same_on_both_databases(app_on_each: Flask) -> None:
    northwind = add_reseller()
    bury(northwind.id, IMPORT_CALLS, rounds=2)
    bury(northwind.id, RENDER_REPORT)
    with bind(Scope(northwind.id)):
        found = {one.task: one.count for one in queue.given_up()}
        with transaction():
            tried = queue.try_again(IMPORT_CALLS)
        let_go()

    assert found == {"import_calls": 2, "render_report": 1}
    assert tried == 1


def test_mails_that_nobody_took_are_sent_after_all(
    world: World, owner: Browser, smtp: MailServer
) -> None:
    owner.open("/staff/configuration/mail-server")
    server = {
        "host": "127.0.0.1", "port": smtp.port, "security": "none", "username": "",
        "sender_address": "hello@northwind.example",
    }  # fmt: skip
    owner.submit("#mail-server", **server)
    smtp.refuse = "554 We do not want this"
    with world.within(world.northwind):
        mail.queue_mail("suspended", client_id=world.a.id, values={"balance": Money(0)})
    work()
    words = owner.open(FRONT).text("#attention")
    smtp.refuse = "451 Later"
    with time_machine.travel(clock.now() + timedelta(hours=30)):
        with bind(Scope(world.northwind.id)), transaction():
            assert mail.try_failed_again() == 1
        work()
        with unscoped("a test"), transaction():
            assert (
                session()
                .scalars(select(OutgoingMail.state).where(OutgoingMail.name == "suspended"))
                .one()
                == "queued"
            ), "another day"
        smtp.refuse = None
        work(later=True)

    assert "1 mail was not sent" in words
    assert len(smtp.wait_for(1)) == 1
    assert "mail" not in " ".join(queued_tasks())
    assert "was not sent" not in owner.open(FRONT).text("#attention")


def test_who_signed_up_is_activated_from_the_list(world: World, owner: Browser) -> None:
    with world.within(world.northwind):
        waiting = identity.add_client(
            ClientDetails("Nora", "Newcomer", "nora@example.com"),
            password=HASH,
            status=identity.ClientStatus.WAIT,
        )
    press(owner, "Activate: Nora Newcomer")

    with world.reading(world.northwind):
        assert identity.client_facts(waiting.id).status is identity.ClientStatus.ACTIVE


def test_a_new_reseller_is_led_through_the_first_steps(app: Flask) -> None:
    add_owner(add_reseller("Fresh Tel"))
    fresh = Browser(app)
    fresh.log_in("owner@example.com")
    page = fresh.open(FRONT)

    titles = page.texts("#first-steps .row-title")
    assert titles[0] == "Connect the carrier"
    assert {"Make a package", "Add a client", "Connect a number"} <= set(titles)
    assert page.find("#first-steps .btn-primary")["href"] == "/staff/configuration/carrier"
    assert page.text("#first-steps .muted").startswith("0 of ")
