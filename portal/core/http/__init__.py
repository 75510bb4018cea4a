"""The only way out: one HTTP client with a total deadline, a size cap and checked addresses."""

from __future__ import annotations

import httpx

from portal.core.http.addresses import (
    Resolver,
    checked_addresses,
    is_allowed,
    is_public,
    system_resolver,
)
from portal.core.http.client import Answer, Outgoing
from portal.core.http.errors import (
    BadAnswer,
    Forbidden,
    OutgoingError,
    TooLarge,
    TooSlow,
    Unreachable,
)

Transport = httpx.BaseTransport
"""What may stand in the network's place, such as `httpx.WSGITransport(app=…)`."""

__all__ = [
    "Answer",
    "BadAnswer",
    "Forbidden",
    "Outgoing",
    "OutgoingError",
    "Resolver",
    "TooLarge",
    "TooSlow",
    "Transport",
    "Unreachable",
    "checked_addresses",
    "is_allowed",
    "is_public",
    "system_resolver",
]
