"""A call to be imagined: everything that its price depends on."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import BooleanField, DateTimeLocalField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from portal.core.phone import Category, dialled
from portal.web.fields import REQUIRED, RateField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices
from portal.web.forms.packages import length_seconds


class SimulatorForm(PortalForm):
    """Number, length, moment, package; the rest has a usual answer."""

    number = StringField(
        lazy_gettext("Number"), [InputRequired(REQUIRED), Length(max=40)], default=""
    )
    length = StringField(lazy_gettext("Length"), [InputRequired(REQUIRED)], default="1:42")
    direction = RadioField(lazy_gettext("Direction"), default="out")
    at = DateTimeLocalField(
        lazy_gettext("Start"), [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
    )
    package = SelectField(lazy_gettext("Package"), default="")
    account = SelectField(lazy_gettext("Sub-account"), default="")
    cost = RateField(lazy_gettext("Carrier cost"), [Optional()])
    on_net = BooleanField(lazy_gettext("Inside the carrier's network"))

    def __init__(
        self, *args: Any, packages: list[tuple[str, str]], accounts: list[tuple[str, str]], **more: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **more)
        self.direction.choices = choices(
            (("out", str(lazy_gettext("Outgoing"))), ("in", str(lazy_gettext("Incoming"))))
        )
        self.package.choices = choices(
            [("", str(lazy_gettext("The sub-account's own, or none"))), *packages]
        )
        self.account.choices = choices([("", str(lazy_gettext("None"))), *accounts])

    def validate_number(self, field: StringField) -> None:
        """Any spelling, and service codes; words are nothing that can be dialled."""
        if dialled(field.data or "").category is Category.UNKNOWN:
            raise ValidationError(
                str(lazy_gettext("Enter a number with its area code, like 613 555 0142."))
            )

    def validate_length(self, field: StringField) -> None:
        """m:ss or seconds, up to a day."""
        if length_seconds(field.data or "") is None:
            raise ValidationError(str(lazy_gettext("Enter a length like 1:42.")))

    def validate_at(self, field: DateTimeLocalField) -> None:
        """Neither before there were telephones nor when nobody will care."""
        if field.data is not None and not 2000 <= field.data.year <= 2100:
            raise ValidationError(str(lazy_gettext("Enter a year from 2000 to 2100.")))
