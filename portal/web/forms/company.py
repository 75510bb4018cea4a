"""The company's own details, and the server its mails go through."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from portal.identity import CompanyDetails
from portal.mail import Security, ServerDetails
from portal.web.fields import REQUIRED, PhoneField, WholeField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices, countries, currencies, languages, time_zones

_EMAIL = Regexp(
    r"\s*[^@\s]+@[^@\s]+\s*\Z", message=lazy_gettext("Enter an address like name@example.com.")
)


class CompanyForm(PortalForm):
    """Named like ``identity.CompanyDetails``."""

    name = StringField(lazy_gettext("Company name"), [InputRequired(REQUIRED), Length(max=120)])
    address = TextAreaField(lazy_gettext("Address"), [Length(max=400)])
    tax_numbers = TextAreaField(lazy_gettext("Tax numbers"), [Length(max=200)])
    support_phone = PhoneField(lazy_gettext("Support telephone"), [Optional(), Length(max=32)])
    support_email = StringField(
        lazy_gettext("Support e-mail"), [Optional(), Length(max=254), _EMAIL]
    )
    website = StringField(lazy_gettext("Website"), [Optional(), Length(max=200)])
    country = SelectField(lazy_gettext("Country"))
    time_zone = SelectField(lazy_gettext("Time zone"))
    currency = SelectField(lazy_gettext("Currency"))
    language = SelectField(lazy_gettext("Language"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.country.choices = countries()
        self.time_zone.choices = time_zones()
        self.currency.choices = currencies()
        self.language.choices = languages()

    def details(self) -> CompanyDetails:
        """What the form says."""
        return CompanyDetails(**{field.name: field.data or "" for field in self})


class MailServerForm(PortalForm):
    """Named like ``mail.ServerDetails``; the password is typed and never shown again."""

    host = StringField(lazy_gettext("Host"), [InputRequired(REQUIRED), Length(max=253)])
    port = WholeField(
        lazy_gettext("Port"),
        [InputRequired(REQUIRED), NumberRange(1, 65_535)],
        default=587,
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    security = RadioField(lazy_gettext("Encryption"), default=Security.STARTTLS.value)
    username = StringField(lazy_gettext("User name"), [Length(max=254)])
    password = PasswordField(lazy_gettext("Password"), [Length(max=1000)])
    sender_address = StringField(
        lazy_gettext("Sender address"), [InputRequired(REQUIRED), Length(max=254), _EMAIL]
    )
    sender_name = StringField(lazy_gettext("Sender name"), [Length(max=120)])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.security.choices = choices(
            (
                (Security.STARTTLS.value, "STARTTLS"),
                (Security.TLS.value, "TLS"),
                (Security.NONE.value, gettext("None")),
            )
        )

    def details(self) -> ServerDetails:
        """What the form says, without the password."""
        return ServerDetails(
            host=self.host.data or "",
            port=self.port.data or 0,
            security=Security(self.security.data),
            username=self.username.data or "",
            sender_address=self.sender_address.data or "",
            sender_name=self.sender_name.data or "",
        )
