"""Words about the texts of a number that clients and staff share."""

from __future__ import annotations

from flask_babel import gettext

from portal.messaging import NumberSettings
from portal.numbers import DidRow


def switched(did: DidRow, wish: NumberSettings) -> tuple[str, str]:
    """Are its texts on, and the tone; the carrier is told a little later."""
    if wish.is_on:
        return (
            (gettext("Being switched on"), "warn") if not did.sms_enabled else (gettext("On"), "ok")
        )
    return (gettext("Being switched off"), "warn") if did.sms_enabled else (gettext("Off"), "")
