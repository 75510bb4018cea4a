"""The login at the carrier."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.carriers import VOIPMS_URL
from portal.web.fields import REQUIRED
from portal.web.forms.base import PortalForm


class CarrierForm(PortalForm):
    """The password is typed and never shown again; empty keeps the one that is there."""

    username = StringField(
        lazy_gettext("API user name"), [InputRequired(REQUIRED), Length(max=254)]
    )
    password = PasswordField(lazy_gettext("API password"), [Length(max=500)])
    base_url = StringField(
        lazy_gettext("Address of the API"),
        [InputRequired(REQUIRED), Length(max=300)],
        default=VOIPMS_URL,
    )
