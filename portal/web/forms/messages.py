"""Writing a text."""

from __future__ import annotations

import re
import uuid

from flask_babel import lazy_gettext
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.core.errors import DomainError
from portal.messaging import Draft
from portal.web.fields import REQUIRED, PhoneField
from portal.web.forms.base import PortalForm

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class SmsForm(PortalForm):
    """``ref`` is made by the browser, else by the server: the same one is the same message."""

    sender = StringField(lazy_gettext("From"), [InputRequired(REQUIRED), Length(max=20)])
    recipient = PhoneField(lazy_gettext("To"), [InputRequired(REQUIRED), Length(max=40)])
    body = TextAreaField(
        lazy_gettext("Message"),
        [InputRequired(lazy_gettext("Write a message first.")), Length(max=2_000)],
    )
    ref = HiddenField()

    def draft(self) -> Draft:
        """What was written, under the browser's reference or a new one."""
        reference = (self.ref.data or "").lower()
        return Draft(
            sender=self.sender.data or "",
            recipient=self.recipient.data or "",
            text=self.body.data or "",
            reference=reference if _UUID.fullmatch(reference) else str(uuid.uuid4()),
        )

    def refuse(self, refusal: DomainError) -> None:
        """The business calls the body of a message its text."""
        if refusal.field == "text":
            refusal.field = "body"
        super().refuse(refusal)
