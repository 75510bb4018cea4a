"""Names of what changed, sent to open pages after the commit. Only names: pages fetch for themselves."""

from __future__ import annotations

import json

from flask import current_app
from redis import RedisError
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.core import scope as scopes
from portal.core.db import session

NEWS = "live"  # a Redis stream, so that who comes a moment late reads what was said meanwhile
_KEPT = 10_000


def tell(event_name: str, *, client_id: int | None, did_id: int | None = None) -> None:
    """Say within a transaction that something of this client changed; None speaks to the staff only.

    Staff hear what their clients hear. Somebody limited to some sub-accounts hears only what names a
    number of theirs. Nothing depends on it: a page that misses it polls.
    """
    reseller_id = scopes.reseller_id()
    session().info.setdefault("news", []).append((reseller_id, client_id, event_name, did_id))


@event.listens_for(Session, "after_commit")
def _publish(current: Session) -> None:
    if current.in_nested_transaction():
        return
    news = dict.fromkeys(current.info.pop("news", ()))
    if not news:
        return
    try:
        # One entry for a commit: a run over a hundred clients has as many names to tell.
        words = {"of": json.dumps(list(news))}
        current_app.extensions["redis"].xadd(NEWS, words, maxlen=_KEPT, approximate=True)
    except RedisError:
        return


@event.listens_for(Session, "after_rollback")
def _forget(current: Session) -> None:
    if not current.in_nested_transaction():
        current.info.pop("news", None)
