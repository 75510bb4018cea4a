"""A client's details as staff keep them, and the words that end an account."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask_babel import lazy_gettext
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, Optional, Regexp

from portal.identity import BalanceMode, ClientDetails, details_mark
from portal.web.fields import REQUIRED, MoneyField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices, countries, languages, time_zones

EMAIL = Regexp(
    r"\s*[^@\s]+@[^@\s]+\s*\Z", message=lazy_gettext("Enter an address like name@example.com.")
)


class ContactForm(PortalForm):
    """Who a client is and where: what staff type, and what strangers are asked."""

    first_name = StringField(lazy_gettext("First name"), [InputRequired(REQUIRED), Length(max=60)])
    last_name = StringField(lazy_gettext("Last name"), [InputRequired(REQUIRED), Length(max=60)])
    company = StringField(lazy_gettext("Company"), [Length(max=120)])
    email = StringField(lazy_gettext("E-mail"), [InputRequired(REQUIRED), Length(max=254), EMAIL])
    phone = StringField(
        lazy_gettext("Phone"),
        [
            Optional(),
            Regexp(
                r"\+?[0-9][0-9 ()./-]{2,30}$",
                message=lazy_gettext("Enter a number with its area code, like 613 555 0142."),
            ),
        ],
    )
    address = StringField(lazy_gettext("Address"), [Length(max=160)])
    city = StringField(lazy_gettext("City"), [Length(max=80)])
    state = StringField(lazy_gettext("State or province"), [Length(max=80)])
    zip = StringField(lazy_gettext("Postal code"), [Length(max=20)])
    country = SelectField(lazy_gettext("Country"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.country.choices = countries()


class ClientForm(ContactForm):
    """Every field of the guide's client page. ``seen`` marks what it was filled from."""

    seen = HiddenField()
    language = SelectField(lazy_gettext("Language"))
    time_zone = SelectField(lazy_gettext("Time zone"))
    balance_mode = RadioField(lazy_gettext("Balance management"))
    next_billing_day = DateField(lazy_gettext("Next billing date"), [Optional()])
    low_balance_threshold = MoneyField(lazy_gettext("Low balance threshold"))
    low_balance_email = StringField(
        lazy_gettext("Low balance address"), [Optional(), Length(max=254), EMAIL]
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.language.choices = languages()
        self.time_zone.choices = time_zones()
        self.balance_mode.choices = choices((("soft", "SOFT"), ("hard", "HARD")))
        if self.time_zone.data and self.time_zone.data not in {
            one.value for one in self.time_zone.choices
        }:
            self.time_zone.choices += choices([(self.time_zone.data, self.time_zone.data)])

    def details(self) -> ClientDetails:
        """What the form says, as the business takes it."""
        texts = {
            name: getattr(self, name).data or ""
            for name in (
                "first_name", "last_name", "company", "email", "phone", "address", "city", "state",
                "zip", "low_balance_email",
            )
        }  # fmt: skip
        return ClientDetails(
            **texts,
            country=self.country.data,
            language=self.language.data,
            time_zone=self.time_zone.data,
            balance_mode=BalanceMode(self.balance_mode.data),
            next_billing_day=self.next_billing_day.data,
            low_balance_threshold=self.low_balance_threshold.data,
        )

    def differences(self, saved: ClientDetails) -> list[str]:
        """The labels of what is typed otherwise than it is saved."""
        typed, kept = asdict(self.details()), asdict(saved)
        return [str(self[name].label.text) for name in typed if typed[name] != kept[name]]


class NewClientForm(ClientForm):
    """The same, with a first password and, where wanted, the first sub-account."""

    password = PasswordField(lazy_gettext("Password"), [Optional(), Length(max=1000)])
    invite = BooleanField(lazy_gettext("Mail a link to choose a password"))
    sub_account = SelectField(lazy_gettext("Sub-account"), default="")
    package = SelectField(lazy_gettext("Package"), default="")
    charge_setup = BooleanField(lazy_gettext("Charge the setup fee now"))


class CloseForm(PortalForm):
    """The name must be typed; ``confirm_name`` is what the dialog calls it."""

    typed_name = StringField(lazy_gettext("Type the name to confirm"), [InputRequired(REQUIRED)])


def values_of(details: ClientDetails) -> dict[str, Any]:
    """Saved details as the form's first values."""
    return asdict(details) | {
        "low_balance_threshold": details.low_balance_threshold,
        "balance_mode": str(details.balance_mode),
        "seen": details_mark(details),
    }
