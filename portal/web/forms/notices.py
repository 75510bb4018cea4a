"""How a person wants to be told."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import BooleanField, TimeField
from wtforms.validators import InputRequired, NumberRange, Optional

from portal.notices import Wish
from portal.web.fields import REQUIRED, WholeField
from portal.web.forms.base import PortalForm


class WishForm(PortalForm):
    """Named like the fields of a Wish."""

    mail_texts = BooleanField(lazy_gettext("E-mail me about new texts"))
    mail_faxes = BooleanField(lazy_gettext("E-mail me about received faxes"))
    minutes = WholeField(
        lazy_gettext("When it is unread for"),
        [InputRequired(REQUIRED), NumberRange(min=0, max=1_440)],
    )
    push_texts = BooleanField(lazy_gettext("Show new texts"))
    push_faxes = BooleanField(lazy_gettext("Show faxes"))
    push_shows_text = BooleanField(lazy_gettext("Show what was written"))
    only_mine = BooleanField(lazy_gettext("Only what is assigned to me or to nobody"))
    quiet_from = TimeField(lazy_gettext("Quiet from"), [Optional()])
    quiet_until = TimeField(lazy_gettext("Quiet until"), [Optional()])

    def wish(self) -> Wish:
        """What was chosen."""
        return Wish(**{name: field.data for name, field in self._fields.items()})
