"""What is written to the carrier because of something saved here: routes and callbacks.

Each job writes what is in force when it runs, so running it twice, late, or in another order ends
the same. A failure is shown to staff and tried again until it is cured: soon when it will pass,
seldom when somebody has to change something first.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from jobs.runtime import TryLater, job
from portal import billing, messaging, numbers, pbx, upstream
from portal.carriers import Carrier, CarrierError
from portal.core import clock
from portal.core.db import transaction
from portal.core.failpoints import failpoint
from portal.core.queue import enqueue
from portal.numbers import CallbackPush
from portal.pbx import RoutePush
from portal.tasks import SILENCE_NUMBER

_WAIT = "sms_wait_message"  # one change of a number's text settings a minute
_MARGIN_SECONDS = 10
_SOON, _SELDOM = timedelta(minutes=5), timedelta(hours=1)


@job
def push_package_routes(package_id: int) -> None:
    """Accept one push for each sub-account of a package whose routes were changed."""
    with transaction():
        pbx.push_package(package_id)


@job
def push_sub_account(sub_account_id: int) -> None:
    """Write the routes of a sub-account's package to the carrier."""
    with transaction():
        push = pbx.open_push(sub_account_id)
    if push is None:
        return
    canada, international = push.routes or (None, None)
    try:  # no transaction is open while we wait for the network
        carrier = upstream.carrier()
        if push.look_first:
            _remember_lock(carrier, push)
        carrier.set_sub_account(
            push.account,
            canada_route=canada,
            international_route=international,
            international_locked=push.lock,
        )
    except CarrierError as error:
        with transaction():
            pbx.not_pushed(push, error.sentence, again_at=_again_at(error))
        return
    failpoint("routes.written")
    with transaction():
        pbx.pushed(push)


def _remember_lock(carrier: Carrier, push: RoutePush) -> None:
    """Before a suspension closes the lock: written down first, or a crash would lose it."""
    for one in carrier.sub_accounts():
        if one.account == push.account:
            with transaction():
                pbx.note_lock(push, locked=one.international_locked)


@job
def silence_number(did_id: int) -> None:
    """Send the calls of a suspended client's number nowhere, or back to where they went before.

    Who has routed it elsewhere meanwhile knows better: then it stays there.
    """
    with transaction():
        wish = billing.open_silence(did_id)
    if wish is None:
        return
    try:
        carrier = upstream.carrier()
        there = carrier.did(wish.number).routing
        if wish.silent and there != numbers.SILENT:
            with transaction():
                numbers.hold_routing(did_id, there)
            carrier.route_did(wish.number, numbers.SILENT)
            there = numbers.SILENT
        elif not wish.silent and there == numbers.SILENT:
            carrier.route_did(wish.number, wish.held)
            there = wish.held
    except CarrierError as error:
        raise TryLater(error.code) from error
    failpoint("number.silenced")
    with transaction():
        numbers.routed(did_id, there, held=wish.silent)
        now = billing.open_silence(did_id)
        if now is not None and now.silent != wish.silent:
            enqueue(SILENCE_NUMBER, did_id=did_id)


@job
def push_sms_callback(did_id: int) -> None:
    """Tell the carrier whether a number's texts are wanted, and at which address they or faxes are."""
    with transaction():
        push = numbers.open_push(did_id, texts_off=messaging.is_off(did_id))
    if push is None:
        return
    try:
        if push.kind == "fax":
            upstream.carrier().set_fax(
                push.number, callback=push.url, callback_enabled=True, callback_retry=True
            )
        else:
            upstream.carrier().set_sms(push.number, **_text_changes(push))
    except CarrierError as error:
        problem = "" if error.code == _WAIT else error.sentence
        with transaction():
            numbers.not_pushed(push, problem, again_at=_again_at(error))
        return
    failpoint("callback.set")
    with transaction():
        numbers.pushed(push, texts_off=messaging.is_off(did_id))


def _text_changes(push: CallbackPush) -> dict[str, bool | str]:
    """Nothing but this is changed there; e-mail, forwarding and the rest stay as they are."""
    changes: dict[str, bool | str] = {} if push.texts is None else {"enabled": push.texts}
    if push.url:
        changes |= {
            "url_callback": push.url, "url_callback_enabled": True, "url_callback_retry": True
        }  # fmt: skip
    return changes


def _again_at(error: CarrierError) -> datetime:
    if error.retry_after_seconds is not None:
        return clock.now() + timedelta(seconds=error.retry_after_seconds + _MARGIN_SECONDS)
    return clock.now() + (_SELDOM if error.permanent else _SOON)
