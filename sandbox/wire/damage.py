"""Faults of a carrier that has done what it was asked and then answers badly."""

from __future__ import annotations

import gzip
import json
import re
import socket
import struct
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request

JSON = "application/json"
MOMENT = re.compile(r'"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"')
Fault = dict[str, Any]


def _half(text: str) -> str:
    return text[: max(1, len(text) // 2)]


def _truncated(_fault: Fault, text: str) -> Response:
    return Response(_half(text), mimetype=JSON)


def _empty(_fault: Fault, _text: str) -> Response:
    return Response("", mimetype=JSON)


def _reset_after(_fault: Fault, _text: str) -> Response:
    return reset()


def _cut(_fault: Fault, text: str) -> Response:
    body = _then_reset(_half(text).encode(), request.environ.get("gunicorn.socket"))
    response = Response(body, mimetype=JSON)
    response.content_length = len(text.encode())
    return response


def _drip(fault: Fault, text: str) -> Response:
    body = text.encode()
    response = Response(_dripping(body, float(fault.get("seconds", 1))), mimetype=JSON)
    response.content_length = len(body)
    return response


def _charset(_fault: Fault, text: str) -> Response:
    """Bytes that are no UTF-8, with the promise that they are."""
    body = text[:-1].encode() + b', "note": "caf\xe9"}'
    return Response(body, content_type="application/json; charset=utf-8")


def _big(fault: Fault, text: str) -> Response:
    padding = "x" * int(float(fault.get("megabytes", 10)) * 1_000_000)
    return Response(f'{text[:-1]}, "padding": "{padding}"}}', mimetype=JSON)


def _gzip_bomb(fault: Fault, text: str) -> Response:
    plain = _big({"megabytes": fault.get("megabytes", 100)}, text).get_data()
    return Response(gzip.compress(plain), mimetype=JSON, headers={"Content-Encoding": "gzip"})


def _changed(fault: Fault, text: str) -> Response:
    """The right answer with some of its fields changed or left out."""
    answer = json.loads(text) | fault.get("change", {})
    for name in fault.get("without", []):
        answer.pop(name, None)
    return Response(json.dumps(answer), mimetype=JSON)


def _rows(fault: Fault, text: str) -> Response:
    """The right list, but of the rows that have some fields others are changed, or all left out.

    ``{"edits": [{"rows": {"uniqueid": "17"}, "change": {"total": "9.00"}}]}``; without ``change``
    they are missing.
    """
    answer = json.loads(text)
    for name, listed in answer.items():
        if isinstance(listed, list):
            answer[name] = [row for one in listed if (row := _edited(one, fault)) is not None]
    return Response(json.dumps(answer), mimetype=JSON)


def _edited(row: dict[str, Any], fault: Fault) -> dict[str, Any] | None:
    for edit in fault.get("edits", []):
        if all(str(row.get(key)) == str(value) for key, value in edit["rows"].items()):
            if "change" not in edit:
                return None
            row = row | edit["change"]
    return row


def _clock(fault: Fault, text: str) -> Response:
    """Every moment so many hours off."""
    off = timedelta(hours=float(fault.get("hours", 2)))

    def moved(match: re.Match[str]) -> str:
        return f'"{datetime.fromisoformat(match[1]) + off:%Y-%m-%d %H:%M:%S}"'

    return Response(MOMENT.sub(moved, text), mimetype=JSON)


KINDS: dict[str, Callable[[Fault, str], Response]] = {
    "truncated": _truncated, "empty": _empty, "reset_after": _reset_after, "cut": _cut,
    "drip": _drip, "charset": _charset, "big": _big, "gzip_bomb": _gzip_bomb,
    "changed": _changed, "clock": _clock, "rows": _rows,
}  # fmt: skip


def after(fault: Fault, text: str) -> Response:
    """The answer of a call that was carried out, damaged as the fault says."""
    damage = KINDS.get(fault["kind"])
    return damage(fault, text) if damage else Response(text, mimetype=JSON)


def _dripping(body: bytes, pause_seconds: float) -> Iterator[bytes]:
    for place in range(len(body)):
        time.sleep(pause_seconds)
        yield body[place : place + 1]


def _then_reset(body: bytes, connection: Any) -> Iterator[bytes]:
    yield body
    _break(connection)


def reset() -> Response:
    """Break the connection under the request."""
    _break(request.environ.get("gunicorn.socket"))
    return Response("", 502)


def _break(connection: Any) -> None:
    if connection is not None:
        # Linger of zero: closing sends a reset instead of a polite end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
