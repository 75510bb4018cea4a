"""Five hundred open pages on which nothing happens, in one process: what they cost it."""

from __future__ import annotations

import os
import selectors
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import select

from bench.pages import log_in, server
from bench.rows import Row
from bench.stage import UID, Servers, staged
from portal.core import live
from portal.core.db import session, transaction
from portal.core.scope import Scope, bind
from portal.identity.models import Client

CLIENTS, LOGINS = 500, 5
SECONDS = 60
_TICKS = os.sysconf("SC_CLK_TCK")


def run(servers: Servers, *, quick: bool = False) -> list[Row]:
    """CPU as a share of a core, memory against the same process without them, and how soon news comes."""
    return list(_measure(servers, 10 if quick else SECONDS))


def _measure(servers: Servers, seconds: int) -> Iterator[Row]:
    url = servers.url("SQLite", "idle")
    settings = servers.environment(url, PORTAL_LIVE_STREAMS=str(CLIENTS))
    with ExitStack() as stack:
        _, reseller_id = stack.enter_context(staged(servers, url))
        port = stack.enter_context(server("wsgi:app", settings, workers=1, threads=CLIENTS + 16))
        base = f"/r/{UID}"
        cookies = [
            log_in(port, f"{base}/login", f"client{at}@example.test") for at in range(LOGINS)
        ]
        worker = _worker(port)
        alone = _memory(worker)
        streams = stack.enter_context(_open(port, f"{base}/live", cookies))
        _drain(streams, 3)
        before = _processor(worker)
        _drain(streams, seconds)
        share = (_processor(worker) - before) / seconds
        memory = _memory(worker)
        started = time.monotonic()
        with bind(Scope(reseller_id)):
            client_id = session().scalars(select(Client.id).order_by(Client.id)).first()
            with transaction():
                live.tell("conversation-changed", client_id=client_id)
        heard = _drain(streams, 2, until=b"conversation-changed") - started
    yield Row(f"{CLIENTS} idle pages: share of a core", 1, share, share, "at most 0.05", "cores")
    yield Row(
        f"{CLIENTS} idle pages: memory of the process", alone, memory, memory / alone,
        "at most 2.0", "MB",
    )  # fmt: skip
    yield Row(f"{CLIENTS} idle pages: news heard after", 2, heard, heard / 2, "at most 1.0", "s")


@contextmanager
def _open(port: int, path: str, cookies: list[str]) -> Iterator[selectors.BaseSelector]:
    """The streams of so many tabs, spread over a few people."""
    chosen = selectors.DefaultSelector()
    try:
        for at in range(CLIENTS):
            stream = socket.create_connection(("127.0.0.1", port), 30)
            chosen.register(stream, selectors.EVENT_READ)
            cookie = cookies[at % len(cookies)]
            stream.sendall(
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode()
            )
            head = stream.recv(4_096)
            assert head.startswith(b"HTTP/1.1 200"), head[:40]
        yield chosen
    finally:
        for key in list(chosen.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        chosen.close()


def _drain(chosen: selectors.BaseSelector, seconds: float, *, until: bytes = b"") -> float:
    """Read what comes for so long, or until a word came; the time it is then."""
    end = time.monotonic() + seconds
    while (now := time.monotonic()) < end:
        for key, _ in chosen.select(min(end - now, 1)):
            said = key.fileobj.recv(4_096)  # type: ignore[union-attr]
            assert said, "a stream ended"
            if until and until in said:
                return time.monotonic()
    return time.monotonic()


def _worker(port: int) -> int:
    """The process that answers: the child of the one that listens, started last."""
    found = subprocess.run(
        ["pgrep", "-f", f"gunicorn --bind 127.0.0.1:{port} "],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return max(int(line) for line in found.stdout.split())


def _processor(worker: int) -> float:
    """Seconds of processor time so far."""
    fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(worker: int) -> float:
    """Megabytes in memory."""
    lines = Path(f"/proc/{worker}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1_024
