"""Faults that the control API asks for: how a call to the carrier can go wrong on the way."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

from flask import Response, request

from sandbox.world import World

KINDS = (
    "delay", "http", "html", "truncated", "cut", "empty", "reset", "reset_after", "hang", "drip",
    "status", "array", "null",
)  # fmt: skip
HTML = (
    "<!DOCTYPE html><html><head><title>voip.ms | 522: Connection timed out</title></head><body>"
    "<h1>Connection timed out</h1><p>Error code 522</p></body></html>"
)


def take(world: World, method: str) -> dict[str, Any] | None:
    """The next fault for this method, used up by one."""
    with world.lock:
        for fault in world.faults:
            if fault["method"] in ("", "*", method):
                if fault["calls"] > 0:
                    fault["calls"] -= 1
                    if fault["calls"] == 0:
                        world.faults.remove(fault)
                return dict(fault)
    return None


def before(world: World, fault: dict[str, Any]) -> Response | None:
    """Break the call before the carrier has done anything, or only make it late."""
    kind = fault["kind"]
    if kind == "delay":
        time.sleep(float(fault.get("seconds", 2)))
    elif kind == "hang":
        time.sleep(float(fault.get("seconds") or world.options.hang_seconds))
    if kind in ("hang", "reset"):
        return _reset()
    word = {"status": fault.get("status", "method_maintenance")}
    broken = {
        "http": (fault.get("body", "Internal Server Error"), 500, "text/plain"),
        "html": (HTML, 522, "text/html"),
        "empty": None if fault.get("after") else ("", 200, "application/json"),
        "status": (json.dumps(word), 200, "application/json"),
        "array": ("[]", 200, "application/json"),
        "null": ("null", 200, "application/json"),
    }.get(kind)
    if broken is None:
        return None
    body, code, mimetype = broken
    return Response(body, int(fault.get("code") or code), mimetype=mimetype)


def after(fault: dict[str, Any], text: str) -> Response:
    """Break the answer of a call that the carrier has carried out."""
    kind, half = fault["kind"], text[: max(1, len(text) // 2)]
    if kind == "truncated":
        return Response(half, mimetype="application/json")
    if kind == "reset_after":
        return _reset()
    if kind == "empty":
        return Response("", 200, mimetype="application/json")
    if kind == "cut":
        response = Response(
            _then_reset(half.encode(), request.environ.get("gunicorn.socket")),
            mimetype="application/json",
        )
        response.content_length = len(text.encode())
        return response
    if kind == "drip":
        body = text.encode()
        response = Response(_dripping(body, float(fault.get("seconds", 1))))
        response.mimetype = "application/json"
        response.content_length = len(body)
        return response
    return Response(text, mimetype="application/json")


def _dripping(body: bytes, pause_seconds: float) -> Iterator[bytes]:
    for place in range(len(body)):
        time.sleep(pause_seconds)
        yield body[place : place + 1]


def _then_reset(body: bytes, connection: Any) -> Iterator[bytes]:
    yield body
    _break(connection)


def _reset() -> Response:
    _break(request.environ.get("gunicorn.socket"))
    return Response("", 502)


def _break(connection: Any) -> None:
    if connection is not None:
        # Linger of zero: closing sends a reset instead of a polite end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
