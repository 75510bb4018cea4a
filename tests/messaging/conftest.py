"""A reseller at the practice carrier, with two clients who have a number each that can text."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from portal import carriers, identity, ledger, messaging, numbers, pbx, pricing, upstream
from portal.core import clock, storage
from portal.core.db import session, transaction
from portal.core.money import Money
from portal.core.outbox import OutboxTask
from portal.core.scope import Scope, bind, unscoped
from portal.identity import BalanceMode, ClientDetails
from portal.identity.models import Person
from portal.messaging import Draft
from portal.messaging.models import Message, MessageFile, StrayMessage
from portal.rating.messages import Choice
from tests.calls.conftest import FEES, OFFICE
from tests.carrier import PASSWORD, USER, Carrier
from tests.desk import AtCarrier

OWN, OTHERS, SPARE = "+16135550101", "+16135550102", "+16135550103"
CONTACT = "+14165550117"
PRICE_OUT, PRICE_IN = Money.of("0.015"), Money.of("0.005")
MMS_OUT, MMS_IN = Money.of("0.04"), Money.of("0.02")


@dataclass
class Desk(AtCarrier):
    """What a test needs to know: ``client_id`` has OWN, ``other_id`` has OTHERS."""

    def send(
        self, text: str = "On my way", *, reference: str = "r1", sender: str = OWN,
        to: str = CONTACT, client_id: int | None = None, files: tuple[uuid.UUID, ...] = (),
        send_as: Choice = "",
    ) -> uuid.UUID:  # fmt: skip
        """Accept one text; its public id."""
        with self.writing():
            draft = Draft(sender, to, text, reference, files, send_as)
            found = messaging.queue(client_id or self.client_id, draft, person_id=self.person_id)
            return found.public_id

    @property
    def person_id(self) -> int:
        """Who writes for the client."""
        with self.reading():
            found = session().scalars(select(Person).where(Person.client_id == self.client_id))
            return found.first().id  # type: ignore[union-attr]

    def upload(self, content: bytes, name: str = "card.png") -> uuid.UUID:
        """A file that was added to a message which is being written; its public id."""
        path = storage.draft(ending="in")
        path.write_bytes(content)
        file = messaging.for_sending(path, name=name, room=messaging.Room.beside([]))
        path.unlink()
        with self.writing():
            return messaging.keep_upload(self.client_id, self.person_id, file)

    def files(self) -> list[MessageFile]:
        with self.reading():
            rows = list(session().scalars(select(MessageFile).order_by(MessageFile.id)))
            session().expunge_all()
            return rows

    def messages(self, direction: str = "out") -> list[Message]:
        with self.reading():
            rows = list(
                session().scalars(
                    select(Message)
                    .where(Message.direction == direction)
                    .order_by(Message.id)
                    .execution_options(populate_existing=True)
                )
            )
            session().expunge_all()
            return rows

    def states(self) -> list[str]:
        return [message.state for message in self.messages()]

    def strays(self) -> int:
        with self.reading():
            return len(list(session().scalars(select(StrayMessage))))

    def copies(self, direction: str = "out") -> list[str]:
        """The words of every text that really was at the carrier."""
        told = self.carrier.control("truth/messages", direction=direction)["messages"]
        return [row["message"] for row in told]

    def fault(
        self, kind: str, *, method: str = "sendSMS", calls: int = 1, **more: Any
    ) -> None:  # fmt: skip
        super().fault(kind, method=method, calls=calls, **more)

    def arrives(self, text: str = "Hello", **wish: Any) -> dict[str, Any]:
        """A text comes in at the carrier, which tells nobody unless it is asked."""
        body = {"did": OWN[2:], "contact": CONTACT[2:], "message": text, "quiet": True} | wish
        row: dict[str, Any] = self.carrier.control("messages", body)["message"]
        return row


@pytest.fixture(scope="module")
def practice() -> Iterator[Carrier]:
    """A practice carrier for this module; each test empties it."""
    with Carrier("--delivery-seconds", "0") as carrier:
        yield carrier


@pytest.fixture
def desk(app_on_each: Flask, practice: Carrier) -> Desk:
    """The world, on SQLite and on PostgreSQL."""
    return open_desk(practice)


@pytest.fixture
def desk_on_sqlite(app: Flask, practice: Carrier) -> Desk:
    """The world, on SQLite only: for what does not depend on the database."""
    return open_desk(practice)


def open_desk(practice: Carrier, *, mode: BalanceMode = BalanceMode.SOFT, credit: str = "") -> Desk:
    """Build it in the open application context."""
    carriers.forget_outages()
    practice.reset()
    practice.seed(
        login="100482",
        sub_accounts=[{"username": "desk"}, {"username": "other"}],
        dids=[
            {"did": number[2:], "account": account, "sms_enabled": True}
            for number, account in ((OWN, "desk"), (OTHERS, "other"), (SPARE, "desk"))
        ],
    )
    since = clock.now() - timedelta(days=30)
    with unscoped("a test"), transaction():
        reseller = identity.add_reseller(name="Northwind", uid="100482")
    with bind(Scope(reseller.id)):
        with transaction():
            upstream.connect_login(USER, PASSWORD, base_url=practice.rest_url)
        carrier = upstream.carrier()
        accounts, dids = carrier.sub_accounts(), carrier.dids()
        with transaction():
            pbx.record_accounts(accounts)
            numbers.record_inventory(dids)
            package = pricing.save_package(OFFICE, valid_from=since)
            lines = {row.account: row for row in pbx.all_sub_accounts()}
            free = {row.number: row for row in numbers.free_dids()}
            people = []
            for name, number in (("desk", OWN), ("other", OTHERS)):
                client = identity.add_client(
                    ClientDetails(
                        first_name=name, last_name="Raman", email=f"{name}@example.test",
                        balance_mode=mode,
                    )
                )  # fmt: skip
                ledger.open_wallet(client.id, mode=mode)
                line = lines[f"100482_{name}"]
                pbx.assign_package(line.public_id, client.id, package, valid_from=since)
                numbers.connect_dids(
                    [free[number].public_id],
                    line.id,
                    replace(FEES, mms_out=MMS_OUT, mms_in=MMS_IN),
                    client_id=client.id,
                    valid_from=since,
                )
                people.append(client.id)
    with unscoped("what the carrier would be told now is of no interest"), transaction():
        session().execute(delete(OutboxTask))
    desk = Desk(reseller.id, people[0], people[1], practice)
    if credit:
        desk.pay(credit)
    return desk
