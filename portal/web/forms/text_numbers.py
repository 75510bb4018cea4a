"""What is done with the texts that arrive at a number."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from portal.messaging import Form, NumberSettings
from portal.web.fields import PhoneField, WholeField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices


class TextNumberForm(PortalForm):
    """Named like ``messaging.NumberSettings``."""

    is_on = BooleanField(lazy_gettext("Texts are on"))
    email = StringField(lazy_gettext("Copy by e-mail to"), [Length(max=254)])
    forward_to = PhoneField(lazy_gettext("Forward to a phone"), [Length(max=40)])
    callback_url = StringField(lazy_gettext("Address of your system"), [Length(max=1_000)])
    callback_form = RadioField(
        lazy_gettext("How it is told"),
        choices=choices(
            [
                (Form.GET.value, lazy_gettext("GET with a template")),
                (Form.JSON.value, lazy_gettext("POST of JSON")),
                (Form.FORM.value, lazy_gettext("POST of a form")),
            ]
        ),
        default=Form.GET.value,
    )
    give_up_hours = WholeField(
        lazy_gettext("Try for so many hours"),
        [InputRequired(lazy_gettext("Enter a whole number from 1 to 168."))],
    )

    def wish(self) -> NumberSettings:
        """What the form says."""
        return NumberSettings(
            "", bool(self.is_on.data), self.email.data or "", self.forward_to.data or "",
            self.callback_url.data or "", Form(self.callback_form.data), self.give_up_hours.data or 0,
        )  # fmt: skip
