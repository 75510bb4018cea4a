"""The auth blueprint: doors, open to everybody; throttled inside."""

from __future__ import annotations

from flask import Blueprint

from portal.web.guards import guarded, public

bp = guarded(Blueprint("auth", __name__), public)
