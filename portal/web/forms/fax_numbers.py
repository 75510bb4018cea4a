"""Buying, describing and bringing along fax numbers, and what the reseller answers."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import (
    FileField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, Regexp

from portal.core.money import Money
from portal.core.phone import normalise
from portal.numbers import FaxOrderWish, PortAsk, PortState
from portal.web.fields import REQUIRED, PhoneField, WholeField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices

_REFERENCE = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"
COUNTRIES = (("CA", lazy_gettext("Canada")), ("US", lazy_gettext("United States")))


class FaxOrderForm(PortalForm):
    """One fax number in a place that was chosen; ``total`` is the price that was shown."""

    reference = HiddenField(validators=[InputRequired(REQUIRED), Regexp(_REFERENCE)])
    total = WholeField(validators=[InputRequired(REQUIRED)])
    sub_account = SelectField(lazy_gettext("Sub-account"), [InputRequired(REQUIRED)])
    label = StringField(lazy_gettext("Label"), [Length(max=60)])

    def wish(self, location: str, place: str, sub_account_id: int) -> FaxOrderWish:
        """What the client wants."""
        return FaxOrderWish(
            location, place, sub_account_id, Money(self.total.data or 0), self.label.data or ""
        )


class FaxNumberForm(PortalForm):
    """What a client calls a fax number."""

    label = StringField(lazy_gettext("Label"), [Length(max=60)])
    note = TextAreaField(lazy_gettext("Note"), [Length(max=300)])


class PortForm(PortalForm):
    """A fax number at another carrier, with what the bill there says."""

    reference = HiddenField(validators=[InputRequired(REQUIRED), Regexp(_REFERENCE)])
    country = RadioField(lazy_gettext("Country"), [InputRequired(REQUIRED)], default="CA")
    number = PhoneField(lazy_gettext("Fax number"), [InputRequired(REQUIRED), Length(max=40)])
    company = StringField(lazy_gettext("Company"), [InputRequired(REQUIRED), Length(max=120)])
    first_name = StringField(lazy_gettext("First name"), [InputRequired(REQUIRED), Length(max=60)])
    last_name = StringField(lazy_gettext("Last name"), [InputRequired(REQUIRED), Length(max=60)])
    street = StringField(lazy_gettext("Street"), [InputRequired(REQUIRED), Length(max=120)])
    city = StringField(lazy_gettext("City"), [InputRequired(REQUIRED), Length(max=80)])
    region = StringField(
        lazy_gettext("State or province"), [InputRequired(REQUIRED), Length(max=40)]
    )
    postal_code = StringField(
        lazy_gettext("Postal code"), [InputRequired(REQUIRED), Length(max=12)]
    )
    provider = StringField(
        lazy_gettext("Provider today"), [InputRequired(REQUIRED), Length(max=80)]
    )
    provider_account = StringField(
        lazy_gettext("Account number there"), [InputRequired(REQUIRED), Length(max=60)]
    )
    notes = TextAreaField(lazy_gettext("Anything else"), [Optional(), Length(max=500)])
    bill = FileField(
        lazy_gettext("The bill itself"),
        render_kw={"accept": ".pdf,.jpg,.jpeg,application/pdf,image/jpeg"},
    )

    def __init__(self, formdata: Any = None, **more: Any) -> None:
        super().__init__(formdata, **more)
        self.country.choices = choices((code, str(name)) for code, name in COUNTRIES)

    def ask(self) -> PortAsk:
        """What the client wants."""
        said = {name: (field.data or "").strip() for name, field in self._fields.items()
                if name not in ("reference", "number", "bill")}  # fmt: skip
        return PortAsk(number=normalise(self.number.data or "") or "", **said)


class PortAnswerForm(PortalForm):
    """How far a request is; ``was`` is what the page showed."""

    was = HiddenField(validators=[InputRequired(REQUIRED)])
    state = SelectField(lazy_gettext("Status"), [InputRequired(REQUIRED)])
    words = TextAreaField(lazy_gettext("Words to the client"), [Length(max=300)])

    def answer(self) -> tuple[PortState, str, PortState]:
        """The new state, the words, and the state before."""
        return _state(self.state.data), self.words.data or "", _state(self.was.data)


def _state(text: str | None) -> PortState:
    return next((one for one in PortState if one.value == text), PortState.ASKED)
