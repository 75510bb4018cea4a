"""Past calls under other terms: on paper nothing moves, for real the difference is posted once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from jobs.rating_runs import price_again, price_on_paper
from portal import calls, pricing
from portal.calls import RunSums
from portal.calls.models import Call, RatingRun
from portal.calls.values import CallState
from portal.core.db import session
from portal.core.errors import InvalidInput
from portal.core.money import Money, rate_e8
from portal.core.scope import Scope, bind
from portal.pricing import PackageDetails
from tests.calls.conftest import IN, OFFICE, OUT, START, Shop, books_are_right, open_shop
from tests.calls.month import MINUTES, a_months_calls, terms_that_change
from tests.run_task import run_and_die
from tests.worker import newest_row
from tests.worker import work as work_everything

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
DEAR = PackageDetails(name="Office", markup_fixed_e8=rate_e8("0.091"), pulse_seconds=60)
FAIR = replace(DEAR, markup_fixed_e8=rate_e8("0.051"))


def record(shop: Shop, *rows: Any) -> None:
    with shop.writing():
        calls.record(rows)


def work(shop: Shop, run: Any) -> list[RunSums]:
    """Do what the worker would."""
    with shop.reading():
        found = session().scalars(select(RatingRun).where(RatingRun.public_id == run)).one()
        run_id, for_real = found.id, found.for_real
    with bind(Scope(shop.reseller_id)):
        (price_again if for_real else price_on_paper)(run_id)
        session().rollback()
    with shop.reading():
        row = calls.find_run(run, package=shop.package)
        assert row.is_done
        return calls.lines_of(row.id)


def on_paper(shop: Shop, details: PackageDetails) -> list[RunSums]:
    with shop.writing():
        run = calls.ask_on_paper(shop.package, details, FIRST, LAST, by_id=None)
    return work(shop, run)


def for_real(shop: Shop, *, backdate: bool = True) -> list[RunSums]:
    with shop.writing():
        run = calls.ask_for_real(shop.package, FIRST, LAST, backdate=backdate, by_id=None)
    return work(shop, run)


def publish(shop: Shop, details: PackageDetails) -> None:
    with shop.writing():
        pricing.save_package(details, package=shop.package)


def prices(shop: Shop) -> dict[str, Money | None]:
    with shop.reading():
        return {row.carrier_key.split("|")[0]: row.price for row in session().scalars(select(Call))}


def stored(shop: Shop) -> list[Any]:
    with shop.reading():
        return list(session().execute(select(Call.client_id, Call.state, Call.price)))


def test_a_rate_of_0_10_set_to_0_06_gives_0_04_back_and_then_nothing(app_on_each: Any) -> None:
    """H4: the whole amount is never posted again, and a second run posts nothing."""
    shop = open_shop(package=DEAR)
    record(shop, OUT, replace(IN, uniqueid="in"))
    assert prices(shop)["1001"] == Money.of("0.10")
    before = shop.balance()
    publish(shop, FAIR)
    assert shop.balance() == before, "saving a package moves no money"

    [line] = for_real(shop)
    again = for_real(shop, backdate=False)

    assert (line.before, line.after, line.changed) == (Money.of("0.112"), Money.of("0.072"), 1)
    assert [one.changed for one in again] == [0]
    assert shop.balance() - before == Money.of("0.04")
    assert books_are_right()


def test_on_paper_the_answer_is_the_same_and_nothing_moves(shop: Shop) -> None:
    record(shop, OUT, replace(OUT, uniqueid="2", seconds=90), replace(IN, uniqueid="3"))
    before, told = shop.balance(), prices(shop)

    [paper] = on_paper(shop, FAIR)
    assert (shop.balance(), prices(shop)) == (before, told)

    publish(shop, FAIR)
    [real] = for_real(shop)
    assert paper == real
    assert paper.calls == 3
    assert shop.balance() == before - real.difference
    assert books_are_right()


def test_an_earlier_call_that_came_later_gets_its_free_minute(app_on_each: Any) -> None:
    """F6: first come first served at arrival; the run gives the minute to whoever called first."""
    shop = open_shop(package=replace(OFFICE, free_minutes=1))
    later, earlier = (
        replace(OUT, uniqueid="A", seconds=120),
        replace(OUT, uniqueid="B", seconds=120, started_at=START - timedelta(hours=1)),
    )
    record(shop, later)
    record(shop, earlier)
    at_arrival, total = prices(shop), shop.balance()
    assert at_arrival == {"A": Money.of("0.0138"), "B": Money.of("0.0276")}

    for_real(shop, backdate=False)

    assert prices(shop) == {"A": Money.of("0.0276"), "B": Money.of("0.0138")}
    assert shop.balance() == total
    assert books_are_right()


def test_a_late_call_goes_by_the_terms_that_reach_back(shop_on_sqlite: Shop) -> None:
    shop = shop_on_sqlite
    record(shop, OUT)
    publish(shop, FAIR)
    for_real(shop)

    record(shop, replace(OUT, uniqueid="late"))
    record(shop, replace(OUT, uniqueid="april", started_at=datetime(2026, 4, 2, tzinfo=UTC)))

    assert prices(shop) == {
        "1001": Money.of("0.06"),
        "late": Money.of("0.06"),
        "april": Money.of("0.0138"),
    }
    assert books_are_right()


def test_only_calls_of_the_package_and_the_days_are_priced_again(shop_on_sqlite: Shop) -> None:
    shop = shop_on_sqlite
    record(
        shop,
        replace(OUT, uniqueid="before", started_at=datetime(2026, 3, 1, 4, 59, 59, tzinfo=UTC)),
        replace(OUT, uniqueid="first", started_at=datetime(2026, 3, 1, 5, tzinfo=UTC)),
        replace(OUT, uniqueid="last", started_at=datetime(2026, 4, 1, 3, 59, 59, tzinfo=UTC)),
        replace(OUT, uniqueid="after", started_at=datetime(2026, 4, 1, 4, tzinfo=UTC)),
        replace(OUT, uniqueid="nobody", account="100482_free"),
    )
    publish(shop, FAIR)

    [line] = for_real(shop)

    assert line.calls == 2
    changed = {key for key, price in prices(shop).items() if price == Money.of("0.06")}
    assert changed == {"first", "last"}
    assert prices(shop)["nobody"] is None


def test_every_kind_of_call_costs_the_same_quickly_and_explained(app_on_each: Any) -> None:
    """What has its price stays as it is; what changes is stored as the quick sums say."""
    shop = open_shop(package=MINUTES, currency="CAD")
    terms_that_change(shop)
    record(shop, *a_months_calls(600))
    assert {row.state for row in stored(shop)} == set(CallState)

    unchanged = for_real(shop, backdate=False)
    assert [line.changed for line in unchanged] == [0, 0]

    draft = replace(MINUTES, free_minutes=12, markup_fixed_e8=rate_e8("0.0071"), onnet_free=True)
    paper = on_paper(shop, draft)
    publish(shop, draft)
    real = for_real(shop)

    assert paper == real
    for line in real:
        prices = [row.price for row in stored(shop) if row.client_id == line.client_id]
        assert line.after == sum((price for price in prices if price), Money(0))
        assert line.after != line.before
    assert books_are_right()


WRONG = (
    (date(2026, 3, 2), date(2026, 3, 1), "last"),
    (date(2024, 1, 1), date(2026, 3, 1), "first"),
    (date(2026, 3, 1), date(2099, 1, 1), "last"),
)


@pytest.mark.parametrize(("first", "last", "field"), WRONG)
def test_days_that_make_no_sense_are_refused(
    shop_on_sqlite: Shop, first: date, last: date, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused, shop_on_sqlite.writing():
        calls.ask_for_real(shop_on_sqlite.package, first, last, backdate=False, by_id=None)

    assert refused.value.field == field


@pytest.mark.parametrize("failpoint", ["rerating.priced", "rerating.committed"])
def test_a_killed_run_is_finished_and_posts_each_difference_once(
    app_on_each: Any, each_database: str, environment: dict[str, str], failpoint: str
) -> None:
    shop = open_shop(package=replace(DEAR, free_minutes=2))
    record(shop, OUT, replace(OUT, uniqueid="2", seconds=300))
    before = shop.balance()
    publish(shop, replace(FAIR, free_minutes=2))
    with shop.writing():
        run = calls.ask_for_real(shop.package, FIRST, LAST, backdate=True, by_id=None)

    killed = run_and_die(
        newest_row(), failpoint=failpoint, environment=environment | {"DATABASE_URL": each_database}
    )
    work_everything(later=True)

    assert killed == -9
    with shop.reading():
        found = calls.find_run(run, package=shop.package)
        [line] = calls.lines_of(found.id)
    assert found.is_done
    assert shop.balance() - before == Money.of("0.16") == -line.difference
    assert books_are_right()
