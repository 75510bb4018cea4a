"""The list of clients at length: its orders, its pages, and that a page asks the same however long it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import identity, ledger
from portal.core import clock
from portal.core.db import session
from portal.core.money import Money
from portal.identity import BalanceMode, ClientDetails
from portal.identity.models import NEVER, Client
from tests.browser import Browser
from tests.web.reseller.conftest import counted
from tests.world import World

MANY = 130


@pytest.fixture
def many(world: World) -> None:
    """A hundred and thirty more clients, each with another balance and login."""
    with world.within(world.northwind):
        for at in range(MANY):
            made = identity.add_client(
                ClientDetails("Test", f"Client {at:03}", f"c{at}@many.example")
            )
            ledger.open_wallet(made.id, mode=BalanceMode.SOFT)
            if at:
                ledger.credit(
                    made.id, Money.of(str(at)), source_type="payment", source_id=f"m{at}",
                    kind="payment", description="Transfer",
                )  # fmt: skip
            row = session().scalars(select(Client).where(Client.id == made.id)).one()
            row.last_login_at = clock.now() - timedelta(hours=at) if at % 2 else NEVER


@pytest.mark.parametrize("key", ["name", "number", "balance", "login", "since"])
@pytest.mark.parametrize("direction", ["ascending", "descending"])
def test_every_order_shows_everybody_once_there_and_back(
    owner: Browser, many: None, key: str, direction: str
) -> None:
    page = owner.open("/staff/clients", sort=key, direction=direction)
    there = [page.texts("#client-rows .row-link")]
    while page.has("a[rel=next]"):
        page = owner.ask("GET", str(page.find("a[rel=next]")["href"]))
        there.append(page.texts("#client-rows .row-link"))
    back = [there[-1]]
    while page.has("a[rel=prev]"):
        page = owner.ask("GET", str(page.find("a[rel=prev]")["href"]))
        back.append(page.texts("#client-rows .row-link"))

    names = [name for rows in there for name in rows]
    assert len(names) == len(set(names)) == MANY + 2
    assert back == there[::-1]


def test_the_order_of_balances_is_that_of_the_wallets(owner: Browser, many: None) -> None:
    page = owner.open("/staff/clients", sort="balance", direction="descending", q="test")

    amounts = [
        Money.of(one.replace("$", "").replace(",", ""))
        for one in page.texts("#client-rows tbody .c-amount")
    ]

    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] == Money.of(str(MANY - 1))


def test_a_long_list_asks_no_more_than_a_short_one(
    owner: Browser, world: World, request: pytest.FixtureRequest
) -> None:
    owner.open("/staff/clients")
    with counted() as short:
        owner.open("/staff/clients")
    request.getfixturevalue("many")

    with counted() as long:
        owner.open("/staff/clients")

    assert len(long) == len(short)
