"""The one form of an empty installation."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from portal.identity import FirstCompany
from portal.web.fields import REQUIRED
from portal.web.forms.auth import NewPasswordForm
from portal.web.forms.choices import countries, currencies, languages, time_zones


class FirstRunForm(NewPasswordForm):
    """Named like ``identity.FirstCompany``, with the console's word and the owner's password."""

    token = StringField(
        lazy_gettext("Word from the console"), [InputRequired(REQUIRED), Length(max=60)]
    )
    name = StringField(lazy_gettext("Company name"), [InputRequired(REQUIRED), Length(max=120)])
    country = SelectField(lazy_gettext("Country"), default="CA")
    currency = SelectField(lazy_gettext("Currency"), default="USD")
    time_zone = SelectField(lazy_gettext("Time zone"), default="America/Toronto")
    # The page already has a choice of language, of itself.
    language = SelectField(lazy_gettext("Language"), id="company-language")
    owner_name = StringField(lazy_gettext("Your name"), [InputRequired(REQUIRED), Length(max=120)])
    email = StringField(
        lazy_gettext("E-mail"),
        [
            InputRequired(REQUIRED),
            Length(max=254),
            Regexp(
                r"[^@\s]+@[^@\s]+", message=lazy_gettext("Enter an address like name@example.com.")
            ),
        ],
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.country.choices = countries()
        self.currency.choices = currencies()
        self.time_zone.choices = time_zones()
        self.language.choices = languages()

    def company(self) -> FirstCompany:
        """What the form says about the company and its owner."""
        return FirstCompany(
            **{name: getattr(self, name).data or "" for name in FirstCompany.__dataclass_fields__}
        )
