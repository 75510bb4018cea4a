"""What clients see of passwords."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import BooleanField

from portal.web.forms.base import PortalForm


class DisplayForm(PortalForm):
    """Named like the columns of a reseller."""

    show_sip_password = BooleanField(lazy_gettext("Show SIP and IAX passwords"))
    show_forgot_password = BooleanField(lazy_gettext("Show “Forgot your password?”"))
