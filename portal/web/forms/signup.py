"""The page on which strangers ask for an account, and what a reseller lets it ask."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import BooleanField, PasswordField
from wtforms.validators import InputRequired, Length, NumberRange

from portal import identity
from portal.identity import ClientDetails, SignUpRules
from portal.web.fields import REQUIRED, CheckBoxes, WholeField
from portal.web.forms.base import PortalForm
from portal.web.forms.bots import AgainstBots
from portal.web.forms.choices import choices
from portal.web.forms.clients import ContactForm

FIELD_NAMES = {
    "company": lazy_gettext("Company"),
    "phone": lazy_gettext("Phone"),
    "address": lazy_gettext("Address"),
    "city": lazy_gettext("City"),
    "state": lazy_gettext("State or province"),
    "zip": lazy_gettext("Postal code"),
    "country": lazy_gettext("Country"),
}


class SignUpForm(AgainstBots, ContactForm):
    """Exactly the fields of the reseller's rules; the others do not exist."""

    password = PasswordField(lazy_gettext("Password"), [InputRequired(REQUIRED), Length(max=1000)])

    def __init__(self, formdata: Any = None, *, rules: SignUpRules, **more: Any) -> None:
        super().__init__(formdata, **more)
        for name in identity.OPTIONAL_FIELDS:
            if name not in rules.shown:
                del self[name]
            elif name in rules.required:
                field: Any = self[name]
                field.validators = [InputRequired(REQUIRED), *_not_optional(field.validators)]
                field.flags.required = True

    def details(self, *, country: str, language: str, time_zone: str) -> ClientDetails:
        """What was typed; ``country`` when it is not asked."""
        asked = [name for name in identity.OPTIONAL_FIELDS if name in self]
        typed: dict[str, Any] = {"country": country} | {
            name: self[name].data or "" for name in ("first_name", "last_name", "email", *asked)
        }
        return ClientDetails(**typed, language=language, time_zone=time_zone)


class SignUpRulesForm(PortalForm):
    """On or off, and two boxes for each field."""

    is_on = BooleanField(lazy_gettext("Let visitors ask for an account"))
    shown = CheckBoxes(lazy_gettext("Shown"))
    required = CheckBoxes(lazy_gettext("Required"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        offered = choices((name, str(label)) for name, label in FIELD_NAMES.items())
        self.shown.choices = self.required.choices = offered


class KeepClosedForm(PortalForm):
    """How long a closed client keeps the name."""

    keep_closed_years = WholeField(
        lazy_gettext("Years after closing"),
        [
            InputRequired(REQUIRED),
            NumberRange(0, 30, lazy_gettext("Enter whole years from 0 to 30.")),
        ],
        render_kw={"inputmode": "numeric"},
    )


def _not_optional(validators: Any) -> list[Any]:
    return [one for one in validators if "optional" not in getattr(one, "field_flags", {})]
