"""Orders of numbers at a carrier that fails, refuses, goes away, and whose caller is killed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import ledger, numbers, pbx, pricing, upstream
from portal.carriers import forget_outages
from portal.core import queue
from portal.core.db import db, finish_reading, session, transaction
from portal.core.errors import DomainError, InvalidInput, NotFound, Refused
from portal.core.money import Money
from portal.core.outbox import OutboxState, OutboxTask
from portal.core.scope import Scope, bind, unscoped
from portal.numbers import ConnectWish, DidFees, MailboxWish, OrderRow, ReleaseWish, Ring
from portal.tasks import WORK_NUMBER_ORDER
from tests.calls.conftest import books_are_right
from tests.carrier import PASSWORD, USER, Carrier
from tests.pricing.market import make_client, make_reseller
from tests.run_task import run_and_die
from tests.worker import bring_forward, bury, work

MAIN, SPARE, FAX = "6135550142", "6135550178", "6135550177"
FEES = DidFees(setup=Money.of("2"), monthly=Money.of("1.50"), minute_e8=1_200_000)
BOX = MailboxWish("Front desk", "desk@harbourlight.example", "4711")
NOTHING = Money(0)


class Desk:
    """A reseller at the practice carrier, a client with a sub-account, two numbers and a fax number."""

    def __init__(self, sandbox: Carrier) -> None:
        self.sandbox = sandbox
        self.reseller_id = make_reseller()
        self.client_id = make_client(self.reseller_id)
        with bind(Scope(self.reseller_id)):
            with transaction():
                upstream.connect_login(USER, PASSWORD, base_url=sandbox.rest_url)
            line = upstream.carrier()
            listed, dids, faxes = line.sub_accounts(), line.dids(), line.fax_numbers()
            with transaction():
                pbx.record_accounts(listed)
                numbers.record_inventory(dids, faxes)
                account = pbx.all_sub_accounts("desk")[0]
                pricing.link_sub_account(account.id, self.client_id, None)
            self.account = account
            self.free = {row.number[2:]: row.public_id for row in numbers.free_dids()}
            finish_reading()

    def wish(self, *dids: str, **more: Any) -> ConnectWish:
        return ConnectWish(
            tuple(self.free[did] for did in dids or (MAIN, SPARE)),
            self.account.id, self.account.account, more.pop("fees", FEES),
            **({"ring": Ring.FORWARD, "forward_to": "+16135550187", "mailbox": BOX} | more),
        )  # fmt: skip

    def order(self, wish: ConnectWish | None = None, *, reference: str = "r1") -> uuid.UUID:
        with bind(Scope(self.reseller_id)), transaction():
            return numbers.order_connection(
                wish or self.wish(), client_id=self.client_id, reference=reference
            )

    def find(self, order: uuid.UUID) -> OrderRow:
        with bind(Scope(self.reseller_id)):
            found = numbers.find_order(order, self.client_id)
            finish_reading()
            return found

    def task(self) -> int:
        with unscoped("a test"):
            row_id = (
                session()
                .scalars(
                    select(OutboxTask.id).where(
                        OutboxTask.state == OutboxState.QUEUED,
                        OutboxTask.task == "work_number_order",
                    )
                )
                .one()
            )
            finish_reading()
            return row_id

    def connected(self) -> list[str]:
        with bind(Scope(self.reseller_id)):
            return [row.number[2:] for row in numbers.dids_of(self.client_id)]

    def nobody_has_them(self) -> bool:
        with bind(Scope(self.reseller_id)):
            return {row.number[2:] for row in numbers.free_dids()} >= {MAIN, SPARE}

    def balance(self) -> Money:
        with bind(Scope(self.reseller_id)):
            return ledger.balance_of(self.client_id)

    def at_carrier(self) -> dict[str, tuple[str, str]]:
        rows = self.sandbox.call("getDIDsInfo")["dids"]
        return {row["did"]: (row["routing"], row["voicemail"]) for row in rows}

    def forwardings(self) -> list[dict[str, str]]:
        return list(self.sandbox.call("getForwardings").get("forwardings", []))

    def mailboxes(self) -> list[dict[str, str]]:
        return list(self.sandbox.call("getVoicemails").get("voicemails", []))

    def fault(self, kind: str, method: str, **more: Any) -> None:
        self.sandbox.post("faults", kind=kind, method=method, **more)

    def everything_is_there_once(self) -> bool:
        [forwarding], [box] = self.forwardings(), self.mailboxes()
        wanted = (f"fwd:{forwarding['forwarding']}", box["mailbox"])
        assert self.at_carrier() == {MAIN: wanted, SPARE: wanted}
        assert self.connected() == [MAIN, SPARE]
        assert self.balance() == Money.of("-7")
        return books_are_right()

    def nothing_is_left(self) -> bool:
        assert self.forwardings() == self.mailboxes() == []
        assert self.at_carrier() == {MAIN: ("none:", "0"), SPARE: ("vm:77", "0")}
        assert self.connected() == []
        assert self.balance() == NOTHING
        assert self.nobody_has_them()
        return books_are_right()


@pytest.fixture(scope="module")
def process() -> Iterator[Carrier]:
    with Carrier() as carrier:
        yield carrier


@pytest.fixture
def sandbox(process: Carrier) -> Carrier:
    process.reset()
    process.control("faults/clear", {})
    process.seed(
        login="100482",
        sub_accounts=[{"username": "desk"}, {"username": "back"}],
        dids=[{"did": MAIN}, {"did": SPARE, "routing": "vm:77"}],
        faxes=[{"did": FAX, "description": "Canada, ON, OTTAWA"}],
    )
    forget_outages()
    return process


@pytest.fixture
def desk(app: Flask, sandbox: Carrier) -> Desk:
    return Desk(sandbox)


def test_numbers_get_forwarding_mailbox_link_and_charges(
    desk: Desk, run_jobs: Callable[..., None]
) -> None:
    order = desk.order()
    between = (desk.balance(), desk.connected(), desk.nobody_has_them())
    run_jobs()

    assert between == (NOTHING, [], False)
    assert desk.everything_is_there_once()
    assert desk.find(order).state == "done"
    assert {step.state for step in desk.find(order).steps} == {"done"}
    [box] = desk.mailboxes()
    assert (box["name"], box["email"], box["password"]) == (BOX.name, BOX.email, BOX.pin)
    assert desk.forwardings()[0]["phone_number"] == "6135550187"


def test_a_number_rings_at_the_sub_account(desk: Desk, run_jobs: Callable[..., None]) -> None:
    desk.order(desk.wish(MAIN, ring=Ring.ACCOUNT, mailbox=None))
    run_jobs()

    assert desk.at_carrier()[MAIN] == ("account:100482_desk", "0")
    with bind(Scope(desk.reseller_id)):
        assert numbers.dids_of(desk.client_id)[0].routing == ("account", "100482_desk")


def test_what_the_carrier_need_not_know_is_connected_at_once(desk: Desk) -> None:
    with bind(Scope(desk.reseller_id)):
        [fax] = numbers.free_dids("fax")
    order = desk.order(desk.wish(FAX, ring=Ring.KEEP, mailbox=None))

    assert (fax.kind, fax.description) == ("fax", "Canada, ON, OTTAWA")
    assert desk.find(order).is_over
    assert desk.connected() == [FAX]
    assert desk.balance() == Money.of("-3.50")


def test_a_form_sent_twice_is_one_order(desk: Desk, run_jobs: Callable[..., None]) -> None:
    first, second = desk.order(), desk.order()
    run_jobs()

    assert first == second
    assert desk.everything_is_there_once()


@pytest.mark.parametrize(
    "failpoint",
    [
        "order.taken", "order.forwarding.made", "order.forwarding", "order.mailbox.chosen",
        "order.mailbox.made", "order.route.set", "order.route:2", "order.voicemail.set",
        "order.finished",
    ],
)  # fmt: skip
def test_a_worker_killed_at_a_step_finishes_the_next_time(
    desk: Desk, environment: dict[str, str], database_url: str, failpoint: str
) -> None:
    order = desk.order()
    settings = environment | {"DATABASE_URL": database_url}

    killed = run_and_die(desk.task(), failpoint=failpoint, environment=settings)
    bring_forward()
    work(later=True)

    assert killed == -9
    assert desk.find(order).state == "done"
    assert desk.everything_is_there_once()


@pytest.mark.parametrize(
    "failpoint",
    ["order.undo.route", "order.undo.mailbox", "order.undo.forwarding", "order.undone"],
)
def test_a_worker_killed_while_it_undoes_undoes_the_rest_the_next_time(
    desk: Desk, environment: dict[str, str], database_url: str, failpoint: str
) -> None:
    desk.fault("status", "setDIDVoicemail", status="invalid_voicemail", calls=1)
    order = desk.order()
    settings = environment | {"DATABASE_URL": database_url}

    killed = run_and_die(desk.task(), failpoint=failpoint, environment=settings)
    bring_forward()
    work(later=True)

    assert killed == -9
    assert desk.find(order).state == "undone"
    assert desk.nothing_is_left()


@pytest.mark.parametrize(
    "method, status",
    [
        ("setForwarding", "forwards_exceeded"),
        ("createVoicemail", "invalid_email"),
        ("setDIDRouting", "invalid_routing_header"),
        ("setDIDVoicemail", "invalid_voicemail"),
    ],
)
def test_what_the_carrier_refuses_is_undone_and_says_so(
    desk: Desk, run_jobs: Callable[..., None], method: str, status: str
) -> None:
    desk.fault("status", method, status=status, calls=1)
    order = desk.order()
    run_jobs()

    found = desk.find(order)
    assert (found.state, found.problem_code) == ("undone", status)
    assert found.problem
    assert desk.nothing_is_left()


def test_a_lost_answer_makes_no_second_forwarding(
    desk: Desk, run_jobs: Callable[..., None]
) -> None:
    desk.fault("truncated", "setForwarding", calls=1)
    order = desk.order()
    run_jobs()
    waiting = desk.find(order)
    run_jobs(later=True)

    assert (waiting.state, bool(waiting.problem)) == ("working", True)
    assert desk.everything_is_there_once()


def test_a_carrier_that_was_away_gets_it_when_it_is_back(
    desk: Desk, run_jobs: Callable[..., None]
) -> None:
    desk.fault("status", "*", status="method_maintenance", calls=0)
    order = desk.order()
    run_jobs()
    with bind(Scope(desk.reseller_id)):
        [waiting] = numbers.waiting_orders()
    before = (desk.balance(), desk.connected())
    desk.sandbox.control("faults/clear", {})
    with bind(Scope(desk.reseller_id)), transaction():
        numbers.try_order_now(order, desk.client_id)
    run_jobs()

    assert (waiting.public_id, before) == (order, (NOTHING, []))
    assert desk.everything_is_there_once()


def test_staff_stop_an_order_that_waits(desk: Desk, run_jobs: Callable[..., None]) -> None:
    desk.fault("status", "setDIDVoicemail", status="method_maintenance", calls=0)
    order = desk.order()
    run_jobs()
    half = len(desk.forwardings())
    desk.sandbox.control("faults/clear", {})
    with bind(Scope(desk.reseller_id)), transaction():
        numbers.cancel_order(order, desk.client_id)
    run_jobs()

    assert half == 1
    assert desk.find(order).state == "undone"
    assert desk.nothing_is_left()


def test_an_order_whose_job_died_for_the_last_time_can_be_stopped_and_undone(
    desk: Desk, environment: dict[str, str], database_url: str, run_jobs: Callable[..., None]
) -> None:
    order = desk.order()
    settings = environment | {"DATABASE_URL": database_url}
    run_and_die(desk.task(), failpoint="order.forwarding.made", environment=settings)
    bury()

    with bind(Scope(desk.reseller_id)):
        [stuck] = numbers.waiting_orders()
        finish_reading()
        with transaction():
            numbers.cancel_order(order, desk.client_id)
    run_jobs()

    assert (stuck.public_id, stuck.problem_code) == (order, numbers.FAILING)
    assert desk.find(order).state == "undone"
    assert desk.nothing_is_left()


def test_an_order_that_cannot_even_be_undone_ends_and_names_what_is_left(
    desk: Desk, environment: dict[str, str], database_url: str
) -> None:
    desk.fault("status", "setDIDVoicemail", status="invalid_voicemail", calls=1)
    order = desk.order()
    settings = environment | {"DATABASE_URL": database_url}
    run_and_die(desk.task(), failpoint="order.undo.route", environment=settings)
    bury()

    with bind(Scope(desk.reseller_id)), transaction():
        numbers.cancel_order(order, desk.client_id)

    found = desk.find(order)
    assert (found.state, bool(found.leftovers)) == ("undone", True)
    assert desk.nobody_has_them()
    assert desk.balance() == NOTHING


def test_orders_given_up_are_all_tried_again_and_none_is_hidden_by_another(
    desk: Desk, run_jobs: Callable[..., None]
) -> None:
    orders = [
        desk.order(desk.wish(MAIN, mailbox=None), reference="r1"),
        desk.order(desk.wish(SPARE, mailbox=None), reference="r2"),
    ]
    bury()
    with bind(Scope(desk.reseller_id)):
        [lost] = queue.given_up()
        finish_reading()
        with transaction():
            again = queue.try_again(WORK_NUMBER_ORDER)
    run_jobs()

    assert (lost.count, again) == (2, 2)
    assert [desk.find(one).state for one in orders] == ["done", "done"]


def test_what_cannot_be_undone_is_named(desk: Desk, run_jobs: Callable[..., None]) -> None:
    desk.fault("status", "createVoicemail", status="invalid_email", calls=1)
    desk.fault("status", "delForwarding", status="invalid_something", calls=1)
    order = desk.order()
    run_jobs()

    [left] = desk.find(order).leftovers
    assert (desk.find(order).state, left.kind) == ("undone", "forwarding")
    assert desk.nobody_has_them()


def test_letting_go_silences_the_number_and_removes_what_was_made_for_the_last_one(
    desk: Desk, run_jobs: Callable[..., None]
) -> None:
    desk.order()
    run_jobs()
    for number in (MAIN, SPARE):
        with bind(Scope(desk.reseller_id)), transaction():
            [row] = [one for one in numbers.dids_of(desk.client_id) if one.number[2:] == number]
            assert row.link_public_id is not None
            numbers.order_release(row.link_public_id, ReleaseWish(), client_id=desk.client_id)
        run_jobs()
        if number == MAIN:
            assert (len(desk.forwardings()), len(desk.mailboxes())) == (1, 1)

    assert desk.forwardings() == desk.mailboxes() == []
    assert set(desk.at_carrier().values()) == {("none:", "0")}
    assert (desk.connected(), desk.balance()) == ([], Money.of("-7"))
    assert desk.nobody_has_them()
    assert books_are_right()


def test_a_number_that_is_being_let_go_cannot_be_taken_yet(desk: Desk) -> None:
    desk.order(desk.wish(MAIN, ring=Ring.KEEP, mailbox=None))
    with bind(Scope(desk.reseller_id)), transaction():
        [row] = numbers.dids_of(desk.client_id)
        assert row.link_public_id is not None
        numbers.order_release(row.link_public_id, ReleaseWish(), client_id=desk.client_id)

    with pytest.raises(Refused):
        desk.order(desk.wish(MAIN, ring=Ring.KEEP, mailbox=None), reference="r2")


def test_nonsense_is_refused_by_field(desk: Desk) -> None:
    for field, wish in {
        "dids": desk.wish(MAIN, FAX),
        "forward_to": desk.wish(forward_to="+19005550100"),
        "mailbox_pin": desk.wish(mailbox=MailboxWish("Desk", "", "12345")),
        "mailbox_email": desk.wish(mailbox=MailboxWish("Desk", "a@b.c, d@e.f", "4711")),
        "mailbox_name": desk.wish(mailbox=MailboxWish(" ", "", "4711")),
        "monthly": desk.wish(fees=DidFees(monthly=Money.of("100001"))),
    }.items():
        with pytest.raises(InvalidInput) as refused:
            desk.order(wish)
        assert refused.value.field == field


def test_orders_of_others_do_not_exist(desk: Desk) -> None:
    order = desk.order()
    other = make_client(desk.reseller_id, "200002")

    with bind(Scope(desk.reseller_id)), pytest.raises(NotFound):
        numbers.find_order(order, other)
    with bind(Scope(make_reseller("200900"))), pytest.raises(NotFound):
        numbers.find_order(order, desk.client_id)
    with bind(Scope(desk.reseller_id, other)):
        assert numbers.waiting_orders() == []


@pytest.mark.parametrize("each_database", ["postgresql"], indirect=True)
def test_of_two_staff_who_connect_the_same_number_one_wins_and_the_other_is_told(
    app_on_each: Flask, sandbox: Carrier
) -> None:
    desk = Desk(sandbox)
    gate = Barrier(4)

    def connect(turn: int) -> str:
        with app_on_each.app_context():
            gate.wait()
            try:
                desk.order(reference=f"r{turn}")
                return "won"
            except DomainError as error:
                return error.code
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        ends = sorted(pool.map(connect, range(4)))
    work()

    assert ends == ["did_taken", "did_taken", "did_taken", "won"]
    assert desk.everything_is_there_once()
