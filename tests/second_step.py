"""The telephone of somebody with 2-step login: the codes it shows."""

from __future__ import annotations

from datetime import timedelta

import pyotp
from sqlalchemy import select

from portal.core import clock
from portal.core.db import session, transaction
from portal.core.scope import unscoped
from portal.identity import second_step
from portal.identity.models import Person


class Telephone:
    """Knows the key of one person."""

    def __init__(self, key: str) -> None:
        self.key = key.replace(" ", "")

    def code(self, *, later_seconds: int = 0) -> str:
        """What it shows now, or in a while."""
        return pyotp.TOTP(self.key).at(clock.now() + timedelta(seconds=later_seconds))

    def wrong_code(self) -> str:
        """Six digits that are no code of these minutes."""
        near = {self.code(later_seconds=away) for away in range(-90, 91, 30)}
        return next(f"{number:06}" for number in range(10) if f"{number:06}" not in near)


def give_telephone(email: str) -> tuple[Telephone, tuple[str, ...]]:
    """Turn 2-step login on for somebody; their telephone and their recovery codes.

    The code that turned it on was the one before now, so that the code of now is still unused.
    """
    with unscoped("a test gives somebody a telephone"), transaction():
        person = session().scalars(select(Person).where(Person.email == email)).one()
        second_step.start(person)
        found = second_step.set_up_of(person.id, account=email, issuer="A test")
        assert found is not None
        telephone = Telephone(found.key)
        codes = second_step.confirm(person, telephone.code(later_seconds=-30))
        assert codes is not None
    return telephone, codes
