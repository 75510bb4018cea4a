"""Handing texts to the carrier, looking up what is unknown, taking in what arrives."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta

from jobs.runtime import TryLater, job
from portal import calls, carriers, messaging, upstream
from portal.carriers import Carrier, CarrierMessage, Direction, SendReceipt
from portal.core import clock, storage
from portal.core.db import transaction
from portal.core.errors import NotFound
from portal.core.failpoints import failpoint
from portal.core.log import get_logger
from portal.messaging import Delivery, FileRow, plain_number

log = get_logger(__name__)

POLL_OVERLAP = timedelta(hours=26)
LONGEST_LOOK = timedelta(days=91)
WINDOW = timedelta(days=7)
_ARRIVED = "delivered"


@job
def deliver_sms(message_id: int) -> None:
    """Give one message to the carrier. Running it twice is safe: only one run can claim it."""
    with transaction():
        delivery = messaging.claim(message_id)
        carrier = upstream.carrier() if delivery else None
    if delivery is None or carrier is None:
        return
    failpoint("sms.claimed")
    lease = delivery.lease_number
    failpoint("sms.calling")
    try:  # no transaction is open while we wait for the network
        receipt = _hand_over(carrier, delivery)
    except NotFound:
        with transaction():
            messaging.refuse(message_id, lease, code=messaging.FILE_LOST)
        return
    except carriers.OutcomeUnknown:
        with transaction():
            messaging.mark_unknown(message_id, lease)
        return
    except carriers.CarrierError as error:
        with transaction():
            if error.permanent:
                messaging.refuse(message_id, lease, code=error.code)
            else:
                messaging.put_back(
                    message_id, lease, code=error.code,
                    retry_after_seconds=error.retry_after_seconds,
                )  # fmt: skip
        return
    failpoint("sms.accepted")
    with transaction():
        messaging.settle(message_id, lease, receipt.carrier_ref)
        failpoint("sms.before_commit")
    failpoint("sms.settled")


def _hand_over(carrier: Carrier, delivery: Delivery) -> SendReceipt:
    """One SMS, or one MMS with its files in the request itself. NotFound: a file is lost."""
    sender, recipient = plain_number(delivery.sender), plain_number(delivery.recipient)
    if delivery.kind == carriers.MessageKind.SMS:
        return carrier.send_sms(sender, recipient, delivery.text)
    media = [_data_uri(file) for file in delivery.files]
    return carrier.send_mms(sender, recipient, delivery.text, media=media)


def _data_uri(file: FileRow) -> str:
    content = storage.path_of(file.stored_as).read_bytes()
    return f"data:{file.mime};base64,{b64encode(content).decode('ascii')}"


@job
def look_up_message(message_id: int, attempt: int) -> None:
    """Ask the carrier whether a message of unknown outcome went out."""
    with transaction():
        waiting = messaging.to_look_up(message_id)
        carrier = upstream.carrier() if waiting else None
    if waiting is None or carrier is None:
        return
    delivery, taken = waiting
    try:
        at_carrier = carrier.find_message(
            plain_number(delivery.sender),
            plain_number(delivery.recipient),
            delivery.text,
            around=delivery.at,
            kind=carriers.MessageKind(delivery.kind),
            exclude=taken,
        )
    except carriers.CarrierError:
        with transaction():
            messaging.look_again(message_id, attempt=attempt)
        return
    failpoint("sms.looked_up")
    with transaction():
        if at_carrier is not None:
            messaging.found(message_id, delivery.lease_number, at_carrier)
        else:
            messaging.not_found(message_id, delivery.lease_number, attempt=attempt)


@job
def receive_message(event_id: int) -> None:
    """Take in what a webhook said."""
    with transaction():
        event = messaging.open_event(event_id)
        if event is None:
            return
        kind, body, received_at = event
        try:
            if kind == "json":
                message = carriers.message_from_json(body, received_at=received_at)
            else:
                fields = json.loads(body)
                message = carriers.message_from_fields(fields, received_at=received_at)
        except carriers.InvalidCallback as problem:
            messaging.close_event(event_id, problem=problem.message)
            return
        if message is not None:
            messaging.receive(message)
        messaging.close_event(event_id)


@job
def import_messages() -> None:
    """Poll the carrier's lists: what a webhook missed, and what was delivered.

    It begins before the last look that ended well, however long ago that was (91 days at most), and
    remembers each week of a long look: a run that is cut off goes on where it was.
    """
    now = clock.now()
    with transaction():
        carrier = upstream.carrier()
        since = calls.texts_from(now, overlap=POLL_OVERLAP, longest=LONGEST_LOOK)
    new = 0
    for start, end in _windows(since, now):
        last = end == now
        rows = _listed(carrier, start, end + timedelta(minutes=1) if last else end)
        new += _take_in(rows, at=now)
        with transaction():
            calls.texts_complete(end, new=new)
    if new:
        log.info("messages_imported", new=new)


def _listed(carrier: Carrier, start: datetime, end: datetime) -> list[CarrierMessage]:
    try:
        return [*carrier.sms(start, end), *carrier.mms(start, end)]
    except carriers.CarrierError as error:
        with transaction():
            upstream.note_error(error)
        raise TryLater(error.code) from error


def _take_in(rows: list[CarrierMessage], *, at: datetime) -> int:
    """Store what came in, note what was delivered; how many were new."""
    new = 0
    for row in messaging.not_yet_here(rows):
        # One message, one transaction: two imports never hold wallets that the other one wants.
        with transaction():
            new += messaging.receive(row)
    with transaction():
        for kind in carriers.MessageKind:
            arrived = [row.id for row in rows if row.kind is kind and _has_arrived(row)]
            messaging.delivered(arrived, at=at, kind=kind.value)
    return new


def _windows(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    while since < until:
        end = min(since + WINDOW, until)
        yield since, end
        since = end


def _has_arrived(row: CarrierMessage) -> bool:
    return row.direction is Direction.OUT and _ARRIVED in row.status.lower()
