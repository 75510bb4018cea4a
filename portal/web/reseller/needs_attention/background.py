"""Mails and other work that the portal gave up, or that waits."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext, ngettext

from portal import mail
from portal.core import queue
from portal.tasks import BY_NAME
from portal.web import filters
from portal.web.reseller.blueprint import can
from portal.web.reseller.needs_attention.line import Attention
from portal.web.reseller.task_words import task_words


def mails() -> Iterator[Attention]:
    """The reseller's own server fails: nothing is lost for a day, and nothing leaves either."""
    known = mail.own_server()
    if known is None or not known[1].problem:
        return
    yield Attention(
        "bad",
        "mail",
        gettext("Your mail server does not take mails"),
        gettext(
            "%(problem)s Since %(when)s",
            problem=gettext(mail.sentence(known[1].problem)),
            when=filters.daytime(known[1].failing_since),
        ),
        gettext("Open"),
        url_for("reseller.mail_server"),
    )


def failures() -> Iterator[Attention]:
    """What the portal gave up in the background."""
    may = can("write")
    mails = mail.undelivered()
    if mails.failed:
        yield Attention(
            "bad",
            "mail",
            ngettext("%(num)d mail was not sent", "%(num)d mails were not sent", mails.failed),
            gettext("No server took it for a day, or the recipient was refused"),
            gettext("Retry") if may else gettext("Open"),
            url_for("reseller.retry_mails" if may else "reseller.mail_server"),
            posts=may,
            dismiss_url=url_for("reseller.dismiss_mails") if may else "",
        )
    if mails.waiting:
        yield Attention(
            "warn",
            "mail",
            ngettext("%(num)d mail waits", "%(num)d mails wait", mails.waiting),
            gettext("No server takes them yet; they are tried for a day"),
            gettext("Open"),
            url_for("reseller.mail_server"),
        )
    for failed in queue.given_up():
        yield Attention(
            "bad",
            "octagon-alert",
            gettext("%(what)s failed", what=task_words(failed.task)),
            ngettext(
                "%(num)d time, given up %(when)s",
                "%(num)d times, given up last %(when)s",
                failed.count,
                when=filters.daytime(failed.last_at),
            ),
            gettext("Retry") if may else gettext("Details"),
            url_for("reseller.retry_task", task=failed.task)
            if may
            else url_for("reseller.attention"),
            posts=may,
            dismiss_url=url_for("reseller.dismiss_task", task=failed.task)
            if may and not BY_NAME[failed.task].to_the_end
            else "",
        )
