"""What the web server runs."""

from __future__ import annotations

from portal.factory import create_app

app = create_app()
