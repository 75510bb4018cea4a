"""A package as its editor shows it, with the draft's preview, area rates and free zones."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from flask_babel import get_locale, lazy_gettext
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from portal import pricing
from portal.core.errors import DomainError
from portal.core.money import ZERO
from portal.entitlements import Service
from portal.pricing import PackageDetails
from portal.web.fields import REQUIRED, CheckBoxes, MoneyField, PercentField, RateField, WholeField
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices

PULSES = (1, 6, 10, 30, 60)
SERVICE_NAMES = {
    Service.DIDS: lazy_gettext("Numbers"),
    Service.DID_ORDER: lazy_gettext("Ordering numbers"),
    Service.SMS_MMS: lazy_gettext("Text messages"),
    Service.FAX: lazy_gettext("Faxes"),
    Service.VOICEMAIL: lazy_gettext("Voicemail"),
    Service.CALL_FORWARDING: lazy_gettext("Call forwarding"),
    Service.CALL_HUNTING: lazy_gettext("Call hunting"),
    Service.RING_GROUPS: lazy_gettext("Ring groups"),
    Service.IVR: lazy_gettext("Digital receptionist (IVR)"),
    Service.CALLING_QUEUES: lazy_gettext("Calling queues"),
    Service.TIME_CONDITIONS: lazy_gettext("Time conditions"),
    Service.CALLER_ID_FILTERING: lazy_gettext("Caller-ID filtering"),
    Service.CALLBACK: lazy_gettext("Callback"),
    Service.DISA: lazy_gettext("DISA"),
    Service.SIP_URI: lazy_gettext("SIP URI"),
    Service.PHONEBOOK: lazy_gettext("Phonebook"),
    Service.RECORDINGS: lazy_gettext("Recordings"),
    Service.MUSIC_ON_HOLD: lazy_gettext("Music on hold"),
    Service.CALL_RECORDINGS: lazy_gettext("Call recordings"),
    Service.CALL_TRANSCRIPTIONS: lazy_gettext("Call transcriptions"),
    Service.CONFERENCE: lazy_gettext("Conference"),
    Service.CALL_PARKING: lazy_gettext("Call parking"),
    Service.E911: lazy_gettext("e911"),
    Service.CDR: lazy_gettext("Call records"),
    Service.BALANCE: lazy_gettext("Balance"),
    Service.PAYMENTS: lazy_gettext("Payments"),
    Service.CONTACTS: lazy_gettext("Contacts"),
}
VIEW_NAMES = {
    "standard": lazy_gettext("Standard"),
    "simple": lazy_gettext("Simple"),
    "simple_hidden": lazy_gettext("Simple without services"),
}
_ROUTES = (("value", lazy_gettext("Value")), ("premium", lazy_gettext("Premium")))
_LENGTH = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,4})")


class PackageForm(PortalForm):
    """All fields of the guide; those of one version of a package."""

    name = StringField(lazy_gettext("Package name"), [InputRequired(REQUIRED), Length(max=80)])
    markup_fixed = RateField(lazy_gettext("Fixed amount"), [InputRequired(REQUIRED)])
    markup_percent = PercentField(lazy_gettext("Percentage"), [InputRequired(REQUIRED)])
    pulse_seconds = RadioField(lazy_gettext("Pulse"), coerce=int)
    canada_route = RadioField(lazy_gettext("Canada route"))
    international_route = RadioField(lazy_gettext("International route"))
    first_increment_seconds = WholeField(
        lazy_gettext("First increment"),
        [
            Optional(),
            NumberRange(1, 3600, lazy_gettext("Enter whole seconds from 1 to 3600, or nothing.")),
        ],
    )
    onnet_free = BooleanField(lazy_gettext("Calls between VoIP.ms accounts are free"))
    monthly_fee = MoneyField(lazy_gettext("Monthly fee"), [InputRequired(REQUIRED)])
    setup_fee = MoneyField(lazy_gettext("Setup fee"), [InputRequired(REQUIRED)])
    free_minutes = WholeField(
        lazy_gettext("Free minutes a month"),
        [
            InputRequired(REQUIRED),
            NumberRange(
                0, 1_000_000, lazy_gettext("Enter a whole number of minutes from 0 to 1,000,000.")
            ),
        ],
    )
    client_may_edit = BooleanField(lazy_gettext("Clients may edit their sub-accounts"))
    own_services = RadioField(lazy_gettext("Services configuration"))
    view = RadioField(lazy_gettext("View"))
    services = CheckBoxes(lazy_gettext("Services shown"))
    hide_money = BooleanField(lazy_gettext("Hide everything about money"))
    valid_from = DateField(lazy_gettext("In force from"), [Optional()])
    seen = HiddenField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        pulses = sorted({*PULSES, *([self.pulse_seconds.data] if self._odd_pulse() else [])})
        self.pulse_seconds.choices = choices((str(one), f"{one} s") for one in pulses)
        self.canada_route.choices = choices((key, str(label)) for key, label in _ROUTES)
        self.international_route.choices = choices((key, str(label)) for key, label in _ROUTES)
        self.view.choices = choices((key, str(label)) for key, label in VIEW_NAMES.items())
        self.own_services.choices = choices(
            (
                ("default", str(lazy_gettext("As my default"))),
                ("own", str(lazy_gettext("This package's own"))),
            )
        )
        self.services.choices = choices(
            (service.value, str(label)) for service, label in SERVICE_NAMES.items()
        )

    def _odd_pulse(self) -> bool:
        """A package may have been saved elsewhere with another pulse: it keeps it."""
        saved = self.pulse_seconds.object_data
        return isinstance(saved, int) and saved not in PULSES and 0 < saved <= 3600

    def details(self) -> PackageDetails:
        """What the form says. Before validation, what is missing or wrong counts as nothing.

        Services that do not count are not kept: they are shown as the defaults of the day.
        """
        own = self.own_services.data == "own"
        return PackageDetails(
            name=self.name.data or "",
            markup_fixed_e8=self.markup_fixed.data or 0,
            markup_percent_e4=self.markup_percent.data or 0,
            pulse_seconds=self.pulse_seconds.data or 6,
            first_increment_seconds=self.first_increment_seconds.data,
            canada_route=self.canada_route.data or "premium",
            international_route=self.international_route.data or "value",
            onnet_free=self.onnet_free.data,
            monthly_fee=self.monthly_fee.data or ZERO,
            setup_fee=self.setup_fee.data or ZERO,
            free_minutes=self.free_minutes.data or 0,
            client_may_edit=self.client_may_edit.data,
            own_services=own,
            view=(self.view.data or "standard") if own else "standard",
            services=tuple(self.services.data or ()) if own else (),
            hide_money=self.hide_money.data and own,
        )

    @property
    def seen_from(self) -> datetime | None:
        """Since when the terms hold that this form was filled from; None for a new package."""
        try:
            return datetime.fromisoformat(self.seen.data or "").astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def differences(self, saved: PackageDetails) -> list[str]:
        """The labels of what is typed otherwise than it is saved."""
        typed, kept = asdict(self.details()), asdict(saved)
        fields = {
            name.removesuffix("_e8").removesuffix("_e4"): value != kept[name]
            for name, value in typed.items()
        }
        return [str(self[name].label.text) for name, differs in fields.items() if differs]

    @property
    def can_be_priced(self) -> bool:
        """Are the parts of the price all right, whatever else is wrong? After ``validate()``."""
        parts = (
            self.markup_fixed, self.markup_percent, self.pulse_seconds, self.first_increment_seconds,
            self.canada_route, self.international_route,
        )  # fmt: skip
        return not any(part.errors for part in parts)


class PreviewForm(PortalForm):
    """The two inputs of the preview, which travel with the draft."""

    preview_cost = RateField(lazy_gettext("Carrier cost"), [InputRequired(REQUIRED)])
    preview_length = StringField(lazy_gettext("Sample call"), [InputRequired(REQUIRED)])

    def validate_preview_length(self, field: StringField) -> None:
        """m:ss or seconds, up to a day."""
        if length_seconds(field.data or "") is None:
            raise ValidationError(str(lazy_gettext("Enter a length like 1:42.")))


class CopyForm(PortalForm):
    """A name for a copy."""

    name = StringField(lazy_gettext("Package name"), [InputRequired(REQUIRED), Length(max=80)])


class AreaForm(PortalForm):
    """A rate of a package's own for an area."""

    kind = RadioField(lazy_gettext("Area"), default="country")
    country = SelectField(lazy_gettext("Country"), default="FR")
    prefix = StringField(lazy_gettext("Prefix"), [Length(max=20)])
    rate = RateField(lazy_gettext("Rate per minute"), [InputRequired(REQUIRED)])
    valid_from = DateField(lazy_gettext("In force from"), [Optional()])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind.choices = choices(
            (
                ("usa", str(lazy_gettext("United States"))),
                ("canada", str(lazy_gettext("Canada"))),
                ("country", str(lazy_gettext("A country"))),
                ("prefix", str(lazy_gettext("A prefix"))),
            )
        )
        self.country.choices = dialled_countries()

    @property
    def area(self) -> str:
        """The country's code or the digits, whichever the kind asks for."""
        return {"country": self.country.data, "prefix": self.prefix.data}.get(self.kind.data) or ""

    def refuse(self, refusal: DomainError) -> None:
        """A refusal of the area stands beside the input that was meant."""
        if refusal.field == "area":
            meant = self.kind.data if self.kind.data in {"country", "prefix"} else "kind"
            refusal = type(refusal)(refusal.message, code=refusal.code, field=meant)
        super().refuse(refusal)


class ZoneForm(PortalForm):
    """Calls that a package gives away."""

    kind = RadioField(lazy_gettext("Free zone"), default="country")
    country = SelectField(lazy_gettext("Country"), default="CA")
    prefix = StringField(lazy_gettext("Prefix"), [Length(max=20)])
    max_cost = RateField(lazy_gettext("Highest cost per minute"))
    valid_from = DateField(lazy_gettext("In force from"), [Optional()])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind.choices = choices(
            (
                ("country", str(lazy_gettext("A country"))),
                ("prefix", str(lazy_gettext("A prefix"))),
                ("max_cost", str(lazy_gettext("Up to a cost"))),
            )
        )
        self.country.choices = dialled_countries()

    @property
    def area(self) -> str:
        """The country's code or the digits, whichever the kind asks for."""
        return {"country": self.country.data, "prefix": self.prefix.data}.get(self.kind.data) or ""

    def refuse(self, refusal: DomainError) -> None:
        """A refusal of the area stands beside the input that was meant."""
        if refusal.field == "area":
            meant = self.kind.data if self.kind.data in {"country", "prefix"} else "kind"
            refusal = type(refusal)(refusal.message, code=refusal.code, field=meant)
        super().refuse(refusal)


def dialled_countries() -> list[Any]:
    """Countries that have a calling code, by name."""
    names = get_locale().territories
    found = [(code, str(names.get(code, code))) for code in pricing.COUNTRIES]
    return choices(sorted(found, key=lambda pair: pair[1].casefold()))


def length_seconds(text: str) -> int | None:
    """Seconds of ``1:42`` or ``102``; None when it is neither, or longer than a day."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None:
        return None
    seconds = int(found[1] or 0) * 60 + int(found[2])
    return seconds if 0 < seconds <= 86_400 else None


def values_of(details: PackageDetails) -> dict[str, Any]:
    """Saved terms as the form's first values."""
    values = asdict(details)
    return values | {
        "monthly_fee": details.monthly_fee,
        "setup_fee": details.setup_fee,
        "markup_fixed": details.markup_fixed_e8,
        "markup_percent": details.markup_percent_e4,
        "own_services": "own" if details.own_services else "default",
        "services": list(details.services),
    }
