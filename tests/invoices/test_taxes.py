"""Taxes: the rows of docs/money.md computed again, and what holds for any invoice."""

from __future__ import annotations

import random

import pytest

from portal.core import tax_parts
from portal.core.money import Money, percent_e4
from portal.core.tax_parts import PaidTaxes, TaxPart
from portal.invoices import arithmetic, regions
from portal.invoices.arithmetic import Taxed
from tests.rating.test_money_page import table


def sums(text: str) -> list[str]:
    return [part.strip() for part in text.split("+")]


@pytest.mark.parametrize("row", table("taxes"), ids=str)
def test_taxes_of_the_page(row: dict[str, str]) -> None:
    percents = [percent_e4(part) for part in sums(row["taxes"])]
    every = tuple(range(len(percents)))

    found = arithmetic.compute(
        [Taxed(Money.of(part), every) for part in sums(row["lines"])],
        percents,
        inclusive=row["prices"] == "inside",
        digits=int(row["decimals"]),
    )

    assert found.net == Money.of(row["net"])
    assert found.taxes == tuple(Money.of(part) for part in sums(row["tax"]))
    assert found.total == Money.of(row["total"])


@pytest.mark.parametrize("row", table("credit notes"), ids=str)
def test_credit_notes_of_the_page(row: dict[str, str]) -> None:
    before, now = Money.of(row["credited before"]), Money.of(row["credited now"])

    back = arithmetic.credited(
        Money.of(row["tax"]),
        part=before + now,
        of=Money.of(row["invoice"]),
        before=Money.of(row["given back before"]),
        digits=2,
    )

    assert back == Money.of(row["given back"])


@pytest.mark.parametrize("row", table("paying in"), ids=str)
def test_paying_in_as_on_the_page(row: dict[str, str]) -> None:
    percents = [] if row["taxes"] == "–" else [percent_e4(part) for part in sums(row["taxes"])]
    amount, on_top = Money.of(row["amount"]), row["prices"] == "on top"

    found = arithmetic.compute(
        [Taxed(amount, tuple(range(len(percents))))], percents, inclusive=not on_top,
        digits=int(row["decimals"]),
    )  # fmt: skip

    assert [str(Money.of(part)) for part in sums(row["tax"]) if part != "–"] == list(
        map(str, found.taxes)
    )
    assert (found.total, amount) == (Money.of(row["paid"]), Money.of(row["credited"]))


PAID = (TaxPart("GST", 50_000, "", Money.of("2.50")), TaxPart("QST", 99_750, "", Money.of("4.99")))
WHOLE = Money.of("57.49")


@pytest.mark.parametrize("row", table("going back"), ids=str)
def test_what_goes_back_as_on_the_page(row: dict[str, str]) -> None:
    before = Money.of(row["gone before"])
    paid = PaidTaxes(PAID, WHOLE, 2, (before, before + Money.of(row["goes back"])))
    net = [tax_parts.net_of(gross, PAID, total=WHOLE, digits=2) for gross in paid.gone]

    assert [part.amount for part in paid.of_move(2)] == [
        Money.of(row["of it GST"]), Money.of(row["of it QST"]),
    ]  # fmt: skip
    assert net[1] - net[0] == Money.of(row["leaves the balance"])
    assert (
        tax_parts.net_of(
            tax_parts.gross_of(net[1], PAID, total=WHOLE, digits=2), PAID, total=WHOLE, digits=2
        )
        == net[1]
    )


def test_no_coin_of_a_tax_returns_however_finely_a_payment_goes_back() -> None:
    chance = random.Random(11)
    for _ in range(60):
        parts = [
            TaxPart(name, 0, "", Money(chance.randint(0, 900) * 10_000)) for name in ("A", "B", "C")
        ]
        net = Money(chance.randint(1, 3_000) * 10_000)
        total, gone = net + tax_parts.total_of(parts), Money(0)
        last, left = [Money(0)] * 3, Money(0)
        while gone < total:
            gone = min(total, gone + Money(chance.randint(1, 400) * 10_000))
            now = tax_parts.within(gone, parts, total=total, digits=2)
            credited = gone - sum(now, Money(0))
            assert all(new >= old for new, old in zip([*now, credited], [*last, left], strict=True))
            last, left = now, credited
        assert (last, left) == ([part.amount for part in parts], net)


def test_notes_of_any_size_never_give_back_more_and_end_with_all_of_it() -> None:
    chance = random.Random(7)
    for _ in range(300):
        basis, tax = Money(chance.randint(1, 10**9)), Money(chance.randint(0, 10_000) * 10_000)
        left, given, credited = basis, Money(0), Money(0)
        while left:
            part = min(left, Money(chance.randint(1, basis.micros)))
            credited += part
            back = arithmetic.credited(tax, part=credited, of=basis, before=given, digits=2)
            given += back
            left -= part
            assert Money(0) <= back
            assert given <= tax
        assert given == tax


def test_lines_may_have_different_taxes() -> None:
    lines = [Taxed(Money.of("100"), (0, 1)), Taxed(Money.of("50"), (0,)), Taxed(Money.of("7"), ())]

    found = arithmetic.compute(lines, [50_000, 99_750], inclusive=False, digits=2)

    assert [str(base) for base in found.bases] == ["150.000000", "100.000000"]
    assert [str(tax) for tax in found.taxes] == ["7.500000", "9.980000"]
    assert found.total == Money.of("174.48")


@pytest.mark.parametrize(
    ("country", "written", "code"),
    [
        ("CA", "Ontario", "ON"), ("CA", "qc", "QC"), ("CA", " Québec ", "QC"),
        ("CA", "Île-du-Prince-Édouard", "PE"), ("ES", "Canarias", "CN"), ("US", "Texas", "TEXAS"),
        ("US", "tx", "TX"), ("CA", "", ""),
    ],
)  # fmt: skip
def test_regions_as_people_write_them(country: str, written: str, code: str) -> None:
    assert regions.code_of(country, written) == code
