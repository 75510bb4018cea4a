"""A message to many clients, and a file that becomes clients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext
from wtforms import FileField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal import batches
from portal.web.fields import REQUIRED
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices

_FIELD_NAMES = {
    "first_name": lazy_gettext("First name"),
    "last_name": lazy_gettext("Last name"),
    "company": lazy_gettext("Company"),
    "email": lazy_gettext("E-mail"),
    "phone": lazy_gettext("Phone"),
    "address": lazy_gettext("Address"),
    "city": lazy_gettext("City"),
    "state": lazy_gettext("State or province"),
    "zip": lazy_gettext("Postal code"),
    "country": lazy_gettext("Country"),
    "language": lazy_gettext("Language"),
    "time_zone": lazy_gettext("Time zone"),
    "balance_mode": lazy_gettext("Balance management"),
    "low_balance_threshold": lazy_gettext("Low balance threshold"),
    "low_balance_email": lazy_gettext("Low balance address"),
    "next_billing_day": lazy_gettext("Next billing date"),
    "number": lazy_gettext("User ID"),
}


class NoticeForm(PortalForm):
    """What everybody on the list is told."""

    subject = StringField(lazy_gettext("Subject"), [InputRequired(REQUIRED), Length(max=150)])
    text = TextAreaField(
        lazy_gettext("Text"), [InputRequired(REQUIRED), Length(max=10_000)], render_kw={"rows": 10}
    )


class ImportForm(PortalForm):
    """A file; what is wrong with it stands beside it."""

    file = FileField(
        lazy_gettext("CSV file"), render_kw={"accept": ".csv,.txt,text/csv", "required": True}
    )


class MappingForm(PortalForm):
    """One choice for each column of the file; see ``mapping_form``."""

    @property
    def columns(self) -> list[Any]:
        """The choices, in the order of the columns."""
        return list(self)

    def mapping(self) -> list[str]:
        """The field of each column."""
        return [str(field.data or "") for field in self]


def mapping_form(
    head: Sequence[str], formdata: Any = None, *, chosen: Sequence[str] = ()
) -> MappingForm:
    """The form for these columns."""
    fields = {
        f"column_{at:02}": SelectField(
            title or str(lazy_gettext("Column %(number)s", number=at + 1)),
            choices=choices(field_choices()),
            default=chosen[at] if at < len(chosen) else "",
        )
        for at, title in enumerate(head)
    }
    made: MappingForm = type("ColumnsForm", (MappingForm,), fields)(formdata)
    return made


def field_choices() -> list[tuple[str, str]]:
    """Every field a column can be, after none."""
    return [
        ("", str(lazy_gettext("Leave out"))),
        *((name, str(_FIELD_NAMES[name])) for name in batches.FIELDS),
    ]
