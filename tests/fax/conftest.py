"""A reseller at the practice carrier, with two clients who have a fax number each."""

from __future__ import annotations

import base64
import io
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image, ImageDraw
from sqlalchemy import delete, select

from portal import carriers, fax, identity, ledger, numbers, pbx, pricing, upstream
from portal.core import clock, storage
from portal.core.db import session, transaction
from portal.core.money import Money, rate_e8
from portal.core.outbox import OutboxTask
from portal.core.scope import Scope, bind, unscoped
from portal.fax import FaxRow, MadePage, Place, Recipient
from portal.fax.models import Fax, FaxFile, StrayFax
from portal.identity import BalanceMode, ClientDetails
from portal.numbers import DidFees
from tests.calls.conftest import OFFICE
from tests.carrier import PASSWORD, USER, Carrier
from tests.desk import AtCarrier
from tests.worker import work

OWN, OTHERS, SPARE = "+16135550121", "+16135550122", "+16135550123"
CLINIC = "+14165550117"
FEES = DidFees(minute_e8=rate_e8("0.0300"))  # pulse 6 of the package: 0.003 for 6 seconds
NOTHING = Money(0)


@dataclass
class FaxDesk(AtCarrier):
    """What a test needs to know: ``client_id`` has OWN, ``other_id`` has OTHERS."""

    def draft(self, pages: int = 2, *, client_id: int | None = None) -> uuid.UUID:
        """A draft with one file, whose pages were made before: converting takes a second."""
        number = OTHERS if client_id == self.other_id else OWN
        draft = self.empty_draft(client_id=client_id, number=number)
        self.add(draft, b"a letter", client_id=client_id)
        with self.writing():
            file_id = session().scalar(select(FaxFile.id).order_by(FaxFile.id.desc()).limit(1))
            upload = fax.to_convert(file_id or 0)
            assert upload is not None
            assert fax.keep_pages(upload, "pdf", [a_page(number) for number in range(pages)])
        return draft

    def converted_draft(self, pages: int = 2) -> uuid.UUID:
        """The same from a real file, by the real job."""
        draft = self.empty_draft()
        self.add(draft, a_pdf(pages))
        work()
        return draft

    def empty_draft(self, *, client_id: int | None = None, number: str = OWN) -> uuid.UUID:
        with self.writing():
            return fax.new_draft(client_id or self.client_id, own_number=number)

    def add(
        self, draft: uuid.UUID, content: bytes, *, name: str = "letter.pdf",
        client_id: int | None = None,
    ) -> uuid.UUID:  # fmt: skip
        with self.writing():
            return fax.add_file(
                client_id or self.client_id, draft, name=name, path=an_upload(content)
            )

    def send(
        self, draft: uuid.UUID, *to: str, reference: str = "r1", due_at: datetime | None = None,
        client_id: int | None = None,
    ) -> list[uuid.UUID]:  # fmt: skip
        """Send a draft; the faxes it became."""
        recipients = [Recipient(number) for number in to or (CLINIC,)]
        with self.writing():
            return fax.send(
                client_id or self.client_id, draft, recipients, reference=reference, due_at=due_at
            )

    def rows(self, place: Place = Place.SENT) -> Sequence[FaxRow]:
        with self.reading():
            return fax.listing(self.client_id, place).rows

    def one(self, public_id: uuid.UUID) -> FaxRow:
        with self.reading():
            return fax.one(self.client_id, public_id)

    def faxes(self, direction: str = "out") -> list[Fax]:
        with self.reading():
            rows = list(
                session().scalars(
                    select(Fax)
                    .where(Fax.direction == direction, Fax.state != "draft")
                    .order_by(Fax.id)
                    .execution_options(populate_existing=True)
                )
            )
            session().expunge_all()
            return rows

    def states(self) -> list[str]:
        return [row.state for row in self.faxes()]

    def steps(self, public_id: uuid.UUID) -> list[str]:
        with self.reading():
            return [str(one.kind) for one in fax.timeline(self.client_id, public_id)]

    def strays(self) -> list[StrayFax]:
        with self.reading():
            return list(session().scalars(select(StrayFax)))

    def copies(self, direction: str = "out") -> list[dict[str, Any]]:
        """Every fax that really was at the carrier."""
        told: list[dict[str, Any]] = self.carrier.control("truth/faxes", direction=direction)[
            "faxes"
        ]
        return told

    def machine(self, behaviour: str, *, number: str = CLINIC, **more: Any) -> None:
        """What stands at the other end."""
        self.carrier.post("fax_machines", number=number[2:], behaviour=behaviour, **more)

    def fault(
        self, kind: str, *, method: str = "sendFaxMessage", calls: int = 1, **more: Any
    ) -> None:  # fmt: skip
        super().fault(kind, method=method, calls=calls, **more)

    def arrives(self, pages: int = 2, **wish: Any) -> dict[str, Any]:
        """A fax comes in at the carrier, which tells nobody unless it is asked."""
        content = base64.b64encode(a_pdf(pages)).decode()
        body = {
            "did": OWN[2:], "from": CLINIC[2:], "name": "CLINIC", "pages": pages, "pdf": content,
            "quiet": True,
        }  # fmt: skip
        row: dict[str, Any] = self.carrier.control("faxes", body | wish)["fax"]
        return row


@cache
def a_pdf(pages: int = 2) -> bytes:
    """A letter of so many pages."""
    sheets = []
    for number in range(1, pages + 1):
        sheet = Image.new("L", (425, 550), 255)
        ImageDraw.Draw(sheet).text((60, 60), f"Page {number} of a letter", fill=0)
        sheets.append(sheet)
    written = io.BytesIO()
    sheets[0].save(written, "PDF", save_all=True, append_images=sheets[1:], resolution=50)
    return written.getvalue()


def a_page(number: int) -> MadePage:
    """A page as converting makes it, in the store."""
    names = [storage.keep(an_upload(_sheet(number)), ending="png") for _ in range(3)]
    return MadePage(*names, width=1728, height=2156)


@cache
def _sheet(number: int) -> bytes:
    sheet = Image.new("1", (1728, 2156), 1)
    ImageDraw.Draw(sheet).text((200, 200), f"Page {number}", fill=0)
    written = io.BytesIO()
    sheet.save(written, "PNG")
    return written.getvalue()


def an_upload(content: bytes) -> Path:
    """A file as a view has it: a draft of the store."""
    path = storage.draft(ending="upload")
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def practice() -> Iterator[Carrier]:
    """A practice carrier for this module, whose machines print very fast; each test empties it."""
    with Carrier("--delivery-seconds", "0", "--fax-speed", "100000") as carrier:
        yield carrier


@pytest.fixture
def desk(app_on_each: Flask, practice: Carrier) -> FaxDesk:
    """The world, on SQLite and on PostgreSQL."""
    return open_desk(practice)


@pytest.fixture
def desk_on_sqlite(app: Flask, practice: Carrier) -> FaxDesk:
    """The world, on SQLite only: for what does not depend on the database."""
    return open_desk(practice)


def open_desk(practice: Carrier, *, mode: BalanceMode = BalanceMode.SOFT) -> FaxDesk:
    """Build it in the open application context."""
    carriers.forget_outages()
    practice.reset()
    practice.seed(
        login="100482",
        sub_accounts=[{"username": "desk"}, {"username": "other"}],
        faxes=[{"did": number[2:], "description": "OTTAWA, ON"} for number in (OWN, OTHERS, SPARE)],
    )
    since = clock.now() - timedelta(days=30)
    with unscoped("a test"), transaction():
        reseller = identity.add_reseller(name="Northwind", uid="100482")
    with bind(Scope(reseller.id)):
        with transaction():
            upstream.connect_login(USER, PASSWORD, base_url=practice.rest_url)
        carrier = upstream.carrier()
        accounts, dids, faxes = carrier.sub_accounts(), carrier.dids(), carrier.fax_numbers()
        with transaction():
            pbx.record_accounts(accounts)
            numbers.record_inventory(dids, faxes)
            package = pricing.save_package(OFFICE, valid_from=since)
            lines = {row.account: row for row in pbx.all_sub_accounts()}
            free = {row.number: row for row in numbers.free_dids()}
            people = []
            for name, number in (("desk", OWN), ("other", OTHERS)):
                client = identity.add_client(
                    ClientDetails(
                        first_name=name, last_name="Raman", email=f"{name}@example.test",
                        company=f"Harbourlight {name}", balance_mode=mode,
                    )
                )  # fmt: skip
                ledger.open_wallet(client.id, mode=mode)
                line = lines[f"100482_{name}"]
                pbx.assign_package(line.public_id, client.id, package, valid_from=since)
                numbers.connect_dids(
                    [free[number].public_id], line.id, FEES, client_id=client.id, valid_from=since
                )
                people.append(client.id)
    with unscoped("what the carrier would be told now is of no interest"), transaction():
        session().execute(delete(OutboxTask))
    return FaxDesk(reseller.id, people[0], people[1], practice)
