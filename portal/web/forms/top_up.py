"""Automatic top-up as a client chooses it."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import BooleanField
from wtforms.validators import InputRequired

from portal.core.money import Money
from portal.payments import TopUpTerms
from portal.web.fields import REQUIRED, PaidField
from portal.web.forms.base import PortalForm


class TopUpForm(PortalForm):
    """When, by how much, and how much in a month at most."""

    on = BooleanField(lazy_gettext("Top up automatically"))
    threshold = PaidField(lazy_gettext("When the balance falls below"), [InputRequired(REQUIRED)])
    amount = PaidField(lazy_gettext("Charge the card"), [InputRequired(REQUIRED)])
    ceiling = PaidField(lazy_gettext("At most in a month"), [InputRequired(REQUIRED)])

    def terms(self) -> TopUpTerms:
        nothing = Money(0)
        return TopUpTerms(
            on=bool(self.on.data),
            threshold=self.threshold.data or nothing,
            amount=self.amount.data or nothing,
            ceiling=self.ceiling.data or nothing,
        )
