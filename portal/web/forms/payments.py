"""Money that staff write down by hand."""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import lazy_gettext
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from portal.web.fields import REQUIRED, MoneyField
from portal.web.forms.base import PortalForm


class MoneyForm(PortalForm):
    """A payment or a charge. ``reference`` is made with the form: sent twice, it counts once."""

    amount = MoneyField(lazy_gettext("Amount"), [InputRequired(REQUIRED)])
    description = StringField(lazy_gettext("Description"), [Length(max=200)])
    reference = HiddenField(
        validators=[
            InputRequired(REQUIRED),
            Regexp(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", message=REQUIRED),
        ]
    )

    def __init__(self, formdata: Any = None, *, name: str = "", **more: Any) -> None:
        super().__init__(formdata, **more)
        if formdata is None:
            self.reference.data = str(uuid.uuid4())
        if name:  # two of these stand on one page
            for field in self:
                field.id = f"{name}-{field.name}"
                field.label.field_id = field.id


class ReverseForm(PortalForm):
    """Why a transaction is undone; kept in the log."""

    reason = StringField(lazy_gettext("Reason"), [InputRequired(REQUIRED), Length(max=200)])


class RefundForm(PortalForm):
    """How much of a payment goes back, and why. ``reference`` is made with the form."""

    amount = MoneyField(lazy_gettext("Amount"), [InputRequired(REQUIRED)])
    reason = StringField(lazy_gettext("Reason"), [InputRequired(REQUIRED), Length(max=150)])
    reference = HiddenField(
        validators=[
            InputRequired(REQUIRED),
            Regexp(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", message=REQUIRED),
        ]
    )

    def __init__(self, formdata: Any = None, **more: Any) -> None:
        super().__init__(formdata, **more)
        if formdata is None:
            self.reference.data = str(uuid.uuid4())
