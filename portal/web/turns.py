"""So many requests at a time as the database has connections for; an open live page takes no turn."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any


class Turns:
    """A request waits for its turn and gives it back with the beginning of its answer.

    The server has a thread more for each live page: without turns they would answer other requests
    too, while nobody listens, and more of them than there are connections.
    """

    def __init__(self, app: Any, most: int) -> None:
        self._app = app
        self._turns = threading.BoundedSemaphore(most)

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        with self._turns:
            answer: Iterable[bytes] = self._app(environ, start_response)
        return answer
