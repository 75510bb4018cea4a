"""Sending what was written."""

from __future__ import annotations

from jobs.runtime import TryLater, job
from portal import mail
from portal.core import slow_hosts
from portal.core.db import transaction
from portal.core.failpoints import failpoint
from portal.core.log import get_logger
from portal.core.registry import settings
from portal.mail import transport
from portal.mail.transport import MailError
from portal.mail.values import ClaimedMail

log = get_logger(__name__)

_LEFT_ALONE = "the mail server did not answer and is left alone for a while"


@job
def send_mail(mail_id: int) -> None:
    """Give one mail to the mail server. Of two runs only one can claim it.

    A crash after the server took it and before we wrote so sends it again, with the same Message-ID.
    A server that did not answer is left alone for a while, whatever waits for it.
    """
    _send(mail_id)


@job
def send_urgent_mail(mail_id: int) -> None:
    """The same for a mail that somebody waits for to come in."""
    _send(mail_id)


def _send(mail_id: int) -> None:
    with transaction():
        way = mail.way_out()
        claimed = mail.claim(mail_id)
        closed_until = slow_hosts.wait_for(way.server.host) if way and claimed else None
        if claimed and closed_until:
            mail.postpone(claimed, error=_LEFT_ALONE, not_before=closed_until)
            return
        waiting = claimed is None and mail.is_waiting(mail_id)
    if waiting:
        raise TryLater("another run holds this mail")
    if claimed is None:
        return
    if way is None:
        with transaction():
            mail.keep(claimed)
        _say_kept(claimed)
        return

    try:  # no transaction is open while we wait for the network
        transport.send(claimed, way)
    except MailError as error:
        log.warning("mail_not_sent", mail=str(claimed.public_id), problem=str(error))
        with transaction():
            if error.of_the_server:
                slow_hosts.failed(way.server.host)
            if way.own and error.of_the_server:
                mail.note_problem(error.problem, error.said)
            if error.permanent:
                mail.fail(claimed, error=str(error))
            else:
                mail.postpone(claimed, error=str(error), maybe_taken=error.maybe_taken)
        return

    failpoint("mail.sent")
    with transaction():
        mail.settle(claimed)
        slow_hosts.answered(way.server.host)
        if way.own:
            mail.note_ok()


def _say_kept(kept: ClaimedMail) -> None:
    """Who tries the demo finds the mail in the console; elsewhere subjects stay out of the log."""
    read_it_with = f"portal mails show {kept.id}"
    if settings().demo:
        log.warning("mail_kept", subject=kept.subject, read_it_with=read_it_with)
    else:
        log.info("mail_kept", read_it_with=read_it_with)
