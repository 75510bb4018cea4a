"""Pages under load, against a bare Flask page with one query of 50 rows under the same server."""

from __future__ import annotations

import contextlib
import http.cookiejar
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection

from bench.imports import make_rows
from bench.rows import Row
from bench.stage import DATABASES, OWNER, PASSWORD, UID, Servers, staged
from portal import calls
from portal.carriers import CarrierCall
from portal.config import PROJECT
from portal.core.db import transaction
from portal.core.scope import Scope, bind

CALLS = 20_000
CONNECTIONS = 16
SECONDS = 6
P99_MS = 200
WORKERS, THREADS = 2, 16
_LATENCY = {"us": 0.001, "ms": 1.0, "s": 1_000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What a server bore: answers a second, and the slowest hundredth in milliseconds."""

    per_second: float
    p99_ms: float


def run(servers: Servers, *, quick: bool = False) -> list[Row]:
    """Client and staff pages with a history behind them; wrk where there is one."""
    seconds = 2 if quick else SECONDS
    return [row for database in DATABASES for row in _measure(servers, database, seconds)]


def _measure(servers: Servers, database: str, seconds: int) -> Iterator[Row]:
    url = servers.url(database, "pages")
    with staged(servers, url) as (_, reseller_id), bind(Scope(reseller_id)):
        rows = _recent(CALLS)
        for first in range(0, len(rows), calls.BATCH):
            with transaction():
                calls.record(rows[first : first + calls.BATCH])
    with server("bench.bare:app", servers.environment(url)) as port:
        floor = _load(port, "/", "", seconds)
    with server("wsgi:app", servers.environment(url)) as port:
        base = f"/r/{UID}"
        client = log_in(port, f"{base}/login", "client0@example.test")
        staff = log_in(port, "/staff/login", OWNER)
        for name, path, cookie in (
            ("dashboard", f"{base}/dashboard", client),
            ("messages", f"{base}/messages", client),
            ("calls", f"{base}/calls", client),
            ("back-office dashboard", "/staff/", staff),
            ("report of all calls", "/staff/reports/global-cdr", staff),
        ):
            ours = _load(port, path, cookie, seconds)
            kind = f"page: {name}, {database}"
            ratio = ours.per_second / floor.per_second
            yield Row(kind, floor.per_second, ours.per_second, ratio, "at least 0.4", "requests/s")
            yield Row(
                f"{kind}, slowest 1 %", floor.p99_ms, ours.p99_ms, ours.p99_ms / P99_MS,
                f"at most 1.0 of {P99_MS} ms", "ms",
            )  # fmt: skip


def _recent(count: int) -> list[CarrierCall]:
    end = datetime.now(UTC).replace(microsecond=0)
    step = timedelta(days=60) / count
    return [
        replace(row, started_at=end - step * (count - at))
        for at, row in enumerate(make_rows(count))
    ]


@contextlib.contextmanager
def server(
    app: str, environment: dict[str, str], *, workers: int = WORKERS, threads: int = THREADS
) -> Iterator[int]:
    """gunicorn with the portal's own class, workers and threads."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
        "--workers", str(workers), "--threads", str(threads), "--keep-alive", "5", "--graceful-timeout", "3",
        "--log-level", "error", "--no-control-socket", app,
    ]  # fmt: skip
    portal_url = {"PORT": str(port), "PORTAL_URL": f"http://127.0.0.1:{port}"}
    process = subprocess.Popen(command, cwd=PROJECT, env=os.environ | environment | portal_url)
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with {process.returncode}.")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError("The server did not start.")


def log_in(port: int, path: str, email: str) -> str:
    """Through the form, like everybody; the cookies as a header."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"http://127.0.0.1:{port}{path}"
    page = opener.open(address, timeout=60).read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    form = {"csrf_token": token.group(1), "email": email, "password": PASSWORD}
    opener.open(address, urllib.parse.urlencode(form).encode(), timeout=60).read()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def _load(port: int, path: str, cookie: str, seconds: int) -> Load:
    _check(port, path, cookie)
    if shutil.which("wrk"):
        return _wrk(port, path, cookie, seconds)
    return _threads(port, path, cookie, seconds)


def _check(port: int, path: str, cookie: str) -> None:
    """A redirect to the login page would be very fast."""
    for _ in range(20):  # warm: templates compiled, connections open
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status == 200, f"{path} answers {answer.status}"


def _wrk(port: int, path: str, cookie: str, seconds: int) -> Load:
    done = subprocess.run(
        [
            "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency",
            "-H", f"Cookie: {cookie}", f"http://127.0.0.1:{port}{path}",
        ],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", done.stdout)
    slow = re.search(r"99%\s+([0-9.]+)(us|ms|s)", done.stdout)
    assert rate
    assert slow
    assert "Non-2xx" not in done.stdout, done.stdout
    return Load(float(rate.group(1)), float(slow.group(1)) * _LATENCY[slow.group(2)])


def _threads(port: int, path: str, cookie: str, seconds: int) -> Load:
    """A small client of our own, where wrk is not installed; it takes its share of the cores."""
    times: list[float] = []
    end = time.monotonic() + seconds

    def ask() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < end:
            begun = time.monotonic()
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
            times.append((time.monotonic() - begun) * 1_000)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(len(times) / seconds, statistics.quantiles(times, n=100)[98])
