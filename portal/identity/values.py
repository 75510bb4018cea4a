"""Words of who exists and who is logged in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from portal.core.money import Money


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


class SuspendedFor(StrEnum):
    """Why a client is suspended: only money lifts the first, only staff the others."""

    BALANCE = "balance"
    STAFF = "staff"
    EXPOSURE = "exposure"  # unusual calls


class Role(StrEnum):
    """What a member of staff may do. Clients' people have no role here."""

    OWNER = "owner"
    BILLING = "billing"
    SUPPORT = "support"
    READ_ONLY = "read_only"


class Interface(StrEnum):
    """The version of the clients' portal: the classic one is another layout of the same pages."""

    NEW = "new"
    CLASSIC = "classic"


class MemberRole(StrEnum):
    """What one of a client's people is: a manager sees everything and leads the team."""

    MANAGER = "manager"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Access:
    """What one of a client's people may see. ``sub_account_ids`` None: all of them, also new ones.

    Money is the whole account's, so whoever is limited to some sub-accounts sees none of it.
    """

    role: MemberRole = MemberRole.MANAGER
    sub_account_ids: frozenset[int] | None = None
    sees_money: bool = True

    @property
    def is_manager(self) -> bool:
        return self.role is MemberRole.MANAGER


class TokenKind(StrEnum):
    """What a one-time token opens."""

    RESET_PASSWORD = "reset_password"
    WELCOME = "welcome"
    HAND_OFF = "hand_off"
    SECOND_STEP = "second_step"


@dataclass(frozen=True, slots=True)
class ResellerFacts:
    """A reseller as everybody else sees it. ``language`` is also what its staff's mail speaks."""

    id: int
    public_id: uuid.UUID
    uid: str
    name: str
    currency: str
    country: str
    time_zone: str
    language: str
    support_phone: str
    support_email: str
    website: str
    address: str
    tax_numbers: str
    hostname: str | None
    login_origins: tuple[str, ...]
    show_forgot_password: bool
    show_sip_password: bool
    require_second_step: bool
    keep_closed_years: int
    is_open: bool
    interface: Interface


@dataclass(frozen=True, slots=True)
class ClientDetails:
    """What the client form holds, in the guide's words; ``checked()`` of client_details says no."""

    first_name: str
    last_name: str
    email: str
    company: str = ""
    address: str = ""
    city: str = ""
    state: str = ""
    country: str = "CA"
    zip: str = ""
    phone: str = ""
    language: str = "en"
    time_zone: str = "America/Toronto"
    balance_mode: str = BalanceMode.SOFT
    next_billing_day: date | None = None
    low_balance_threshold: Money | None = None
    low_balance_email: str = ""


@dataclass(frozen=True, slots=True)
class SignUpRules:
    """What the sign-up page asks beyond names, e-mail and password; ``required`` is a part of ``shown``."""

    is_on: bool = False
    shown: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SignUpAnswer:
    """Whom to write to about a sign-up: with ``link`` a stranger, without one a client we know."""

    email: str
    first_name: str
    last_name: str
    language: str
    link: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """A client as everybody else sees it."""

    id: int
    public_id: uuid.UUID
    reseller_id: int
    number: str
    status: ClientStatus
    suspended_for: str
    details: ClientDetails
    low_balance_warned_at: datetime | None
    created_at: datetime
    closed_at: datetime | None
    anonymised_at: datetime | None
    owes_fees: bool = False

    @property
    def name(self) -> str:
        """The person's name, as written in the details."""
        return f"{self.details.first_name} {self.details.last_name}".strip()

    @property
    def title(self) -> str:
        """The company where there is one, else the person."""
        return self.details.company or self.name


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Somebody who logs in: staff (``role``) or one of a client's people (``client_id``)."""

    id: int
    public_id: uuid.UUID
    reseller_id: int
    client_id: int | None
    role: Role | None
    name: str
    email: str
    language: str
    time_zone: str
    last_login_at: datetime | None
    disabled_at: datetime | None
    has_second_step: bool = False
    access: Access | None = None


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """Somebody who was asked to join: staff with ``role``, a client's with ``access``."""

    public_id: uuid.UUID
    name: str
    email: str
    role: Role | None
    access: Access | None
    invited_by: str
    sent_at: datetime
    expires_at: datetime
    is_over: bool


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A browser that is logged in, for the list in the profile. ``current``: it is this one."""

    public_id: uuid.UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str
    browser: str
    keep: bool
    current: bool


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the log of an account."""

    at: datetime
    person_name: str
    acting: bool
    action: str
    facts: dict[str, object]
    address: str
    client_id: int | None = None
