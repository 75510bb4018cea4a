"""Texts prepared ahead: a template, a text for later, a text to many."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import (
    DateField,
    FileField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.core.wall import LeftOut
from portal.prepared import UnknownVariable
from portal.web.fields import REQUIRED, WholeField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices
from portal.web.forms.moments import left_out

_WRITE_FIRST = lazy_gettext("Write a message first.")
_HOW = (
    ("", lazy_gettext("One SMS each, at most 160 bytes")),
    ("parts", lazy_gettext("Longer ones as several SMS")),
    ("mms", lazy_gettext("Longer ones as an MMS")),
)


class _WithBody(PortalForm):
    """The business calls the body of a message its text."""

    def refuse(self, refusal: Any) -> None:
        """Say which variable is unknown and which may be meant, and where the clocks go on."""
        if refusal.field == "text" and "body" in self._fields:
            refusal.field = "body"
        super().refuse(refusal)
        if isinstance(refusal, LeftOut) and "time" in self._fields:
            self._fields["time"].errors = [left_out(refusal)]
        if isinstance(refusal, UnknownVariable) and refusal.field in self._fields:
            said = gettext("[%(name)s] is no variable.", name=refusal.name)
            if refusal.near:
                said += " " + gettext("Do you mean [%(name)s]?", name=refusal.near)
            self._fields[refusal.field].errors = [said]


class TemplateForm(_WithBody):
    """A text to begin with."""

    name = StringField(lazy_gettext("Name"), [InputRequired(REQUIRED), Length(max=60)])
    body = TextAreaField(
        lazy_gettext("Message"),
        [InputRequired(_WRITE_FIRST), Length(max=2_000)],
        render_kw={"rows": 5},
    )


class LaterForm(_WithBody):
    """A text and its moment, in the time zone of whoever writes it."""

    sender = SelectField(lazy_gettext("From"))
    recipient = StringField(lazy_gettext("To"), [InputRequired(REQUIRED), Length(max=40)])
    body = TextAreaField(lazy_gettext("Message"), [Length(max=2_000)], render_kw={"rows": 4})
    send_as = SelectField(lazy_gettext("Longer than 160 bytes"), choices=choices(_HOW))
    day = DateField(lazy_gettext("Day"), [Optional()])
    time = TimeField(lazy_gettext("Time"), [Optional()])


class BulkForm(_WithBody):
    """What everybody gets."""

    sender = SelectField(lazy_gettext("From"))
    body = TextAreaField(
        lazy_gettext("Message"),
        [InputRequired(_WRITE_FIRST), Length(max=2_000)],
        render_kw={"rows": 5},
    )
    send_as = SelectField(lazy_gettext("Longer than 160 bytes"), choices=choices(_HOW))


class RecipientsForm(PortalForm):
    """Whom a text to many is for: a group, or the lines of a file."""

    group = SelectField(lazy_gettext("Group"))
    file = FileField(lazy_gettext("CSV file"), render_kw={"accept": ".csv,.txt,text/csv"})


class LimitsForm(PortalForm):
    """What the carrier allows."""

    a_minute = WholeField(
        lazy_gettext("Texts a minute"), [InputRequired(REQUIRED), NumberRange(1, 600)],
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip
    a_day = WholeField(
        lazy_gettext("Texts a day"), [InputRequired(REQUIRED), NumberRange(1, 100_000)],
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip
