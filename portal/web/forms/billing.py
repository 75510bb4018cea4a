"""Fees: letting a client off, add-ons, and the reseller's rules of billing."""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import lazy_gettext
from wtforms import BooleanField, DateField, HiddenField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from portal.billing import Rules
from portal.web.fields import REQUIRED, MoneyField, WholeField
from portal.web.forms.base import PortalForm


class WaiveForm(PortalForm):
    """Why a client is let off a fee; kept with it, and in the log."""

    words = StringField(lazy_gettext("Reason"), [InputRequired(REQUIRED), Length(max=200)])


class AddOnForm(PortalForm):
    """What an add-on is called, costs, and until when."""

    description = StringField(lazy_gettext("Name"), [InputRequired(REQUIRED), Length(max=80)])
    amount = MoneyField(lazy_gettext("Amount each month"), [InputRequired(REQUIRED)])
    until = DateField(lazy_gettext("Until"), [Optional()])


class NewAddOnForm(AddOnForm):
    """The same with its first day; ``reference`` is made with the form: sent twice, it is one."""

    first_day = DateField(lazy_gettext("First billing date"), [InputRequired(REQUIRED)])
    reference = HiddenField(
        validators=[
            InputRequired(REQUIRED),
            Regexp(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", message=REQUIRED),
        ]
    )

    def __init__(self, formdata: Any = None, **more: Any) -> None:
        super().__init__(formdata, **more)
        if formdata is None:
            self.reference.data = str(uuid.uuid4())


class E911Form(PortalForm):
    """Whether a number has e911, and what that costs."""

    has_e911 = BooleanField(lazy_gettext("This number has an e911 record"))
    e911_setup = MoneyField(lazy_gettext("Setup fee"), [InputRequired(REQUIRED)])
    e911_monthly = MoneyField(lazy_gettext("Monthly fee"), [InputRequired(REQUIRED)])


class RulesForm(PortalForm):
    """Named like ``billing.Rules``."""

    most_periods = WholeField(
        lazy_gettext("Months charged afterwards"),
        [
            InputRequired(REQUIRED),
            NumberRange(1, 24, lazy_gettext("Choose between 1 and 24 months.")),
        ],
    )
    keeps_inbound = BooleanField(lazy_gettext("Incoming calls keep working while suspended"))

    def rules(self) -> Rules:
        """What the form says."""
        return Rules(self.most_periods.data or 1, self.keeps_inbound.data)
