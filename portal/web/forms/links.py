"""Giving sub-accounts and packages to a client."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import BooleanField, DateField, SelectField
from wtforms.validators import InputRequired, Optional

from portal.web.fields import REQUIRED
from portal.web.forms.base import PortalForm


class PackageForm(PortalForm):
    """Which package a sub-account has from now on."""

    package = SelectField(lazy_gettext("Package"))
    next_billing_day = DateField(lazy_gettext("Next billing date"), [Optional()])
    charge_setup = BooleanField(lazy_gettext("Charge the setup fee now"))


class LinkForm(PackageForm):
    """The same, for a sub-account that nobody has yet."""

    sub_account = SelectField(lazy_gettext("Sub-account"), [InputRequired(REQUIRED)])
