"""Words of who exists and who is logged in."""

from __future__ import annotations

from enum import StrEnum


class ClientStatus(StrEnum):
    """WAIT signed up, not yet activated; CLOSED is the end, the books stay."""

    WAIT = "wait"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class BalanceMode(StrEnum):
    """SOFT may go below zero; HARD is suspended at zero."""

    SOFT = "soft"
    HARD = "hard"


class Role(StrEnum):
    """What a member of staff may do. Clients' people have no role here."""

    OWNER = "owner"
    BILLING = "billing"
    SUPPORT = "support"
    READ_ONLY = "read_only"


class TokenKind(StrEnum):
    """What a one-time token opens."""

    RESET_PASSWORD = "reset_password"
    HAND_OFF = "hand_off"
