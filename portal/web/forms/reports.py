"""Forms of reports: a filter's name, a schedule, an address outside the team."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext
from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from portal.reports import Every, FileFormat, ReportKind, ScheduleDraft
from portal.web.fields import REQUIRED, WholeField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices

HOURS = [(str(hour), f"{hour:02}:00") for hour in range(24)]
WEEKDAYS = (
    ("1", lazy_gettext("Monday")),
    ("2", lazy_gettext("Tuesday")),
    ("3", lazy_gettext("Wednesday")),
    ("4", lazy_gettext("Thursday")),
    ("5", lazy_gettext("Friday")),
    ("6", lazy_gettext("Saturday")),
    ("7", lazy_gettext("Sunday")),
)


class FilterForm(PortalForm):
    name = StringField(lazy_gettext("Name"), [InputRequired(REQUIRED), Length(max=60)])
    shared = BooleanField(lazy_gettext("For the whole team"))
    opens = BooleanField(lazy_gettext("Open the report with it"))


class AddressForm(PortalForm):
    email = StringField(lazy_gettext("E-mail"), [InputRequired(REQUIRED), Length(max=254)])


class ScheduleForm(PortalForm):
    """Which days count depends on ``every``; who gets it is offered by the page."""

    period = SelectField(lazy_gettext("Period of the report"))
    format = RadioField(
        lazy_gettext("File"),
        choices=choices((one.value, one.value.upper()) for one in (FileFormat.PDF, FileFormat.XLSX, FileFormat.CSV)),
        default=FileFormat.PDF.value,
    )  # fmt: skip
    every = RadioField(
        lazy_gettext("How often"),
        choices=choices(
            (
                (Every.DAY.value, lazy_gettext("Daily")),
                (Every.WEEK.value, lazy_gettext("Weekly")),
                (Every.MONTH.value, lazy_gettext("Monthly")),
            )
        ),
        default=Every.WEEK.value,
    )
    weekday = SelectField(lazy_gettext("Weekday, when weekly"), choices=choices(WEEKDAYS))
    month_day = WholeField(
        lazy_gettext("Day of the month, when monthly"), [NumberRange(1, 31)], default=1
    )
    hour = SelectField(lazy_gettext("At"), choices=choices(HOURS), default="6")
    people = SelectMultipleField(
        lazy_gettext("Colleagues"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    addresses = SelectMultipleField(
        lazy_gettext("Confirmed addresses"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )

    def offer(
        self,
        periods: Sequence[tuple[str, str]],
        people: Sequence[tuple[str, str]],
        addresses: Sequence[tuple[str, str]],
    ) -> None:
        """Value and label of each list."""
        self.period.choices = choices(periods)
        self.people.choices = choices(people)
        self.addresses.choices = choices(addresses)

    def draft(
        self, report: ReportKind, words: Mapping[str, str], said: Sequence[tuple[str, str]]
    ) -> ScheduleDraft:
        """What the form says, for a report and its filter."""
        every = Every(self.every.data)
        days = {Every.DAY: 1, Every.WEEK: int(self.weekday.data), Every.MONTH: self.month_day.data}
        return ScheduleDraft(
            report=report,
            words=words,
            said=said,
            format=FileFormat(self.format.data),
            every=every,
            on_day=days[every] or 1,
            hour=int(self.hour.data),
            people=[uuid.UUID(one) for one in self.people.data or ()],
            addresses=[uuid.UUID(one) for one in self.addresses.data or ()],
        )
