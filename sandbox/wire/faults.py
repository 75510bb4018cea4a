"""Faults that the control API asks for: how a call to the carrier can go wrong on the way there."""

from __future__ import annotations

import json
import time
from typing import Any

from flask import Response

from sandbox.wire import damage
from sandbox.world import World

BEFORE = (
    "delay", "hang", "reset", "http", "html", "status", "redirect", "array", "null", "empty",
)  # fmt: skip
KINDS = (*BEFORE, *(kind for kind in damage.KINDS if kind not in BEFORE))
HTML = (
    "<!DOCTYPE html><html><head><title>voip.ms | 522: Connection timed out</title></head><body>"
    "<h1>Connection timed out</h1><p>Error code 522</p></body></html>"
)
# The address of a cloud's own secrets: nobody should follow there.
ELSEWHERE = "http://169.254.169.254/latest/meta-data/"


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
        return damage.reset()
    word = {"status": fault.get("status", "method_maintenance")}
    broken = {
        "http": (fault.get("body", "Internal Server Error"), 500, "text/plain"),
        "html": (HTML, 522, "text/html"),
        "empty": None if fault.get("after") else ("", 200, "application/json"),
        "status": (json.dumps(word), 200, "application/json"),
        "redirect": ("", 302, "text/html"),
        "array": ("[]", 200, "application/json"),
        "null": ("null", 200, "application/json"),
    }.get(kind)
    if broken is None:
        return None
    body, code, mimetype = broken
    headers = dict(fault.get("headers", {}))
    if kind == "redirect":
        headers["Location"] = str(fault.get("location", ELSEWHERE))
    return Response(body, int(fault.get("code") or code), headers, mimetype=mimetype)
