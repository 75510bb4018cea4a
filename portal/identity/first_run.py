"""The first run: whoever reads the console makes the first reseller and its owner, once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select, update

from portal.core import clock, setup_token
from portal.core.db import insert_once, only_one, session
from portal.core.errors import InvalidInput, NotFound
from portal.core.scope import Scope, bind, unscoped
from portal.identity import audit, sessions
from portal.identity.models import Person, Reseller, SetupToken
from portal.identity.passwords import ChosenPassword
from portal.identity.people import add_staff, checked_name
from portal.identity.resellers import add_reseller
from portal.identity.values import Role
from portal.identity.visitor import Entered


@dataclass(frozen=True, slots=True)
class FirstCompany:
    """What the setup page asks about the company and its owner."""

    name: str
    country: str
    currency: str
    time_zone: str
    language: str
    owner_name: str
    email: str


def setup_is_open() -> bool:
    """Is there no reseller yet?"""
    with unscoped("is the installation empty?"):
        return session().scalar(select(Reseller.id).limit(1)) is None


def open_setup(token_hash: str) -> bool:
    """Let this token, and no older one, open the setup page; False when there is a reseller.

    In a transaction.
    """
    session().execute(
        delete(SetupToken).where(SetupToken.used_at.is_(None)),
        execution_options={"synchronize_session": False},
    )
    return setup_is_open() and insert_once(
        SetupToken, {"token_hash": token_hash, "created_at": clock.now()}
    )


def set_up(
    token: str, wanted: FirstCompany, password: ChosenPassword, *, address: str, browser: str
) -> Entered:
    """Make the first reseller and its owner, who is logged in. Of two at once one wins.

    In a transaction, bound to everything. InvalidInput names the field; NotFound once it is over.
    """
    if not setup_is_open():
        raise NotFound("This installation is set up already.")
    mine = only_one(
        update(SetupToken)
        .where(SetupToken.token_hash == setup_token.hashed(token), SetupToken.used_at.is_(None))
        .values(used_at=clock.now())
    )
    if not mine:
        if not setup_is_open():
            raise NotFound("This installation is set up already.")
        raise InvalidInput("This is not the word that the console shows.", field="token")
    owner_name = checked_name(wanted.owner_name, field="owner_name")
    reseller = add_reseller(
        name=wanted.name,
        country=wanted.country,
        currency=wanted.currency,
        time_zone=wanted.time_zone,
        language=wanted.language,
    )
    with bind(Scope(reseller.id)):
        owner = add_staff(name=owner_name, email=wanted.email, role=Role.OWNER, password=password)
        person = session().scalars(select(Person).where(Person.id == owner.id)).one()
        entered = sessions.open_session(person, keep=False, address=address, browser=browser)
        audit.record("company.set_up", by=entered.visitor, address=address)
    return entered
