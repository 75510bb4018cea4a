"""Is the whole installation up? For supervisors, proxies and people."""

from __future__ import annotations

from flask import Response, current_app, jsonify, request
from redis import RedisError
from rq import Worker
from sqlalchemy.exc import SQLAlchemyError

from portal import identity
from portal.config import read_run_file
from portal.core import queue
from portal.core.registry import settings
from portal.core.scope import unscoped
from portal.web.public.blueprint import bp


@bp.get("/health")
def health() -> Response:
    """200 when database, Redis, a worker and every part of the supervisor are up.

    Else 503; ``missing`` names what is not.
    """
    answers = {"database": _database(), "redis": _redis(), "worker": _worker()}
    missing = [name for name, is_up in answers.items() if not is_up]
    missing += [name for name in _parts_down() if name not in missing]
    response = jsonify({"ok": not missing, **answers, "missing": missing})
    response.status_code = 503 if missing else 200
    return response


@bp.get("/health/hostname")
def hostname_known() -> Response:
    """A TLS proxy asks before it fetches a certificate: 200 when ``domain`` is served here, else 404.

    Answers at whatever name the proxy reaches us by, without a session (``web/places.py``).
    """
    domain = request.args.get("domain", "").lower().rstrip(".")[:253]
    with unscoped("is this host name anybody's?"):
        known = domain in settings().known_hosts or identity.reseller_by_hostname(domain)
    response = Response(status=200 if known else 404)
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


def _parts_down() -> list[str]:
    """Parts that the running supervisor is bringing up again; none when none supervises us."""
    told = read_run_file(settings().instance) or {}
    return [name for name, part in told.get("parts", {}).items() if part["state"] != "up"]
