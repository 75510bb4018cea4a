"""The price of a fax: its seconds in the package's pulse at the number's rate, rounded once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.core.money import Money, rate_e8
from portal.rating import (
    FaxTerms,
    Past,
    Rule,
    explain,
    likely_seconds,
    rate_fax,
    rate_per_minute,
    recompute,
)


@pytest.mark.parametrize(
    ("seconds", "rate", "pulse", "billed", "price"),
    [
        (68, "0.03", 6, 72, "0.036"),
        (68, "0.03", 60, 120, "0.06"),
        (68, "0.03", 1, 68, "0.034"),
        (1, "0.00040000", 6, 6, "0.000040"),  # B5
        (1, "0.00000099", 60, 60, "0.000001"),  # half up, once
        (0, "0.03", 6, 0, "0"),
        (90, "0", 6, 90, "0"),
    ],
)
def test_a_fax_costs_its_billed_seconds(
    seconds: int, rate: str, pulse: int, billed: int, price: str
) -> None:
    rated = rate_fax(seconds, FaxTerms(rate_e8(rate), pulse, "Office"), cost_total_e8=900_000)

    assert (rated.rule, rated.billed_seconds, rated.price) == (Rule.FAX, billed, Money.of(price))
    assert recompute(rated.worksheet) == Money.of(price)
    assert rate_per_minute(rated.worksheet) == Decimal(rate)
    assert [step.code for step in explain(rated.worksheet)] == [
        "fax", "length", "calculation", "rounded",
    ]  # fmt: skip
    assert [step.code for step in explain(rated.worksheet, audience="staff")][-2:] == [
        "total", "profit",
    ]  # fmt: skip


def test_the_cost_goes_through_the_exchange_rate() -> None:
    rated = rate_fax(60, FaxTerms(rate_e8("0.03"), 6, "", rate_e8("1.35")), cost_total_e8=2_000_000)

    assert rated.cost == Money.of("0.027")
    assert rated.profit == Money.of("0.003")


@pytest.mark.parametrize(
    ("pages", "past", "seconds"),
    [
        (0, None, 0), (1, None, 60), (2, None, 90), (10, None, 330),
        (3, Past(5, 10, 340), 102), (1, Past(5, 3, 100), 34), (2, Past(0, 0, 0), 90),
    ],
)  # fmt: skip
def test_the_time_is_estimated_by_what_past_faxes_needed(
    pages: int, past: Past | None, seconds: int
) -> None:
    assert likely_seconds(pages, past) == seconds
