"""Writing a text."""

from __future__ import annotations

import re
import uuid
from typing import Any, cast

from flask_babel import lazy_gettext
from wtforms import Field, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from portal.contacts import ContactChoice
from portal.core.errors import DomainError
from portal.messaging import Draft
from portal.rating.messages import MMS_FILES, Choice
from portal.web.fields import REQUIRED, PhoneField
from portal.web.forms.base import PortalForm

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CHOICES = ("sms", "mms", "parts")
# What the business calls otherwise than the form.
_FIELDS = {"text": "body", "files": "file"}


class UploadsField(Field):
    """The uploads of this message, by public id; what is no id is no upload."""

    def process_formdata(self, valuelist: list[str]) -> None:
        found = [uuid.UUID(one) for one in valuelist if _UUID.fullmatch(one)]
        self.data = list(dict.fromkeys(found))[: MMS_FILES + 1]


class SmsForm(PortalForm):
    """``ref`` is made by the browser, else by the server: the same one is the same message."""

    sender = StringField(lazy_gettext("From"), [InputRequired(REQUIRED), Length(max=20)])
    recipient = PhoneField(lazy_gettext("To"), [InputRequired(REQUIRED), Length(max=200)])
    body = TextAreaField(lazy_gettext("Message"), [Optional(), Length(max=4_000)])
    file = UploadsField(lazy_gettext("Files"))
    send_as = HiddenField()
    ref = HiddenField()

    def __init__(self, *args: Any, country: str = "CA", **more: Any) -> None:
        super().__init__(*args, **more)
        self.recipient.default_country = country
        self.matches: list[ContactChoice] = []  # several whom the recipient's name may mean

    def uploads(self) -> list[uuid.UUID]:
        """The files that were uploaded for this message."""
        return list(self.file.data or [])

    def choice(self) -> Choice:
        """What a longer text is sent as."""
        return cast("Choice", self.send_as.data) if self.send_as.data in _CHOICES else ""

    def reference(self) -> str:
        """The browser's name for this message, or a new one."""
        reference = (self.ref.data or "").lower()
        return reference if _UUID.fullmatch(reference) else str(uuid.uuid4())

    def draft(self) -> Draft:
        """What was written, under the browser's reference or a new one."""
        return Draft(
            sender=self.sender.data or "",
            recipient=self.recipient.data or "",
            text=self.body.data or "",
            reference=self.reference(),
            files=tuple(self.uploads()),
            send_as=self.choice(),
        )

    def refuse(self, refusal: DomainError) -> None:
        """Some things have another name in the form."""
        refusal.field = _FIELDS.get(refusal.field or "", refusal.field)
        super().refuse(refusal)
