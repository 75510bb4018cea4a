"""What calls may cost before somebody is told and a client is stopped."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext
from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.exposure import Limits
from portal.web.fields import MoneyField, RateField
from portal.web.forms.base import PortalForm

_MINUTES = lazy_gettext("Enter a whole number of minutes from 1 to 1,440.")
_ABROAD = lazy_gettext("Enter a whole number from 0 to 100,000, or leave it empty.")
_CALLS = lazy_gettext("Enter a whole number from 1 to 1,000.")
_BETWEEN = re.compile(r"[\s,;]+")


class ExposureForm(PortalForm):
    """Named like ``exposure.Limits``; the countries stand in one line. Empty is no limit."""

    daily_cap = MoneyField(lazy_gettext("Most in a day"), [Optional()])
    speed_amount = MoneyField(lazy_gettext("Most in a short time"), [Optional()])
    speed_minutes = IntegerField(
        lazy_gettext("The short time"),
        [InputRequired(_MINUTES), NumberRange(1, 1_440, _MINUTES)],
    )
    abroad_minutes = IntegerField(
        lazy_gettext("Most minutes abroad in a day"),
        [Optional(), NumberRange(0, 100_000, _ABROAD)],
    )
    ceiling_e8 = RateField(lazy_gettext("Dearest minute"), [Optional()])
    places = StringField(lazy_gettext("Countries"), [Length(max=1_000)])
    new_places = BooleanField(lazy_gettext("Tell of a first call to a country"))
    suspends = BooleanField(lazy_gettext("Suspend the client by itself"))
    at_once = IntegerField(
        lazy_gettext("Calls at once"), [InputRequired(_CALLS), NumberRange(1, 1_000, _CALLS)]
    )
    longest_minutes = IntegerField(
        lazy_gettext("Longest call"),
        [InputRequired(_MINUTES), NumberRange(1, 1_440, _MINUTES)],
    )

    @classmethod
    def of(cls, limits: Limits) -> ExposureForm:
        """The form filled with limits."""
        return cls(
            data={field: getattr(limits, field) for field in Limits.__dataclass_fields__}
            | {"places": ", ".join(limits.places)}
        )

    def limits(self) -> Limits:
        """What the form says."""
        return Limits(
            daily_cap=self.daily_cap.data,
            speed_amount=self.speed_amount.data,
            speed_minutes=self.speed_minutes.data or 0,
            abroad_minutes=self.abroad_minutes.data,
            ceiling_e8=self.ceiling_e8.data,
            places=tuple(word for word in _BETWEEN.split(self.places.data or "") if word),
            new_places=self.new_places.data,
            at_once=self.at_once.data or 0,
            longest_minutes=self.longest_minutes.data or 0,
            suspends=self.suspends.data,
        )
