"""Taxes, how papers are written, who gets which, and crediting one."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from portal.invoices import (
    ExemptionDetails,
    InvoiceSettings,
    Mode,
    TaxDetails,
    TaxRow,
)
from portal.web.fields import REQUIRED, MoneyField, PercentField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices, countries

_PREFIX = [Optional(), Length(max=12)]


def mode_words() -> dict[Mode, str]:
    """What a client gets, in words."""
    return {
        Mode.NONE: gettext("Nothing"),
        Mode.RECEIPT: gettext("A receipt for each payment"),
        Mode.MONTHLY: gettext("An invoice for each month"),
    }


class InvoiceSettingsForm(PortalForm):
    """Named like ``invoices.InvoiceSettings``."""

    mode = RadioField(lazy_gettext("What clients get"), default=Mode.NONE.value)
    prices = RadioField(lazy_gettext("Your prices"), default="inside")
    invoice_prefix = StringField(lazy_gettext("Invoices begin with"), _PREFIX)
    receipt_prefix = StringField(lazy_gettext("Receipts begin with"), _PREFIX)
    credit_prefix = StringField(lazy_gettext("Credit notes begin with"), _PREFIX)
    footer = TextAreaField(lazy_gettext("Text at the foot"), [Length(max=500)])

    def __init__(self, formdata: Any = None, *, now: InvoiceSettings | None = None) -> None:
        data: dict[str, Any] = {}
        if now is not None:
            data = {
                "mode": now.mode.value,
                "prices": "inside" if now.inclusive else "on_top",
                "invoice_prefix": now.invoice_prefix,
                "receipt_prefix": now.receipt_prefix,
                "credit_prefix": now.credit_prefix,
                "footer": now.footer,
            }
        super().__init__(formdata, data=data)
        self.mode.choices = choices((mode.value, word) for mode, word in mode_words().items())
        self.prices.choices = choices(
            (
                ("inside", gettext("Hold the taxes")),
                ("on_top", gettext("Are before taxes: they are added")),
            )
        )

    def settings(self) -> InvoiceSettings:
        """What the form says."""
        return InvoiceSettings(
            mode=Mode(self.mode.data),
            inclusive=self.prices.data == "inside",
            invoice_prefix=self.invoice_prefix.data or "",
            receipt_prefix=self.receipt_prefix.data or "",
            credit_prefix=self.credit_prefix.data or "",
            footer=self.footer.data or "",
        )


class TaxForm(PortalForm):
    """Named like ``invoices.TaxDetails``; regions are typed as a list."""

    name = StringField(lazy_gettext("Name"), [InputRequired(REQUIRED), Length(max=20)])
    percent = PercentField(lazy_gettext("Rate"), [InputRequired(REQUIRED)])
    number = StringField(lazy_gettext("Registration number"), [Length(max=40)])
    country = SelectField(lazy_gettext("Clients in"))
    regions = StringField(lazy_gettext("Provinces, states or regions"), [Length(max=400)])
    valid_from = DateField(lazy_gettext("First day"), [Optional()])
    valid_until = DateField(lazy_gettext("Last day"), [Optional()])

    def __init__(
        self, formdata: Any = None, *, now: TaxDetails | None = None, country: str = ""
    ) -> None:
        data: dict[str, Any] = {"country": country}
        if now is not None:
            data = {
                "name": now.name,
                "percent": now.percent_e4,
                "number": now.number,
                "country": now.country,
                "regions": ", ".join(now.regions),
                "valid_from": now.valid_from,
                "valid_until": now.valid_until,
            }
        super().__init__(formdata, data=data)
        self.country.choices = countries()

    def details(self) -> TaxDetails:
        """What the form says."""
        return TaxDetails(
            name=self.name.data or "",
            percent_e4=self.percent.data or 0,
            number=self.number.data or "",
            country=self.country.data or "",
            regions=(self.regions.data or "",),
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
        )


class ChoiceForm(PortalForm):
    """What one client gets; empty is like everybody."""

    mode = RadioField(lazy_gettext("This client gets"), default="")

    def __init__(self, formdata: Any = None, *, now: Mode | None = None, usual: Mode) -> None:
        super().__init__(formdata, data={"mode": now.value if now else ""})
        words = mode_words()
        self.mode.choices = choices(
            [
                ("", gettext("Like everybody: %(what)s", what=words[usual])),
                *((mode.value, word) for mode, word in words.items()),
            ]
        )

    def chosen(self) -> Mode | None:
        """What the form says."""
        return Mode(self.mode.data) if self.mode.data else None


class ExemptionForm(PortalForm):
    """A tax that a client does not pay, and why."""

    tax = SelectField(lazy_gettext("Tax"))
    reason = StringField(lazy_gettext("Reason"), [InputRequired(REQUIRED), Length(max=120)])
    number = StringField(lazy_gettext("Certificate or number"), [Length(max=40)])

    def __init__(self, formdata: Any = None, *, known: list[TaxRow]) -> None:
        super().__init__(formdata)
        self.tax.choices = choices(
            [
                ("", gettext("All taxes")),
                *((str(one.public_id), one.details.name) for one in known),
            ]
        )

    def details(self) -> ExemptionDetails:
        """What the form says."""
        tax = uuid.UUID(self.tax.data) if self.tax.data else None
        return ExemptionDetails(tax, self.reason.data or "", self.number.data or "")


class CreditForm(PortalForm):
    """A credit note. ``reference`` is made with the form: sent twice, it counts once."""

    amount = MoneyField(lazy_gettext("Amount"), [Optional()])
    reason = StringField(lazy_gettext("Reason"), [InputRequired(REQUIRED), Length(max=200)])
    reference = HiddenField(
        validators=[
            InputRequired(REQUIRED),
            Regexp(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", message=REQUIRED),
        ]
    )

    def __init__(self, formdata: Any = None) -> None:
        super().__init__(formdata)
        if formdata is None:
            self.reference.data = str(uuid.uuid4())


class IssueForm(PortalForm):
    """A month to issue by hand; ``month`` is its first day or ``2026-10``."""

    month = StringField(lazy_gettext("Month"), [InputRequired(REQUIRED), Length(max=10)])

    def first_day(self) -> date | None:
        """The month's first day; None for nonsense."""
        return month_of(self.month.data or "")


def month_of(text: str) -> date | None:
    """The first day of a month written as 2026-10."""
    try:
        found = date.fromisoformat(f"{text.strip()[:7]}-01")
    except ValueError:
        return None
    return found if 2000 <= found.year <= 9000 else None
