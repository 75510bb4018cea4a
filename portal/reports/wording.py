"""How the values of a report are written on paper, in one language, currency and zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency

from portal.core import formats, phone
from portal.core.money import Money, half_up
from portal.reports.table import Cell, Kind

NOTHING = "–"


@dataclass(frozen=True)
class Wording:
    """One document's way of writing; made once, since thousands of cells go through it."""

    language: str
    currency: str
    zone: ZoneInfo

    def cell(self, value: Cell, kind: Kind) -> str:
        """One cell as text; never HTML."""
        if value is None:
            return NOTHING
        if isinstance(value, Money):
            return self.money(value) if kind is Kind.MONEY else self.price(value)
        if isinstance(value, datetime):
            return self.when(value)
        if isinstance(value, date):
            return f"{value:%Y-%m}" if kind is Kind.MONTH else value.isoformat()
        if isinstance(value, int):
            return self._whole(value, kind)
        return phone_number(value) if kind == Kind.PHONE else value

    def _whole(self, value: int, kind: Kind) -> str:
        if kind is Kind.SHARE:
            return self.share(value)
        if kind is Kind.MINUTES:
            return self.minutes(value)
        if kind is Kind.RATE:
            return self.price(Money(half_up(value, 100)))
        return self.number(value) if kind is Kind.COUNT else self.length(value)

    def money(self, amount: Money) -> str:
        """The decimals of the currency: sums."""
        return self._amount(amount, formats.decimals_of(self.currency))

    def price(self, amount: Money) -> str:
        """Four decimals: the price of one thing."""
        return self._amount(amount, 4)

    def when(self, at: datetime) -> str:
        """2026-11-20 14:07:31, the same width in every language: columns of it can be read down."""
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def day(self, value: date) -> str:
        return str(format_date(value, "medium", locale=self._locale))

    def period(self, first: date, last: date) -> str:
        return self.day(first) if first == last else f"{self.day(first)} – {self.day(last)}"

    def length(self, seconds: int) -> str:
        """m:ss, or h:mm:ss."""
        whole, rest = divmod(seconds, 60)
        hours, whole = divmod(whole, 60)
        return f"{hours}:{whole:02}:{rest:02}" if hours else f"{whole}:{rest:02}"

    def minutes(self, seconds: int) -> str:
        return formats.write_number(Decimal(seconds) / 60, "#,##0.0", self.language)

    def number(self, value: int) -> str:
        return formats.write_number(value, "#,##0", self.language)

    def share(self, percent_e4: int | None) -> str:
        """A percentage with one decimal."""
        if percent_e4 is None:
            return NOTHING
        return formats.write_percent(Decimal(percent_e4).scaleb(-4), "#,##0.0", self.language)

    def _amount(self, amount: Money, places: int) -> str:
        """Rounded half up; the thousandth cell of a column costs no more than a lookup."""
        value = abs(amount).decimal.quantize(_place(places), rounding=ROUND_HALF_UP)
        sign = formats.MINUS if amount.micros < 0 and value else ""
        if value < 1_000:
            before, point, after = self._shape
            return f"{sign}{before}{str(value).replace('.', point)}{after}"
        digits = f".{'0' * places}" if places else ""
        pattern = self._pattern.replace("#,##0.00", f"#,##0{digits}")
        return sign + str(
            format_currency(
                value, self.currency, pattern, locale=self._locale, currency_digits=False
            )
        )

    @cached_property
    def _locale(self) -> Locale:
        return formats.locale_of(self.language)

    @cached_property
    def _pattern(self) -> str:
        return formats.money_pattern(self.currency, self.language)

    @cached_property
    def _shape(self) -> tuple[str, str, str]:
        """What stands before, inside and after the digits of an amount below a thousand."""
        sample = str(
            format_currency(
                Decimal("7.00"), self.currency, self._pattern, locale=self._locale,
                currency_digits=False,
            )
        )  # fmt: skip
        before, _, rest = sample.partition("7")
        return before, rest[0], rest[3:]


@cache
def _place(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def phone_number(text: str) -> str:
    """International with spaces; what is no number stays as it is."""
    normal: Any = phone.normalise(text) if text else None
    return phone.international(normal) if normal else text or NOTHING
