"""The only place where things are wired together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from redis import Redis

from portal import web
from portal.config import Settings
from portal.core import log
from portal.core.db import db
from portal.core.secrets import KeyRing

PROJECT = Path(__file__).resolve().parent.parent


def create_app(settings: Settings | None = None) -> Flask:
    """The application, for the web server, the workers, the command line and the tests."""
    settings = settings or Settings.from_environment()
    log.configure(settings.log_level, human=settings.log_human)
    app = Flask(
        "portal",
        root_path=str(PROJECT / "portal"),
        template_folder=str(PROJECT / "templates"),
        static_folder=str(PROJECT / "static"),
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
    )
    app.extensions["settings"] = settings
    app.extensions["key_ring"] = KeyRing(settings.current_key, settings.encryption_keys)
    app.extensions["redis"] = Redis.from_url(
        settings.redis_url, socket_timeout=None, socket_connect_timeout=2
    )
    db.init_app(app)
    web.register(app)
    return app


def _engine_options(settings: Settings) -> dict[str, Any]:
    if settings.database_url.startswith("sqlite"):
        return {"connect_args": {"check_same_thread": False, "timeout": 30}}
    return {"pool_size": settings.web_threads, "max_overflow": 4, "pool_pre_ping": True}
