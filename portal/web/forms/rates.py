"""Rates per area: one to be changed, and files that bring many."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, DateField, FileField, SelectField
from wtforms.validators import InputRequired, Optional

from portal.pricing import COLUMNS, RateImportRow
from portal.web.fields import REQUIRED, RateField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices

_NO_COLUMN = "-"


class RateForm(PortalForm):
    """What a minute costs there from now or from a day on; several may stand on one page."""

    rate = RateField(lazy_gettext("Rate per minute"), [InputRequired(REQUIRED)])
    valid_from = DateField(lazy_gettext("In force from"), [Optional()])


class RateFileForm(PortalForm):
    """A file of rates."""

    file = FileField(lazy_gettext("CSV file"))


class ColumnsForm(PortalForm):
    """Which column of a file holds what."""

    area = SelectField(lazy_gettext("Prefix or country"))
    rate = SelectField(lazy_gettext("Rate per minute"))
    name = SelectField(lazy_gettext("Destination"))
    valid_from = DateField(lazy_gettext("In force from"), [Optional()])
    ends_missing = BooleanField(lazy_gettext("End the rates that are not in this file"))

    def __init__(self, formdata: Any = None, *, row: RateImportRow) -> None:
        guessed = {name: str(at) for name, at in row.columns.items()}
        super().__init__(formdata, data={"name": _NO_COLUMN} | guessed)
        columns = [
            (str(at), heading or gettext("Column %(number)s", number=at + 1))
            for at, heading in enumerate(row.sheet["headings"])
        ]
        self.area.choices = choices(columns)
        self.rate.choices = choices(columns)
        self.name.choices = choices([(_NO_COLUMN, gettext("No column")), *columns])

    @property
    def columns(self) -> dict[str, int]:
        """The columns that were chosen, by what they hold."""
        chosen = {name: getattr(self, name).data for name in COLUMNS}
        return {name: int(at) for name, at in chosen.items() if at != _NO_COLUMN}
