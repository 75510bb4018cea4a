"""Giving sub-accounts, packages and numbers to a client."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import BooleanField, DateField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.numbers import DidFees
from portal.web.fields import REQUIRED, MoneyField, RateField
from portal.web.forms.base import PortalForm


class PackageForm(PortalForm):
    """Which package a sub-account has from now on."""

    package = SelectField(lazy_gettext("Package"))
    next_billing_day = DateField(lazy_gettext("Next billing date"), [Optional()])
    charge_setup = BooleanField(lazy_gettext("Charge the setup fee now"))


class LinkForm(PackageForm):
    """The same, for a sub-account that nobody has yet."""

    sub_account = SelectField(lazy_gettext("Sub-account"), [InputRequired(REQUIRED)])


class CheckBoxes(SelectMultipleField):
    """Several of a list, each with its own box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ConnectForm(PortalForm):
    """Numbers to be connected at once, all at the same fees."""

    dids = CheckBoxes(
        lazy_gettext("Numbers"), [InputRequired(lazy_gettext("Choose at least one number."))]
    )
    sub_account = SelectField(lazy_gettext("Sub-account"), [InputRequired(REQUIRED)])
    label = StringField(lazy_gettext("Label"), [Length(max=60)])
    setup = MoneyField(lazy_gettext("Setup fee"), [InputRequired(REQUIRED)])
    monthly = MoneyField(lazy_gettext("Monthly fee"), [InputRequired(REQUIRED)])
    minute_e8 = RateField(lazy_gettext("Incoming calls"), [InputRequired(REQUIRED)])
    sms_in = MoneyField(lazy_gettext("SMS received"), [InputRequired(REQUIRED)])
    sms_out = MoneyField(lazy_gettext("SMS sent"), [InputRequired(REQUIRED)])
    mms_in = MoneyField(lazy_gettext("MMS received"), [InputRequired(REQUIRED)])
    mms_out = MoneyField(lazy_gettext("MMS sent"), [InputRequired(REQUIRED)])
    charge_setup = BooleanField(lazy_gettext("Charge the setup fee now"))
    charge_monthly = BooleanField(lazy_gettext("Charge the first month now"))

    def fees(self) -> DidFees:
        """The fees as typed."""
        names = ("setup", "monthly", "minute_e8", "sms_in", "sms_out", "mms_in", "mms_out")
        values: dict[str, Any] = {name: getattr(self, name).data for name in names}
        return DidFees(**values)
