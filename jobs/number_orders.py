"""Orders of numbers, worked through at the carrier: finished, or undone, by themselves.

Every step looks first whether it is done already, so a run that died is simply repeated: what was
made is found again by its mark or by the number chosen for it beforehand. Only a refusal for good
turns an order round; while the carrier is away it waits.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from jobs.runtime import job
from portal import numbers, upstream
from portal.carriers import Carrier, CarrierError, NewMailbox
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import DomainError, NotFound
from portal.core.failpoints import failpoint
from portal.numbers import OrderState, OrderWork, Ring, StepKind, StepRow, StepState

_SOON, _SELDOM = timedelta(minutes=2), timedelta(minutes=15)
_MARGIN_SECONDS = 10
_FIRST_MAILBOX = 1001
_NOWHERE = "none:"


@job
def work_number_order(order_id: int) -> None:
    """Take an order as far as the carrier lets it."""
    with transaction():
        work = numbers.take_order(order_id)
    if work is None:
        return
    failpoint("order.taken")
    try:
        carrier = upstream.carrier()
    except NotFound as error:
        with transaction():
            numbers.order_waits(work, error.message, error.code, again_at=clock.now() + _SELDOM)
        return
    if work.order.state is OrderState.WORKING and _go_on(carrier, work):
        return
    _undo(carrier, work)


def _go_on(carrier: Carrier, work: OrderWork) -> bool:
    """Do what is left; False when it was refused and has to be undone."""
    made = {step.kind: step.result for step in work.order.steps if step.result}
    for step in work.order.steps:
        if step.state is StepState.DONE or step.kind is StepKind.LINK:
            continue
        try:
            made[step.kind] = _DO[step.kind](carrier, work, step, made)
        except CarrierError as error:
            if not error.permanent:
                _wait(work, error)
                return True
            if work.order.action == "release":
                with transaction():
                    numbers.step_left(work, step, error.sentence)
                continue
            with transaction():
                numbers.refuse_order(work, error.sentence, error.code)
            return False
        failpoint(f"order.{step.kind}")
    try:
        with transaction():
            numbers.order_done(work)
    except DomainError as error:
        with transaction():
            numbers.refuse_order(work, error.message, error.code)
        return False
    failpoint("order.finished")
    return True


def _undo(carrier: Carrier, work: OrderWork) -> None:
    """Take everything back, the last first."""
    with transaction():
        again = numbers.take_order(work.order.id)
    if again is None:
        return
    for step in reversed(again.order.steps):
        if step.state not in (StepState.BEGUN, StepState.DONE):
            continue
        try:
            routing = _TAKE_BACK[step.kind](carrier, again, step)
        except CarrierError as error:
            if not error.permanent:
                _wait(again, error)
                return
            with transaction():
                numbers.step_left(again, step, error.sentence)
            continue
        failpoint(f"order.undo.{step.kind}")
        with transaction():
            numbers.step_undone(again, step, routing=routing)
    with transaction():
        numbers.order_undone(again)
    failpoint("order.undone")


def _wait(work: OrderWork, error: CarrierError) -> None:
    with transaction():
        numbers.order_waits(work, error.sentence, error.code, again_at=_again_at(error))


def _again_at(error: CarrierError) -> datetime:
    if error.retry_after_seconds is not None:
        return clock.now() + timedelta(seconds=error.retry_after_seconds + _MARGIN_SECONDS)
    return clock.now() + _SOON


# --- steps forward: each answers what it made -------------------------------------------------


def _buy_fax(carrier: Carrier, work: OrderWork, step: StepRow, _made: dict[StepKind, str]) -> str:
    found = _bought(carrier, work) if step.state is StepState.BEGUN else None
    if found is None:
        with transaction():
            numbers.begin_step(work, step)
        found = carrier.order_fax(
            work.location, callback=work.callback, enabled=work.callback_works
        )
        failpoint("order.buy_fax.made")
    with transaction():
        numbers.fax_bought(work, step, found)
    return found


def _forwarding(
    carrier: Carrier, work: OrderWork, step: StepRow, _made: dict[StepKind, str]
) -> str:
    found = _own_forwarding(carrier, work)
    if found is None:
        with transaction():
            numbers.begin_step(work, step)
        found = carrier.create_forwarding(work.forward_to, work.marker)
        failpoint("order.forwarding.made")
    with transaction():
        numbers.step_done(work, step, result=found)
    return found


def _mailbox(carrier: Carrier, work: OrderWork, step: StepRow, _made: dict[StepKind, str]) -> str:
    assert work.mailbox is not None
    listed = {box.mailbox: box for box in carrier.voicemails()}
    chosen = step.result
    there = listed.get(chosen)
    if there is None or (there.name, there.email) != (work.mailbox.name, work.mailbox.email):
        chosen = _free_mailbox(set(listed))
        with transaction():  # chosen before it is made: after a crash we know which one is ours
            numbers.begin_step(work, step, result=chosen)
        failpoint("order.mailbox.chosen")
        carrier.create_voicemail(
            NewMailbox(
                chosen, work.mailbox.name, work.mailbox.pin, work.mailbox.email,
                work.time_zone, work.language,
            )
        )  # fmt: skip
        failpoint("order.mailbox.made")
    with transaction():
        numbers.step_done(work, step, result=chosen)
    return chosen


def _route(carrier: Carrier, work: OrderWork, step: StepRow, made: dict[StepKind, str]) -> str:
    target = step.result or {
        Ring.ACCOUNT: f"account:{work.account}",
        Ring.FORWARD: f"fwd:{made.get(StepKind.FORWARDING, '')}",
    }.get(work.ring, _NOWHERE)
    now = carrier.did(step.number).routing
    if now != target:
        with transaction():
            numbers.begin_step(work, step, before=step.before or now or _NOWHERE)
        carrier.route_did(step.number, target)
        failpoint("order.route.set")
    with transaction():
        numbers.step_done(work, step, routing=target)
    return target


def _voicemail(carrier: Carrier, work: OrderWork, step: StepRow, made: dict[StepKind, str]) -> str:
    wanted = made.get(StepKind.MAILBOX, "")
    now = _box(carrier, step)
    if now != wanted:
        with transaction():
            numbers.begin_step(work, step, before=step.before or now or "0")
        carrier.set_did_voicemail(step.number, wanted)
        failpoint("order.voicemail.set")
    with transaction():
        numbers.step_done(work, step)
    return wanted


def _drop_forwarding(
    carrier: Carrier, work: OrderWork, step: StepRow, _made: dict[StepKind, str]
) -> str:
    carrier.remove_forwarding(step.result)
    with transaction():
        numbers.step_done(work, step)
    return step.result


def _drop_mailbox(
    carrier: Carrier, work: OrderWork, step: StepRow, _made: dict[StepKind, str]
) -> str:
    carrier.remove_voicemail(step.result)
    with transaction():
        numbers.step_done(work, step)
    return step.result


_DO: dict[StepKind, Callable[[Carrier, OrderWork, StepRow, dict[StepKind, str]], str]] = {
    StepKind.BUY_FAX: _buy_fax,
    StepKind.FORWARDING: _forwarding,
    StepKind.MAILBOX: _mailbox,
    StepKind.ROUTE: _route,
    StepKind.VOICEMAIL: _voicemail,
    StepKind.DROP_FORWARDING: _drop_forwarding,
    StepKind.DROP_MAILBOX: _drop_mailbox,
}


# --- steps back: each answers where a number's calls go now, if that changed -------------------


def _give_fax_back(carrier: Carrier, work: OrderWork, step: StepRow) -> str | None:
    found = step.result or _bought(carrier, work)
    if found:
        carrier.cancel_fax(found)
    return None


def _take_forwarding_back(carrier: Carrier, work: OrderWork, step: StepRow) -> str | None:
    found = step.result or _own_forwarding(carrier, work)
    if found:
        carrier.remove_forwarding(found)
    return None


def _take_mailbox_back(carrier: Carrier, work: OrderWork, step: StepRow) -> str | None:
    assert work.mailbox is not None
    ours = (step.result, work.mailbox.name, work.mailbox.email)
    if any((box.mailbox, box.name, box.email) == ours for box in carrier.voicemails()):
        carrier.remove_voicemail(step.result)
    return None


def _route_back(carrier: Carrier, _work: OrderWork, step: StepRow) -> str | None:
    if not step.before:
        return None
    if carrier.did(step.number).routing != step.before:
        carrier.route_did(step.number, step.before)
    return step.before


def _voicemail_back(carrier: Carrier, _work: OrderWork, step: StepRow) -> str | None:
    before = step.before.strip("0") and step.before
    if step.before and _box(carrier, step) != before:
        carrier.set_did_voicemail(step.number, before)
    return None


_TAKE_BACK: dict[StepKind, Callable[[Carrier, OrderWork, StepRow], str | None]] = {
    StepKind.BUY_FAX: _give_fax_back,
    StepKind.FORWARDING: _take_forwarding_back,
    StepKind.MAILBOX: _take_mailbox_back,
    StepKind.ROUTE: _route_back,
    StepKind.VOICEMAIL: _voicemail_back,
}


def _bought(carrier: Carrier, work: OrderWork) -> str | None:
    """The number that this order has bought, by its mark, though its answer was lost."""
    held = carrier.fax_numbers()
    return next((one.did for one in held if one.settings.callback == work.callback), None)


def _own_forwarding(carrier: Carrier, work: OrderWork) -> str | None:
    return next((one.id for one in carrier.forwardings() if one.description == work.marker), None)


def _free_mailbox(taken: set[str]) -> str:
    number = _FIRST_MAILBOX
    while str(number) in taken:
        number += 1
    return str(number)


def _box(carrier: Carrier, step: StepRow) -> str:
    now = carrier.did(step.number).voicemail
    return "" if now in ("", "0") else now
