"""A reseller with clients, sub-accounts and numbers, made with as little as possible."""

from __future__ import annotations

from datetime import UTC, datetime

from portal import ledger
from portal.core.db import session, transaction
from portal.core.scope import Scope, bind, unscoped
from portal.identity.models import Client, Reseller
from portal.identity.values import BalanceMode
from portal.numbers.models import Did
from portal.pbx.models import SubAccount

SEPTEMBER = datetime(2026, 9, 1, tzinfo=UTC)


def make_reseller(
    uid: str = "100482", *, currency: str = "USD", time_zone: str = "America/Toronto"
) -> int:
    """A reseller; its id."""
    with unscoped("a test sets the stage"), transaction():
        reseller = Reseller(uid=uid, name=f"Reseller {uid}", currency=currency, time_zone=time_zone)
        session().add(reseller)
        session().flush()
        return reseller.id


def make_client(reseller_id: int, number: str = "200001") -> int:
    """A client of a reseller; its id."""
    with bind(Scope(reseller_id)), transaction():
        client = Client(
            reseller_id=reseller_id,
            number=number,
            first_name="Priya",
            last_name="Raman",
            email=f"{number}@harbourlight.example",
            time_zone="Pacific/Auckland",  # a client's zone never moves a period
        )
        session().add(client)
        session().flush()
        ledger.open_wallet(client.id, mode=BalanceMode.SOFT)
        return client.id


def make_sub_account(reseller_id: int, username: str = "reception") -> int:
    """A sub-account nobody is linked to; its id. (Its public id: ``pbx.all_sub_accounts()``.)"""
    with bind(Scope(reseller_id)), transaction():
        account = SubAccount(account=f"100482_{username}", description=username)
        session().add(account)
        session().flush()
        return account.id


def make_did(reseller_id: int, number: str = "+16135550142", **facts: object) -> int:
    """A number at the carrier nobody is connected to; its id."""
    with bind(Scope(reseller_id)), transaction():
        did = Did(number=number, **facts)
        session().add(did)
        session().flush()
        return did.id
