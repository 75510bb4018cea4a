"""What a contact said about texts, written down; and the answers to their words."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.messaging import ConsentChange, Wish
from portal.web.fields import REQUIRED, PhoneField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices


class ConsentForm(PortalForm):
    """Texts stopped or allowed by word of mouth, letter or telephone."""

    number = SelectField(lazy_gettext("Your number"), [InputRequired(REQUIRED)], choices=())
    contact = PhoneField(lazy_gettext("Contact"), [InputRequired(REQUIRED), Length(max=40)])
    change = RadioField(
        lazy_gettext("What they want"),
        choices=choices(
            [
                (ConsentChange.STOPPED.value, lazy_gettext("No more texts")),
                (ConsentChange.ALLOWED.value, lazy_gettext("Texts again")),
            ]
        ),
        default=ConsentChange.STOPPED.value,
    )
    reason = StringField(
        lazy_gettext("How they told you"), [InputRequired(REQUIRED), Length(max=200)]
    )


class AnswersForm(PortalForm):
    """The words that answer by themselves, in one language."""

    stop = TextAreaField(lazy_gettext("After STOP"), [Length(max=400)])
    start = TextAreaField(lazy_gettext("After START"), [Length(max=400)])
    help = TextAreaField(lazy_gettext("After HELP"), [Length(max=400)])

    def words(self) -> dict[Wish, str]:
        """What was written, by what it answers."""
        return {
            Wish.STOP: self.stop.data or "",
            Wish.START: self.start.data or "",
            Wish.HELP: self.help.data or "",
        }
