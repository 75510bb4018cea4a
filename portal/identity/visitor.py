"""The person behind a request, and what a login may answer."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from portal.identity.throttle import Taken
from portal.identity.values import Access, ClientStatus, Role


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is asking. A client's person has ``client_id`` and ``access``, staff has ``role``.

    Staff viewing a client's portal (``acting``) have that ``client_id`` and no role: they are held to
    the client's pages, and to reading unless ``may_change``. ``name`` stays the staff member's.
    ``ask_second_step``: an owner who has never been asked for it.
    """

    session_id: int
    session_public_id: uuid.UUID
    person_id: int
    person_public_id: uuid.UUID
    reseller_id: int
    client_id: int | None
    client_public_id: uuid.UUID | None
    client_status: ClientStatus | None
    role: Role | None
    name: str
    email: str
    language: str
    time_zone: str
    keep: bool
    acting: bool
    acting_reason: str
    may_change: bool
    expires_at: datetime
    touch_due: bool
    access: Access | None = None
    has_second_step: bool = False
    must_have_second_step: bool = False
    ask_second_step: bool = False

    @property
    def may_manage(self) -> bool:
        """May they lead the client's team and see the whole account? Staff who view it may look."""
        return self.acting or (self.access is not None and self.access.is_manager)

    @property
    def must_set_up(self) -> bool:
        """Is nothing open to them but the page that sets up 2-step login?"""
        return self.must_have_second_step and not self.has_second_step


@dataclass(frozen=True, slots=True)
class Entered:
    """A login that worked. ``token`` goes into the cookie, once, and is stored nowhere else.

    ``cookie_expires_at`` is None when the browser shall forget it on closing.
    """

    token: str = field(repr=False)
    visitor: Visitor
    cookie_expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class NeedsCode:
    """The password was right, and a code is needed too. ``token`` is for a short-lived cookie."""

    token: str = field(repr=False)
    cookie_seconds: int


class LoginProblem(StrEnum):
    """Why a login was refused. OVER: the password is too long ago, begin again."""

    WRONG = "wrong"
    THROTTLED = "throttled"
    WAITING = "waiting"
    CLOSED = "closed"
    CODE = "code"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class LoginRefusal:
    """A login that did not work. ``retry_after_seconds`` only when throttled."""

    problem: LoginProblem
    retry_after_seconds: int = 0


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """A counted try at a password; ``prove`` decides it. Nobody's when ``person_id`` is None."""

    reseller_id: int | None
    person_id: int | None
    stored_hash: str | None = field(repr=False)
    client_status: ClientStatus | None
    address: str
    taken: Taken


@dataclass(frozen=True, slots=True)
class Proof:
    """This person knew the password a moment ago. Good for one step, never stored."""

    reseller_id: int
    person_id: int
    stored_hash: str = field(repr=False)
    new_hash: str | None = field(repr=False)
    address: str
    taken: Taken


@dataclass(frozen=True, slots=True)
class CodeAttempt:
    """A counted try at a code; ``token_id`` is the login that waits for it."""

    token_id: int
    reseller_id: int
    person_id: int
    address: str
    taken: Taken


@dataclass(frozen=True, slots=True)
class HandOff:
    """A login form on another website was right. ``token`` is for a short-lived cookie."""

    token: str = field(repr=False)
    cookie_seconds: int


@dataclass(frozen=True, slots=True)
class AskToContinue:
    """The hand-off is good but needs the person's own click: *Continue as …?*"""

    name: str
    email: str
