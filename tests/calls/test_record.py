"""A batch of the carrier's rows becomes calls, charges and roll-ups, each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from portal import calls, ledger, pbx, pricing
from portal.calls.models import Call, CallDay
from portal.calls.values import CallFilter
from portal.carriers import CarrierCall, Direction, Disposition
from portal.core.db import session
from portal.core.money import Money, rate_e8
from portal.ledger.models import Transfer
from tests.calls.conftest import IN, OFFICE, OUT, START, Shop, books_are_right, open_shop


def record(shop: Shop, *rows: CarrierCall) -> calls.Recorded:
    with shop.writing():
        return calls.record(rows)


def stored(shop: Shop) -> list[Call]:
    with shop.reading():
        return list(session().scalars(select(Call).order_by(Call.id)))


def counted(shop: Shop, model: type) -> int:
    with shop.reading():
        return session().scalar(select(func.count(model.id))) or 0


def test_a_call_is_charged_to_the_client_who_had_the_line(shop: Shop) -> None:
    done = record(shop, OUT)

    assert (done.new, done.unowned) == (1, 0)
    [call] = stored(shop)
    assert call.client_id == shop.client_id
    assert (call.price, call.cost) == (Money.of("0.0138"), Money.of("0.009"))
    assert shop.balance() == -Money.of("0.0138")
    assert books_are_right()


def test_the_same_page_imported_three_times_changes_nothing(shop: Shop) -> None:
    rows = [replace(OUT, uniqueid=str(number), seconds=30 + number) for number in range(40)]
    record(shop, *rows)
    balance, transfers = shop.balance(), counted(shop, Transfer)

    again = [record(shop, *rows[:25]), record(shop, *rows[10:]), record(shop, *rows)]

    assert [(one.new, one.corrected) for one in again] == [(0, 0)] * 3
    assert (shop.balance(), counted(shop, Transfer)) == (balance, transfers)
    assert books_are_right()


def test_two_true_calls_of_the_same_second_are_both_kept(shop: Shop) -> None:
    record(shop, OUT, replace(OUT, uniqueid="1002"))

    assert len(stored(shop)) == 2
    assert shop.balance() == -Money.of("0.0276")


def test_both_calls_of_the_repeated_hour_are_kept(shop_on_sqlite: Shop) -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    rows = [
        replace(OUT, uniqueid="a", started_at=first, ambiguous=True),
        replace(OUT, uniqueid="b", started_at=first, ambiguous=True),
    ]

    record(shop_on_sqlite, *rows)

    kept = stored(shop_on_sqlite)
    assert len(kept) == 2
    assert all(call.ambiguous_hour for call in kept)


def test_a_corrected_duration_posts_the_difference_once(shop: Shop) -> None:
    record(shop, OUT)
    longer = replace(OUT, seconds=66, total_e8=990_000)

    first, second = record(shop, longer), record(shop, longer)

    assert (first.corrected, second.corrected) == (1, 0)
    assert shop.balance() == -Money.of("0.01518")
    assert counted(shop, Transfer) == 2
    assert books_are_right()


def test_a_correction_downwards_gives_money_back(shop: Shop) -> None:
    record(shop, OUT)

    record(shop, replace(OUT, seconds=30, total_e8=450_000))

    assert shop.balance() == -Money.of("0.0069")
    assert books_are_right()


def test_another_spelling_of_the_caller_is_the_same_call(shop_on_sqlite: Shop) -> None:
    record(shop_on_sqlite, IN)

    again = record(shop_on_sqlite, replace(IN, caller_number="+16135550155"))

    assert (again.new, again.corrected, again.known) == (0, 0, 1)


def test_an_inbound_call_costs_the_rate_of_its_number_in_the_pulse_of_its_package(
    shop: Shop,
) -> None:
    record(shop, replace(IN, seconds=61))

    [call] = stored(shop)
    assert call.billed_seconds == 66
    assert call.price == Money.of("0.0132")


def test_a_forwarded_call_is_two_lines(shop_on_sqlite: Shop) -> None:
    inbound = replace(IN, seconds=120, total_e8=1_000_000)
    outbound = replace(OUT, uniqueid=IN.uniqueid, seconds=120, total_e8=1_800_000)

    record(shop_on_sqlite, inbound, outbound)

    assert [call.price for call in stored(shop_on_sqlite)] == [
        Money.of("0.024"),
        Money.of("0.0276"),
    ]


@pytest.mark.parametrize("disposition", [Disposition.BUSY, Disposition.NO_ANSWER])
def test_a_call_nobody_answered_costs_nothing_and_writes_no_transfer(
    shop_on_sqlite: Shop, disposition: Disposition
) -> None:
    record(shop_on_sqlite, replace(OUT, disposition=disposition, seconds=0, total_e8=0))

    [call] = stored(shop_on_sqlite)
    assert (call.state, call.price) == ("unanswered", Money(0))
    assert counted(shop_on_sqlite, Transfer) == 0


def test_a_call_of_an_unknown_account_is_kept_and_charged_to_nobody(shop: Shop) -> None:
    done = record(shop, replace(OUT, account="100482_stranger"))

    assert done.unowned == 1
    [call] = stored(shop)
    assert (call.client_id, call.state, call.price) == (None, "unowned", None)
    assert call.cost == Money.of("0.009")
    assert books_are_right()


def test_a_call_without_any_rate_waits_and_is_priced_at_the_terms_of_its_time(shop: Shop) -> None:
    strange = replace(OUT, destination="011883510012345", rate_e8=None, total_e8=0)
    done = record(shop, strange)
    assert done.unrated == 1
    assert shop.balance() == Money(0)

    with shop.writing():
        pricing.set_area_rate(
            shop.package, "prefix", "883", rate_e8=rate_e8("0.06"),
            valid_from=START - timedelta(days=1),
        )  # fmt: skip
    with shop.writing():
        again = calls.rerate_waiting()
        once_more = calls.rerate_waiting()

    assert (again.corrected, once_more.corrected) == (1, 0)
    assert shop.balance() == -Money.of("0.06")
    assert books_are_right()


def test_a_rate_that_comes_later_prices_the_call_that_waited(shop: Shop) -> None:
    strange = replace(OUT, destination="011883510012345", rate_e8=None, total_e8=0)
    record(shop, strange)

    done = record(shop, replace(strange, rate_e8=900_000))

    assert done.corrected == 1
    assert shop.balance() == -Money.of("0.0138")
    assert books_are_right()


def test_calls_that_must_go_on_waiting_keep_no_other_from_its_turn(shop_on_sqlite: Shop) -> None:
    shop = shop_on_sqlite
    strange = replace(OUT, destination="011883510012345", rate_e8=None, total_e8=0)
    record(shop, strange, *(replace(OUT, uniqueid=str(n), account="x") for n in range(3)))
    with shop.writing():
        pricing.set_area_rate(
            shop.package, "prefix", "883", rate_e8=rate_e8("0.06"),
            valid_from=START - timedelta(days=1),
        )  # fmt: skip

    last_id, chunks = 0, 0
    while last_id is not None:
        with shop.writing():
            last_id = calls.rerate_waiting(after_id=last_id, limit=2).last_id
            chunks += 1

    assert chunks == 3
    assert shop.balance() == -Money.of("0.06")


def test_nobody_is_asked_about_an_unanswered_call_of_nobody(shop_on_sqlite: Shop) -> None:
    missed = replace(OUT, account="x", disposition=Disposition.NO_ANSWER, seconds=0, total_e8=0)

    done = record(shop_on_sqlite, missed)

    assert done.unowned == 0
    with shop_on_sqlite.reading():
        assert calls.attention_counts() == {}
    assert books_are_right()


def test_terms_of_the_start_count_also_for_a_late_call(shop: Shop) -> None:
    change = START + timedelta(hours=1)
    with shop.writing():
        dearer = replace(OFFICE, markup_fixed_e8=rate_e8("0.0100"))
        pricing.save_package(dearer, package=shop.package, valid_from=change)

    record(
        shop,
        replace(OUT, uniqueid="late", started_at=change - timedelta(seconds=30)),
        replace(OUT, uniqueid="new", started_at=change),
    )

    assert [call.price for call in stored(shop)] == [Money.of("0.0138"), Money.of("0.0228")]


def test_a_call_from_before_the_line_changed_hands_is_the_old_clients(shop: Shop) -> None:
    with shop.writing():
        pbx.assign_package(shop.line, shop.other_id, shop.package, valid_from=START)

    record(
        shop,
        replace(OUT, uniqueid="before", started_at=START - timedelta(seconds=1)),
        replace(OUT, uniqueid="after", started_at=START),
    )

    assert [call.client_id for call in stored(shop)] == [shop.client_id, shop.other_id]


def test_free_minutes_split_inside_a_call_and_end_with_the_allowance(app_on_each: object) -> None:
    shop = open_shop(package=replace(OFFICE, free_minutes=4, pulse_seconds=60))

    record(
        shop,
        replace(OUT, uniqueid="a", seconds=191),
        replace(OUT, uniqueid="b", seconds=59, started_at=START + timedelta(minutes=5)),
        replace(OUT, uniqueid="c", seconds=120, started_at=START + timedelta(minutes=9)),
    )

    kept = stored(shop)
    assert [call.free_minutes for call in kept] == [4, 0, 0]
    assert [call.price for call in kept] == [Money(0), Money.of("0.0138"), Money.of("0.0276")]
    assert books_are_right()


def test_a_correction_gives_free_minutes_back_before_it_takes_them(app_on_each: object) -> None:
    shop = open_shop(package=replace(OFFICE, free_minutes=2, pulse_seconds=60))
    record(shop, replace(OUT, seconds=120))

    record(shop, replace(OUT, seconds=60, total_e8=450_000))
    record(shop, replace(OUT, uniqueid="next", seconds=60, started_at=START + timedelta(hours=1)))

    assert [call.free_minutes for call in stored(shop)] == [1, 1]
    assert shop.balance() == Money(0)


def test_a_cost_in_another_currency_is_exchanged_at_the_rate_of_the_start(
    app_on_each: object,
) -> None:
    shop = open_shop(currency="CAD")
    with shop.writing():
        pricing.save_exchange_rate(rate_e8("1.37"), valid_from=START - timedelta(days=9))
        pricing.save_exchange_rate(rate_e8("1.50"), valid_from=START + timedelta(seconds=1))

    record(shop, OUT)

    [call] = stored(shop)
    assert call.cost == Money.of("0.01233")
    assert call.price == Money.of("0.017796")  # (0.009 × 1.37 + 0.0025) × 1.2


def test_roll_ups_count_by_the_day_of_the_start_in_the_resellers_zone(shop: Shop) -> None:
    before_midnight = datetime(2026, 3, 31, 23, 30, tzinfo=ZoneInfo("America/Toronto"))
    record(shop, replace(OUT, started_at=before_midnight.astimezone(UTC)))

    with shop.reading():
        rows = list(session().execute(select(CallDay.day, CallDay.calls, CallDay.price)))
    assert rows == [(date(2026, 3, 31), 1, Money.of("0.0138"))]


def test_hundred_thousandths_do_not_vanish(shop_on_sqlite: Shop) -> None:
    with shop_on_sqlite.writing():
        pricing.set_area_rate(
            shop_on_sqlite.package, "prefix", "1514", rate_e8=rate_e8("0.0004"),
            valid_from=START - timedelta(days=1),
        )  # fmt: skip
    rows = [replace(OUT, uniqueid=str(number), seconds=6) for number in range(10_000)]

    for first in range(0, len(rows), calls.BATCH):
        record(shop_on_sqlite, *rows[first : first + calls.BATCH])

    assert shop_on_sqlite.balance() == -Money.of("0.4")


def test_a_row_of_another_reseller_cannot_get_in(shop_on_sqlite: Shop) -> None:
    from portal.calls import bulk
    from portal.core.scope import NoScope

    with pytest.raises(NoScope), shop_on_sqlite.writing():
        bulk.insert(Call, ("reseller_id", "carrier_key"), [(shop_on_sqlite.reseller_id + 1, "x")])


def test_lists_page_by_time_in_both_directions(shop: Shop) -> None:
    rows = [
        replace(OUT, uniqueid=str(number), started_at=START + timedelta(seconds=number // 3))
        for number in range(25)
    ]
    record(shop, *rows)
    wanted = CallFilter(
        since=START - timedelta(days=1), until=START + timedelta(days=1),
        first_day=START.date(), last_day=START.date(),
    )  # fmt: skip

    with shop.reading():
        first = calls.search(wanted, rows=10)
        second = calls.search(wanted, after=first.older, rows=10)
        third = calls.search(wanted, after=second.older, rows=10)
        back = calls.search(wanted, before=third.newer, rows=10)
        totals = calls.totals(wanted)

    seen = [row.id for page in (first, second, third) for row in page.rows]
    assert len(set(seen)) == 25
    assert seen == sorted(seen, reverse=True) or len(seen) == 25
    assert (first.newer, third.older) == (None, None)
    assert [row.id for row in back.rows] == [row.id for row in second.rows]
    assert (totals.calls, totals.price) == (25, Money.of("0.345"))


@pytest.mark.parametrize("cursor", ["", "x", "1-", "-1", "9" * 40 + "-1", "1-1;drop", "٣-٣"])
def test_a_bent_cursor_begins_at_the_start(shop_on_sqlite: Shop, cursor: str) -> None:
    record(shop_on_sqlite, OUT)
    wanted = CallFilter(
        since=START - timedelta(days=1), until=START + timedelta(days=1),
        first_day=START.date(), last_day=START.date(),
    )  # fmt: skip

    with shop_on_sqlite.reading():
        page = calls.search(wanted, after=cursor)

    assert len(page.rows) == 1


def test_history_shows_the_calls_of_a_day_as_one_line(shop: Shop) -> None:
    record(shop, OUT, replace(OUT, uniqueid="1002"), replace(IN, direction=Direction.IN))

    with shop.reading():
        history = ledger.history(shop.client_id, ledger.HistoryFilter())

    [line] = history.page.rows
    assert line.amount == -Money.of("0.0396")
