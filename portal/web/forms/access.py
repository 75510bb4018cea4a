"""The ways into a client's portal: its version, and the websites that may log clients in."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import Length

from portal.identity import Interface
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices

INTERFACES = {
    Interface.NEW: lazy_gettext("New version"),
    Interface.CLASSIC: lazy_gettext("Classic version"),
}


class InterfaceForm(PortalForm):
    interface = RadioField(lazy_gettext("Version"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.interface.choices = choices((one.value, str(name)) for one, name in INTERFACES.items())


class ServerForm(PortalForm):
    """The reseller's own name of one of the carrier's servers."""

    own_name = StringField(lazy_gettext("Your name"), [Length(max=253)])


class WebsitesForm(PortalForm):
    """One origin a line; the list as a whole is checked where it is kept."""

    login_origins = TextAreaField(
        lazy_gettext("Websites, one per line"),
        [Length(max=15_000, message=lazy_gettext("At most 50 websites can be listed."))],
    )
