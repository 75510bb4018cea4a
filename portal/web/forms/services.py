"""What clients see by default: a view, the services, and whether money is hidden."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import BooleanField, RadioField

from portal.entitlements import Service
from portal.web.fields import CheckBoxes
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices
from portal.web.forms.packages import SERVICE_NAMES, VIEW_NAMES

# Editing sub-accounts is each package's own right, so it is in no group.
GROUPS = (
    (
        lazy_gettext("Numbers and calls"),
        (Service.DIDS, Service.DID_ORDER, Service.E911, Service.CDR, Service.CALL_RECORDINGS,
         Service.CALL_TRANSCRIPTIONS),
    ),
    (
        lazy_gettext("Messages and people"),
        (Service.SMS_MMS, Service.FAX, Service.VOICEMAIL, Service.PHONEBOOK, Service.CONTACTS),
    ),
    (
        lazy_gettext("Where calls go"),
        (Service.CALL_FORWARDING, Service.CALL_HUNTING, Service.RING_GROUPS, Service.IVR,
         Service.CALLING_QUEUES, Service.TIME_CONDITIONS, Service.CALLER_ID_FILTERING,
         Service.CALLBACK, Service.DISA, Service.SIP_URI, Service.RECORDINGS,
         Service.MUSIC_ON_HOLD, Service.CONFERENCE, Service.CALL_PARKING),
    ),
    (lazy_gettext("Money"), (Service.BALANCE, Service.PAYMENTS)),
)  # fmt: skip


class ServicesForm(PortalForm):
    """Named like ``entitlements.Configuration``."""

    view = RadioField(lazy_gettext("View"))
    services = CheckBoxes(lazy_gettext("Services shown"))
    hide_money = BooleanField(lazy_gettext("Hide everything about money"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.view.choices = choices((key, str(label)) for key, label in VIEW_NAMES.items())
        self.services.choices = choices(
            (service.value, str(SERVICE_NAMES[service]))
            for _, services in GROUPS
            for service in services
        )

    def groups(self) -> list[tuple[str, list[Any]]]:
        """The switches under their headings."""
        switches = {option.data: option for option in self.services}
        return [
            (str(label), [switches[service.value] for service in services])
            for label, services in GROUPS
        ]
