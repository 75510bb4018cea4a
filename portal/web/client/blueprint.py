"""The client blueprint and its guard."""

from __future__ import annotations

from flask import Blueprint

from portal.web.guards import clients, guarded

bp = guarded(Blueprint("client", __name__), clients)
