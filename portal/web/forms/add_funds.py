"""What a client pays in."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import RadioField
from wtforms.validators import Optional

from portal.core.money import Money
from portal.payments import PaymentTerms
from portal.web import filters, payment_words
from portal.web.fields import PaidField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices

OTHER = "other"


class AddFundsForm(PortalForm):
    """An amount of the list, or one of the client's own where the reseller allows it; and by which way."""

    choice = RadioField(lazy_gettext("Amount"), [Optional()], validate_choice=False)
    amount = PaidField(lazy_gettext("Other amount"), [Optional()])
    gateway = RadioField(lazy_gettext("Pay with"), [Optional()], validate_choice=False)

    def __init__(
        self, formdata: Any = None, *, terms: PaymentTerms, gateways: list[str], **more: Any
    ) -> None:
        super().__init__(formdata, **more)
        self.terms, self.gateways = terms, gateways
        self.choice.choices = choices((str(each), filters.money(each)) for each in terms.amounts)
        if terms.free_amount and terms.amounts:
            self.choice.choices = [
                *self.choice.choices,
                *choices([(OTHER, gettext("Other amount"))]),
            ]
        self.gateway.choices = choices((name, payment_words.gateway(name)) for name in gateways)
        if formdata is None or not self.gateway.data:
            self.gateway.data = gateways[0] if gateways else ""
        if formdata is None and terms.amounts:
            self.choice.data = str(terms.amounts[0])

    def wanted(self) -> Money:
        """The amount that was chosen or typed; nothing when neither was."""
        if self.terms.free_amount and (self.choice.data in (OTHER, None, "")):
            return self.amount.data or Money(0)
        known = {str(each): each for each in self.terms.amounts}
        return known.get(self.choice.data or "", Money(0))
