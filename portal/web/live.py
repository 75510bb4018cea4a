"""Live pages: one stream a tab that carries names of what changed (rulings 23)."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Iterator

from flask import Flask, Response, current_app
from redis import Redis, RedisError

from portal.core.live import CHANNEL
from portal.core.log import get_logger
from portal.core.registry import settings

log = get_logger(__name__)

HEARTBEAT_SECONDS = 20
# Then the browser comes back, and whoever was logged out or shut out meanwhile is not let in.
LONGEST_SECONDS = 300
# Whose news: the reseller's, of one client of it, of these numbers alone where there is a limit; and
# which names are not handed on.
_Listener = tuple[int, int | None, frozenset[int] | None, frozenset[str], "queue.SimpleQueue[str]"]


class Hub:
    """One Redis subscription for this process, handed on to its open streams."""

    def __init__(self, redis_url: str, most: int) -> None:
        self._redis_url = redis_url
        self._most = most
        self._lock = threading.Lock()
        self._listeners: set[_Listener] = set()
        self._thread: threading.Thread | None = None

    def join(
        self,
        reseller_id: int,
        client_id: int | None,
        dids: frozenset[int] | None = None,
        deaf_to: frozenset[str] = frozenset(),
    ) -> _Listener | None:
        """A place in the audience, or None when this process has enough open streams."""
        listener: _Listener = (reseller_id, client_id, dids, deaf_to, queue.SimpleQueue())
        with self._lock:
            if len(self._listeners) >= self._most:
                return None
            self._listeners.add(listener)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._listen, name="live", daemon=True)
                self._thread.start()
        return listener

    def leave(self, listener: _Listener) -> None:
        """Give the place back."""
        with self._lock:
            self._listeners.discard(listener)

    def _listen(self) -> None:
        try:
            # A connection of its own: this one may wait as long as nothing happens.
            with (
                Redis.from_url(self._redis_url, socket_connect_timeout=2) as redis,
                redis.pubsub(ignore_subscribe_messages=True) as subscription,
            ):
                subscription.subscribe(CHANNEL)
                for item in subscription.listen():
                    self._hand_on(item["data"])
        except RedisError as error:
            log.warning("live_updates_paused", error=type(error).__name__)
            with self._lock:
                for *_, news in self._listeners:
                    news.put("")  # ends the stream: the browser comes back, or polls

    def _hand_on(self, data: bytes) -> None:
        try:
            reseller_id, client_id, name, did_id = json.loads(data)
        except (ValueError, TypeError):
            log.warning("live_news_unreadable")
            return
        with self._lock:
            audience = list(self._listeners)
        for theirs, own_client, dids, deaf_to, news in audience:
            if theirs != reseller_id or own_client not in {None, client_id}:
                continue
            if name not in deaf_to and (dids is None or did_id in dids):
                news.put(name)


def register(app: Flask) -> None:
    """Make this process's hub; its thread starts with the first stream."""
    settings_ = app.extensions["settings"]
    app.extensions["live"] = Hub(settings_.redis_url, settings_.live_streams)


def stream(
    reseller_id: int,
    client_id: int | None,
    *,
    deaf_to: frozenset[str] = frozenset(),
    dids: frozenset[int] | None = None,
) -> Response:
    """The stream of one tab, or 204 when it should poll. Holds no database connection."""
    hub: Hub = current_app.extensions["live"]
    listener = None
    if settings().live_streams:
        listener = hub.join(reseller_id, client_id, dids, deaf_to)
    if listener is None:
        return Response(status=204)
    response = Response(_lines(hub, listener), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(lambda: hub.leave(listener))
    return response


def _lines(hub: Hub, listener: _Listener) -> Iterator[str]:
    end = time.monotonic() + LONGEST_SECONDS
    try:
        yield "retry: 5000\n\n"
        while time.monotonic() < end:
            try:
                name = listener[-1].get(timeout=HEARTBEAT_SECONDS)
            except queue.Empty:
                yield ": still here\n\n"
                continue
            if not name:
                return
            yield f"event: {name}\ndata: {name}\n\n"
    finally:
        hub.leave(listener)
