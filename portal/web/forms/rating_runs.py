"""Which past calls to price once more, and how."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import DateField, RadioField
from wtforms.validators import InputRequired

from portal.web.fields import REQUIRED
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices

PAPER, NOW, OWN = "paper", "now", "own"


class DaysForm(PortalForm):
    """From one day to another, both included."""

    first = DateField(lazy_gettext("First day"), [InputRequired(REQUIRED)])
    last = DateField(lazy_gettext("Last day"), [InputRequired(REQUIRED)])


class RunForm(DaysForm):
    """The same, and what is done with the calls."""

    work = RadioField(lazy_gettext("What to do"), default=PAPER)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.work.choices = choices(
            (
                (PAPER, str(lazy_gettext("Compare with the package as it is now; nothing moves"))),
                (NOW, str(lazy_gettext("Charge again as the package is now"))),
                (OWN, str(lazy_gettext("Charge again under the prices of their own time"))),
            )
        )
