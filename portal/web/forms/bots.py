"""What a person does and a machine does not: take a few seconds, and leave a hidden field empty."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from flask import current_app
from flask_babel import gettext, lazy_gettext
from itsdangerous import BadSignature, URLSafeTimedSerializer
from wtforms import HiddenField, StringField
from wtforms.validators import Length

from portal.core import clock
from portal.web.forms.base import PortalForm

LEAST_SECONDS, MOST_SECONDS = 3, 86_400


class AgainstBots(PortalForm):
    """Two fields more. ``opened`` is when the page was fetched, signed; ``website`` stays empty."""

    opened = HiddenField()
    website = StringField(lazy_gettext("Leave this field empty"), [Length(max=200)])

    def __init__(self, formdata: Any = None, **more: Any) -> None:
        super().__init__(formdata, **more)
        if formdata is None:
            self.opened.data = _signer().dumps(0)

    def validate(self, extra_validators: Any = None) -> bool:
        """Also: was the page open long enough, and not since yesterday? The next try may be quicker."""
        fine = bool(super().validate(extra_validators))
        if not fine:
            return False
        if problem := self._haste():
            self.form_errors = [*self.form_errors, problem]
            return False
        return True

    @property
    def is_trapped(self) -> bool:
        """Did something fill in what nobody sees?"""
        return bool(self.website.data)

    def _haste(self) -> str:
        try:
            _, opened = _signer().loads(
                self.opened.data or "", max_age=MOST_SECONDS, return_timestamp=True
            )
        except BadSignature:
            self.opened.data = _signer().dumps(0)
            self.opened.raw_data = None
            return gettext("This page was open for too long. Look at it again and send it.")
        if (clock.now() - opened.astimezone(UTC)).total_seconds() < LEAST_SECONDS:
            return gettext("That was quick. Look at it again and send it in a moment.")
        return ""


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="when a page was opened")
