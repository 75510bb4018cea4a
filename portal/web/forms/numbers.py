"""Connecting numbers to a client, and letting one go."""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from portal.core.money import ZERO, Money
from portal.numbers import ConnectWish, DidFees, MailboxWish, ReleaseWish, Ring
from portal.web.fields import REQUIRED, CheckBoxes, MoneyField, PhoneField, RateField
from portal.web.forms.base import PortalForm

_E911 = ("has_e911", "e911_setup", "e911_monthly")
_FEES = ("setup", "monthly", "minute_e8", "sms_in", "sms_out", "mms_in", "mms_out")


class ConnectForm(PortalForm):
    """Numbers to be connected at once, all at the same fees; ``reference`` makes it one order."""

    reference = HiddenField(
        validators=[
            InputRequired(REQUIRED),
            Regexp(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", message=REQUIRED),
        ]
    )
    q = StringField(lazy_gettext("Search numbers"), [Length(max=60)])
    dids = CheckBoxes(  # who else wants them is not the form's business
        lazy_gettext("Numbers"),
        [InputRequired(lazy_gettext("Choose at least one number."))],
        validate_choice=False,
    )
    sub_account = SelectField(lazy_gettext("Sub-account"), [InputRequired(REQUIRED)])
    label = StringField(lazy_gettext("Label"), [Length(max=60)])
    setup = MoneyField(lazy_gettext("Setup fee"), [InputRequired(REQUIRED)])
    monthly = MoneyField(lazy_gettext("Monthly fee"), [InputRequired(REQUIRED)])
    minute_e8 = RateField(lazy_gettext("Per minute"), [InputRequired(REQUIRED)])
    sms_in = MoneyField(lazy_gettext("SMS received"), [InputRequired(REQUIRED)])
    sms_out = MoneyField(lazy_gettext("SMS sent"), [InputRequired(REQUIRED)])
    mms_in = MoneyField(lazy_gettext("MMS received"), [InputRequired(REQUIRED)])
    mms_out = MoneyField(lazy_gettext("MMS sent"), [InputRequired(REQUIRED)])
    has_e911 = BooleanField(lazy_gettext("This number has an e911 record"))
    e911_setup = MoneyField(lazy_gettext("e911: setup"), [Optional()])
    e911_monthly = MoneyField(lazy_gettext("e911: monthly"), [Optional()])
    charge_setup = BooleanField(lazy_gettext("Charge the setup fee now"))
    charge_monthly = BooleanField(lazy_gettext("Charge the first month now"))
    ring = RadioField(lazy_gettext("Where they ring"), default=Ring.ACCOUNT.value)
    forward_to = PhoneField(lazy_gettext("Local number"), [Optional(), Length(max=40)])
    with_mailbox = BooleanField(lazy_gettext("Add a voicemail for these numbers"))
    mailbox_name = StringField(lazy_gettext("Name of the mailbox"), [Length(max=40)])
    mailbox_email = StringField(lazy_gettext("E-mail"), [Length(max=254)])
    mailbox_pin = StringField(lazy_gettext("PIN"), [Length(max=4)])

    def __init__(self, formdata: Any = None, *, fax: bool = False, **more: Any) -> None:
        super().__init__(formdata, **more)
        if formdata is None:
            self.reference.data = str(uuid.uuid4())
        if fax:  # a fax number has no texts or e911, rings nowhere and needs no voicemail
            for name in (
                "sms_in", "sms_out", "mms_in", "mms_out", *_E911,
                "ring", "forward_to", "with_mailbox", "mailbox_name", "mailbox_email", "mailbox_pin",
            ):  # fmt: skip
                del self[name]

    def validate_dids(self, field: Any) -> None:
        """Addresses of numbers, not words that somebody made up."""
        if len(self.chosen()) != len(field.data or ()):
            raise ValidationError(gettext("Choose one of the list."))

    def validate(self, extra_validators: Any = None) -> bool:
        """With e911 both of its fees are needed."""
        valid = bool(super().validate(extra_validators))
        for name in ("e911_setup", "e911_monthly"):
            if self.e911_fee(name) is None and self.wants_e911 and not self[name].errors:
                self[name].errors = [REQUIRED]
                valid = False
        return valid

    @property
    def wants_e911(self) -> bool:
        """Is e911 ticked? A fax number has none."""
        return "has_e911" in self and bool(self.has_e911.data)

    def e911_fee(self, name: str) -> Money | None:
        """What e911 costs, or nothing where it is not wanted or not said."""
        return self[name].data if self.wants_e911 else None

    def chosen(self) -> tuple[uuid.UUID, ...]:
        """The numbers that are ticked."""
        found = []
        for text in self.dids.data or ():
            try:
                found.append(uuid.UUID(text))
            except ValueError:
                continue
        return tuple(dict.fromkeys(found))

    def fees(self) -> DidFees:
        """The fees as typed."""
        values: dict[str, Any] = {name: self[name].data for name in _FEES if name in self}
        return DidFees(
            **values,
            e911_setup=self.e911_fee("e911_setup") or ZERO,
            e911_monthly=self.e911_fee("e911_monthly"),
        )

    def wish(self, sub_account_id: int, account: str) -> ConnectWish:
        """Everything as typed; the sub-account by its id and login."""
        fax = "ring" not in self
        with_mailbox = not fax and self.with_mailbox.data
        return ConnectWish(
            self.chosen(),
            sub_account_id,
            account,
            self.fees(),
            label=self.label.data or "",
            charge_setup=self.charge_setup.data,
            charge_monthly=self.charge_monthly.data,
            ring=Ring.KEEP if fax else Ring(self.ring.data),
            forward_to="" if fax else self.forward_to.data or "",
            mailbox=MailboxWish(
                self.mailbox_name.data or "",
                self.mailbox_email.data or "",
                self.mailbox_pin.data or "",
            )
            if with_mailbox
            else None,
        )


class ReleaseForm(PortalForm):
    """What becomes of a number at the carrier when it is let go."""

    silence = BooleanField(lazy_gettext("Send its calls nowhere from now on"))
    drop_forwarding = BooleanField(lazy_gettext("Remove the forwarding that was made for it"))
    drop_mailbox = BooleanField(lazy_gettext("Remove the voicemail that was made for it"))

    def wish(self) -> ReleaseWish:
        """As ticked."""
        return ReleaseWish(self.silence.data, self.drop_forwarding.data, self.drop_mailbox.data)
