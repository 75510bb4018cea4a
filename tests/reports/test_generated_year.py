"""A year through the real doors, and every number that anybody is shown of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import case, func, select

from portal import calls, fax, identity, ledger, messaging, numbers, payments, pbx, pricing
from portal.calls.models import Call, CallMonth
from portal.carriers import Direction, MessageKind, UnreadableRow
from portal.carriers.voipms_calls import read_calls
from portal.carriers.voipms_faxes import read_faxes
from portal.carriers.voipms_messages import read_messages
from portal.carriers.voipms_records import read_transactions
from portal.core.db import session, transaction
from portal.core.money import ZERO, Money, percent_e4, rate_e8
from portal.core.scope import Scope, bind, unscoped
from portal.identity import BalanceMode, ClientDetails
from portal.invoices.lines import read as read_month
from portal.ledger import (
    AccountKind,
    FeeKind,
    FeeSource,
    HistoryFilter,
    HistoryKind,
    Reason,
    check,
)
from portal.ledger.models import Transfer, UsageDay
from portal.numbers import DidFees
from portal.pricing import PackageDetails
from portal.reconciling import record_charges
from portal.reports import by_word, months
from tests.calls.conftest import did, sub_account
from tests.reports import year
from tests.reports.recomputed import recompute

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
FEES = DidFees(
    minute_e8=rate_e8("0.0120"), sms_in=Money.of("0.005"), sms_out=Money.of("0.015"),
    mms_in=Money.of("0.02"), mms_out=Money.of("0.04"),
)  # fmt: skip
OFFICE = PackageDetails("Office", markup_fixed_e8=rate_e8("0.0025"), markup_percent_e4=200_000)
FLAT = PackageDetails("Flat", markup_percent_e4=percent_e4("35"), pulse_seconds=30)
# What staff posted by hand: (day, client, micro-units), all at 18:00 UTC.
PAYMENTS = [(date(2025, m, 9), m % 2, 40_000_000 + 12_345 * m) for m in range(1, 13)]
CHARGES = [(date(2025, m, 20), 0, 1_500_001 + m) for m in (2, 6, 11)]
PACKAGE_FEES = [(date(2025, m, 3), m % 2, 12_000_000 + m) for m in range(1, 13)]
REFUND, TAKEN_BACK = (date(2025, 4, 2), 1, 5_000_000), date(2025, 8, 14)


@dataclass(frozen=True)
class Shop:
    """The reseller, and the ids of its two clients."""

    reseller_id: int
    clients: tuple[int, int]

    def named(self, client_id: int | None) -> str:
        return {self.clients[0]: "desk", self.clients[1]: "shop"}.get(client_id or 0, "nobody")


@pytest.fixture
def shop(app: Flask) -> Iterator[Shop]:
    made = _open()
    rows = year.looks()
    _live(made, rows)
    with bind(Scope(made.reseller_id)):
        yield made
        session().rollback()


def test_every_number_of_a_year_is_the_same_wherever_it_is_asked_for(shop: Shop) -> None:
    expected = recompute(year.looks())

    assert _usage_and_costs(shop) == expected
    assert _by_hand(shop) == _expected_by_hand()
    _the_same_everywhere(shop)
    _the_same_in_every_window(shop)
    _clients_see_the_same_in_another_zone(shop)
    with unscoped("the proof"):
        assert list(check.findings()) == []


def _usage_and_costs(shop: Shop) -> dict[tuple[str, str, str], int]:
    """What the financial report says of usage and of the carrier, client by client."""
    found: dict[tuple[str, str, str], int] = {}
    for client_id in shop.clients:
        for month, sums in months.by_month(FIRST, LAST, client_id=client_id):
            usage = {
                kind.value: amount
                for kind, amount in sums.charged.items()
                if kind not in {AccountKind.FEES, AccountKind.MANUAL}
            }
            costs = {f"cost:{kind}": amount for kind, amount in sums.costs.items()}
            for what, amount in (usage | costs).items():
                if amount:
                    found[shop.named(client_id), f"{month:%Y-%m}", what] = amount.micros
    return found


def _by_hand(shop: Shop) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for month, sums in months.by_month(FIRST, LAST):
        for what, amount in (
            ("paid", sums.paid), ("refunded", sums.refunded),
            ("fees", sums.charged.get(AccountKind.FEES, ZERO)),
            ("manual", sums.charged.get(AccountKind.MANUAL, ZERO)),
        ):  # fmt: skip
            if amount:
                found[f"{month:%Y-%m}", what] = amount.micros
    return found


def _expected_by_hand() -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = defaultdict(int)
    for what, rows in (("paid", PAYMENTS), ("manual", CHARGES), ("fees", PACKAGE_FEES)):
        for day, _, micros in rows:
            found[f"{day:%Y-%m}", what] += micros
    found[f"{REFUND[0]:%Y-%m}", "refunded"] += REFUND[2]
    found[f"{TAKEN_BACK:%Y-%m}", "refunded"] += PAYMENTS[6][2]  # July's payment, taken back
    found[f"{TAKEN_BACK:%Y-%m}", "fees"] -= PACKAGE_FEES[6][2]  # and July's fee
    return dict(found)


def _the_same_everywhere(shop: Shop) -> None:
    """K5: the calls' prices, the ledger, the history, the roll-ups and the report, to the micro."""
    every = months.added(sums for _, sums in months.by_month(FIRST, LAST))
    by_client = months.by_client(FIRST, LAST)
    assert months.added(by_client.values()) == every
    balances = ZERO
    for client_id in shop.clients:
        own = by_client[client_id]
        prices = session().scalar(select(func.sum(Call.price)).where(Call.client_id == client_id))
        rolled = session().execute(
            select(func.sum(CallMonth.price), func.sum(CallMonth.cost)).where(
                CallMonth.client_id == client_id
            )
        ).one()  # fmt: skip
        assert prices == own.charged[AccountKind.CALLS] == rolled[0]
        assert own.costs[ledger.CostKind.CALL] == rolled[1]
        usage = ledger.history(client_id, HistoryFilter(kind=HistoryKind.USAGE), page_size=5_000)
        assert -sum((line.amount for line in usage.page.rows), ZERO) == sum(
            (own.charged.get(kind, ZERO) for kind in months.REVENUE[:4]), ZERO
        )
        totals = ledger.totals(client_id, FIRST, LAST)
        assert (totals.charges, totals.payments) == (own.revenue, own.deposits)
        balances += ledger.balance_of(client_id)
    assert every.deposits - every.revenue == balances
    _lines_say_the_same(every)


def _lines_say_the_same(every: months.Sums) -> None:
    """The reports of sub-accounts and numbers, over any days: what the calls themselves add up to."""
    whole = sum((one.price for one in calls.by_sub_account(FIRST, LAST).values()), ZERO)
    assert whole == every.charged[AccountKind.CALLS]
    for first, last in (
        (FIRST, LAST), (date(2025, 2, 14), date(2025, 3, 10)), (date(2025, 3, 1), date(2025, 5, 9)),
        (date(2025, 6, 20), date(2025, 8, 31)), (date(2025, 12, 31), date(2025, 12, 31)),
    ):  # fmt: skip
        for column, asked in (
            (Call.sub_account_id, calls.by_sub_account),
            (Call.did_id, calls.by_did),
        ):
            rows = session().execute(
                select(
                    column, func.count(), func.sum(case((Call.disposition == "answered", 1), else_=0)),
                    func.sum(Call.seconds), func.sum(Call.billed_seconds), func.sum(Call.price),
                    func.sum(Call.cost),
                )
                .where(Call.local_day.between(first, last), column.is_not(None))
                .group_by(column)
            )  # fmt: skip
            expected = {key: tuple(sums) for key, *sums in rows}
            assert asked(first, last) == expected
            assert asked(first, last, list(expected)[:1]) == dict(list(expected.items())[:1])
    with force_locale("en"):
        words = {"since": FIRST.isoformat(), "until": LAST.isoformat()}
        accounts, dids = by_word("sub-accounts"), by_word("numbers")
        chosen = accounts.choose(words)
        days = (chosen.period.first, chosen.period.last)
        listed = sum((one.traffic.price for one in accounts.page(chosen).rows), ZERO)
        assert listed == accounts.summary(chosen).totals[10]
        assert listed == sum((one.price for one in calls.by_sub_account(*days).values()), ZERO)
        came_in = sum(one.traffic.calls for one in dids.page(dids.choose(words)).rows)
        assert came_in == sum(one.calls for one in calls.by_did(*days).values()) > 0


def _the_same_in_every_window(shop: Shop) -> None:
    """Any days: the transfers of calls, the lines of the history and the calls they name."""
    for first in (date(2025, 2, 14), date(2025, 3, 8), date(2025, 6, 1), date(2025, 10, 31)):
        last = first + timedelta(days=24)
        for client_id in shop.clients:
            window = (Transfer.posting_day >= first, Transfer.posting_day <= last)
            keys = select(Transfer.source_id).where(
                Transfer.client_id == client_id, Transfer.reason == Reason.CALL, *window
            )
            posted, rolled = (
                session().scalar(select(func.sum(model.amount)).where(
                    model.client_id == client_id, model.reason == Reason.CALL,
                    model.posting_day >= first, model.posting_day <= last,
                ))
                for model in (Transfer, UsageDay)
            )  # fmt: skip
            corrected = session().scalar(
                select(func.count()).select_from(Call).where(
                    Call.carrier_key.in_(keys), Call.corrections > 0
                )
            )  # fmt: skip
            listed = session().scalar(
                select(func.sum(Call.price)).where(Call.carrier_key.in_(keys))
            )
            assert posted == rolled == _invoiced(client_id, first, last)
            assert corrected or listed == posted


def _invoiced(client_id: int, first: date, last: date) -> Money:
    """What an invoice of these days would say of calls, late ones included."""
    with force_locale("en"):
        month = read_month(client_id, first, last, zone=year.HOME, language="en")
    return sum((line.amount for line in month.lines if line.kind == Reason.CALL), ZERO)


def _clients_see_the_same_in_another_zone(shop: Shop) -> None:
    """K6: a client in Auckland and the reseller in Vancouver read the same months."""
    for client_id in shop.clients:
        staff = months.by_month(FIRST, LAST, client_id=client_id)
        with bind(Scope(shop.reseller_id, client_id)):
            assert months.by_month(FIRST, LAST, client_id=client_id) == staff


def _open() -> Shop:
    with time_machine.travel(year.BEGAN, tick=False):
        with unscoped("a test"), transaction():
            reseller = identity.add_reseller(
                name="Northwind", uid="100482", currency="CAD", time_zone=str(year.HOME)
            )
        with bind(Scope(reseller.id)), transaction():
            clients = [_client(name) for name in ("desk", "shop")]
            pbx.record_accounts([sub_account(year.DESK), sub_account(year.SHOP)])
            numbers.record_inventory([did(year.DESK_DID), did(year.SHOP_DID)])
            pricing.save_exchange_rate(rate_e8(year.OLD_EXCHANGE))
            office, flat = pricing.save_package(OFFICE), pricing.save_package(FLAT)
            pricing.set_area_rate(flat, "prefix", "44", rate_e8=rate_e8("0.02"), name="UK")
            lines = {row.account: row for row in pbx.all_sub_accounts()}
            free = {row.number: row.public_id for row in numbers.free_dids()}
            for client_id, account, package, number in (
                (clients[0], year.DESK, office, year.DESK_DID),
                (clients[1], year.SHOP, flat, year.SHOP_DID),
            ):
                line = lines[account]
                pbx.assign_package(line.public_id, client_id, package)
                numbers.connect_dids([free[f"+1{number}"]], line.id, FEES, client_id=client_id)
    with (
        time_machine.travel(year.NEW_PACKAGE_FROM, tick=False),
        bind(Scope(reseller.id)),
        transaction(),
    ):
        pbx.assign_package(lines[year.DESK].public_id, clients[0], flat)
    with bind(Scope(reseller.id)), transaction():
        pricing.save_exchange_rate(rate_e8(year.NEW_EXCHANGE), valid_from=year.NEW_EXCHANGE_FROM)
    return Shop(reseller.id, (clients[0], clients[1]))


def _client(name: str) -> int:
    facts = identity.add_client(
        ClientDetails(name, "Raman", f"{name}@example.test", time_zone="Pacific/Auckland")
    )
    ledger.open_wallet(facts.id, mode=BalanceMode.SOFT)
    return facts.id


def _live(shop: Shop, rows: list[year.Look]) -> None:
    """Look by look and day by day, in the order in which it happened."""
    happens = [(look.at, lambda look=look: _take_in(look)) for look in rows]
    for day, at, micros in PAYMENTS:
        happens.append((_noon(day), lambda d=day, a=at, m=micros: _pay(shop, d, a, m)))
    for day, at, micros in CHARGES:
        happens.append((_noon(day), lambda d=day, a=at, m=micros: _charge(shop, d, a, m)))
    for day, at, micros in PACKAGE_FEES:
        happens.append((_noon(day), lambda d=day, a=at, m=micros: _fee(shop, d, a, m)))
    happens.append((_noon(REFUND[0]), lambda: _refund(shop)))
    happens.append((_noon(TAKEN_BACK), lambda: _take_back(shop)))
    with bind(Scope(shop.reseller_id)), time_machine.travel(year.BEGAN, tick=False) as now:
        for moment, deed in sorted(happens, key=lambda pair: pair[0]):
            now.move_to(moment)
            with transaction():
                deed()


def _take_in(look: year.Look) -> None:
    calls.record(read_calls(look.calls, unreadable=_refuse))
    for kind in MessageKind:
        listed = [row for row in look.texts if row["_kind"] == kind.value]
        texts = read_messages(listed, kind, unreadable=_refuse)
        for text in texts:
            if text.direction is Direction.IN:
                messaging.receive(text)
        sent = [text for text in texts if text.direction is Direction.OUT]
        messaging.bring_in(sent, posted_at=look.at)
    for one in read_faxes(look.faxes, unreadable=_refuse):
        fax.receive(one)
    record_charges(read_transactions(look.fees, unreadable=_refuse))


def _refuse(row: UnreadableRow) -> None:
    raise AssertionError(row)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 18, tzinfo=UTC)


def _pay(shop: Shop, day: date, at: int, micros: int) -> None:
    payments.add_payment(shop.clients[at], Money(micros), reference=f"paid {day}")


def _charge(shop: Shop, day: date, at: int, micros: int) -> None:
    payments.add_charge(
        shop.clients[at], Money(micros), reference=f"charged {day}", description="A visit"
    )


def _fee(shop: Shop, day: date, at: int, micros: int) -> None:
    item = identity.client_facts(shop.clients[at]).public_id
    ledger.charge(
        shop.clients[at], Money(micros), reason=Reason.PACKAGE_FEE, source_type="fee",
        source_id=str(FeeSource(FeeKind.PACKAGE, item, day)), kind="fee", description="Flat",
    )  # fmt: skip


def _refund(shop: Shop) -> None:
    ledger.refund(
        shop.clients[REFUND[1]],
        Money(REFUND[2]),
        source_type="refund",
        source_id="1",
        kind="refund",
    )


def _take_back(shop: Shop) -> None:
    """Of July the payment and the fee."""
    for reason in (Reason.PAYMENT, Reason.PACKAGE_FEE):
        row = session().scalars(
            select(Transfer.public_id).where(
                Transfer.reason == reason, Transfer.posting_day >= date(2025, 7, 1),
                Transfer.posting_day < date(2025, 8, 1),
            )
        ).one()  # fmt: skip
        ledger.reverse(row)
