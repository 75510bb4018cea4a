"""How a client's faxes are tried again and kept, and who wants to be told of their end."""

from __future__ import annotations

from sqlalchemy import select

from portal.core import scope
from portal.core.db import insert_once, session
from portal.core.errors import InvalidInput
from portal.fax.models import FaxMailWish, FaxSettings
from portal.fax.values import MailWish, Policy

MOST_RETRIES = 5
LONGEST_RETRY_MINUTES = 60
SHORTEST_KEEPING_DAYS = 30


def policy(client_id: int) -> Policy:
    """A client's wishes, or what holds without any."""
    row = session().scalar(select(FaxSettings).where(FaxSettings.client_id == client_id))
    return Policy() if row is None else Policy(row.retries, row.retry_minutes, row.keep_days)


def save_policy(client_id: int, wanted: Policy) -> None:
    """Keep how faxes are tried again and how long they are kept. InvalidInput names the field."""
    if not 0 <= wanted.retries <= MOST_RETRIES:
        raise InvalidInput("Try again up to 5 times.", field="retries")
    if not 1 <= wanted.retry_minutes <= LONGEST_RETRY_MINUTES:
        raise InvalidInput("Wait 1 to 60 minutes.", field="retry_minutes")
    if wanted.keep_days is not None and not SHORTEST_KEEPING_DAYS <= wanted.keep_days <= 3_650:
        raise InvalidInput("Keep faxes for 30 to 3,650 days.", field="keep_days")
    values = {
        "retries": wanted.retries,
        "retry_minutes": wanted.retry_minutes,
        "keep_days": wanted.keep_days,
    }
    key = {"reseller_id": scope.reseller_id(), "client_id": client_id}
    if insert_once(FaxSettings, key | values):
        return
    row = session().scalar(select(FaxSettings).where(FaxSettings.client_id == client_id))
    assert row is not None
    for name, value in values.items():
        setattr(row, name, value)
    session().flush()


def mail_wish(person_id: int) -> MailWish:
    """When this person wants a mail about faxes they sent; without a wish, when one failed."""
    row = session().scalar(select(FaxMailWish.wish).where(FaxMailWish.person_id == person_id))
    return MailWish.FAILED if row is None else MailWish(row)


def save_mail_wish(client_id: int, person_id: int, wish: MailWish) -> None:
    """Keep when this person wants a mail."""
    new = insert_once(
        FaxMailWish,
        {
            "reseller_id": scope.reseller_id(),
            "client_id": client_id,
            "person_id": person_id,
            "wish": wish,
        },
    )
    if not new:
        row = session().scalar(select(FaxMailWish).where(FaxMailWish.person_id == person_id))
        assert row is not None
        row.wish = wish
        session().flush()
