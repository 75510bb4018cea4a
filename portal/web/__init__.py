"""The browser's side."""

from __future__ import annotations

from flask import Flask

from portal.web import (
    auth,
    client,
    context,
    errors,
    filters,
    guards,
    hooks,
    htmx,
    i18n,
    live,
    places,
    public,
    reseller,
    security,
    session,
)
from portal.web.public.blueprint import door


def register(app: Flask) -> None:
    """Blueprints, and everything that happens around a request, in the order it happens."""
    htmx.register(app)
    live.register(app)  # first: what a page misses counts from here
    places.register(app)
    session.register(app)
    for blueprint in (public.bp, door, auth.bp, client.bp, reseller.bp, hooks.bp):
        app.register_blueprint(blueprint)
    guards.register(app)
    security.register(app, app.extensions["settings"])
    i18n.register(app)
    filters.register(app)
    context.register(app)
    errors.register(app)
