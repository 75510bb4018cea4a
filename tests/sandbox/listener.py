"""A small web server that keeps what it is sent and answers what it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Heard:
    """One request."""

    verb: str
    path: str
    query: dict[str, str]
    body: Any


@dataclass
class Listener:
    """Listens on a free port; `answers` are given in turn, the last one for ever."""

    answers: list[str] = field(default_factory=lambda: ["ok"])
    redirect: str = ""  # where everybody is sent instead
    wait_seconds: float = 0
    heard: list[Heard] = field(default_factory=list)

    def __enter__(self) -> Listener:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {k: v[0] for k, v in parse_qs(parts.query, keep_blank_values=True).items()}
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                is_json = self.headers.get_content_type() == "application/json"
                body = json.loads(raw) if is_json else raw or None
                listener.heard.append(Heard(self.command, parts.path, query, body))
                answer = listener.answers[0].encode()
                if len(listener.answers) > 1:
                    listener.answers.pop(0)
                time.sleep(listener.wait_seconds)
                self.send_response(302 if listener.redirect else 200)
                if listener.redirect:
                    self.send_header("Location", listener.redirect)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_POST = do_GET

            def log_message(self, *_args: Any) -> None:
                """Tests are quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *_exc: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def wait(self, count: int, *, seconds: float = 60) -> list[Heard]:
        """What was heard, once there is so much of it."""
        until(lambda: len(self.heard) >= count, seconds=seconds)
        return self.heard


def until(happened: Callable[[], Any], *, seconds: float = 60) -> Any:
    """Wait until something is true; fails when it does not become true."""
    deadline = time.monotonic() + seconds
    while not (answer := happened()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return answer
