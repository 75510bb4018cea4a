"""The reseller's own mail server: saved, tried out, given up again."""

from __future__ import annotations

from dataclasses import asdict

from flask import request, url_for
from flask_babel import gettext

from portal import identity, mail
from portal.core.db import transaction
from portal.core.registry import settings
from portal.identity import Door
from portal.mail import Security, Trial
from portal.web.forms.company import MailServerForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import company_tabs
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.session import person

PAGE, RESULT = "reseller/company/mail_server.html", "reseller/company/_mail_trial.html"


@bp.get("/configuration/mail-server")
def mail_server() -> Rendered:
    """Which server the company's mails go through, and how it does."""
    return _page(_saved())


@bp.post("/configuration/mail-server")
@needs("configuration")
def save_mail_server() -> Rendered:
    """Use this server from the next mail on."""
    form = MailServerForm(request.form)

    def save() -> bool:
        mail.save_server(form.details(), form.password.data or "", by=person())
        return True

    if form.submit(save) is None:
        return _page(form, status=422)
    return go(
        url_for("reseller.mail_server"), say=gettext("Mails go through this server from now on.")
    )


@bp.post("/configuration/mail-server/test")
@needs("configuration")
def test_mail_server() -> Rendered:
    """Send a mail to the person who asks, through what is typed, and tell how far it came."""
    form = MailServerForm(request.form)
    way = form.check(lambda: mail.way_through(form.details(), form.password.data or ""))
    if way is None:
        return _page(form, status=422)
    me, company = person(), own_reseller().name
    with transaction():
        identity.throttle.take(Door.TRIAL, reseller_id=me.reseller_id)
    trial = mail.try_out(
        way,
        recipient=me.email,
        subject=gettext("Test mail of %(company)s", company=company),
        text=gettext("This mail came through the mail server that you are trying out."),
    )
    with transaction():
        identity.record(
            "mail_server.tested", by=me, host=way.server.host, problem=str(trial.problem or "")
        )
    return _page(form, trial)


@bp.post("/configuration/mail-server/remove")
@needs("configuration")
def remove_mail_server() -> Rendered:
    """Send through the operator's server again."""
    with transaction():
        mail.remove_server(by=person())
    return go(
        url_for("reseller.mail_server"),
        say=gettext("Mails go through the operator’s server again."),
    )


def _saved() -> MailServerForm:
    known = mail.own_server()
    if known is not None:
        return MailServerForm(data=asdict(known[0]) | {"security": known[0].security.value})
    return MailServerForm(
        data={
            "port": 587,
            "security": Security.STARTTLS.value,
            "sender_address": own_reseller().support_email,
            "sender_name": own_reseller().name,
        }
    )


def _page(form: MailServerForm, trial: Trial | None = None, *, status: int = 200) -> Rendered:
    known = mail.own_server()
    return render(
        PAGE,
        RESULT if request.method == "POST" else None,
        status=status,
        has_errors=status != 200,
        form=form,
        trial=trial,
        problem=mail.sentence(trial.problem or "") if trial else "",
        advice=mail.advice(trial.problem or "") if trial else "",
        saved=known is not None,
        health=known[1] if known else None,
        health_problem=mail.sentence(known[1].problem) if known else "",
        operator_sends=settings().smtp is not None,
        company_tabs=company_tabs.tabs("mail_server"),
        me=person().email,
    )
