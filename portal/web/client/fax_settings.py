"""How the account's faxes are tried again and kept, and when a person is written to."""

from __future__ import annotations

from flask import abort, request, url_for
from flask_babel import gettext

from portal import fax
from portal.entitlements import Service
from portal.fax import MailWish
from portal.web.client.blueprint import bp
from portal.web.forms.fax_settings import FaxPolicyForm, FaxWishForm
from portal.web.guards import own_account
from portal.web.htmx import Rendered, go, render
from portal.web.rights import client_id, need
from portal.web.session import person

PAGE = "client/fax/settings.html"


@bp.get("/faxes/settings")
def fax_settings() -> Rendered:
    """What holds now."""
    need(Service.FAX)
    return _page()


@bp.post("/faxes/settings")
def fax_settings_save() -> Rendered:
    """Keep how faxes are tried again and kept; whoever leads the team decides it."""
    need(Service.FAX)
    if not _leads():
        abort(404)
    form, own_id = FaxPolicyForm(request.form), client_id()

    def save() -> bool:
        fax.save_policy(own_id, form.policy())
        return True

    if form.submit(save) is None:
        return _page(policy_form=form, status=422)
    return go(url_for(".fax_settings"), say=gettext("Saved."))


@bp.post("/faxes/settings/mail")
@own_account
def fax_wish_save() -> Rendered:
    """Keep when this person is written to; staff who look have no mailbox here."""
    need(Service.FAX)
    form, own_id, me = FaxWishForm(request.form), client_id(), person().person_id

    def save() -> bool:
        fax.save_mail_wish(own_id, me, MailWish(form.wish.data))
        return True

    if form.submit(save) is None:
        return _page(wish_form=form, status=422)
    return go(url_for(".fax_settings"), say=gettext("Saved."))


def _page(
    policy_form: FaxPolicyForm | None = None,
    wish_form: FaxWishForm | None = None,
    *,
    status: int = 200,
) -> Rendered:
    held, acting = fax.policy(client_id()), person().acting
    kept = {
        "retries": held.retries,
        "retry_minutes": held.retry_minutes,
        "keep_days": "" if held.keep_days is None else str(held.keep_days),
    }
    wish = MailWish.FAILED if acting else fax.mail_wish(person().person_id)
    return render(
        PAGE,
        status=status,
        has_errors=status == 422,
        policy_form=policy_form or FaxPolicyForm(data=kept),
        wish_form=wish_form or FaxWishForm(data={"wish": wish.value}),
        leads=_leads(),
        is_acting=acting,
    )


def _leads() -> bool:
    access = person().access
    return access is None or access.is_manager
