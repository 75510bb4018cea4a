"""Live pages: one stream a tab that carries names of what changed (rulings 23)."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from flask import Flask, Response, current_app, g, request, url_for
from redis import Redis, RedisError

from portal.core.live import NEWS
from portal.core.log import get_logger
from portal.core.registry import settings

log = get_logger(__name__)

HEARTBEAT_SECONDS = 20
# Then the browser comes back, and whoever was logged out or shut out meanwhile is not let in.
LONGEST_SECONDS = 300
# A page asks for its stream at once, or when its tab is seen again, which renews it anyway.
MEMORY_SECONDS = 60
# Between the clock of Redis and ours, and while somebody's commit and its news are under way.
_SLACK_MS = 1000
_WAIT_MS = 5000

_News = tuple[int, int | None, str, int | None]


@dataclass(eq=False)
class Listener:
    """One open stream: whose news it hears, from which moment on, and what waits to be written."""

    reseller_id: int
    client_id: int | None  # None hears of every client of the reseller
    dids: frozenset[int] | None  # of these numbers alone where there is a limit
    deaf_to: frozenset[str]
    since_ms: int
    waiting: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)

    def next(self) -> list[str]:
        """The names that wait, each once; raises ``queue.Empty`` after a heartbeat's time."""
        names = {self.waiting.get(timeout=HEARTBEAT_SECONDS): None}
        with suppress(queue.Empty):
            while True:
                names[self.waiting.get_nowait()] = None
        return list(names)

    def hears(self, at_ms: int, news: _News) -> bool:
        """Whether this news is theirs and not in the page already."""
        reseller_id, client_id, name, did_id = news
        return (
            at_ms >= self.since_ms
            and reseller_id == self.reseller_id
            and self.client_id in {None, client_id}
            and name not in self.deaf_to
            and (self.dids is None or did_id in self.dids)
        )


class Hub:
    """One reader of Redis for this process: hands news on, and remembers it for who comes late."""

    def __init__(self, redis_url: str, most: int) -> None:
        self._redis_url = redis_url
        self._most = most
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._recent: deque[tuple[int, _News]] = deque()
        self._read_up_to = ""
        self._thread: threading.Thread | None = None

    def join(self, listener: Listener) -> bool:
        """Take a place in the audience; False when this process has enough open streams.

        What happened since the listener's moment is told first.
        """
        with self._lock:
            if len(self._listeners) >= self._most:
                return False
            for at_ms, news in self._recent:
                if listener.hears(at_ms, news):
                    listener.waiting.put(news[2])
            self._listeners.add(listener)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._listen, name="live", daemon=True)
                self._thread.start()
        return True

    def leave(self, listener: Listener) -> None:
        """Give the place back."""
        with self._lock:
            self._listeners.discard(listener)

    def _listen(self) -> None:
        after = self._read_up_to or f"{_now_ms() - MEMORY_SECONDS * 1000}-0"
        try:
            # A connection of its own: this one may wait as long as nothing happens.
            with Redis.from_url(self._redis_url, socket_connect_timeout=2) as redis:
                while True:
                    for _, entries in redis.xread({NEWS: after}, count=500, block=_WAIT_MS):
                        for key, words in entries:
                            after = self._read_up_to = key.decode()
                            self._hand_on(int(after.partition("-")[0]), words)
        except RedisError as error:
            log.warning("live_updates_paused", error=type(error).__name__)
            with self._lock:
                for one in self._listeners:
                    one.waiting.put("")  # ends the stream: the browser comes back, or polls

    def _hand_on(self, at_ms: int, words: dict[bytes, bytes]) -> None:
        try:
            told = [
                (reseller_id, client_id, name, did_id)
                for reseller_id, client_id, name, did_id in json.loads(words[b"of"])
            ]
        except (KeyError, ValueError, TypeError):
            log.warning("live_news_unreadable")
            return
        with self._lock:
            while self._recent and self._recent[0][0] < at_ms - MEMORY_SECONDS * 1000:
                self._recent.popleft()
            for news in told:
                self._recent.append((at_ms, news))
                for one in self._listeners:
                    if one.hears(at_ms, news):
                        one.waiting.put(news[2])


def register(app: Flask) -> None:
    """Make this process's hub; its thread starts with the first stream."""
    settings_ = app.extensions["settings"]
    app.extensions["live"] = Hub(settings_.redis_url, settings_.live_streams)
    app.before_request(_began)


def _began() -> None:
    g.began_ms = _now_ms()


def address(endpoint: str) -> str:
    """Where this page's stream is, and from which moment on it has to hear: its own."""
    return url_for(endpoint, since=g.began_ms)


def stream(
    reseller_id: int,
    client_id: int | None,
    *,
    deaf_to: frozenset[str] = frozenset(),
    dids: frozenset[int] | None = None,
) -> Response:
    """The stream of one tab, or 204 when it should poll. Holds no database connection."""
    hub: Hub = current_app.extensions["live"]
    since = request.args.get("since", type=int) or g.began_ms
    listener = Listener(reseller_id, client_id, dids, deaf_to, since - _SLACK_MS)
    if not settings().live_streams or not hub.join(listener):
        return Response(status=204)
    response = Response(_lines(hub, listener), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(lambda: hub.leave(listener))
    return response


def _lines(hub: Hub, listener: Listener) -> Iterator[str]:
    end = time.monotonic() + LONGEST_SECONDS
    try:
        yield "retry: 5000\n\n"
        while time.monotonic() < end:
            try:
                names = listener.next()
            except queue.Empty:
                yield ": still here\n\n"
                continue
            for name in names:
                if not name:
                    return
                yield f"event: {name}\ndata: {name}\n\n"
    finally:
        hub.leave(listener)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
