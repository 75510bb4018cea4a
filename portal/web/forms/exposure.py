"""What calls may cost before somebody is told and a client is stopped."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from typing import Any, NamedTuple

from flask_babel import lazy_gettext
from wtforms import BooleanField
from wtforms.validators import InputRequired, NumberRange, Optional

from portal.exposure import COUNTRIES, REGIONS, Limits
from portal.web import filters
from portal.web.fields import CheckBoxes, MoneyField, RateField, WholeField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices

_MINUTES = lazy_gettext("Enter a whole number of minutes from 1 to 1,440.")
_ABROAD = lazy_gettext("Enter a whole number from 0 to 100,000, or leave it empty.")
_CALLS = lazy_gettext("Enter a whole number from 1 to 1,000.")
_LONGEST_SEARCH = 60
_REGION_OF = {country: code for code, every in REGIONS.items() for country in every}


class Country(NamedTuple):
    """One box of the list."""

    code: str
    name: str
    region: str
    is_on: bool


class Region(NamedTuple):
    """A part of the world: its countries that are not on the list, and how many of ``all`` are ``on`` it."""

    code: str
    name: str
    countries: list[Country]
    on: int
    all: int


class ExposureForm(PortalForm):
    """Named like ``exposure.Limits``. Empty is no limit.

    ``do`` is the button that was pressed: ``find``, ``all:150`` and ``none:150`` (of a region) only change
    what is on the screen, ``try`` says what the limits would do, ``anyway`` saves what stops somebody.
    """

    daily_cap = MoneyField(lazy_gettext("Most in a day"), [Optional()])
    speed_amount = MoneyField(lazy_gettext("Most in a short time"), [Optional()])
    speed_minutes = WholeField(
        lazy_gettext("The short time"),
        [InputRequired(_MINUTES), NumberRange(1, 1_440, _MINUTES)],
    )
    abroad_minutes = WholeField(
        lazy_gettext("Most minutes abroad in a day"),
        [Optional(), NumberRange(0, 100_000, _ABROAD)],
    )
    ceiling_e8 = RateField(lazy_gettext("Dearest minute"), [Optional()])
    places = CheckBoxes(lazy_gettext("Countries"))
    new_places = BooleanField(lazy_gettext("Tell of a first call to a country"))
    suspends = BooleanField(lazy_gettext("Suspend the client by itself"))
    at_once = WholeField(
        lazy_gettext("Calls at once"), [InputRequired(_CALLS), NumberRange(1, 1_000, _CALLS)]
    )
    longest_minutes = WholeField(
        lazy_gettext("Longest call"),
        [InputRequired(_MINUTES), NumberRange(1, 1_440, _MINUTES)],
    )

    def __init__(self, formdata: Any = None, **more: Any) -> None:
        super().__init__(formdata, **more)
        self.places.choices = choices((code, code) for code in sorted(COUNTRIES))
        said = formdata or {}
        self.find = " ".join(str(said.get("find", "")).split())[:_LONGEST_SEARCH]
        self.do = str(said.get("do", ""))[:20]
        if not self.do and self.find != str(said.get("found", "")):
            self.do = "find"  # Enter in the search box presses the form's first button

    @classmethod
    def of(cls, limits: Limits) -> ExposureForm:
        """The form filled with limits."""
        return cls(data={field: getattr(limits, field) for field in Limits.__dataclass_fields__})

    @property
    def only_looks(self) -> bool:
        """Was a button pressed that only changes the list of countries?"""
        return self.do == "find" or self.do.partition(":")[0] in {"all", "none"}

    def change_places(self) -> None:
        """Put all countries of a region on the list, or take them off, as the button said."""
        word, _, code = self.do.partition(":")
        found, region = set(self.places.data or ()), REGIONS.get(code, frozenset())
        if word == "all":
            found |= region
        elif word == "none":
            found -= region
        self.places.data = sorted(found)

    def limits(self) -> Limits:
        """What the form says."""
        return Limits(
            daily_cap=self.daily_cap.data,
            speed_amount=self.speed_amount.data,
            speed_minutes=self.speed_minutes.data or 0,
            abroad_minutes=self.abroad_minutes.data,
            ceiling_e8=self.ceiling_e8.data,
            places=tuple(self.places.data or ()),
            new_places=self.new_places.data,
            at_once=self.at_once.data or 0,
            longest_minutes=self.longest_minutes.data or 0,
            suspends=self.suspends.data,
        )

    def found(self) -> list[Country]:
        """What was searched for, by name or by its two letters."""
        if not self.find:
            return []
        wanted = _plain(self.find)
        on = self._on()
        return [
            one for one in _countries(COUNTRIES, on)
            if wanted in _plain(one.name) or wanted == one.code.casefold()
        ]  # fmt: skip

    def chosen(self) -> list[Country]:
        """What is on the list and was not searched for."""
        shown = {one.code for one in self.found()}
        return [one for one in _countries(self._on(), self._on()) if one.code not in shown]

    def regions(self) -> list[Region]:
        """The others, by region."""
        on, shown = self._on(), {one.code for one in self.found()}
        return [
            Region(
                code, filters.country(code), _countries(every - on - shown, on),
                len(every & on), len(every),
            )
            for code, every in REGIONS.items()
        ]  # fmt: skip

    def _on(self) -> frozenset[str]:
        return frozenset(self.places.data or ()) & COUNTRIES


def _countries(codes: Collection[str], on: Collection[str]) -> list[Country]:
    named = [Country(code, filters.country(code), _REGION_OF[code], code in on) for code in codes]
    return sorted(named, key=lambda one: _plain(one.name))


def _plain(text: str) -> str:
    """Without accents and capitals."""
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(one for one in parts if not unicodedata.combining(one))
