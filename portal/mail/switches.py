"""Which mails a reseller leaves out."""

from __future__ import annotations

from sqlalchemy import select, update

from portal import identity
from portal.core import scope
from portal.core.db import insert_once, session
from portal.core.errors import NotFound
from portal.identity import Visitor
from portal.mail.catalogue import SWITCHABLE
from portal.mail.models import MailSwitch
from portal.mail.values import MailName


def switched_off() -> frozenset[str]:
    """The mails that the bound reseller leaves out."""
    return frozenset(session().scalars(select(MailSwitch.name).where(MailSwitch.is_on.is_(False))))


def is_on(name: MailName) -> bool:
    """Does the bound reseller want this mail written?"""
    return name not in SWITCHABLE or name not in switched_off()


def switch_mail(name: MailName, *, on: bool, by: Visitor | None = None) -> None:
    """Leave a mail out, or write it again; NotFound for mails that nobody may leave out."""
    if name not in SWITCHABLE:
        raise NotFound("This mail cannot be switched off.")
    row = {"reseller_id": scope.reseller_id(), "name": name, "is_on": on}
    if not insert_once(MailSwitch, row):
        session().execute(update(MailSwitch).where(MailSwitch.name == name).values(is_on=on))
    identity.record("mail.switched", by=by, text=name, on=on)
