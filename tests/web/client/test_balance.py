"""The balance, and where the money went."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from portal import calls, ledger, payments
from portal.core.money import Money
from tests.browser import Browser
from tests.world import World

Browse = Callable[..., Browser]


def test_the_newest_line_ends_at_the_balance(world: World, browse: Browse) -> None:
    with world.reading(world.a):
        balance = f"${ledger.balance_of(world.a.id).decimal:.2f}"

    page = browse(world.a).open("/balance")

    assert page.text("#balance-amount") == balance
    assert page.texts("#history tbody td:last-child")[0] == balance


def test_a_days_calls_are_one_line_that_opens_into_its_calls(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    page = ada.open("/balance", shown="usage")
    lines = [one for one in page.all("#history tbody a") if "Calls ·" in one.get_text()]

    items = ada.open(str(lines[1]["href"]))

    count = int(lines[1].get_text().split("·")[1].split()[0])
    assert len(items.all("#items tbody tr")) == count
    explained = ada.open(str(items.all("#items tbody a")[0]["href"]))
    assert "Rounded" in explained.words


def test_kinds_and_periods_are_taken_from_the_address(world: World, browse: Browse) -> None:
    ada = browse(world.a)

    paid = ada.open("/balance", shown="payments")
    fees = ada.open("/balance", shown="fees")
    today = ada.open("/balance", period="today", shown="payments")

    assert "$200.00" in paid.text("#history")
    assert "Calls" not in paid.text("#history tbody")
    assert "Setup fee · Office Standard" in fees.text("#history")
    assert "No entries match" in today.text("#history")
    assert "= $" in today.text("#history")


def test_pages_lead_to_older_lines(world: World, browse: Browse) -> None:
    with world.within(world.northwind):
        for number in range(60):
            payments.add_charge(world.a.id, Money.of("0.01"), reference=f"charge {number}")
    ada = browse(world.a)
    newest = ada.open("/balance").texts("#history tbody tr")

    older = ada.follow("Older").texts("#history tbody tr")
    bent = ada.open("/balance", cursor="o.2026-13-45.x").texts("#history tbody tr")

    assert len(newest) == 50
    assert not set(newest) & set(older)
    assert bent == newest


def test_htmx_gets_the_history_alone(world: World, browse: Browse) -> None:
    part = browse(world.a).open("/balance", htmx=True, shown="payments")

    assert part.has("#history")
    assert not part.has("#balance-amount")


def test_a_payment_is_seen_by_the_chip(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    before = ada.open("/balance/chip", htmx=True).text("#balance-chip")

    with world.within(world.northwind):
        payments.add_payment(world.a.id, Money.of("10"), reference="ten")

    after = ada.open("/balance/chip", htmx=True).text("#balance-chip")
    assert float(after.split("$")[1]) - float(before.split("$")[1]) == 10


def test_money_set_aside_is_named(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    ada.open("/messages/new")
    ada.submit("#composer", recipient="613 555 0111", body="On my way")

    page = ada.open("/balance")

    assert "Set aside for what is being sent $0.0150" in page.text(".pairs")


def test_another_clients_money_is_not_seen(world: World, browse: Browse) -> None:
    with world.within(world.northwind):
        payments.add_payment(world.b.id, Money.of("77.77"), reference="b", description="for b")

    page = browse(world.a).open("/balance")

    assert "77.77" not in page.words


def test_unknown_usage_does_not_exist(world: World, browse: Browse) -> None:
    ada = browse(world.a)

    for path in ("/balance/usage/2026-02-30/call", "/balance/usage/2026-01-05/payment"):
        assert ada.open(path).status == 404


def test_the_export_is_the_history_and_guards_against_formulas(
    world: World, browse: Browse
) -> None:
    with world.within(world.northwind):
        payments.add_payment(world.a.id, Money.of("1"), reference="f", description="@SUM(1+1)*cmd")
        total = ledger.balance_of(world.a.id)

    page = browse(world.a).open("/balance.csv")

    head, *rows = list(csv.reader(io.StringIO(page.body.decode("utf-8-sig"))))
    amounts = [Money.of(row[head.index("Amount")].replace("−", "-")) for row in rows]
    assert sum(one.micros for one in amounts) == total.micros
    assert "'@SUM(1+1)*cmd" in {row[head.index("Details")] for row in rows}


def test_today_is_the_resellers_day(world: World, browse: Browse) -> None:
    today = datetime.now(ZoneInfo("America/Toronto")).date()
    with world.reading(world.a):
        spent = ledger.spent(world.a.id, today, today)[1]

    page = browse(world.a).open("/balance")

    assert f"Today ${spent.decimal:.2f}" in page.text(".pairs")


def test_usage_by_month_adds_up_to_what_the_books_charged(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    text = ada.open("/balance/months.csv", months="24").body.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    with world.reading(world.a):
        charges = ledger.totals(world.a.id).charges
        prices = sum((day.price for day in calls.days(date(2000, 1, 1), date.max)), Money(0))

    page = ada.open("/balance/months")

    assert sum((Money.of(row["total"]) for row in rows), Money(0)) == charges
    assert sum((Money.of(row["calls_price"]) for row in rows), Money(0)) == prices
    assert f"${charges.decimal:.2f}" in page.text("#months")
    assert len(page.all("#months tbody tr")) == 12
    assert [link.get_text() for link in page.all("nav.tabs a[aria-current]")] == ["Usage"]
