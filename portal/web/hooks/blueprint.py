"""Machines calling us: no session, a secret in the address, small bodies."""

from __future__ import annotations

from flask import Blueprint

from portal.web.guards import guarded, machines
from portal.web.security import exempt

bp = guarded(Blueprint("hooks", __name__, url_prefix="/hooks"), machines)
exempt(bp)
