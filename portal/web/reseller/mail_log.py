"""The log of mails: what was written to whom, what became of it, and sending one again."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request, url_for
from flask_babel import gettext, lazy_gettext

from portal import identity, mail
from portal.core.db import transaction
from portal.mail import MailName, MailState
from portal.web.forms.filters import text_of
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import company_tabs
from portal.web.reseller.blueprint import bp
from portal.web.reseller.wording_words import LABELS
from portal.web.session import person

_OTHERS = {
    MailName.INVITATION: lazy_gettext("Invitation"),
    MailName.SECOND_STEP_ON: lazy_gettext("2-step login turned on"),
    MailName.SECOND_STEP_OFF: lazy_gettext("2-step login turned off"),
    MailName.SIGN_UP_KNOWN: lazy_gettext("Sign-up of somebody known"),
    MailName.EXPOSURE_ALARM: lazy_gettext("Unusual calls, to you"),
    MailName.NOTICE: lazy_gettext("A message of yours, or of the client"),
    MailName.TEXT_NOT_SENT: lazy_gettext("A text was not sent"),
    MailName.TEXT_COPY: lazy_gettext("Copy of a text"),
    MailName.NEWS: lazy_gettext("News for somebody of the client"),
    MailName.TOP_UP_STOPPED: lazy_gettext("Automatic top-up stopped"),
    MailName.REPORT: lazy_gettext("Report"),
    MailName.WELCOME: lazy_gettext("Invitation to the portal"),
}
_STATES = {
    MailState.QUEUED: (lazy_gettext("Waiting"), "info"),
    MailState.SENT: (lazy_gettext("Sent"), "ok"),
    MailState.FAILED: (lazy_gettext("Not delivered"), "danger"),
    MailState.KEPT: (lazy_gettext("No mail server"), "warn"),
    MailState.DISMISSED: (lazy_gettext("Dismissed"), "quiet"),
}


@bp.get("/configuration/mails")
def mail_log() -> Rendered:
    """Every mail, the newest first."""
    text, state = text_of(request.args), request.args.get("state", "")
    state = state if state in _STATES else ""
    found = mail.log(text=text, state=state, after=request.args.get("after", ""))
    clients = identity.clients_by_id({one.client_id for one in found.rows if one.client_id})
    words: dict[str, Any] = {
        name: value for name, value in (("q", text), ("state", state)) if value
    }
    index_url = url_for("reseller.mail_log")
    return render(
        "reseller/company/mail_log.html",
        "reseller/company/_mails.html",
        company_tabs=company_tabs.tabs("mail_log"),
        mails=[
            (one, _label(one.name), _STATES[one.state], clients.get(one.client_id or 0))
            for one in found.rows
        ],
        states=[(str(key), str(words_[0])) for key, words_ in _STATES.items()],
        query=text,
        state=state,
        index_url=index_url,
        older_url=url_for("reseller.mail_log", after=found.older, **words) if found.older else "",
    )


@bp.post("/configuration/mails/<uuid:public_id>/again")
@needs("write")
def send_mail_again(public_id: uuid.UUID) -> Rendered:
    """Send one mail again as it was written."""
    with transaction():
        sent = mail.send_again(public_id)
        identity.record("mail.sent_again", by=person(), client_id=sent.client_id, mail=sent.name)
    return go(url_for("reseller.mail_log"), say=gettext("It is sent again."))


def _label(name: str) -> str:
    known = LABELS.get(name)
    return str(known[0] if known else _OTHERS.get(MailName(name), name))
