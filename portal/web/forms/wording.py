"""A text of the reseller as its editor shows it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal import wording
from portal.core.errors import DomainError
from portal.web.fields import REQUIRED, WholeField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices
from portal.wording import Document, SavedText, UnknownNames

_MOST_VERSIONS = 1_000_000_000  # fits the database's numbers


class TextForm(PortalForm):
    """``delta`` comes from the editor; without scripts ``body`` does, and loses the look when changed."""

    subject = StringField(lazy_gettext("Title"), [InputRequired(REQUIRED), Length(max=200)])
    body = TextAreaField(lazy_gettext("Text"))
    delta = HiddenField()
    version = WholeField(
        lazy_gettext("Version"), [Optional(), NumberRange(0, _MOST_VERSIONS)], default=0
    )

    def document(self, saved: Document) -> Document:
        """What was written; InvalidInput when it holds what the editor cannot make."""
        if self.delta.data:
            return wording.from_json(self.delta.data)
        typed = self.body.data or ""
        if typed.split() == wording.plain_text(saved).split():
            return saved  # nobody touched it: bold words and pictures stay
        return wording.from_text(typed)

    def refuse(self, refusal: DomainError) -> None:
        """Unknown names are told one by one, each with the nearest that is known."""
        super().refuse(refusal)
        if isinstance(refusal, UnknownNames) and refusal.field:
            field = self._fields[refusal.field]
            field.errors = [_sentence(name, near) for name, near in refusal.names.items()]


class PreviewForm(PortalForm):
    """Whose facts stand in the preview, and as what it is shown."""

    who = StringField(lazy_gettext("With the facts of"), [Length(max=80)])
    as_ = RadioField(lazy_gettext("Shown as"), default="html", name="as")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.as_.choices = choices((("html", gettext("HTML")), ("text", gettext("Plain text"))))

    @property
    def sentences(self) -> list[str]:
        """Whatever is wrong, for places without a field to stand beside."""
        beside = [str(field.errors[0]) for field in self if field.errors]
        return [*map(str, self.form_errors), *beside]


def form_of(text: SavedText) -> TextForm:
    """The form with what is saved."""
    return TextForm(
        data={
            "subject": text.subject,
            "body": wording.plain_text(text.document),
            "version": text.version,
        }
    )


def _sentence(name: str, near: str) -> str:
    if near:
        return gettext(
            "[%(name)s] stands for nothing. Did you mean [%(near)s]?", name=name, near=near
        )
    return gettext("[%(name)s] stands for nothing. Choose one of the names below.", name=name)
