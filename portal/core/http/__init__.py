"""The only way out: one HTTP client with a total deadline, a size cap and checked addresses."""

from __future__ import annotations

from portal.core.http.addresses import Resolver, is_public
from portal.core.http.client import Answer, Outgoing
from portal.core.http.errors import (
    BadAnswer,
    Forbidden,
    OutgoingError,
    TooLarge,
    TooSlow,
    Unreachable,
)

__all__ = [
    "Answer",
    "BadAnswer",
    "Forbidden",
    "Outgoing",
    "OutgoingError",
    "Resolver",
    "TooLarge",
    "TooSlow",
    "Unreachable",
    "is_public",
]
