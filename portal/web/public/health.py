"""Is the whole installation up? For supervisors, proxies and people."""

from __future__ import annotations

from flask import Response, current_app, jsonify
from redis import RedisError
from rq import Worker
from sqlalchemy.exc import SQLAlchemyError

from portal.core import queue
from portal.web.public.blueprint import bp


@bp.get("/health")
def health() -> Response:
    """200 when database, Redis and at least one worker answer, else 503 with what is missing."""
    parts = {"database": _database(), "redis": _redis(), "worker": _worker()}
    response = jsonify({"ok": all(parts.values()), **parts})
    response.status_code = 200 if all(parts.values()) else 503
    return response


def _database() -> bool:
    try:
        queue.due(limit=1)
    except SQLAlchemyError:
        return False
    return True


def _redis() -> bool:
    try:
        return bool(current_app.extensions["redis"].ping())
    except RedisError:
        return False


def _worker() -> bool:
    try:
        return Worker.count(connection=current_app.extensions["redis"]) > 0
    except RedisError:
        return False
