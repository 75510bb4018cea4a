"""Form fields that read what people type: amounts, rates, percentages, phone numbers."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import Field, IntegerField, SelectMultipleField, StringField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from portal.core import money as amounts
from portal.core import phone
from portal.core.money import InvalidAmount, Money

# More than any reseller charges; a slipped key should not bill a fortune.
LARGEST_AMOUNT = Money.of("1000000")
LARGEST_RATE_E8 = 1_000 * 100_000_000
_MOST_DIGITS = 18


# One thousand to some and one to others: neither is guessed.
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")


def plain_amount(text: str) -> str:
    """What was typed with the decimal comma, spaces and currency sign taken out."""
    cleaned = text.strip().replace("\u00a0", "").replace("\u202f", "").replace("$", "").strip()
    is_decimal = cleaned.count(",") == 1 and "." not in cleaned
    if is_decimal and not _THOUSANDS.fullmatch(cleaned):
        cleaned = cleaned.replace(",", ".")
    return cleaned


class CheckBoxes(SelectMultipleField):
    """Several of a list, each with its own box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class WholeField(IntegerField):
    """A whole number; one of absurd length is none, or the library's own checks would fall over it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and len(valuelist[0]) > _MOST_DIGITS:
            self.data = None
            raise ValueError(gettext("Enter a whole number."))
        super().process_formdata(valuelist)


class ScaledField(Field):
    """A number kept as a scaled integer or Money; shows what was typed when it is wrong."""

    widget = TextInput()
    places = 6

    def __init__(self, label: Any = None, validators: Any = None, **more: Any) -> None:
        more.setdefault("render_kw", {})
        more["render_kw"] = {"inputmode": "decimal", "autocomplete": "off"} | more["render_kw"]
        super().__init__(label, validators, **more)

    @abstractmethod
    def read(self, text: str) -> Any:
        """The value of plain decimal text; raises InvalidAmount."""

    @abstractmethod
    def write(self, value: Any) -> str:
        """Plain decimal text of the value, without needless zeros."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        text = plain_amount(valuelist[0])
        if not text:
            self.data = None
            return
        try:
            self.data = self.read(text)
        except InvalidAmount as error:
            self.data = None
            raise ValueError(self._nonsense()) from error

    def _nonsense(self) -> str:
        return gettext(
            "Enter an amount like 0.0138, with at most %(places)s decimals.", places=self.places
        )

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)


class MoneyField(ScaledField):
    """An amount of money, not below zero, as Money."""

    places = 6

    def read(self, text: str) -> Money:
        return Money.of(text)

    def write(self, value: Money) -> str:
        return _trimmed(amounts.plain(value.micros, 6), 2)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if self.data is not None and not Money(0) <= self.data <= LARGEST_AMOUNT:
            raise ValidationError(gettext("Enter an amount from 0 to 1,000,000."))


class PaidField(MoneyField):
    """An amount that somebody pays: parts of a cent are no example to give."""

    def _nonsense(self) -> str:
        return gettext("Enter an amount with at most two decimals.")


class RateField(ScaledField):
    """A rate per minute as an integer of 1e-8 units."""

    places = 8

    def read(self, text: str) -> int:
        return amounts.rate_e8(text)

    def write(self, value: int) -> str:
        return _trimmed(amounts.plain(value, 8), 4)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if self.data is not None and not 0 <= self.data <= LARGEST_RATE_E8:
            raise ValidationError(gettext("Enter a rate per minute from 0 to 1,000."))


class PercentField(ScaledField):
    """A percentage as an integer of 1e-4 points."""

    places = 4

    def read(self, text: str) -> int:
        return amounts.percent_e4(text.rstrip("% "))

    def write(self, value: int) -> str:
        return _trimmed(amounts.plain(value, 4), 0)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if self.data is not None and not 0 <= self.data <= amounts.percent_e4("1000"):
            raise ValidationError(gettext("Enter a percentage from 0 to 1,000."))


class PhoneField(StringField):
    """A telephone number, kept in E.164; ``default_country`` reads national forms."""

    def __init__(self, label: Any = None, validators: Any = None, **more: Any) -> None:
        self.default_country = more.pop("default_country", "CA")
        more.setdefault("render_kw", {"inputmode": "tel", "autocomplete": "tel"})
        super().__init__(label, validators, **more)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if not self.data or validation_stopped:
            return
        number = phone.normalise(self.data, default_country=self.default_country)
        if number is None:
            raise ValidationError(gettext("Enter a number with its area code, like 613 555 0142."))
        self.data = number

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return phone.international(self.data) if self.data else ""


def _trimmed(text: str, least: int) -> str:
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(least, "0")
    return f"{whole}.{fraction}" if fraction else whole


REQUIRED = lazy_gettext("This field is needed.")
