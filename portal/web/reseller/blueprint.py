"""The reseller blueprint and its guard."""

from __future__ import annotations

from flask import Blueprint

from portal.web.guards import guarded, staff

bp = guarded(Blueprint("reseller", __name__, url_prefix="/staff"), staff)
