"""Fax numbers that are brought along: handed to the carrier once, and asked after until they are here."""

from __future__ import annotations

from datetime import timedelta

from jobs.runtime import job
from portal import numbers, upstream
from portal.carriers import Carrier, CarrierError, OutcomeUnknown, PortWish
from portal.core import clock, storage
from portal.core.db import transaction
from portal.core.errors import NotFound
from portal.core.failpoints import failpoint
from portal.core.log import get_logger
from portal.numbers import PortNote, PortWork

log = get_logger(__name__)

_SOON, _SELDOM = timedelta(minutes=2), timedelta(minutes=15)
_OVER = frozenset({"cancelled", "rejected", "completed"})


@job
def work_fax_port(port_id: int, attempt: int) -> None:
    """Hand a request to the carrier, or look whether it has it; then its papers, and how far it is."""
    with transaction():
        work = numbers.take_port(port_id)
    if work is None:
        return
    try:
        carrier = upstream.carrier()
    except NotFound as error:
        if not work.was_handed:
            with transaction():
                numbers.port_not_taken(work, error.message, again_at=clock.now() + _SELDOM)
        return
    port = work.carrier_port or (
        _look(carrier, work, attempt) if work.was_handed else _hand(carrier, work)
    )
    if port is None:
        return
    if work.bill:
        _send_bill(carrier, work, port)
    _ask_after(carrier, port_id, port)


@job
def refresh_fax_ports() -> None:
    """Ask the carrier how far each request is that it has."""
    waiting = numbers.ports_at_carrier()
    if not waiting:
        return
    carrier = upstream.carrier()
    for port_id, port in waiting:
        _ask_after(carrier, port_id, port)


def _hand(carrier: Carrier, work: PortWork) -> str | None:
    facts = work.facts
    wish = PortWish(
        work.country, work.number, facts["company"], facts["first_name"], facts["last_name"],
        facts["street"], facts["city"], facts["region"], facts["postal_code"], facts["provider"],
        facts["provider_account"], facts["notes"],
    )  # fmt: skip
    with transaction():
        mine = numbers.may_hand(work)
    if not mine:
        return None
    failpoint("port.handing")
    try:
        port = carrier.port_fax(wish)
    except OutcomeUnknown:
        with transaction():
            numbers.port_unknown(work, attempt=1)
        return None
    except CarrierError as error:
        with transaction():
            again = None if error.permanent else clock.now() + _SOON
            numbers.port_not_taken(work, error.sentence, again_at=again)
        return None
    failpoint("port.made")
    with transaction():
        mine = numbers.port_known(work, port)
    return port if mine else None


def _look(carrier: Carrier, work: PortWork, attempt: int) -> str | None:
    """The request in the carrier's list, if it is there and no other row's."""
    try:
        listed = carrier.ports()
    except CarrierError:
        listed = ()
    wanted = work.number.lstrip("+").removeprefix("1")
    found = [
        one.id for one in listed
        if wanted in one.numbers and one.status not in _OVER and one.id not in work.known_ports
    ]  # fmt: skip
    with transaction():
        if not found:
            numbers.port_unknown(work, attempt=attempt)
            return None
        mine = numbers.port_known(work, found[-1])
    return found[-1] if mine else None


def _send_bill(carrier: Carrier, work: PortWork, port: str) -> None:
    try:
        content = storage.path_of(work.bill).read_bytes()
        carrier.add_port_file(port, content)
    except NotFound as error:
        log.error("bill_gone", port=port, reason=error.message)
        return
    except CarrierError as error:
        with transaction():
            if error.permanent:
                numbers.bill_refused(work, error.sentence)
            else:
                numbers.work_later(work, at=clock.now() + _SOON)
        return
    failpoint("port.bill_sent")
    with transaction():
        numbers.bill_sent(work)


def _ask_after(carrier: Carrier, port_id: int, port: str) -> None:
    try:
        status, notes = carrier.port_status(port), carrier.port_notes(port)
    except CarrierError as error:
        log.info("port_not_seen", port=port, code=error.code)
        return
    with transaction():
        numbers.port_seen(port_id, status, [PortNote(one.at, one.text) for one in notes])
