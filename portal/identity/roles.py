"""Which role may do what: one table, asked by the guards and the menus."""

from __future__ import annotations

from enum import StrEnum

from portal.identity.values import Role


class StaffAction(StrEnum):
    """What the back-office is divided into. ``read`` and ``write`` are what pages need by default."""

    READ = "read"
    WRITE = "write"
    CLIENTS = "clients"
    MONEY = "money"
    PACKAGES = "packages"
    BRANDING = "branding"
    CONFIGURATION = "configuration"
    TEAM = "team"
    ACT = "act"
    OWN_ACCOUNT = "own_account"


_A = StaffAction
_MAY: dict[Role, frozenset[StaffAction]] = {
    Role.OWNER: frozenset(StaffAction),
    Role.BILLING: frozenset(
        {_A.READ, _A.WRITE, _A.CLIENTS, _A.MONEY, _A.PACKAGES, _A.ACT, _A.OWN_ACCOUNT}
    ),
    Role.SUPPORT: frozenset({_A.READ, _A.WRITE, _A.CLIENTS, _A.ACT, _A.OWN_ACCOUNT}),
    Role.READ_ONLY: frozenset({_A.READ, _A.OWN_ACCOUNT}),
}


def may(role: Role | str | None, action: StaffAction | str) -> bool:
    """May staff of this role do it? Clients' people (no role) and unknown words: no."""
    try:
        return StaffAction(action) in _MAY[Role(role or "")]
    except ValueError:
        return False
