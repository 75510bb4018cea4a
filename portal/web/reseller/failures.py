"""What was given up in the background: tried again, or let rest, by whoever read of it."""

from __future__ import annotations

from flask import abort, url_for
from flask_babel import gettext, ngettext

from portal import identity, mail
from portal.core import live, queue
from portal.core.db import transaction
from portal.core.errors import Refused
from portal.core.sentences import N_
from portal.tasks import BY_NAME, Task
from portal.web.guards import needs
from portal.web.htmx import Rendered, go
from portal.web.reseller.blueprint import bp
from portal.web.session import person


@bp.post("/attention/tasks/<task>/retry")
@needs("write")
def retry_task(task: str) -> Rendered:
    """Try again what was given up of one kind."""
    chosen = _task(task)
    with transaction():
        count = queue.try_again(chosen)
        identity.record("task.retried", by=person(), task=chosen.name, count=count)
        live.tell("attention-changed", client_id=None)
    return _back(ngettext("%(num)d is tried again.", "%(num)d are tried again.", count))


@bp.post("/attention/tasks/<task>/dismiss")
@needs("write")
def dismiss_task(task: str) -> Rendered:
    """Let it rest, unless something waits for its end."""
    chosen = _task(task)
    if chosen.to_the_end:
        raise Refused(N_("Something waits for this: it can only be tried again."))
    with transaction():
        queue.dismiss(chosen)
        identity.record("task.dismissed", by=person(), task=chosen.name)
        live.tell("attention-changed", client_id=None)
    return _back(gettext("Dismissed."))


@bp.post("/attention/mails/retry")
@needs("write")
def retry_mails() -> Rendered:
    """Try the mails again that no server took."""
    with transaction():
        count = mail.try_failed_again()
        identity.record("mails.retried", by=person(), count=count)
        live.tell("attention-changed", client_id=None)
    return _back(
        ngettext("%(num)d mail is tried again.", "%(num)d mails are tried again.", count)
        if count
        else gettext("Nothing is left to send: old mails are forgotten. Dismiss them.")
    )


@bp.post("/attention/mails/dismiss")
@needs("write")
def dismiss_mails() -> Rendered:
    """Let them rest."""
    with transaction():
        mail.dismiss_failed()
        identity.record("mails.dismissed", by=person())
        live.tell("attention-changed", client_id=None)
    return _back(gettext("Dismissed."))


def _task(name: str) -> Task:
    if name not in BY_NAME:
        abort(404)
    return BY_NAME[name]


def _back(sentence: str) -> Rendered:
    return go(url_for("reseller.dashboard"), say=sentence)
