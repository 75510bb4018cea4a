"""The browser's side."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Blueprints, guards and everything that happens around a request."""
