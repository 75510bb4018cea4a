"""Cards and automatic top-up as a client sees them, with the practice gateway."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal import ledger, payments
from portal.core.money import Money
from tests.browser import Browser
from tests.worker import work
from tests.world import World

CHOICE = {"on": "y", "threshold": "25", "amount": "50", "ceiling": "120"}


@pytest.fixture
def client(world: World, browse: Callable[..., Browser]) -> Browser:
    """Priya, whose reseller offers the practice gateway."""
    with world.within(world.northwind):
        payments.save_gateway(payments.PRACTICE, on=True, live=False, public={}, secrets={})
    return browse(world.a)


def add_card(client: Browser, digits: str) -> str:
    """From the list of cards to the gateway's page and back; the text of the page at the end."""
    client.open("/balance/top-up")
    page = client.submit("form[action$='/balance/cards']")
    assert "No money moves" in page.text()
    back = client.submit("main form", card=digits)
    assert "We ask the payment service" in back.text()
    return client.submit("main form").text()


def balance(world: World) -> Money:
    with world.reading(world.a):
        return ledger.balance_of(world.a.id)


def test_a_card_is_added_and_charged_when_the_balance_runs_low(
    world: World, client: Browser
) -> None:
    refused = client.open("/balance/top-up") and client.submit("#top-up-form", **CHOICE)
    assert (refused.status, "Add a card first." in refused.text()) == (422, True)

    said = add_card(client, "4242")
    saved = client.submit("#top-up-form", **CHOICE)
    with world.within(world.northwind):
        payments.add_charge(world.a.id, balance(world), reference="all-of-it")
    work()
    page = client.open("/balance/top-up")

    assert "Practice ending in 4242" in said
    assert "Saved." in saved.text()
    assert balance(world) == Money.of("50")
    assert "Paid" in page.text("#tries")
    assert client.open("/balance/top-up", htmx=True).has("#tries")


def test_a_declined_card_is_said_plainly_to_the_client_and_to_staff(
    world: World, client: Browser, browse: Callable[..., Browser]
) -> None:
    add_card(client, "0069")
    client.submit("#top-up-form", **CHOICE)
    with world.within(world.northwind):
        payments.add_charge(world.a.id, balance(world), reference="all-of-it")
    work()
    page = client.open("/balance/top-up")
    staff = browse(world.northwind.owner).open(f"/staff/clients/{world.a.public_id}/transactions")

    assert "Automatic top-up switched itself off. The card has expired." in page.text()
    assert "Declined" in page.text("#tries")
    assert "The card has expired." in staff.text("#top-up")

    add_card(client, "4242")
    client.submit("form[action$='/default']")
    for _ in range(2):
        page = client.submit("li:first-child form[action$='/remove']")
    assert "No card yet" in page.text()


@pytest.mark.parametrize(
    ("field", "value"), [("threshold", "0"), ("amount", "-5"), ("amount", "1e3"), ("ceiling", "9")]
)
def test_what_cannot_be_chosen_stays_with_its_reason(
    client: Browser, field: str, value: str
) -> None:
    client.open("/balance/top-up")
    page = client.submit("#top-up-form", **(CHOICE | {"on": "", field: value}))

    assert page.status == 422
    assert page.find(f"#{field}")["value"] == value
    assert page.find(f"#{field}-error")
