"""What this application was wired with; the only reader of current_app below the web layer."""

from __future__ import annotations

from typing import cast

from flask import current_app

from portal.config import Settings
from portal.core.secrets import KeyRing


def settings() -> Settings:
    """The settings this process started with."""
    return cast(Settings, current_app.extensions["settings"])


def key_ring() -> KeyRing:
    """The keys that seal secrets at rest."""
    return cast(KeyRing, current_app.extensions["key_ring"])
