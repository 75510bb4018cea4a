"""A small HTTP server that fails as told: one scripted fault per connection."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

Fault = Callable[[socket.socket, dict[str, str]], None]


class FaultServer:
    """Answers each connection with the next fault; the last one repeats.

    `seen` holds the fields of every request that arrived, query and multipart alike.
    """

    def __init__(self, *faults: Fault, tls: ssl.SSLContext | None = None) -> None:
        self.script: list[Fault] = list(faults)
        self.seen: list[dict[str, str]] = []
        self.requests: list[bytes] = []
        self.stopping = threading.Event()
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}/api/v1/rest.php"

    def play(self, *faults: Fault) -> None:
        """Begin another script and forget what was seen."""
        self.script, self.seen, self.requests = list(faults), [], []

    def __enter__(self) -> FaultServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopping.set()
        # A blocked accept() is not woken by close(); a last connection does it.
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            connection, _ = self._listener.accept()
            if self.stopping.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.settimeout(5)
                if self._tls is not None:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                with connection:
                    fields = self._request(connection)
                    fault = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                    fault(connection, fields)
            except OSError:
                return  # the client hung up, as it should

    def _request(self, connection: socket.socket) -> dict[str, str]:
        raw = b""
        while b"\r\n\r\n" not in raw:
            if not (piece := connection.recv(65536)):
                raise OSError("gone")
            raw += piece
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}
        while len(body) < int(headers.get("content-length", "0")):
            body += connection.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        target = urlsplit(lines[0].split(" ")[1])
        fields = {key: found[0] for key, found in parse_qs(target.query).items()}
        if "multipart" in headers.get("content-type", ""):
            boundary = headers["content-type"].split("boundary=")[1].encode()
            for part in body.split(b"--" + boundary)[1:-1]:
                about, _, value = part.strip(b"\r\n").partition(b"\r\n\r\n")
                fields[about.decode().split('name="')[1].split('"')[0]] = value.decode()
        self.seen.append(fields)
        return fields


def answer(
    body: bytes | str | dict[str, object],
    *,
    status: str = "200 OK",
    headers: dict[str, str] | None = None,
) -> Fault:
    """A whole, proper answer."""
    raw = json.dumps(body) if isinstance(body, dict) else body
    data = raw.encode() if isinstance(raw, str) else raw

    def play(connection: socket.socket, _fields: dict[str, str]) -> None:
        connection.sendall(_head(status, len(data), headers) + data)

    return play


def by_method(answers: dict[str, dict[str, object]]) -> Fault:
    """A healthy carrier: for each method its own answer."""

    def play(connection: socket.socket, fields: dict[str, str]) -> None:
        answer(answers[fields["method"]])(connection, fields)

    return play


def hang(connection: socket.socket, _fields: dict[str, str]) -> None:
    """Take the request and say nothing until the client gives up."""
    connection.recv(1)


def drip_head(connection: socket.socket, _fields: dict[str, str]) -> None:
    """One byte of the head at a time, always sooner than any read timeout."""
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Filler: 1\r\n" * 1000:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def drip_body(connection: socket.socket, _fields: dict[str, str]) -> None:
    """One byte of the body at a time."""
    connection.sendall(_head("200 OK", 10_000, None))
    for _ in range(10_000):
        connection.sendall(b" ")
        time.sleep(0.05)


def reset(connection: socket.socket, _fields: dict[str, str]) -> None:
    """Break off in the middle of the answer."""
    connection.sendall(_head("200 OK", 1000, None) + b'{"status": "succ')
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silent_close(_connection: socket.socket, _fields: dict[str, str]) -> None:
    """Take the request and hang up."""


def nonsense(connection: socket.socket, _fields: dict[str, str]) -> None:
    """Not HTTP at all."""
    connection.sendall(b"220 mail.example.net ESMTP\r\n\r\n")


html = answer("<html><body>Error 522: connection timed out</body></html>")
html_521 = answer("<!DOCTYPE html><title>521</title>", status="521 Origin Down")
xml = answer('<?xml version="1.0"?><SOAP-ENV:Fault/>')
empty = answer("")
truncated = answer('{"status": "success", "sms": "12')
not_an_object = answer("[1, 2, 3]")
no_status = answer({"sms": "1"})
deep = answer('{"status":' + "[" * 100_000)
redirect = answer("", status="302 Found", headers={"Location": "http://127.0.0.1:1/latest"})
limited = answer("", status="429 Too Many Requests")
limited_90 = answer("", status="429 Too Many Requests", headers={"Retry-After": "90"})
broken_500 = answer("oops", status="500 Internal Server Error")
limit_reached = answer({"status": "limit_reached"})
expired_key = answer({"status": "invalid_credentials"})
api_limit = answer({"status": "api_limit_exceeded"})
huge = answer(b'{"status": "success", "x": "' + b"x" * 40_000_000 + b'"}')
bomb = answer(
    gzip.compress(b'{"status": "success", "x": "' + b"0" * 100_000_000 + b'"}', 9),
    headers={"Content-Encoding": "gzip"},
)
broken_gzip = answer(b"\x1f\x8b\x08nonsense", headers={"Content-Encoding": "gzip"})


def _head(status: str, length: int, headers: dict[str, str] | None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {length}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def dead_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
