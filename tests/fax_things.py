"""A client's fax number and a few faxes, as the carrier and the jobs would have left them."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

from sqlalchemy import select

from portal.core import clock, storage
from portal.core.db import session
from portal.core.money import Money, rate_e8
from portal.fax.models import Fax, FaxDocument, FaxEvent, FaxFile, FaxFolder, FaxPage
from portal.numbers.models import Did, DidLink
from portal.pricing.models import PackageLink
from portal.rating import FaxTerms, rate_fax
from tests.pictures import picture

_PRICED = rate_fax(68, FaxTerms(rate_e8("0.03"), 6, "", None))
SHEET = json.dumps(_PRICED.worksheet)


def give_faxes(client_id: int, number: str) -> dict[str, uuid.UUID]:
    """Within the client's reseller: a number, a folder, and one fax of each kind, by its name."""
    at = clock.now() - timedelta(hours=2)
    link = session().scalars(
        select(PackageLink).where(PackageLink.client_id == client_id).order_by(PackageLink.id)
    ).first()  # fmt: skip
    did = Did(number=number, kind="fax", description="OTTAWA, ON", routing="fax:")
    session().add(did)
    session().flush()
    own = DidLink(
        did_id=did.id, client_id=client_id, label="Fax", minute_rate_e8=rate_e8("0.03"),
        sub_account_id=link.sub_account_id if link else None, valid_from=at - timedelta(days=30),
    )  # fmt: skip
    folder = FaxFolder(client_id=client_id, name="Referrals", folded_name="referrals")
    document = FaxDocument(client_id=client_id, did_id=did.id)
    session().add_all([own, folder, document])
    session().flush()

    def fax(name: str, direction: str, state: str, contact: str, **more: object) -> Fax:
        row = Fax(
            client_id=client_id, did_id=did.id, did_link_id=own.id, direction=direction, state=state,
            contact=contact, contact_name=name, searched=name.lower(), at=at, pages=2, attempt=1, **more,
        )  # fmt: skip
        session().add(row)
        session().flush()
        return row

    read = {"read_at": at}
    rows = {
        "received": fax("Riverside Orthodontics", "in", "received", "+16135550147", seconds=48,
                        price=Money.of("0.0240"), pdf=_kept(b"%PDF-1.7", "pdf"), worksheet=SHEET),
        "other": fax("", "in", "received", "+18195550144", seconds=90),
        "sent": fax("Sunrise Group Benefits", "out", "sent", "+14165550108", seconds=68,
                    price=Money.of("0.0360"), pdf=_kept(b"%PDF-1.7", "pdf"), worksheet=SHEET,
                    report=_kept(b"%PDF-1.7", "pdf"), finished_at=at, **read),
        "failed": fax("Capital Denture Lab", "out", "failed", "+16135550190", error_code="page",
                      error_page=2, pdf=_kept(b"%PDF-1.7", "pdf"), **read),
        "waiting": fax("Patterson Supply", "out", "queued", "+16135550136", **read,
                       due_at=clock.now() + timedelta(days=1)),
        "draft": fax("", "out", "draft", "", document_id=document.id, recipients=[], **read),
    }  # fmt: skip
    file = FaxFile(
        client_id=client_id, document_id=document.id, did_id=did.id, position=1, name="notes.pdf",
        kind="pdf", size_bytes=9_000, state="ready", stored_as="",
    )  # fmt: skip
    session().add(file)
    session().flush()
    for n in (1, 2):
        _page(client_id, did.id, n, document_id=document.id, file_id=file.id)
        for one in ("received", "sent", "failed"):
            _page(client_id, did.id, n, fax_id=rows[one].id)
    session().add(
        FaxEvent(client_id=client_id, did_id=did.id, fax_id=rows["failed"].id, kind="failed", code="page", page=2)
    )  # fmt: skip
    session().flush()
    return {name: row.public_id for name, row in rows.items()} | {"folder": folder.public_id}


def _page(client_id: int, did_id: int, n: int, **whose: int) -> None:
    view = _kept(picture(size=(85, 110)), "png")
    session().add(
        FaxPage(
            client_id=client_id, did_id=did_id, number=n, position=n, picture=view, view=view,
            thumb=view, width=1000, height=1294, **whose,
        )
    )  # fmt: skip


def _kept(content: bytes, ending: str) -> str:
    path = storage.draft(ending=ending)
    path.write_bytes(content)
    return storage.keep(path, ending=ending)
