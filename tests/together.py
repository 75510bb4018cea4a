"""Two transactions that meet: the second begins while the first is not yet over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from flask import Flask

from portal.core.db import db, transaction
from portal.core.errors import DomainError
from portal.core.scope import Scope, bind

_MEANWHILE = 0.5
_LONGEST = 90


def meet(
    app: Flask,
    scope: Scope,
    first: Callable[[], Any],
    second: Callable[[], Any],
    *,
    by_browser: bool = False,
) -> tuple[Any, Any]:
    """Each one's answer or refusal; ``second`` is well under way when ``first`` commits.

    ``by_browser``: the second is a request, which makes a transaction of its own.
    """
    begun, over = threading.Event(), threading.Event()
    answers: list[Any] = [None, None]

    def run(number: int, action: Callable[[], Any]) -> None:
        with app.app_context(), bind(scope):
            try:
                with nullcontext() if by_browser and number else transaction():
                    answers[number] = action()
                    begun.set()
                    assert over.wait(_LONGEST)
            except DomainError as refusal:
                answers[number] = refusal
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=one) for one in enumerate((first, second))]
    threads[0].start()
    assert begun.wait(_LONGEST)
    threads[1].start()
    time.sleep(_MEANWHILE)
    over.set()
    for thread in threads:
        thread.join(_LONGEST)
    return answers[0], answers[1]
