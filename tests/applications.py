"""Applications for tests: made once per kind of database, then lent to one test after the other.

Most of what a new application costs is its table of addresses and the SQL that SQLAlchemy compiles
for each engine; a test that gets a used one with other databases and settings pays neither.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, event, make_url

from portal.config import Settings
from portal.core.db import db
from portal.factory import create_app
from portal.web.live import Hub


class Applications:
    """What was made and is idle. Only the plain kind is lent again; one with special settings is not."""

    def __init__(self, templates: FileSystemBytecodeCache) -> None:
        self._templates = templates
        self._idle: dict[str, list[Flask]] = {}

    def take(self, settings: Settings, *, special: bool) -> Flask:
        """An application with these settings, nobody else's until it is given back."""
        kind = make_url(settings.database_url).get_backend_name()
        idle = [] if special else self._idle.get(kind, [])
        app = idle.pop() if idle else self._new(settings)
        app.config["LENT_AGAIN"] = not special
        _point(app, settings)
        return app

    def give_back(self, app: Flask) -> None:
        """Close its connections and keep it for the next test."""
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()
        app.extensions["redis"].close()
        if app.config["LENT_AGAIN"]:
            kind = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).get_backend_name()
            self._idle.setdefault(kind, []).append(app)

    def _new(self, settings: Settings) -> Flask:
        app = create_app(settings)
        app.jinja_env.bytecode_cache = self._templates
        with app.app_context():
            for engine in db.engines.values():
                _make_movable(engine)
        return app


def _point(app: Flask, settings: Settings) -> None:
    """Let an application work on another database and folder, as if it had been made for them."""
    app.testing = True
    app.extensions["settings"] = settings
    app.extensions["live"] = Hub(settings.redis_url, settings.live_streams)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    with app.app_context():
        for engine in db.engines.values():
            engine.url = make_url(settings.database_url)


def _make_movable(engine: Engine) -> None:
    """Connect to where the engine's address says now, not to where it said when it was made."""

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, record: Any, words: list[Any], names: dict[str, Any]) -> None:
        positional, named = dialect.create_connect_args(engine.url)
        words[:] = positional
        names.update(named)
