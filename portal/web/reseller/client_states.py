"""Through a client's states, and into their portal."""

from __future__ import annotations

import uuid

from flask import redirect, request, url_for
from flask_babel import gettext

from portal import billing, exposure, identity, mail, numbers, pbx
from portal.core import live
from portal.core.db import transaction
from portal.core.errors import Refused
from portal.identity import ClientFacts, ClientStatus
from portal.web import filters
from portal.web.forms.auth import ActForm
from portal.web.forms.clients import CloseForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.places import is_own_path
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.session import address, browser, person, remember


@bp.post("/clients/<uuid:public_id>/activate")
@needs("clients")
def activate_client(public_id: uuid.UUID) -> Rendered:
    """Let a client who signed up come in, and tell them by mail."""
    client = identity.client_by_public_id(public_id)
    with transaction():
        done = identity.activate_client(client.id, by=person())
        if done:
            mail.queue_mail(mail.MailName.ACCOUNT_ACTIVATED, client_id=client.id, values={})
        live.tell("attention-changed", client_id=None)
    sentence = gettext("%(name)s is active now.", name=client.title) if done else None
    back = request.form.get("back", "")
    if is_own_path(back):  # the list it was pressed in
        return go(back, say=sentence)
    return _back(client, sentence)


@bp.get("/clients/<uuid:public_id>/refuse")
@needs("clients")
def confirm_refuse(public_id: uuid.UUID) -> Rendered:
    """Say what refusing means."""
    client = identity.client_by_public_id(public_id)
    if client.status is not ClientStatus.WAIT:
        return _back(client, None)
    return _refuse_page(client)


@bp.post("/clients/<uuid:public_id>/refuse")
@needs("clients")
def refuse_client(public_id: uuid.UUID) -> Rendered:
    """Delete what somebody typed who signed up; the e-mail is free again."""
    client = identity.client_by_public_id(public_id)
    try:
        with transaction():
            mail.forget_client(client.id)
            identity.refuse_client(client.id, still_connected=_held_connected(client), by=person())
            live.tell("attention-changed", client_id=None)
    except Refused as refusal:
        return _refuse_page(client, problem=gettext(refusal.message))
    return go(
        url_for("reseller.clients"),
        say=gettext("The sign-up of %(name)s is deleted.", name=client.title),
    )


@bp.post("/clients/<uuid:public_id>/suspend")
@needs("clients")
def suspend_client(public_id: uuid.UUID) -> Rendered:
    """Suspend: they can still log in and pay."""
    client = identity.client_by_public_id(public_id)
    with transaction():
        done = identity.suspend_client(client.id, by=person())
        if done:
            billing.push_client(client.id)
    return _back(client, gettext("%(name)s is suspended now.", name=client.title) if done else None)


@bp.post("/clients/<uuid:public_id>/resume")
@needs("clients")
def resume_client(public_id: uuid.UUID) -> Rendered:
    """Lift a suspension, whatever its reason."""
    client = identity.client_by_public_id(public_id)
    with transaction():
        done = exposure.resume(client.id, by=person())
    return _back(client, gettext("%(name)s is active again.", name=client.title) if done else None)


@bp.get("/clients/<uuid:public_id>/close")
@needs("clients")
def confirm_close(public_id: uuid.UUID) -> Rendered:
    """Ask for the name: this cannot be undone."""
    return _close_page(identity.client_by_public_id(public_id), CloseForm())


@bp.post("/clients/<uuid:public_id>/close")
@needs("clients")
def close_client(public_id: uuid.UUID) -> Rendered:
    """End the account; what hangs on it must be unlinked first."""
    client = identity.client_by_public_id(public_id)
    form = CloseForm(request.form)

    def close() -> bool:
        identity.close_client(
            client.id,
            typed_name=form.typed_name.data or "",
            still_connected=_held_connected(client),
            by=person(),
        )
        return True

    if form.submit(close) is None:
        return _close_page(client, form, status=422)
    return go(url_for("reseller.clients"), say=gettext("%(name)s was closed.", name=client.title))


@bp.get("/clients/<uuid:public_id>/log-in")
@needs("act")
def act(public_id: uuid.UUID) -> Rendered:
    """Ask why, before opening a client's portal."""
    return _act_page(identity.client_by_public_id(public_id), ActForm())


@bp.post("/clients/<uuid:public_id>/log-in")
@needs("act")
def act_as(public_id: uuid.UUID) -> Rendered:
    """Open the client's portal, read-only, on this installation's own address.

    The client's own host name would not get our cookie; ``/r/<UID>`` is the same portal.
    """
    client = identity.client_by_public_id(public_id)
    form = ActForm(request.form)
    entered = form.submit(
        lambda: identity.begin_acting(
            person(),
            public_id,
            reason=form.reason.data or "",
            address=address(),
            browser=browser(),
        )
    )
    if entered is None:
        return _act_page(client, form, status=422)
    response: Rendered = redirect(f"/r/{own_reseller().uid}/dashboard", 303)  # type: ignore[assignment]
    return remember(response, entered.token, expires_at=entered.cookie_expires_at)


def _refuse_page(client: ClientFacts, *, problem: str = "") -> Rendered:
    return render(
        "reseller/client/confirm.html",
        status=422 if problem else 200,
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        title=gettext("Refuse %(name)s", name=client.title),
        text=gettext(
            "What was typed on the sign-up page is deleted for good, and nobody is told. "
            "The same e-mail can ask again."
        ),
        problem=problem,
        connected=_connected(client) if problem else (),
        button=gettext("Refuse"),
        post_url=url_for("reseller.refuse_client", public_id=client.public_id),
        cancel_url=url_for("reseller.client", public_id=client.public_id),
    )


def _held_connected(client: ClientFacts) -> list[str]:
    """The same with the client held still: nothing is linked until the transaction is over."""
    identity.client_facts(client.id, lock=True)
    return _connected(client)


def _connected(client: ClientFacts) -> list[str]:
    """What hangs on the client."""
    accounts = [row.account for row in pbx.sub_accounts_of(client.id)]
    return accounts + [filters.phone_number(row.number) for row in numbers.dids_of(client.id)]


def _close_page(client: ClientFacts, form: CloseForm, *, status: int = 200) -> Rendered:
    return render(
        "reseller/client/close.html",
        status=status,
        has_errors=status != 200,
        form=form,
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        connected=_connected(client),
    )


def _act_page(client: ClientFacts, form: ActForm, *, status: int = 200) -> Rendered:
    return render(
        "reseller/client/act.html",
        status=status,
        has_errors=status != 200,
        form=form,
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
    )


def _back(client: ClientFacts, sentence: str | None) -> Rendered:
    return go(url_for("reseller.client", public_id=client.public_id), say=sentence)
