"""Creating a sub-account at the carrier, and moving one to another client."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from flask_babel import lazy_gettext
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp
from wtforms.widgets import PasswordInput

from portal import pbx
from portal.carriers import LineSettings
from portal.pbx import NewAccount
from portal.web.fields import REQUIRED, CheckBoxes, PhoneField
from portal.web.forms.choices import choices
from portal.web.forms.links import PackageForm

_NAMES = {
    "protocol": {"1": "SIP", "3": "IAX2"},
    "auth_type": {
        "1": lazy_gettext("User name and password"),
        "2": lazy_gettext("A fixed address (IP)"),
    },
    "device_type": {
        "1": lazy_gettext("Telephone system, gateway or switch"),
        "2": lazy_gettext("Telephone, softphone or adapter"),
    },
    "dtmf_mode": {
        "auto": lazy_gettext("Automatic"), "rfc2833": "RFC 2833", "inband": "Inband",
        "info": "SIP INFO",
    },
    "nat": {
        "yes": lazy_gettext("Yes"), "no": lazy_gettext("No"), "route": lazy_gettext("Route"),
        "never": lazy_gettext("Never"),
    },
    "music_on_hold": {
        "default": lazy_gettext("Default"), "jazz": lazy_gettext("Easy listening"),
        "classical": lazy_gettext("Classical"),
    },
    "language": {"en": "English", "fr": "Français", "es": "Español"},
}  # fmt: skip
_CODEC_NAMES = {
    "ulaw": "G.711 µ-law", "alaw": "G.711 A-law", "g729": "G.729a", "gsm": "GSM", "g722": "G.722",
    "opus": "Opus",
}  # fmt: skip


def new_password() -> str:
    """A password that the carrier takes, with each of the kinds it asks for."""
    return f"{secrets.token_hex(4).upper()}{secrets.token_hex(4)}a7A"


class NewAccountForm(PackageForm):
    """A sub-account as the carrier wants it; the rare fields are folded away."""

    reference = HiddenField(
        validators=[
            InputRequired(REQUIRED),
            Regexp(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", message=REQUIRED),
        ]
    )
    username = StringField(lazy_gettext("User name"), [InputRequired(REQUIRED), Length(max=12)])
    password = PasswordField(
        lazy_gettext("Password"),
        [InputRequired(REQUIRED), Length(max=64)],
        widget=PasswordInput(hide_value=False),
    )
    description = StringField(lazy_gettext("Description"), [Length(max=60)])
    device = StringField(lazy_gettext("Telephone"), [Length(max=80)])
    caller_id = PhoneField(lazy_gettext("Caller ID"), [Optional(), Length(max=40)])
    extension = StringField(lazy_gettext("Extension"), [Length(max=5)])
    protocol = RadioField(lazy_gettext("Protocol"), default="1")
    auth_type = RadioField(lazy_gettext("Authentication"), default="1")
    ip = StringField(lazy_gettext("Address (IP)"), [Length(max=15)])
    device_type = SelectField(lazy_gettext("Device type"), default="2")
    codecs = CheckBoxes(lazy_gettext("Codecs"), default=["ulaw", "g729", "gsm"])
    dtmf_mode = SelectField(lazy_gettext("DTMF mode"), default="auto")
    nat = SelectField(lazy_gettext("NAT"), default="yes")
    music_on_hold = SelectField(lazy_gettext("Music on hold"), default="default")
    language = SelectField(lazy_gettext("Language of announcements"), default="en")
    encrypted = BooleanField(lazy_gettext("Encrypted SIP traffic"))

    def __init__(self, formdata: Any = None, **more: Any) -> None:
        super().__init__(formdata, **more)
        if formdata is None:
            self.reference.data = str(uuid.uuid4())
            self.password.data = new_password()
        offered = {
            "protocol": pbx.PROTOCOLS, "auth_type": pbx.AUTH_TYPES,
            "device_type": pbx.DEVICE_TYPES, "dtmf_mode": pbx.DTMF_MODES, "nat": pbx.NAT_MODES,
            "music_on_hold": pbx.MUSIC, "language": pbx.LANGUAGES,
        }  # fmt: skip
        for name, values in offered.items():
            field: Any = self[name]
            field.choices = choices((one, str(_NAMES[name][one])) for one in values)
        self.codecs.choices = choices((one, _CODEC_NAMES[one]) for one in pbx.CODECS)

    def new(self) -> NewAccount:
        """As typed."""
        return NewAccount(
            (self.username.data or "").strip(),
            self.password.data or "",
            (self.description.data or "").strip(),
            (self.device.data or "").strip(),
            LineSettings(
                protocol=self.protocol.data,
                auth_type=self.auth_type.data,
                ip=(self.ip.data or "").strip() if self.auth_type.data == "2" else "",
                device_type=self.device_type.data,
                caller_id=self.caller_id.data or "",
                codecs=tuple(self.codecs.data or ()),
                dtmf_mode=self.dtmf_mode.data,
                nat=self.nat.data,
                music_on_hold=self.music_on_hold.data,
                language=self.language.data,
                extension=(self.extension.data or "").strip(),
                encrypted=self.encrypted.data,
            ),
        )


class MoveForm(PackageForm):
    """To whom a sub-account goes, and under which package there."""

    number = StringField(
        lazy_gettext("User ID of the other client"),
        [InputRequired(REQUIRED), Length(max=20)],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
