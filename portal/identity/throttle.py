"""The one throttle of every door that guessing could open, counted in the database.

A try is counted before its outcome is known and given back when it was right, so a hundred tries at
once get no further than a hundred in a row. Nobody is locked out: the pause grows to a quarter of an
hour and ends. Sessions that are open go on.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import case, delete, select, update

from portal.core import clock
from portal.core.db import add_up, session
from portal.core.errors import Refused
from portal.core.sentences import N_
from portal.identity.models import ThrottleCounter

WINDOW = timedelta(minutes=10)


class Door(StrEnum):
    """What is guessed or flooded. Every way of giving a password is one door: PASSWORD."""

    PASSWORD = "password"
    RESET = "reset"
    CODE = "code"
    SIGN_UP = "sign_up"
    INVITATION = "invitation"
    API_KEY = "api_key"
    TEST_MAIL = "test_mail"
    SETUP = "setup"
    TRIAL = "trial"
    CALLBACK = "callback"


class Key(StrEnum):
    """What tries are counted by."""

    ACCOUNT = "account"
    ADDRESS = "address"
    RESELLER = "reseller"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Limit:
    """Tries within WINDOW before the first pause, and how the pause grows (it doubles)."""

    tries: int
    first_pause_seconds: int
    longest_pause_seconds: int


# Whole resellers and the installation only slow down: a flood must not become a lock-out.
_LIMITS = {
    Key.ACCOUNT: Limit(10, 30, 900),
    Key.ADDRESS: Limit(30, 30, 900),
    Key.RESELLER: Limit(300, 5, 60),
    Key.EVERYONE: Limit(2000, 5, 60),
}
# A reset or a sign-up costs somebody a mail each time, right or wrong.
_STRICTER = {
    (Door.RESET, Key.ACCOUNT): Limit(3, 300, 3600),
    (Door.RESET, Key.ADDRESS): Limit(10, 60, 3600),
    (Door.SIGN_UP, Key.ACCOUNT): Limit(3, 300, 3600),
    (Door.SIGN_UP, Key.ADDRESS): Limit(5, 300, 3600),
    (Door.INVITATION, Key.ACCOUNT): Limit(3, 300, 3600),
    (Door.INVITATION, Key.RESELLER): Limit(50, 300, 3600),
    (Door.TEST_MAIL, Key.ACCOUNT): Limit(10, 60, 900),
    # A trial calls a server that somebody named; our address must not become a tool to look around.
    (Door.TRIAL, Key.RESELLER): Limit(20, 60, 3600),
    # The same for a client's own system, which a person asks to be called at once.
    (Door.CALLBACK, Key.ACCOUNT): Limit(10, 60, 900),
    # Three of a million codes are right at any time, and whoever tries them knows the password.
    (Door.CODE, Key.ACCOUNT): Limit(6, 60, 3600),
    (Door.SIGN_UP, Key.RESELLER): Limit(60, 60, 600),
}


class Throttled(Refused):
    """Too many tries; ``seconds`` until the next one is looked at."""

    code = "throttled"

    def __init__(self, seconds: int) -> None:
        super().__init__(N_("Too many attempts. Please wait a little and try again."))
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Taken:
    """A counted try: the counter's name by kind of key."""

    door: Door
    counters: tuple[tuple[Key, str], ...]


def take(
    door: Door,
    *,
    account: str | None = None,
    address: str | None = None,
    reseller_id: int | None = None,
) -> Taken:
    """Count one try, or raise Throttled and count nothing. In a transaction of its own.

    The caller commits before it looks at what was tried, so the count stays whatever happens next;
    ``succeeded`` gives it back. ``account`` is any text that names what is guessed at.
    """
    taken = Taken(door, _counters(door, account, address, reseller_id))
    at = clock.now()
    with session().begin_nested():  # a refused try leaves no trace, even if the caller goes on
        rows = [{"key": name, "failures": 1, "window_started_at": at} for _, name in taken.counters]
        add_up(ThrottleCounter, rows, keys=["key"], sums=["failures"])
        waits = [_count(taken.door, key, name, at) for key, name in taken.counters]
        if wait := max(waits):
            raise Throttled(wait)
    return taken


def succeeded(taken: Taken) -> None:
    """The try was right: forget the account's failures, give the others this one back."""
    for key, name in taken.counters:
        if key is Key.ACCOUNT:
            _run(delete(ThrottleCounter).where(ThrottleCounter.key == name))
            continue
        still_too_many = ThrottleCounter.failures > _limit(taken.door, key).tries
        _run(
            update(ThrottleCounter)
            .where(ThrottleCounter.key == name, ThrottleCounter.failures > 0)
            .values(
                failures=ThrottleCounter.failures - 1,
                blocked_until=case((still_too_many, ThrottleCounter.blocked_until), else_=None),
            )
        )


def forget_account(door: Door, account: str) -> None:
    """Start an account's count anew, after its owner proved to be the owner in another way."""
    name = _name(door, Key.ACCOUNT, account)
    _run(delete(ThrottleCounter).where(ThrottleCounter.key == name))


def _count(door: Door, key: Key, name: str, at: datetime) -> int:
    """Judge a counter that this transaction has just raised, and so holds: seconds to wait, or 0."""
    counter = ThrottleCounter
    failures, started_at, blocked_until = (
        session()
        .execute(
            select(counter.failures, counter.window_started_at, counter.blocked_until).where(
                counter.key == name
            )
        )
        .one()
    )
    if blocked_until is not None and blocked_until > at:
        return max(1, round((blocked_until - at).total_seconds()))
    limit = _limit(door, key)
    if started_at + WINDOW <= at:
        _set(name, failures=1, window_started_at=at, blocked_until=None)
    elif failures >= limit.tries:
        pause = limit.first_pause_seconds * 2 ** min(failures - limit.tries, 20)
        until = at + timedelta(seconds=min(pause, limit.longest_pause_seconds))
        # The window runs from the pause's end: coming back at once finds a longer pause.
        _set(name, failures=failures, window_started_at=until, blocked_until=until)
    return 0


def _set(
    name: str, *, failures: int, window_started_at: datetime, blocked_until: datetime | None
) -> None:
    _run(
        update(ThrottleCounter)
        .where(ThrottleCounter.key == name)
        .values(failures=failures, window_started_at=window_started_at, blocked_until=blocked_until)
    )


def _run(statement: object) -> None:
    session().execute(statement, execution_options={"synchronize_session": False})  # type: ignore[call-overload]


def _limit(door: Door, key: Key) -> Limit:
    return _STRICTER.get((door, key), _LIMITS[key])


def _counters(
    door: Door, account: str | None, address: str | None, reseller_id: int | None
) -> tuple[tuple[Key, str], ...]:
    found = [(Key.EVERYONE, _name(door, Key.EVERYONE, ""))]
    if account is not None:
        found.append((Key.ACCOUNT, _name(door, Key.ACCOUNT, account)))
    if address:
        found.append((Key.ADDRESS, _name(door, Key.ADDRESS, _network(address))))
    if reseller_id is not None:
        found.append((Key.RESELLER, _name(door, Key.RESELLER, str(reseller_id))))
    return tuple(sorted(found, key=lambda pair: pair[1]))


def _name(door: Door, key: Key, what: str) -> str:
    """Hashed: a counter must not tell whose it is."""
    return f"{door}:{key}:{hashlib.sha256(what.encode('utf-8', 'replace')).hexdigest()[:40]}"


def _network(address: str) -> str:
    """One customer has a whole /64 of IPv6, so that is what is counted."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)
