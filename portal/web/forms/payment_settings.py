"""How a reseller's clients pay: PayPal's login, and which amounts."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from portal.core.money import InvalidAmount, Money
from portal.web.fields import REQUIRED, PaidField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices

OFF, EMAIL, API = "off", "email", "api"
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PLAIN = re.compile(r"[\x21-\x7e]*")


class PayPalForm(PortalForm):
    """By business e-mail or by API credentials. The secret is typed and never shown again."""

    way = RadioField(lazy_gettext("PayPal"), default=OFF)
    live = BooleanField(lazy_gettext("Real money"))
    email = StringField(lazy_gettext("PayPal e-mail"), [Optional(), Length(max=254)])
    client_id = StringField(lazy_gettext("Client ID"), [Optional(), Length(max=200)])
    secret = PasswordField(lazy_gettext("Secret"), [Optional(), Length(max=200)])
    webhook_id = StringField(lazy_gettext("Webhook ID"), [Optional(), Length(max=60)])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.way.choices = choices(
            [(OFF, gettext("Off")), (EMAIL, gettext("By e-mail")), (API, gettext("By API"))]
        )

    def validate_email(self, field: StringField) -> None:
        text = (field.data or "").strip()
        if text and not _ADDRESS.fullmatch(text):
            raise ValidationError(gettext("Enter an address like name@example.com."))

    def validate_client_id(self, field: StringField) -> None:
        if not _PLAIN.fullmatch((field.data or "").strip()):
            raise ValidationError(gettext("Paste it as PayPal shows it."))

    validate_webhook_id = validate_client_id


class AmountsForm(PortalForm):
    """The guide's list, separated by commas; or any amount between two limits."""

    amounts = StringField(
        lazy_gettext("Amounts"),
        [Optional(), Length(max=300)],
        render_kw={"inputmode": "text", "autocomplete": "off"},
    )
    free_amount = BooleanField(lazy_gettext("Clients may type another amount"))
    minimum = PaidField(lazy_gettext("Smallest amount"), [InputRequired(REQUIRED)])
    maximum = PaidField(lazy_gettext("Largest amount"), [InputRequired(REQUIRED)])

    def validate_amounts(self, field: StringField) -> None:
        try:
            found = self.listed()
        except InvalidAmount:
            raise ValidationError(gettext("Write amounts like 10, 25, 50, 100.")) from None
        if any(each.micros % 10_000 for each in found):
            raise ValidationError(gettext("Enter amounts with at most two decimals."))

    def listed(self) -> tuple[Money, ...]:
        """The amounts of the list; raises InvalidAmount."""
        words = (word.strip().lstrip("$") for word in (self.amounts.data or "").split(","))
        return tuple(Money.of(word) for word in words if word)
