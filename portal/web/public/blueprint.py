"""The public blueprint, and the door for forms on resellers' websites."""

from __future__ import annotations

from flask import Blueprint

from portal.web.guards import guarded, public
from portal.web.security import exempt

bp = guarded(Blueprint("public", __name__), public)
door = guarded(Blueprint("door", __name__), public)
exempt(door)
