"""Where each sealed text of a carrier login belongs, so that a moved one does not open."""

from __future__ import annotations

import hashlib

PASSWORD = "password"
HOOK_SECRET = "hook_secret"


def context(reseller_id: int, column: str) -> str:
    """Tenant, table and column; a reseller has one login, so this names the row too."""
    return f"reseller:{reseller_id}/carrier_logins/{column}"


def hashed(secret: str) -> str:
    """What is stored of a random secret that only has to be recognised."""
    return hashlib.sha256(secret.encode()).hexdigest()
