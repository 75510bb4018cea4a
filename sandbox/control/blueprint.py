"""The control blueprint: loopback only, JSON or form in, JSON out."""

from __future__ import annotations

import ipaddress
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, redirect, request

from sandbox.world import World

control = Blueprint("control", __name__, url_prefix="/control")


@control.before_request
def only_this_machine() -> None:
    """No password, so nobody from elsewhere, and no page of another site in a browser here."""
    address = ipaddress.ip_address(request.remote_addr or "127.0.0.1")
    if not address.is_loopback:
        abort(403)
    origin = request.headers.get("Origin")
    if origin and request.method != "GET" and origin != request.host_url.rstrip("/"):
        abort(403)


def world() -> World:
    found: World = current_app.extensions["world"]
    return found


def given() -> dict[str, Any]:
    """What was sent, as JSON or as a form; empty form fields are left out."""
    if request.is_json:
        body = request.get_json()
        return body if isinstance(body, dict) else {"items": body}
    return {name: value for name, value in request.form.items() if value != ""}


def done(**answer: Any) -> Any:
    """JSON, or back to the page for a browser's form."""
    if request.form and "text/html" in request.headers.get("Accept", ""):
        return redirect("/control/")
    return jsonify(answer)


def refuse(problem: str, status: int = 400) -> Response:
    response = jsonify({"error": problem})
    response.status_code = status
    return response


def yes(value: Any) -> bool:
    return str(value).lower() in ("1", "true", "yes", "on")
