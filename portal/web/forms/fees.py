"""Default fees of numbers, messages and recordings, and the exchange rate."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms.validators import InputRequired

from portal.pricing import Fees
from portal.web.fields import REQUIRED, MoneyField, RateField
from portal.web.forms.base import PortalForm

_NEEDED = [InputRequired(REQUIRED)]


class FeesForm(PortalForm):
    """Named like ``pricing.Fees``."""

    did_setup = MoneyField(lazy_gettext("Setup fee"), _NEEDED)
    did_monthly = MoneyField(lazy_gettext("Monthly fee"), _NEEDED)
    did_minute_e8 = RateField(lazy_gettext("Incoming calls"), _NEEDED)
    fax_setup = MoneyField(lazy_gettext("Setup fee"), _NEEDED)
    fax_monthly = MoneyField(lazy_gettext("Monthly fee"), _NEEDED)
    fax_minute_e8 = RateField(lazy_gettext("Faxes"), _NEEDED)
    e911_setup = MoneyField(lazy_gettext("Setup fee"), _NEEDED)
    e911_monthly = MoneyField(lazy_gettext("Monthly fee"), _NEEDED)
    sms_in = MoneyField(lazy_gettext("SMS received"), _NEEDED)
    sms_out = MoneyField(lazy_gettext("SMS sent"), _NEEDED)
    mms_in = MoneyField(lazy_gettext("MMS received"), _NEEDED)
    mms_out = MoneyField(lazy_gettext("MMS sent"), _NEEDED)
    recording_minute_e8 = RateField(lazy_gettext("Call recording"), _NEEDED)

    def fees(self) -> Fees:
        """What the form says."""
        return Fees(**{field.name: field.data for field in self})


class ExchangeForm(PortalForm):
    """One unit of the carrier's currency in the reseller's."""

    rate = RateField(lazy_gettext("Exchange rate"), _NEEDED)
