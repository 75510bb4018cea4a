"""What a fax number takes and gives by e-mail."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import lazy_gettext
from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.validators import Length

from portal.core.errors import InvalidInput
from portal.faxmail import Wishes, address_list
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices

_LONGEST = 4_000


class FaxMailForm(PortalForm):
    """Both directions of one number."""

    takes_mail = BooleanField(lazy_gettext("Send faxes by e-mail"))
    senders = TextAreaField(lazy_gettext("Who may send"), [Length(max=_LONGEST)])
    code_required = BooleanField(lazy_gettext("Ask for the security code in the subject"))
    quality = SelectField(
        lazy_gettext("Quality"),
        choices=choices(
            [("fine", lazy_gettext("Fine")), ("standard", lazy_gettext("Standard, faster"))]
        ),
    )
    paper = SelectField(
        lazy_gettext("Paper"), choices=choices([("letter", lazy_gettext("Letter")), ("a4", "A4")])
    )
    copies_to = TextAreaField(lazy_gettext("Send copies to"), [Length(max=_LONGEST)])
    copy_arrivals = BooleanField(lazy_gettext("When a fax arrives"))
    copy_results = BooleanField(lazy_gettext("When a fax from this number is delivered or fails"))
    attach = BooleanField(lazy_gettext("Attach the fax as a PDF"))

    @classmethod
    def of(cls, wishes: Wishes) -> FaxMailForm:
        """Filled in from what is kept."""
        return cls(
            data={
                "takes_mail": wishes.takes_mail,
                "senders": "\n".join(wishes.senders),
                "code_required": wishes.code_required,
                "quality": wishes.quality,
                "paper": wishes.paper,
                "copies_to": "\n".join(wishes.copies_to),
                "copy_arrivals": wishes.copy_arrivals,
                "copy_results": wishes.copy_results,
                "attach": wishes.attach,
            }
        )

    def wishes(self) -> Wishes:
        """What was filled in. InvalidInput names the field whose addresses are none."""
        return Wishes(
            takes_mail=bool(self.takes_mail.data),
            senders=_named("senders", lambda: address_list(self.senders.data or "")),
            code_required=bool(self.code_required.data),
            quality=self.quality.data or "",
            paper=self.paper.data or "",
            copies_to=_named("copies_to", lambda: address_list(self.copies_to.data or "")),
            copy_arrivals=bool(self.copy_arrivals.data),
            copy_results=bool(self.copy_results.data),
            attach=bool(self.attach.data),
        )


def _named(field: str, read: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
    try:
        return read()
    except InvalidInput as refusal:
        raise InvalidInput(refusal.message, field=field) from refusal
