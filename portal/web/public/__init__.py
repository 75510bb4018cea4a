"""Reachable without a session."""

from portal.web.public import assets as assets
from portal.web.public import autoconnect as autoconnect
from portal.web.public import health as health
from portal.web.public import pictures as pictures
from portal.web.public import worker as worker
from portal.web.public.blueprint import bp as bp
