"""A host name of the reseller's own."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal.web.fields import REQUIRED
from portal.web.forms.base import PortalForm


class HostnameForm(PortalForm):
    host = StringField(lazy_gettext("Host name"), [InputRequired(REQUIRED), Length(max=253)])
