"""How faxes are tried again, how long they are kept, and who is written to about their end."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import SelectField
from wtforms.validators import InputRequired, NumberRange

from portal.fax import LONGEST_RETRY_MINUTES, MOST_RETRIES, MailWish, Policy
from portal.web.fields import REQUIRED, WholeField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices

_KEPT = (
    ("", lazy_gettext("Until somebody deletes them")),
    ("90", lazy_gettext("90 days")),
    ("365", lazy_gettext("1 year")),
    ("1095", lazy_gettext("3 years")),
    ("2555", lazy_gettext("7 years")),
)
_WISHES = (
    (MailWish.FAILED.value, lazy_gettext("When one of mine did not get through")),
    (MailWish.ALWAYS.value, lazy_gettext("Always")),
    (MailWish.NEVER.value, lazy_gettext("Never")),
)


class FaxPolicyForm(PortalForm):
    """What holds for every fax of the account."""

    retries = WholeField(
        lazy_gettext("Try again"), [InputRequired(REQUIRED), NumberRange(min=0, max=MOST_RETRIES)]
    )
    retry_minutes = WholeField(
        lazy_gettext("Wait between attempts"),
        [InputRequired(REQUIRED), NumberRange(min=1, max=LONGEST_RETRY_MINUTES)],
    )
    keep_days = SelectField(lazy_gettext("Keep faxes"), choices=choices(_KEPT))

    def policy(self) -> Policy:
        """What was chosen."""
        kept = self.keep_days.data or ""
        return Policy(
            self.retries.data or 0, self.retry_minutes.data or 1, int(kept) if kept else None
        )


class FaxWishForm(PortalForm):
    """What one person wants."""

    wish = SelectField(lazy_gettext("Write to me about a result"), choices=choices(_WISHES))
