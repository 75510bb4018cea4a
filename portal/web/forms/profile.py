"""What a person may change about themselves."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import SelectField, StringField
from wtforms.validators import Length, Optional

from portal.web.fields import MoneyField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import languages, time_zones


class PreferencesForm(PortalForm):
    language = SelectField(lazy_gettext("Language"), choices=languages())
    time_zone = SelectField(lazy_gettext("Time zone"), choices=time_zones())


class LowBalanceForm(PortalForm):
    threshold = MoneyField(lazy_gettext("Warn below"), [Optional()])
    email = StringField(lazy_gettext("Send the warning to"), [Optional(), Length(max=254)])
