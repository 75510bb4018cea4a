"""A contact, and a group of them."""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import lazy_gettext
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.contacts import (
    MOST_NUMBERS,
    ContactCard,
    ContactDraft,
    GroupRow,
    NumberFacts,
    NumberKind,
    mark,
)
from portal.core import phone
from portal.web.fields import REQUIRED, CheckBoxes
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices
from portal.web.i18n import LANGUAGES

_LEAST_SHOWN = 3
_KINDS = (
    (NumberKind.MOBILE.value, lazy_gettext("Mobile")),
    (NumberKind.OTHER.value, lazy_gettext("Other")),
    (NumberKind.FAX.value, lazy_gettext("Fax")),
)


class _ContactFields(PortalForm):
    name = StringField(lazy_gettext("Name"), [Length(max=120)])
    company = StringField(lazy_gettext("Company"), [Length(max=120)])
    email = StringField(lazy_gettext("E-mail"), [Length(max=254)])
    language = SelectField(lazy_gettext("Language"))
    groups = CheckBoxes(lazy_gettext("Groups"))
    note = TextAreaField(lazy_gettext("Note"), [Length(max=2_000)], render_kw={"rows": 4})
    seen = HiddenField()


def _with_numbers() -> type[_ContactFields]:
    fields: dict[str, Any] = {}
    for at in range(MOST_NUMBERS):
        fields[f"number_{at}"] = StringField(
            lazy_gettext("Number %(at)s", at=at + 1), [Length(max=40)]
        )
        fields[f"kind_{at}"] = SelectField(
            lazy_gettext("Kind of number %(at)s", at=at + 1),
            choices=choices(_KINDS),
            default=NumberKind.MOBILE.value,
        )
    return type("_WithNumbers", (_ContactFields,), fields)


class ContactForm(_with_numbers()):  # type: ignore[misc]
    """One contact: ``number_0`` … with ``kind_0`` …; empty ones are left out."""

    def offer(self, groups: list[GroupRow]) -> None:
        """Let these groups be chosen."""
        self.groups.choices = choices((str(one.public_id), one.name) for one in groups)
        self.language.choices = choices([("", str(lazy_gettext("Not known"))), *LANGUAGES.items()])

    def draft(self) -> ContactDraft:
        """What was typed."""
        return ContactDraft(
            name=self.name.data or "",
            company=self.company.data or "",
            email=self.email.data or "",
            language=self.language.data or "",
            note=self.note.data or "",
            numbers=tuple(NumberFacts(text, kind) for _, text, kind in self._typed()),
        )

    def chosen(self) -> list[uuid.UUID]:
        """The groups."""
        return [uuid.UUID(one) for one in self.groups.data or []]

    def rows(self) -> list[tuple[Any, Any]]:
        """Number and kind, as many as are filled, and some empty ones."""
        filled = [at for at in range(MOST_NUMBERS) if self[f"number_{at}"].data]
        shown = min(max(_LEAST_SHOWN, max(filled, default=-1) + 2), MOST_NUMBERS)
        return [(self[f"number_{at}"], self[f"kind_{at}"]) for at in range(shown)]

    def refuse(self, refusal: Any) -> None:
        """The business counts the numbers it was given, the form its lines."""
        name, _, at = (refusal.field or "").partition("number_")
        if not name and at.isdigit():
            lines = [line for line, _, _ in self._typed()]
            refusal.field = f"number_{lines[int(at)] if int(at) < len(lines) else 0}"
        super().refuse(refusal)

    def _typed(self) -> list[tuple[int, str, NumberKind]]:
        return [
            (at, text, NumberKind(self[f"kind_{at}"].data or NumberKind.MOBILE))
            for at in range(MOST_NUMBERS)
            if (text := (self[f"number_{at}"].data or "").strip())
        ]


def filled(card: ContactCard) -> ContactForm:
    """The form of a contact as it is."""
    data: dict[str, Any] = {
        "name": card.name,
        "company": card.company,
        "email": card.email,
        "language": card.language,
        "note": card.note,
        "groups": [str(one) for one in card.groups],
        "seen": mark(card),
    }
    for at, one in enumerate(card.numbers):
        data |= {f"number_{at}": phone.international(one.number), f"kind_{at}": one.kind.value}
    return ContactForm(data=data)


class GroupForm(PortalForm):
    """What a group is called."""

    name = StringField(lazy_gettext("Name of the group"), [InputRequired(REQUIRED), Length(max=60)])
