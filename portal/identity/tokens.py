"""Random words that open something once; the database only knows their hashes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from portal.core import clock
from portal.core.db import only_one, session
from portal.identity.models import OneTimeToken
from portal.identity.values import TokenKind

_TOKEN_BYTES = 32  # 256 bits
_LONGEST = 200


def new_token() -> str:
    """A word nobody can guess, fit for an address or a cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hashed(token: str) -> str:
    """What is stored instead. A fast hash will do: there is nothing to guess in 256 bits."""
    return hashlib.sha256(token[:_LONGEST].encode("utf-8", "replace")).hexdigest()


def issue(
    kind: TokenKind, *, reseller_id: int, person_id: int, lasts: timedelta, **facts: Any
) -> tuple[int, str]:
    """A fresh one-time token: its row's id, and the word itself."""
    token, at = new_token(), clock.now()
    row = OneTimeToken(
        kind=kind,
        token_hash=hashed(token),
        reseller_id=reseller_id,
        person_id=person_id,
        facts=facts,
        created_at=at,
        expires_at=at + lasts,
    )
    session().add(row)
    session().flush()
    return row.id, token


def find_open(kind: TokenKind, token: str) -> OneTimeToken | None:
    """The row of a token that still opens something; it is not spent by looking."""
    return session().scalar(
        select(OneTimeToken)
        .where(
            OneTimeToken.kind == kind,
            OneTimeToken.token_hash == hashed(token),
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > clock.now(),
        )
        .execution_options(populate_existing=True)
    )


def spend(token_id: int) -> bool:
    """Use it up; True for exactly one of those who try."""
    at = clock.now()
    return only_one(
        update(OneTimeToken)
        .where(
            OneTimeToken.id == token_id,
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > at,
        )
        .values(used_at=at)
    )


def spent_now(token_id: int) -> OneTimeToken | None:
    """Use it up and read what it carries; None for everybody but the first."""
    if not spend(token_id):
        return None
    return session().scalar(
        select(OneTimeToken)
        .where(OneTimeToken.id == token_id)
        .execution_options(populate_existing=True)
    )


def void(kind: TokenKind, person_id: int) -> None:
    """Close every token of this kind that the person still has."""
    session().execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.kind == kind,
            OneTimeToken.person_id == person_id,
            OneTimeToken.used_at.is_(None),
        )
        .values(used_at=clock.now()),
        execution_options={"synchronize_session": False},
    )


def start_anew(token_id: int, *, until: datetime) -> None:
    """Let an unspent token live until then: its mail leaves only now."""
    session().execute(
        update(OneTimeToken)
        .where(OneTimeToken.id == token_id, OneTimeToken.used_at.is_(None))
        .values(expires_at=until),
        execution_options={"synchronize_session": False},
    )
