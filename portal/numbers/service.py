"""Connecting numbers to clients, with the fees that are due at once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from portal import ledger, pricing
from portal.core import clock
from portal.core.db import only_one, session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.money import ZERO, Money
from portal.core.period import local_day, next_after
from portal.core.phone import international
from portal.core.queue import enqueue
from portal.ledger import FeeKind
from portal.numbers.models import Did, DidLink, DidReservation
from portal.numbers.pushes import push_later
from portal.numbers.values import DidFees
from portal.tasks import SILENCE_NUMBER

_HIGHEST_FEE = Money(100_000 * 1_000_000)
_HIGHEST_RATE_E8 = 1_000 * 100_000_000


def default_did_fees() -> DidFees:
    """The reseller's default fees for a voice number, to prefill the form with."""
    fees = pricing.default_fees()
    return DidFees(
        setup=fees.did_setup,
        monthly=fees.did_monthly,
        minute_e8=fees.did_minute_e8,
        sms_in=fees.sms_in,
        sms_out=fees.sms_out,
        mms_in=fees.mms_in,
        mms_out=fees.mms_out,
    )


def default_fax_fees() -> DidFees:
    """The same for a fax number; texts are nothing to it."""
    fees = pricing.default_fees()
    return DidFees(setup=fees.fax_setup, monthly=fees.fax_monthly, minute_e8=fees.fax_minute_e8)


def connect_dids(
    dids: Sequence[uuid.UUID],
    sub_account_id: int,
    fees: DidFees | None = None,
    *,
    client_id: int,
    label: str = "",
    charge_setup: bool = True,
    charge_monthly: bool = True,
    valid_from: datetime | None = None,
    order_id: int | None = None,
    made_forwarding: str = "",
    made_mailbox: str = "",
) -> list[uuid.UUID]:
    """Connect numbers to a client's sub-account and charge what is due: all of it or nothing.

    Setup fee and first month are charged for each number at once, whole (rulings 7); the same day of
    the next month is the next billing day. Texts and incoming calls from now on are the client's, at
    these fees; the carrier is told in the background where to report texts and faxes. Refused when a number is
    connected already, another order than ``order_id`` works on it, or the sub-account is another
    client's. ``made_…`` is what was made at the carrier for these numbers.
    """
    fees = default_did_fees() if fees is None else fees
    check_terms(fees, label)
    if not dids:
        raise InvalidInput("Choose at least one number.", field="dids")
    at = valid_from or clock.now()
    holder = pricing.link_at(sub_account_id, at)
    if holder is None or holder.client_id != client_id:
        raise InvalidInput("Choose a sub-account of this client.", field="sub_account")
    today = local_day(at, ZoneInfo(holder.zone))
    made = []
    for public_id in dids:
        did = free_did(public_id, at, order_id)
        link = DidLink(
            did_id=did.id,
            client_id=client_id,
            sub_account_id=sub_account_id,
            label=label.strip(),
            valid_from=at,
            anchor_day=today.day,
            next_billing_day=next_after(today, today.day),
            made_forwarding=made_forwarding,
            made_mailbox=made_mailbox,
            **_columns(fees),
        )
        session().add(link)
        session().flush()
        posted_at = at if valid_from else None
        if charge_setup:
            _charge(link, did, fees.setup, FeeKind.SETUP, today, posted_at)
            if fees.e911_monthly is not None:
                _charge(link, did, fees.e911_setup, FeeKind.E911_SETUP, today, posted_at)
        if charge_monthly:
            _charge(link, did, fees.monthly, kind_of(did), today, posted_at)
            _charge(link, did, fees.e911_monthly, FeeKind.E911, today, posted_at)
        if did.held_routing:
            enqueue(SILENCE_NUMBER, did_id=did.id)
        if did.sms_enabled or did.texts_off or did.kind == "fax":
            push_later(did.id, due_at=valid_from)
        made.append(link.public_id)
    if valid_from is None:
        ledger.review_crossed([client_id])
    return made


def change_connection(
    link: uuid.UUID,
    fees: DidFees,
    *,
    label: str | None = None,
    sub_account_id: int | None = None,
) -> uuid.UUID:
    """Let other fees, another sub-account of the same client, or another label hold from now on.

    What came before keeps its fees: the connection ends and a new one begins, with the same billing
    day and without a charge, except that a number which gets e911 pays the setup of that; its monthly
    fee begins on the number's next billing day. A changed label alone is no new connection.
    """
    row = _open_link(link)
    check_terms(fees, label or "")
    target = sub_account_id or row.sub_account_id
    if label is not None:
        row.label = label.strip()
    if _columns(fees) == _columns(_fees_of(row)) and target == row.sub_account_id:
        session().flush()
        return row.public_id
    at = clock.now()
    if target is not None and target != row.sub_account_id:
        holder = pricing.link_at(target, at)
        if holder is None or holder.client_id != row.client_id:
            raise InvalidInput("Choose a sub-account of this client.", field="sub_account")
    _close(row, at)
    new = DidLink(
        did_id=row.did_id,
        client_id=row.client_id,
        sub_account_id=target,
        label=row.label,
        valid_from=at,
        anchor_day=row.anchor_day,
        next_billing_day=_still_to_come(row, at),
        made_forwarding=row.made_forwarding,
        made_mailbox=row.made_mailbox,
        note=row.note,
        **_columns(fees),
    )
    session().add(new)
    session().flush()
    if fees.e911_monthly is not None and row.e911_monthly is None:
        did = session().scalars(select(Did).where(Did.id == row.did_id)).one()
        _charge(new, did, fees.e911_setup, FeeKind.E911_SETUP, ledger.posting_day(at), None)
        if new.client_id is not None:
            ledger.review_crossed([new.client_id])
    return new.public_id


def set_e911(link: uuid.UUID, *, setup: Money, monthly: Money | None) -> uuid.UUID:
    """Say what a number's e911 costs from now on, or (None) that it has none; see ``change_connection``."""
    fees = _fees_of(_open_link(link))
    changed = replace(fees, e911_monthly=monthly, e911_setup=setup if monthly is not None else ZERO)
    return change_connection(link, changed)


def describe_connection(link: uuid.UUID, *, client_id: int, label: str, note: str) -> None:
    """Call a client's number something, and note something about it. In a transaction."""
    row = _open_link(link)
    if row.client_id != client_id:
        raise NotFound("This number is not connected any more.")
    if len(label.strip()) > 60:
        raise InvalidInput("A label has at most 60 characters.", field="label")
    if len(note.strip()) > 300:
        raise InvalidInput("A note has at most 300 characters.", field="note")
    row.label, row.note = label.strip(), note.strip()
    session().flush()


def unconnect(link: uuid.UUID, *, at: datetime | None = None) -> None:
    """Take a number from its client from now on; earlier calls and texts stay the client's."""
    _close(_open_link(link), at or clock.now())


def _still_to_come(row: DidLink, at: datetime) -> date | None:
    """The next billing day of what follows a connection: one that has come stays with what ends."""
    today = ledger.posting_day(at)
    if row.next_billing_day is None or row.next_billing_day > today:
        return row.next_billing_day
    return next_after(today, row.anchor_day)


def free_did(public_id: uuid.UUID, at: datetime, order_id: int | None = None) -> Did:
    """A number that may be connected at a moment, its row locked; Refused says why not."""
    # The number's row is the lock: two people cannot connect it at once.
    did = session().scalar(select(Did).where(Did.public_id == public_id).with_for_update())
    if did is None:
        raise NotFound("There is no such number.")
    if did.gone_at is not None:
        raise Refused("This number is no longer at the carrier.", code="did_gone", field="dids")
    taken = session().scalar(
        select(DidLink.id)
        .where(DidLink.did_id == did.id, (DidLink.valid_to.is_(None)) | (DidLink.valid_to > at))
        .limit(1)
    )
    if taken is not None:
        raise Refused(
            "This number is connected to a client already.", code="did_taken", field="dids"
        )
    reserved = session().scalar(
        select(DidReservation.order_id).where(DidReservation.did_id == did.id)
    )
    if reserved is not None and reserved != order_id:
        raise Refused(
            "Somebody else is connecting this number right now.", code="did_taken", field="dids"
        )
    return did


def _open_link(public_id: uuid.UUID) -> DidLink:
    row = session().scalar(
        select(DidLink).where(DidLink.public_id == public_id, DidLink.valid_to.is_(None))
    )
    if row is None:
        raise NotFound("This number is not connected any more.")
    return row


def _close(row: DidLink, at: datetime) -> None:
    if at <= row.valid_from:
        raise Refused("This number was connected after that moment.", code="linked_later")
    if not only_one(
        update(DidLink).where(DidLink.id == row.id, DidLink.valid_to.is_(None)).values(valid_to=at)
    ):
        raise Refused("Somebody else has just changed this number.", code="changed")


def kind_of(did: Did) -> FeeKind:
    """Which monthly fee a number has."""
    return FeeKind.FAX if did.kind == "fax" else FeeKind.DID


def _charge(
    link: DidLink,
    did: Did,
    amount: Money | None,
    kind: FeeKind,
    day: date,
    posted_at: datetime | None,
) -> None:
    if not amount or link.client_id is None:
        return
    ledger.charge_fee(
        link.client_id,
        amount,
        fee=ledger.FeeSource(kind, link.public_id, day),
        description=international(did.number),
        posted_at=posted_at,
    )


def _columns(fees: DidFees) -> dict[str, Money | int | None]:
    return {
        "setup_fee": fees.setup,
        "monthly_fee": fees.monthly,
        "minute_rate_e8": fees.minute_e8,
        "sms_in": fees.sms_in,
        "sms_out": fees.sms_out,
        "mms_in": fees.mms_in,
        "mms_out": fees.mms_out,
        "e911_setup": fees.e911_setup,
        "e911_monthly": fees.e911_monthly,
    }


def _fees_of(row: DidLink) -> DidFees:
    return DidFees(
        row.setup_fee,
        row.monthly_fee,
        row.minute_rate_e8,
        row.sms_in,
        row.sms_out,
        row.mms_in,
        row.mms_out,
        row.e911_setup,
        row.e911_monthly,
    )


def check_terms(fees: DidFees, label: str) -> None:
    """Refuse, by field, fees and a label that nobody means."""
    for field in fields(fees):
        value = getattr(fees, field.name)
        if value is None:
            continue
        if isinstance(value, Money):
            good = Money(0) <= value <= _HIGHEST_FEE
        else:
            good = 0 <= value <= _HIGHEST_RATE_E8
        if not good:
            raise InvalidInput("A fee is not below zero, and not above 100000.", field=field.name)
    if len(label.strip()) > 60:
        raise InvalidInput("A label has at most 60 characters.", field="label")
