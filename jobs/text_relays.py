"""Sending arrived texts on: by e-mail, to another phone, to the client's own system."""

from __future__ import annotations

from datetime import timedelta

from jobs.runtime import job
from portal import mail, messaging
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import DomainError
from portal.core.failpoints import failpoint
from portal.core.http import Outgoing, OutgoingError, TooSlow, Unreachable
from portal.core.phone import international
from portal.core.registry import settings
from portal.messaging import Draft, RelayState, RelayWork, Way

_MOST_BYTES = 4_096


@job
def relay_text(relay_id: int, lease: int) -> None:
    """One way of one text. E-mail and forwarding happen with the line that says so, or not at all."""
    with transaction():
        work = messaging.open_relay(relay_id, lease)
    if work is None:
        return
    try:
        with transaction():
            if messaging.relayed(relay_id, lease, RelayState.DONE, ""):
                _copy(work) if work.way is Way.EMAIL else _forward(work)
    except DomainError as refusal:  # no money, a limit, a stop: this text does not go on
        with transaction():
            messaging.relayed(relay_id, lease, RelayState.FAILED, refusal.message)


@job
def call_client(client_id: int, run: int) -> None:
    """One call of a client's own system; the next one has a task of its own."""
    with transaction():
        work = messaging.next_call(client_id, run)
    if work is not None:
        _call(work)


def _copy(work: RelayWork) -> None:
    mail.copy_text(
        work.client_id,
        work.settings.email,
        values={
            "number": international(work.settings.number),
            "contact": international(work.contact),
            "text": work.text,
        },
    )


def _forward(work: RelayWork) -> None:
    """As a message of the client's own, in parts where it is long; its reference lets it happen once."""
    text = messaging.forwarded(work.contact, work.text)
    draft = Draft(
        work.settings.number, work.settings.forward_to, text, f"forward-{work.message}", send_as="parts"
    )  # fmt: skip
    messaging.queue(work.client_id, draft)


def _call(work: RelayWork) -> None:
    """Only public addresses, unless the operator has opened others for callbacks."""
    outgoing, began = Outgoing(allow_private=settings().callbacks_private), clock.ticking()
    try:  # no transaction is open while we wait for the network
        answer = outgoing.call(
            purpose="text_callback", deadline_seconds=settings().outside_seconds,
            max_bytes=_MOST_BYTES, **messaging.request_of(work),
        )  # fmt: skip
    except (TooSlow, Unreachable) as error:
        held = timedelta(seconds=clock.ticking() - began)
        with transaction():
            messaging.no_answer(work, str(error), held=held)
        return
    except OutgoingError as error:
        with transaction():
            messaging.not_taken(work, str(error))
        return
    failpoint("relay.answered")
    said = f"{answer.status}: {answer.text()}"
    with transaction():
        if messaging.is_taken(work.settings.callback_form, answer.status, answer.text()):
            messaging.taken(work, said)
        else:
            messaging.not_taken(work, said)
