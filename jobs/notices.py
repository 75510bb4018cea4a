"""Telling people of what came: under the bell, in their browsers, by mail."""

from __future__ import annotations

import uuid

from jobs.runtime import TryLater, job
from portal import fax, messaging, notices
from portal.core import clock, slow_hosts
from portal.core.db import transaction
from portal.core.http import Forbidden, Outgoing, OutgoingError
from portal.core.log import get_logger
from portal.core.queue import enqueue
from portal.core.registry import settings
from portal.fax import FaxState
from portal.notices import News, NoticeKind
from portal.tasks import PUSH_NOTICE

log = get_logger(__name__)

_ENDS: dict[str, NoticeKind] = {
    FaxState.SENT: NoticeKind.FAX_SENT,
    FaxState.FAILED: NoticeKind.FAX_FAILED,
}
_GONE = {404, 410}
_LATER = {408, 429}
_LASTS_SECONDS = "86400"


@job
def tell_of_text(message: str) -> None:
    """Say that a text came."""
    with transaction():
        arrived = messaging.arrived(uuid.UUID(message))
        if arrived is not None:
            notices.tell(
                News(
                    NoticeKind.TEXT, arrived.client_id, arrived.did_id, arrived.conversation,
                    arrived.who, arrived.text, arrived.given_to_id,
                )
            )  # fmt: skip


@job
def tell_of_fax(fax_id: int) -> None:
    """Say that a fax came; how one ended that was sent is told to whoever sent it."""
    with transaction():
        told = fax.news(fax_id)
        if told is None:
            return
        kind = _ENDS.get(told.state) if told.direction == "out" else NoticeKind.FAX_RECEIVED
        if kind is not None:
            notices.tell(
                News(kind, told.client_id, told.did_id, told.public_id, told.who),
                only=told.person_id if told.direction == "out" else None,
            )


@job
def push_notice(notice_id: int, subscription_id: int) -> None:
    """Have one browser show a notice. Shown twice it is one: it carries the name of the thing.

    A push service that does not answer is left alone for a while; after a day the news is old.
    """
    with transaction():
        push = notices.to_push(notice_id, subscription_id)
        closed_until = slow_hosts.wait_for(push.host, client_id=push.client_id) if push else None
        if closed_until:
            enqueue(
                PUSH_NOTICE,
                due_at=closed_until,
                notice_id=notice_id,
                subscription_id=subscription_id,
            )
    if push is None or closed_until:
        return
    try:  # no transaction is open while we wait for the network
        answer = Outgoing(allow_private=settings().callbacks_private).call(
            "POST",
            push.endpoint,
            purpose="web_push",
            content=push.sealed(),
            headers={
                "authorization": push.proof(clock.now()),
                "content-encoding": "aes128gcm",
                "content-type": "application/octet-stream",
                "ttl": _LASTS_SECONDS,
                "urgency": "high",
            },
            deadline_seconds=settings().outside_seconds,
            max_bytes=100_000,
        )
    except Forbidden:
        log.warning("push_not_allowed")
        return
    except OutgoingError as error:
        log.warning("push_not_made", problem=error.code)
        with transaction():
            again_at = slow_hosts.failed(push.host, client_id=push.client_id)
            enqueue(
                PUSH_NOTICE, due_at=again_at, notice_id=notice_id, subscription_id=subscription_id
            )
        return
    with transaction():
        slow_hosts.answered(push.host, client_id=push.client_id)
    if answer.status in _GONE:
        with transaction():
            notices.drop_subscription(subscription_id)
    elif answer.status in _LATER or answer.status >= 500:
        raise TryLater(f"the push service answered {answer.status}")
    elif answer.status >= 300:
        log.warning("push_refused", status=answer.status)


@job
def mail_notice(notice_id: int) -> None:
    """Mail what is still unread."""
    with transaction():
        notices.mail_later(notice_id)
