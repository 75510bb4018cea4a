"""A reseller's login at Stripe."""

from __future__ import annotations

import re

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, PasswordField
from wtforms.validators import Length, Optional, ValidationError

from portal.web.forms.base import PortalForm

_KEY = re.compile(r"(sk|rk)_(test|live)_[A-Za-z0-9_]{6,240}")
_HOOK = re.compile(r"whsec_[A-Za-z0-9_+/=]{6,240}")


class StripeForm(PortalForm):
    """Both secrets are typed and never shown again; the key itself says whether money is real."""

    on = BooleanField(lazy_gettext("Clients may pay by card"))
    secret_key = PasswordField(lazy_gettext("Secret key"), [Optional(), Length(max=250)])
    webhook_secret = PasswordField(lazy_gettext("Signing secret"), [Optional(), Length(max=250)])

    def validate_secret_key(self, field: PasswordField) -> None:
        if not _KEY.fullmatch((field.data or "").strip()):
            raise ValidationError(gettext("Paste the secret key, which begins with sk_ or rk_."))

    def validate_webhook_secret(self, field: PasswordField) -> None:
        if not _HOOK.fullmatch((field.data or "").strip()):
            raise ValidationError(gettext("Paste the signing secret, which begins with whsec_."))
