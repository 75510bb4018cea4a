"""`/api/v1/rest.php`: what travels, in which order it is checked, and what comes back."""

from __future__ import annotations

import hmac
import ipaddress
import json
import sqlite3
import time
from typing import Any

from flask import Blueprint, Response, current_app, request

from sandbox.wire import damage, faults
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import FUNCTIONS, Request, check
from sandbox.world import World

rest = Blueprint("rest", __name__)
LONGEST_REQUEST_LINE = 8190
XML_FAULT = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>'
    "<SOAP-ENV:Fault><faultcode>SOAP-ENV:Client</faultcode><faultstring>Bad Request</faultstring>"
    "</SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
)


@rest.route("/api/v1/rest.php", methods=["GET", "POST"])
def answer() -> Response:
    world: World = current_app.extensions["world"]
    line = f"{request.method} {request.environ.get('RAW_URI') or request.full_path} HTTP/1.1"
    if len(line.encode()) > LONGEST_REQUEST_LINE:
        return Response("<html><h1>414 Request-URI Too Long</h1></html>", 414, mimetype="text/html")
    if request.method == "POST" and request.mimetype != "multipart/form-data":
        return Response(XML_FAULT, 500, mimetype="text/xml")
    values = {**request.args.to_dict(), **request.form.to_dict()}
    name = values.get("method", "")
    world.requests[name or "(none)"] += 1
    fault = faults.take(world, name)
    if fault is not None:
        broken = faults.before(world, fault)
        if broken is not None:
            return broken
    body = reply(world, values, request.remote_addr or "")
    text = json.dumps(body, ensure_ascii=False, default=str)
    if fault is not None:
        return damage.after(fault, text)
    return Response(text, mimetype="application/json")


def reply(world: World, values: dict[str, str], address: str) -> dict[str, Any]:
    """The JSON answer to one set of parameters."""
    try:
        return {"status": "success", **_answer(world, values, address)}
    except Refusal as refusal:
        return {"status": refusal.status}


def _answer(world: World, values: dict[str, str], address: str) -> dict[str, Any]:
    name = values.get("method", "").strip()
    if not name:
        raise Refusal("missing_method")
    if name not in FUNCTIONS:
        raise Refusal("invalid_method")
    reseller = _who(world, values)
    if not reseller["api_enabled"]:
        raise Refusal("api_not_enabled")
    if name != "getIP" and not allowed(reseller["allow_ips"], address):
        raise Refusal("ip_not_enabled")
    _count(world, reseller)
    return FUNCTIONS[name](Request(world, reseller, name, check(name, values), address))


def _who(world: World, values: dict[str, str]) -> sqlite3.Row:
    user, password = values.get("api_username", ""), values.get("api_password", "")
    if not user or not password:
        raise Refusal("missing_credentials")
    reseller = world.reseller(user)
    if reseller is None or not hmac.compare_digest(
        reseller["api_password"].encode(), password.encode()
    ):
        raise Refusal("invalid_credentials")
    return reseller


def allowed(patterns: str, address: str) -> bool:
    """Whether an address is on a comma list of addresses, networks and `203.0.113.*` patterns."""
    for pattern in (part.strip() for part in patterns.split(",")):
        if pattern in ("0.0.0.0", address):
            return True
        if pattern.endswith("*") and address.startswith(pattern.rstrip("*")):
            return True
        if "/" in pattern:
            try:
                if ipaddress.ip_address(address) in ipaddress.ip_network(pattern, strict=False):
                    return True
            except ValueError:
                continue
    return False


def _count(world: World, reseller: sqlite3.Row) -> None:
    limit = reseller["limit_per_minute"]
    limit = world.options.limit_per_minute if limit is None else limit
    minute = int(time.time() // 60)
    with world.lock:
        used = world.minutes.get((reseller["id"], minute), 0) + 1
        if len(world.minutes) > 100:
            world.minutes.clear()
        world.minutes[(reseller["id"], minute)] = used
    if limit and used > limit:
        raise Refusal("api_limit_exceeded")
