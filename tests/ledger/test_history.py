"""What a client reads: usage folded by day, everything else singly, and sums that add up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from portal import ledger
from portal.core.money import Money
from portal.ledger import HistoryFilter, HistoryKind, Reason
from tests.ledger.conftest import Books

NOON = datetime(2026, 3, 10, 17, tzinfo=UTC)  # 13:00 in Toronto


def at(day: int, hour: int = 17) -> datetime:
    return NOON.replace(day=day, hour=hour)


def call(books: Books, micros: int, name: str, when: datetime, **more: object) -> ledger.Posted:
    return ledger.charge(
        books.soft,
        Money(micros),
        reason=more.pop("reason", Reason.CALL),  # type: ignore[arg-type]
        source_type="call",
        source_id=name,
        kind="price",
        posted_at=when,
        **more,  # type: ignore[arg-type]
    )


def fee(books: Books, micros: int, name: str, when: datetime) -> ledger.Posted:
    return ledger.charge(
        books.soft,
        Money(micros),
        reason=Reason.PACKAGE_FEE,
        source_type="package",
        source_id=name,
        kind="fee",
        description="Office Standard",
        posted_at=when,
    )


def paid(books: Books, micros: int, name: str, when: datetime) -> ledger.Posted:
    return ledger.credit(
        books.soft,
        Money(micros),
        source_type="manual",
        source_id=name,
        kind="payment",
        posted_at=when,
    )


def everything(books: Books, chosen: HistoryFilter, page_size: int) -> list[ledger.Line]:
    """Follow the pages to the oldest line, and check that the way back is the same way."""
    pages, cursor, newer = [], None, None
    while True:
        page = ledger.history(books.soft, chosen, cursor=cursor, page_size=page_size).page
        if pages and page:
            back = ledger.history(books.soft, chosen, cursor=page.newer, page_size=page_size).page
            assert list(back.rows) == pages[-1], newer
        pages.append(list(page.rows))
        cursor = page.older
        if cursor is None:
            return [line for page in pages for line in page]


@pytest.fixture
def busy(books: Books) -> Books:
    with books.open():
        paid(books, 1_000, "first", at(1))
        for number in range(7):
            day = at(2 + number // 2)
            call(books, 10 + number, f"c{number}", day, seconds=60)
            call(books, 3, f"s{number}", day, reason=Reason.SMS)
            fee(books, 100 + number, f"f{number}", day)
        wrong = paid(books, 500, "wrong", at(5))
    with books.open():
        assert wrong.public_id is not None
        ledger.reverse(wrong.public_id)
    return books


def test_usage_is_one_line_per_posting_day_and_reason(books: Books):
    with books.open():
        paid(books, 1_000, "first", at(9))
        call(books, 10, "a", at(9), seconds=30)
        call(books, 20, "b", at(9, 20), seconds=60)
        call(books, 5, "m", at(9), reason=Reason.SMS)
        call(books, 40, "c", at(10), seconds=6)

    with books.read():
        shown = ledger.history(books.soft).page.rows

    assert [
        (line.day.day, line.reason, line.amount, line.items, line.seconds) for line in shown
    ] == [
        (10, Reason.CALL, Money(-40), 1, 6),
        (9, Reason.SMS, Money(-5), 1, 0),
        (9, Reason.CALL, Money(-30), 2, 90),
        (9, Reason.PAYMENT, Money(1_000), 1, 0),
    ]
    assert [line.balance for line in shown] == [Money(925), Money(965), Money(970), Money(1_000)]


def test_a_posting_day_ends_at_midnight_of_the_resellers_zone(books: Books):
    with books.open():
        call(books, 10, "late", datetime(2026, 3, 10, 3, 59, tzinfo=UTC))
        call(books, 10, "next", datetime(2026, 3, 10, 4, 0, tzinfo=UTC))

    with books.read():
        shown = ledger.history(books.soft).page.rows

    assert [line.day for line in shown] == [date(2026, 3, 10), date(2026, 3, 9)]


def test_a_line_of_usage_opens_into_its_items_and_late_ones_keep_their_own_moment(books: Books):
    with books.open():
        for number in sorted(range(60), key=lambda number: number * 7 % 60):
            happened = at(3) + timedelta(minutes=number // 2)
            call(books, 10, f"c{number:02d}", at(10), occurred_at=happened)
        call(books, 10, "other day", at(11))

    with books.read():
        first = ledger.usage_items(books.soft, date(2026, 3, 10), Reason.CALL)
        rest = ledger.usage_items(books.soft, date(2026, 3, 10), Reason.CALL, cursor=first.older)

    ids = [item.source_id for item in (*first.rows, *rest.rows)]
    moments = [item.occurred_at for item in (*first.rows, *rest.rows)]
    assert sorted(ids) == [f"c{number:02d}" for number in range(60)]
    assert moments == sorted(moments, reverse=True)
    assert rest.older is None
    assert (moments[0], moments[-1]) == (at(3) + timedelta(minutes=29), at(3))


PERIODS = [(None, None), (2, 4), (3, None), (None, 4), (5, 5), (20, 25)]


def test_opening_and_lines_make_the_closing_however_the_pages_are_cut(busy: Books):
    for first, last in PERIODS:
        chosen = HistoryFilter(
            first=first and date(2026, 3, first), last=last and date(2026, 3, last)
        )
        with busy.read():
            totals = ledger.history(busy.soft, chosen).totals
            cuts = [everything(busy, chosen, page_size) for page_size in (1, 2, 3, 7, 50)]

        balance = totals.opening
        for line in reversed(cuts[0]):
            balance += line.amount
            assert line.balance == balance
        assert balance == totals.closing
        assert totals.opening + totals.payments - totals.charges == totals.closing
        assert all(cut == cuts[0] for cut in cuts)


def test_the_last_closing_is_the_balance_itself(busy: Books):
    with busy.read():
        assert ledger.totals(busy.soft).closing == ledger.balance_of(busy.soft)
        assert ledger.totals(busy.soft).opening == Money(0)


def test_a_kind_leaves_lines_out_and_every_balance_as_it_was(busy: Books):
    with busy.read():
        all_lines = everything(busy, HistoryFilter(), 50)
        by_kind = {kind: everything(busy, HistoryFilter(kind=kind), 2) for kind in HistoryKind}

    assert {kind.value: len(some) for kind, some in by_kind.items()} == {
        "all": 18,
        "payments": 3,
        "charges": 15,
        "usage": 8,
        "fees": 7,
    }
    for some in by_kind.values():
        assert [line for line in all_lines if line in some] == some


def test_a_reversed_pair_names_its_halves_and_folds_away(busy: Books):
    with busy.read():
        shown = everything(busy, HistoryFilter(), 50)
        folded = everything(busy, HistoryFilter(fold_reversed=True), 50)

    halves = [line for line in shown if line.reversal_of or line.reversed_by]
    assert [line.amount for line in halves] == [Money(-500), Money(500)]
    assert halves[0].reversal_of == halves[1].public_id
    assert halves[1].reversed_by == halves[0].public_id
    assert not halves[1].can_be_reversed
    assert [line.public_id for line in folded] == [
        line.public_id for line in shown if line not in halves
    ]
    assert folded[0].balance == shown[0].balance


def test_folding_keeps_the_sums_right_when_only_one_half_is_in_the_period(busy: Books):
    with busy.read():
        chosen = HistoryFilter(last=date(2026, 3, 6), fold_reversed=True)
        answer = ledger.history(busy.soft, chosen)

    assert answer.totals.payments == Money(1_000)
    assert answer.totals.closing == answer.page.rows[0].balance


def test_the_chart_ends_each_day_where_the_history_does(busy: Books):
    with busy.read():
        chart = ledger.daily_balances(busy.soft, date(2026, 2, 28), date(2026, 3, 7))
        closings = [(day, ledger.totals(busy.soft, last=day).closing) for day, _ in chart]

    assert chart == closings
    assert chart[0] == (date(2026, 2, 28), Money(0))


def test_an_unknown_place_shows_the_newest_lines(busy: Books):
    with busy.read():
        newest = ledger.history(busy.soft).page
        for cursor in ("nonsense", "o.2026-03-03.what", "x.2026-03-03.call", "o.2026-99-01.call"):
            assert ledger.history(busy.soft, cursor=cursor).page.rows == newest.rows


def test_a_client_reads_its_own_history_only(busy: Books):
    with busy.read(busy.soft):
        assert len(ledger.history(busy.soft).page.rows) == 18
    with busy.read(busy.hard), pytest.raises(Exception, match="no balance"):
        ledger.history(busy.soft)
