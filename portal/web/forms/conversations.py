"""What a team says about a conversation."""

from __future__ import annotations

import uuid

from flask_babel import gettext, lazy_gettext
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.messaging import LONGEST_NOTE
from portal.web.forms.base import PortalForm


class NoteForm(PortalForm):
    note = TextAreaField(
        lazy_gettext("Note"),
        [
            InputRequired(lazy_gettext("Write a note first.")),
            Length(max=LONGEST_NOTE, message=lazy_gettext("A note has at most 2,000 characters.")),
        ],
    )


class AssignForm(PortalForm):
    person = StringField()  # a public id; nobody when empty

    def chosen(self) -> uuid.UUID | None:
        """Who shall have it. A name of nobody is somebody who may not."""
        text = (self.person.data or "").strip()
        if not text:
            return None
        try:
            return uuid.UUID(text)
        except ValueError:
            return uuid.UUID(int=0)

    def problems(self) -> list[str]:
        """Why it was refused, in a sentence for the next page."""
        said = [*self.form_errors, *(str(error) for error in self.person.errors)]
        return said or ([] if self.accepted else [gettext("This was not saved.")])
