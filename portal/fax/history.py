"""Faxes of the past with their files, brought in from elsewhere: both directions, each once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal import ledger, numbers
from portal.carriers import CarrierFaxMessage, Direction, FaxStatus
from portal.core import phone
from portal.core.db import session
from portal.fax import reasons
from portal.fax.documents import put_own_pages
from portal.fax.drafts import searched
from portal.fax.models import Fax, FaxEvent
from portal.fax.receiving import RECEIVED
from portal.fax.sending import SOURCE
from portal.fax.terms import terms_of, write_price
from portal.fax.values import EventKind, FaxState, PastFax
from portal.ledger import Charge, CostDelta, CostKind, Reason
from portal.numbers import DidOwner
from portal.rating import rate_fax


def bring_in(faxes: Sequence[PastFax], *, posted_at: datetime) -> int:
    """Store and charge past faxes whose number was somebody's then; how many those were.

    For moving in and for the demo only: while the portal runs, what it sent itself must not be
    taken for something sent elsewhere.
    """
    charges, costs = [], []
    kept = 0
    for past in faxes:
        owner = numbers.owner_of(phone.normalise(past.listed.did) or "", past.listed.at)
        if owner is None:
            continue
        kept += 1
        fax = _keep(past, owner)
        if fax.state != FaxState.FAILED:
            charges.append(
                Charge(
                    owner.client_id, fax.price, Reason.FAX, SOURCE, str(fax.public_id),
                    RECEIVED if fax.direction == "in" else "send",
                    description=fax.contact, occurred_at=fax.at, seconds=fax.seconds,
                )
            )  # fmt: skip
            costs.append(CostDelta(owner.client_id, CostKind.FAX, fax.cost))
    ledger.charge_many(charges, posted_at=posted_at)
    ledger.note_costs(costs, posted_at=posted_at)
    return kept


def _keep(past: PastFax, owner: DidOwner) -> Fax:
    listed, came = past.listed, past.listed.direction is Direction.IN
    failed = listed.status is not FaxStatus.SUCCESS
    code, page = reasons.read(listed.words, pages_done=listed.pages) if failed else ("", 0)
    terms = terms_of(owner, listed.at)
    contact = phone.normalise(listed.other) or listed.other[:20]
    out_state = FaxState.FAILED if failed else FaxState.SENT
    fax = Fax(
        client_id=owner.client_id,
        direction="in" if came else "out",
        state=FaxState.RECEIVED if came else out_state,
        did_id=owner.did_id,
        did_link_id=owner.link_id,
        contact=contact,
        contact_name=listed.name,
        subject=past.subject,
        pages=len(past.made.pages),
        pages_done=listed.pages,
        seconds=0 if failed else listed.seconds,
        rate_e8=terms.rate_e8,
        pulse_seconds=terms.pulse_seconds,
        package=terms.package[:80],
        exchange_e8=terms.exchange_e8,
        carrier_cost_e8=listed.total_e8,
        pdf=past.made.pdf,
        pdf_bytes=past.made.pdf_bytes,
        carrier_ref=listed.id,
        error_code=code,
        error_page=page,
        attempt=0 if came else 1,
        sent_by_id=past.person_id,
        at=listed.at,
        handed_over_at=None if came else listed.at,
        finished_at=past.finished_at,
        read_at=listed.at if past.is_read else None,
    )
    fax.searched = searched(fax)
    if not failed:
        rated = rate_fax(
            listed.seconds, terms, cost_rate_e8=listed.rate_e8, cost_total_e8=listed.total_e8
        )
        write_price(fax, rated)
    session().add(fax)
    session().flush()
    put_own_pages(fax, past.made.pages)
    if not came:
        _add_events(fax, listed, past.finished_at)
    session().flush()
    return fax


def _add_events(fax: Fax, listed: CarrierFaxMessage, finished_at: datetime) -> None:
    end = EventKind.FAILED if fax.state == FaxState.FAILED else EventKind.SENT
    for kind, at in (
        (EventKind.QUEUED, listed.at), (EventKind.DIALLING, listed.at), (end, finished_at),
    ):  # fmt: skip
        session().add(
            FaxEvent(
                client_id=fax.client_id, fax_id=fax.id, did_id=fax.did_id, kind=kind,
                code=fax.error_code if kind is EventKind.FAILED else "", page=fax.error_page,
                pages=fax.pages, person_id=fax.sent_by_id, at=at,
            )
        )  # fmt: skip
