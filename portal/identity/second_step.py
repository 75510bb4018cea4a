"""2-step login: a key shared with the person's code generator, and codes on paper (RFC 6238).

A code works once: the counter it belongs to is remembered, and no code of that counter or before is
taken again. One step of 30 seconds before and after is allowed for clocks that differ.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import Select, delete, func, select, update

from portal.core import clock, registry
from portal.core.db import only_one, session
from portal.core.errors import NotFound, Refused
from portal.core.sentences import N_
from portal.identity import tokens
from portal.identity.models import Person, RecoveryCode, SecondStep

STEP_SECONDS = 30
RECOVERY_CODES = 10
# A key that was shown and never confirmed is forgotten.
SET_UP_LASTS = timedelta(minutes=30)

_STEPS = (0, -1, 1)
_DIGITS = 6
# 80 bits: beyond guessing, also for somebody who has the hashes. No letters that look like digits.
_RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_RECOVERY_GROUPS, _RECOVERY_GROUP = 4, 4


@dataclass(frozen=True, slots=True)
class SecondStepState:
    """How it stands with one person: ``since`` None is off; ``codes_left`` unused recovery codes."""

    since: datetime | None
    codes_left: int

    @property
    def is_on(self) -> bool:
        return self.since is not None


@dataclass(frozen=True, slots=True)
class SetUp:
    """What the person's telephone must learn, as text and as the address in the QR code."""

    key: str = field(repr=False)
    address: str = field(repr=False)


def is_on(person_id: int) -> bool:
    """Does this person need a code to log in?"""
    return session().scalar(_confirmed(person_id)) is not None


def state_of(person_id: int) -> SecondStepState:
    """Since when it is on, and how many recovery codes are left."""
    since = session().scalar(_confirmed(person_id))
    left = session().scalar(
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    )
    return SecondStepState(since, (left or 0) if since else 0)


def people_with(person_ids: list[int]) -> set[int]:
    """Which of these people need a code to log in."""
    return set(
        session().scalars(
            select(SecondStep.person_id).where(
                SecondStep.person_id.in_(person_ids), SecondStep.confirmed_at.is_not(None)
            )
        )
    )


def start(person: Person) -> None:
    """Make a new key, which opens nothing until a code of it was entered."""
    row = _row(person.id)
    if row is not None and row.confirmed_at is not None:
        raise Refused("2-step login is on already.")
    if row is None:
        row = SecondStep(
            reseller_id=person.reseller_id, client_id=person.client_id, person_id=person.id
        )
        session().add(row)
    row.sealed_key = registry.key_ring().seal(
        pyotp.random_base32(), context=_context(person.reseller_id, person.id)
    )
    row.started_at, row.last_counter = clock.now(), 0
    session().flush()


def set_up_of(person_id: int, *, account: str, issuer: str) -> SetUp | None:
    """The key that waits to be confirmed; None when there is none, or it is too old."""
    row = _row(person_id)
    if row is None or row.confirmed_at is not None:
        return None
    if row.started_at + SET_UP_LASTS <= clock.now():
        return None
    key = _key(row)
    # A colon would end the issuer in the address.
    return SetUp(
        key, pyotp.TOTP(key).provisioning_uri(name=account, issuer_name=issuer.replace(":", " "))
    )


def confirm(person: Person, code: str) -> tuple[str, ...] | None:
    """Turn it on with a code of the new key; the recovery codes, or None when the code is wrong."""
    row = _row(person.id)
    if row is None or row.confirmed_at is not None:
        raise NotFound("There is nothing to confirm.")
    counter = _counter_of(_key(row), code)
    confirmed = counter is not None and only_one(
        update(SecondStep)
        .where(
            SecondStep.id == row.id,
            SecondStep.confirmed_at.is_(None),
            SecondStep.started_at > clock.now() - SET_UP_LASTS,
        )
        .values(confirmed_at=clock.now(), last_counter=counter)
    )
    return renew_recovery_codes(person) if confirmed else None


def spend_code(person_id: int, typed: str) -> bool:
    """Is it a code of this person, now and for the first time? It is used up by asking."""
    row = _row(person_id)
    if row is None or row.confirmed_at is None:
        return False
    counter = _counter_of(_key(row), typed)
    if counter is None:
        return _spend_recovery_code(person_id, typed)
    return only_one(
        update(SecondStep)
        .where(SecondStep.id == row.id, SecondStep.last_counter < counter)
        .values(last_counter=counter)
    )


def renew_recovery_codes(person: Person) -> tuple[str, ...]:
    """Ten new codes, shown now and never again; the old ones work no longer."""
    _forget_recovery_codes(person.id)
    codes = tuple(_new_recovery_code() for _ in range(RECOVERY_CODES))
    session().add_all(
        RecoveryCode(
            reseller_id=person.reseller_id,
            client_id=person.client_id,
            person_id=person.id,
            code_hash=tokens.hashed(_plain(code)),
        )
        for code in codes
    )
    session().flush()
    return codes


def are_recovery_codes(person_id: int, codes: list[str]) -> bool:
    """Are all of these unused recovery codes of this person? Looking does not use them up."""
    hashes = {tokens.hashed(_plain(code)) for code in codes[: RECOVERY_CODES + 1]}
    known = session().scalar(
        select(func.count())
        .select_from(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_hash.in_(hashes),
            RecoveryCode.used_at.is_(None),
        )
    )
    return bool(hashes) and known == len(codes)


def turn_off(person_id: int) -> bool:
    """Forget the key and the recovery codes; False when there was nothing to forget."""
    was_on = is_on(person_id)
    _run(delete(SecondStep).where(SecondStep.person_id == person_id))
    _forget_recovery_codes(person_id)
    return was_on


def _confirmed(person_id: int) -> Select[datetime | None]:
    return select(SecondStep.confirmed_at).where(
        SecondStep.person_id == person_id, SecondStep.confirmed_at.is_not(None)
    )


def _row(person_id: int) -> SecondStep | None:
    found: SecondStep | None = session().scalar(
        select(SecondStep)
        .where(SecondStep.person_id == person_id)
        .execution_options(populate_existing=True)
    )
    return found


def _key(row: SecondStep) -> str:
    return registry.key_ring().unseal(
        row.sealed_key, context=_context(row.reseller_id, row.person_id)
    )


def _context(reseller_id: int, person_id: int) -> str:
    """Tenant, table, column and person, so that a moved key does not open."""
    return f"reseller:{reseller_id}/second_steps/sealed_key/person:{person_id}"


def _counter_of(key: str, typed: str) -> int | None:
    """The 30 seconds that this code belongs to, when they are now, just before or just after."""
    code = "".join(typed.split())
    if len(code) != _DIGITS or not (code.isascii() and code.isdigit()):
        return None
    now = int(clock.now().timestamp()) // STEP_SECONDS
    generator = pyotp.HOTP(key)
    right = [now + step for step in _STEPS if hmac.compare_digest(generator.at(now + step), code)]
    return right[0] if right else None


def _spend_recovery_code(person_id: int, typed: str) -> bool:
    return only_one(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_hash == tokens.hashed(_plain(typed)),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )


def _new_recovery_code() -> str:
    groups = (
        "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(_RECOVERY_GROUP))
        for _ in range(_RECOVERY_GROUPS)
    )
    return "-".join(groups)


def _plain(code: str) -> str:
    return "".join(sign for sign in code.lower() if sign.isalnum())


def _forget_recovery_codes(person_id: int) -> None:
    _run(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def _run(statement: object) -> None:
    session().execute(statement, execution_options={"synchronize_session": False})  # type: ignore[call-overload]


WRONG_CODE = N_("This code is not right. Wait for the next one and try again.")
