"""What the carrier takes for texts, and how many texts a client may send."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext
from wtforms import StringField
from wtforms.validators import InputRequired, Length, NumberRange

from portal.messaging import Limits
from portal.pricing import TextCost
from portal.web.fields import REQUIRED, MoneyField, WholeField
from portal.web.forms.base import PortalForm

_NEEDED = [InputRequired(REQUIRED)]
_COUNT = [
    InputRequired(lazy_gettext("Enter a whole number from 0 to 1,000,000.")),
    NumberRange(0, 1_000_000, lazy_gettext("Enter a whole number from 0 to 1,000,000.")),
]
_BETWEEN = re.compile(r"[\s,;]+")


class TextCostsForm(PortalForm):
    """Named like ``pricing.TextCost``."""

    sms_in = MoneyField(lazy_gettext("SMS received"), _NEEDED)
    sms_out = MoneyField(lazy_gettext("SMS sent"), _NEEDED)
    mms_in = MoneyField(lazy_gettext("MMS received"), _NEEDED)
    mms_out = MoneyField(lazy_gettext("MMS sent"), _NEEDED)

    def costs(self) -> TextCost:
        """What the form says."""
        return TextCost(**{field.name: field.data for field in self})


class LimitsForm(PortalForm):
    """Named like ``messaging.Limits``; the places stand in one line."""

    per_hour = WholeField(lazy_gettext("Texts in an hour"), _COUNT)
    per_day = WholeField(lazy_gettext("Texts in a day"), _COUNT)
    per_contact = WholeField(lazy_gettext("Texts to one contact in a day"), _COUNT)
    places = StringField(lazy_gettext("Countries and prefixes"), [Length(max=2_000)])

    @classmethod
    def of(cls, limits: Limits) -> LimitsForm:
        """The form filled with limits."""
        return cls(
            data={
                "per_hour": limits.per_hour,
                "per_day": limits.per_day,
                "per_contact": limits.per_contact,
                "places": ", ".join(limits.places),
            }
        )

    def limits(self) -> Limits:
        """What the form says."""
        places = [word for word in _BETWEEN.split(self.places.data or "") if word]
        return Limits(
            self.per_hour.data or 0, self.per_day.data or 0, self.per_contact.data or 0,
            tuple(places),
        )  # fmt: skip
