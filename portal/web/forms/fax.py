"""Putting a fax together, naming a folder, forwarding by mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.core.errors import DomainError, InvalidInput
from portal.core.wall import LeftOut, Moment, moment
from portal.fax import Cover
from portal.web.fields import REQUIRED
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices
from portal.web.forms.clients import EMAIL
from portal.web.forms.moments import left_out


class FaxForm(PortalForm):
    """All of a fax but its files, pages and recipients, which are kept one by one."""

    sender = SelectField(lazy_gettext("From"), validate_choice=False)
    to = StringField(lazy_gettext("To"), [Length(max=80)])
    cover = BooleanField(lazy_gettext("Cover page"))
    to_name = StringField(lazy_gettext("To (name)"), [Length(max=80)])
    to_company = StringField(lazy_gettext("Company"), [Length(max=80)])
    from_name = StringField(lazy_gettext("From (name)"), [Length(max=80)])
    subject = StringField(lazy_gettext("Subject"), [Length(max=120)])
    remarks = TextAreaField(lazy_gettext("Remarks"), [Length(max=1_500)])
    quality = RadioField(
        lazy_gettext("Quality"),
        choices=choices([("fine", lazy_gettext("Fine")), ("standard", lazy_gettext("Standard"))]),
        default="fine",
    )
    paper = RadioField(
        lazy_gettext("Paper"),
        choices=choices([("letter", lazy_gettext("Letter")), ("a4", "A4")]),
        default="letter",
    )
    when = RadioField(
        lazy_gettext("When"),
        choices=choices([("now", lazy_gettext("Now")), ("later", lazy_gettext("Later"))]),
        default="now",
    )
    at = StringField(lazy_gettext("Day and time"), [Length(max=20)])
    files = StringField()  # a name for what refused files say

    def cover_page(self) -> Cover | None:
        """What the cover says; None without one."""
        if not self.cover.data:
            return None
        return Cover(
            to_name=self.to_name.data or "",
            to_company=self.to_company.data or "",
            from_name=self.from_name.data or "",
            subject=self.subject.data or "",
            remarks=self.remarks.data or "",
        )

    def due(self, zone: ZoneInfo, now: datetime) -> Moment | None:
        """When it is to go out, in the client's zone; None for now. A wrong moment is said beside the field."""
        if self.when.data != "later":
            return None
        try:
            wall = datetime.fromisoformat(self.at.data or "")
            return moment(wall.date(), wall.time(), zone, now=now)
        except ValueError:
            self.at.errors = [gettext("Choose a day and a time.")]
        except LeftOut as refusal:
            self.at.errors = [left_out(refusal)]
        except InvalidInput as refusal:
            self.at.errors = [gettext(refusal.message)]
        return None

    def refuse(self, refusal: DomainError) -> None:
        """The business speaks of recipients; here they are typed into one field."""
        if refusal.field in {"recipients", "recipient", "contact"}:
            refusal.field = "to"
        elif refusal.field == "due_at":
            refusal.field = "at"
        super().refuse(refusal)


class FolderForm(PortalForm):
    """The name of a folder of one's own. Two of them may stand on one page: ``kind`` tells their ids apart."""

    name = StringField(lazy_gettext("Folder name"), [InputRequired(REQUIRED), Length(max=40)])

    def __init__(self, *given: Any, kind: str = "new", **more: Any) -> None:
        super().__init__(*given, **more)
        self.name.id = f"{kind}-name"


class MailFaxForm(PortalForm):
    """Where a fax is mailed to, and a few words with it."""

    email = StringField(
        lazy_gettext("E-mail address"),
        [InputRequired(REQUIRED), Length(max=120), EMAIL],
    )
    note = TextAreaField(lazy_gettext("Message"), [Length(max=1_000)])
