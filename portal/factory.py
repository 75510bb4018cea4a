"""The only place where things are wired together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import web
from portal.config import Settings
from portal.core import log
from portal.core.db import db
from portal.core.secrets import KeyRing
from portal.web.turns import Turns

PROJECT = Path(__file__).resolve().parent.parent
BELL_SECONDS = 2


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
    app.extensions["redis"] = _redis(settings)
    db.init_app(app)
    web.register(app)
    app.wsgi_app = Turns(app.wsgi_app, settings.web_threads)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        # The host stays the Host header's: whoever reaches us past the proxy must not choose it.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return app


def _redis(settings: Settings) -> Redis:
    """A bell must not hold up the request that rings it: short waits, no second try.

    What waits for news (workers, live pages) sets longer ones for itself.
    """
    return Redis.from_url(
        settings.redis_url,
        socket_timeout=BELL_SECONDS,
        socket_connect_timeout=BELL_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def _engine_options(settings: Settings) -> dict[str, Any]:
    # Errors are logged, and values are somebody's messages and hashes.
    quiet = {"hide_parameters": True}
    if settings.database_url.startswith("sqlite"):
        return quiet | {"connect_args": {"check_same_thread": False, "timeout": 30}}
    return quiet | {"pool_size": settings.web_threads, "max_overflow": 4, "pool_pre_ping": True}
