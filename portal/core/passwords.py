"""Passwords: argon2id, a bounded number of hashes at a time, and what is refused as too weak."""

from __future__ import annotations

import threading
from functools import cache
from importlib import resources

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MINIMUM_LENGTH = 10
MINIMUM_LENGTH_WITH_CODE = 8
MAXIMUM_LENGTH = 200

# 46 MiB, one pass, one lane: OWASP's first choice. The semaphore bounds the memory of a flood.
_hasher = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
_slots = threading.BoundedSemaphore(4)


def hash_password(password: str) -> str:
    """The hash to store."""
    with _slots:
        return _hasher.hash(password)


def verify_password(password: str, stored: str | None) -> bool:
    """Is it the password? Without a stored hash the same time is spent and the answer is no."""
    with _slots:
        try:
            matches = _hasher.verify(stored or _nobodys_hash(), password[:MAXIMUM_LENGTH])
        except (VerificationError, InvalidHashError):
            return False
    return matches and bool(stored)


def needs_rehash(stored: str) -> bool:
    """Was it hashed with older parameters than today's?"""
    return _hasher.check_needs_rehash(stored)


def weakness(
    password: str, *, known: tuple[str, ...] = (), minimum: int = MINIMUM_LENGTH
) -> str | None:
    """Why this password is refused, as a code: short, long, common, personal; None when it is fine.

    At least 10 characters, 8 beside a code, and not on the list (rulings 27). ``known`` are the person's own words
    (name, e-mail), which may not be the whole password.
    """
    lowered = password.casefold().strip()
    if len(password) < minimum:
        return "short"
    if len(password) > MAXIMUM_LENGTH:
        return "long"
    if lowered in _blocklist() or len(set(lowered)) <= 2:
        return "common"
    if any(lowered == word.casefold() for word in known if word):
        return "personal"
    return None


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")


@cache
def _blocklist() -> frozenset[str]:
    listed = resources.files("portal.core").joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(line.strip() for line in listed.splitlines() if line.strip())
