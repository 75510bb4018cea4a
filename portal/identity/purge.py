"""What nobody needs any more: ended sessions, spent tokens, old counters."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import delete, or_
from sqlalchemy.engine import CursorResult

from portal.core.db import session
from portal.core.scope import unscoped
from portal.identity.models import OneTimeToken, SignUp, ThrottleCounter, WebSession

KEEP_SESSIONS = timedelta(days=7)
KEEP_TOKENS = timedelta(days=1)
KEEP_COUNTERS = timedelta(days=1)


def purge_expired(now: datetime) -> int:
    """Delete them, in the caller's transaction; the number of rows. Running it twice does no harm."""
    sessions_before = now - KEEP_SESSIONS
    statements = (
        delete(WebSession).where(
            or_(
                WebSession.expires_at < sessions_before,
                WebSession.revoked_at < sessions_before,
            )
        ),
        delete(OneTimeToken).where(OneTimeToken.expires_at < now - KEEP_TOKENS),
        delete(SignUp).where(SignUp.expires_at < now - KEEP_TOKENS),
        # The window of a blocked counter begins at the end of its pause, so this never frees one.
        delete(ThrottleCounter).where(ThrottleCounter.window_started_at < now - KEEP_COUNTERS),
    )
    with unscoped("what is expired is expired for every reseller"):
        return sum(
            cast(
                "CursorResult[Any]",
                session().execute(statement, execution_options={"synchronize_session": False}),
            ).rowcount
            for statement in statements
        )
