"""Numbers, money and times look as each language writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask, g
from flask_babel import force_locale

from portal.core.money import Money
from portal.web import filters

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
Say = Callable[..., list[str]]


@pytest.fixture
def in_each(app: Flask) -> Iterator[Say]:
    """``in_each(filter, value)`` is what it says in English, French and Spanish, spaces unbroken."""

    def say(
        function: Callable[..., str], *values: Any, currency: str = "CAD", **more: Any
    ) -> list[str]:
        said = []
        for language in ("en", "fr", "es"):
            with app.test_request_context("/"), force_locale(language):
                g.currency = currency
                said.append(function(*values, **more).replace("\u00a0", "_"))
        return said

    with time_machine.travel(NOW, tick=False):
        yield say


def test_money_has_two_decimals_and_the_languages_marks(in_each: Say) -> None:
    assert in_each(filters.money, Money.of("1284.6")) == [
        "$1,284.60",
        "1_284,60_$",
        "1.284,60_$",
    ]


def test_what_is_owed_has_the_minus_of_print(in_each: Say) -> None:
    assert in_each(filters.money, Money.of("-4.2")) == ["−$4.20", "−4,20_$", "−4,20_$"]


def test_a_credit_of_a_history_has_a_plus(in_each: Say) -> None:
    assert in_each(filters.money, Money.of("25"), plus=True)[0] == "+$25.00"
    assert in_each(filters.money, Money(0), plus=True)[0] == "$0.00"


def test_half_a_cent_goes_up_as_in_mails_and_on_paper(in_each: Say) -> None:
    assert in_each(filters.money, Money.of("0.125"))[0] == "$0.13"
    assert in_each(filters.money, Money.of("-0.125"))[0] == "−$0.13"
    assert in_each(filters.money, Money.of("-0.001"))[0] == "$0.00"


def test_prices_and_rates_have_four_decimals_or_what_they_need(in_each: Say) -> None:
    assert in_each(filters.price, Money.of("0.0138")) == ["$0.0138", "0,0138_$", "0,0138_$"]
    assert in_each(filters.rate, 1_380_000) == ["$0.0138", "0,0138_$", "0,0138_$"]
    assert in_each(filters.rate, 1_386_500) == ["$0.013865", "0,013865_$", "0,013865_$"]
    assert in_each(filters.exact, Decimal("0.02346"), least=5)[0] == "$0.02346"


def test_other_currencies_keep_their_sign(in_each: Say) -> None:
    assert in_each(filters.money, Money.of("5"), currency="EUR")[0] == "€5.00"
    assert in_each(filters.money, Money.of("5"), currency="CHF")[0] == "CHF_5.00"


def test_per_cent_stands_apart_in_french_and_spanish(in_each: Say) -> None:
    assert in_each(filters.share, Decimal("37.45")) == ["37.5%", "37,5_%", "37,5_%"]
    assert in_each(filters.percent, 200_000) == ["20%", "20_%", "20_%"]


def test_totals_of_minutes_have_one_decimal(in_each: Say) -> None:
    assert in_each(filters.minutes, 862 * 60 + 24) == ["862.4", "862,4", "862,4"]
    assert in_each(filters.number, 12_345) == ["12,345", "12_345", "12.345"]


def test_days_of_this_year_have_no_year(in_each: Say) -> None:
    assert in_each(filters.day, date(2026, 11, 20)) == ["Nov 20", "20 nov.", "20 nov"]
    assert in_each(filters.day, date(2025, 9, 2)) == ["Sep 2, 2025", "2 sept. 2025", "2 sept 2025"]


def test_months_are_written_out(in_each: Say) -> None:
    assert in_each(filters.month, date(2026, 11, 1)) == [
        "November 2026",
        "novembre 2026",
        "noviembre de 2026",
    ]


def test_moments_are_named_and_have_24_hours(in_each: Say) -> None:
    assert in_each(filters.daytime, datetime(2026, 11, 23, 14, 7, tzinfo=UTC)) == [
        "Today, 14:07",
        "Aujourd’hui, 14:07",
        "Hoy, 14:07",
    ]


def test_nothing_is_a_dash_in_every_language(in_each: Say) -> None:
    for function in (filters.money, filters.rate, filters.day, filters.duration, filters.share):
        assert in_each(function, None) == ["–", "–", "–"]
