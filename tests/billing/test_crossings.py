"""Whatever moves a balance over a line has it looked at: texts, fees of lines and numbers, a new line."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from portal import identity, ledger, numbers, payments, pbx
from portal.core.money import Money
from portal.identity import ClientStatus
from portal.tasks import REVIEW_BALANCE
from tests.browser import Browser
from tests.worker import queued_tasks, work
from tests.world import FEES, Customer, World, send_text


def leave(world: World, client: Customer, amount: Money) -> None:
    """Charge by hand until so much is left, and let nothing of that wait."""
    with world.within(world.northwind):
        over = ledger.balance_of(client.id) - amount
        payments.add_charge(client.id, over, reference=str(uuid.uuid4()))
    assert REVIEW_BALANCE.name not in queued_tasks()


def test_a_text_that_takes_the_last_of_a_hard_balance_has_it_looked_at(world: World) -> None:
    leave(world, world.b, FEES.sms_out)

    send_text(world.b, world.b.dids[0], "+14165550117", "On my way")

    assert REVIEW_BALANCE.name in queued_tasks()


def test_the_fees_of_a_number_have_the_balance_looked_at(world: World) -> None:
    leave(world, world.b, Money.of("2"))
    with world.within(world.northwind):
        [mine] = numbers.dids_of(world.b.id)
        assert mine.link_public_id is not None
        assert mine.sub_account_id is not None
        numbers.unconnect(mine.link_public_id)

        numbers.connect_dids([mine.public_id], mine.sub_account_id, FEES, client_id=world.b.id)

    assert queued_tasks().count(REVIEW_BALANCE.name) == 1


def test_the_setup_fee_of_a_package_has_the_balance_looked_at(world: World) -> None:
    leave(world, world.b, Money.of("2"))
    with world.within(world.northwind):
        pbx.assign_package(
            world.b.accounts["yard"], world.b.id, world.northwind.packages["Office Standard"],
            charge_setup=True,
        )  # fmt: skip

    assert queued_tasks().count(REVIEW_BALANCE.name) == 1


def test_a_client_in_debt_who_becomes_soft_is_looked_at_and_comes_back(
    browse: Callable[..., Browser], world: World
) -> None:
    with world.within(world.northwind):
        over = ledger.balance_of(world.b.id) + Money.of("3")
        payments.add_charge(world.b.id, over, reference="over")
    work()
    ada = browse(world.northwind.owner)
    ada.open(f"/staff/clients/{world.b.public_id}/edit")

    ada.submit("#client-form", balance_mode="soft")
    work()

    with world.reading(world.northwind):
        assert identity.client_facts(world.b.id).status is ClientStatus.ACTIVE


def test_a_client_who_raises_the_threshold_above_the_balance_is_warned(
    browse: Callable[..., Browser], world: World
) -> None:
    leave(world, world.a, Money.of("60"))
    priya = browse(world.a)
    priya.open("/profile")

    priya.post("/profile/low-balance", {"threshold": "100", "email": ""})

    assert queued_tasks().count(REVIEW_BALANCE.name) == 1
