"""A client's sub-accounts: linking a free one, its package, unlinking."""

from __future__ import annotations

import uuid
from datetime import date

from flask import request, url_for
from flask_babel import gettext

from portal import identity, pbx, pricing
from portal.core.db import transaction
from portal.core.errors import NotFound
from portal.core.period import next_after
from portal.identity import ClientFacts
from portal.pbx import SubAccountRow
from portal.web.forms.choices import choices
from portal.web.forms.links import LinkForm, PackageForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.session import person


@bp.get("/clients/<uuid:public_id>/sub-accounts")
def client_accounts(public_id: uuid.UUID) -> Rendered:
    """What a client registers phones with, and under which package."""
    client = identity.client_by_public_id(public_id)
    return render(
        "reseller/client/accounts.html",
        "reseller/client/_accounts.html",
        client=client_words.head(client),
        client_tabs=client_words.tabs(client, "client_accounts"),
        clients_url=url_for("reseller.clients"),
        accounts=pbx.sub_accounts_of(client.id),
        orders=pbx.account_orders_of(client.id),
    )


@bp.get("/clients/<uuid:public_id>/sub-accounts/link")
@needs("clients")
def link_account(public_id: uuid.UUID) -> Rendered:
    """The form that gives a free sub-account to this client."""
    return _link_page(identity.client_by_public_id(public_id), LinkForm(charge_setup=True))


@bp.post("/clients/<uuid:public_id>/sub-accounts/link")
@needs("clients")
def save_link(public_id: uuid.UUID) -> Rendered:
    """Give it, under a package or none."""
    client = identity.client_by_public_id(public_id)
    form = LinkForm(request.form)
    _offer_accounts(form)
    offer_packages(form)

    def link() -> uuid.UUID:
        account = uuid.UUID(form.sub_account.data)
        made = pbx.assign_package(
            account,
            client.id,
            chosen_package(form),
            next_billing_day=form.next_billing_day.data,
            charge_setup=form.charge_setup.data,
            only_free=True,
        )
        _note("account.linked", client, pbx.find_sub_account(account))
        return made

    if form.submit(link) is None:
        return _link_page(client, form, status=422)
    return _back(client, gettext("The sub-account is linked."))


@bp.get("/clients/<uuid:public_id>/sub-accounts/<uuid:account>/package")
@needs("clients")
def change_package(public_id: uuid.UUID, account: uuid.UUID) -> Rendered:
    """The form that changes a sub-account's package."""
    client = identity.client_by_public_id(public_id)
    row = _own(client, account)
    form = PackageForm(
        package=str(row.package_public_id or ""), next_billing_day=_still_to_come(row)
    )
    return _package_page(client, row, form)


@bp.post("/clients/<uuid:public_id>/sub-accounts/<uuid:account>/package")
@needs("clients")
def save_link_package(public_id: uuid.UUID, account: uuid.UUID) -> Rendered:
    """Change it for calls that start from now on."""
    client = identity.client_by_public_id(public_id)
    row = _own(client, account)
    form = PackageForm(request.form)
    offer_packages(form, row)

    def change() -> uuid.UUID:
        made = pbx.assign_package(
            account,
            client.id,
            chosen_package(form),
            next_billing_day=form.next_billing_day.data,
            charge_setup=form.charge_setup.data,
            held_by=client.id,
        )
        _note("account.package", client, row)
        return made

    if form.submit(change) is None:
        return _package_page(client, row, form, status=422)
    return _back(client, gettext("The package holds for calls that start from now on."))


@bp.get("/clients/<uuid:public_id>/sub-accounts/<uuid:account>/unlink")
@needs("clients")
def confirm_unlink(public_id: uuid.UUID, account: uuid.UUID) -> Rendered:
    """Say what unlinking means."""
    client = identity.client_by_public_id(public_id)
    row = _own(client, account)
    return render(
        "reseller/client/confirm.html",
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        title=gettext("Unlink %(account)s", account=row.account),
        text=gettext(
            "Calls from now on are nobody's until it is linked again; earlier ones stay this "
            "client's. Its numbers stay with the client."
        ),
        button=gettext("Unlink"),
        post_url=url_for("reseller.unlink_account", public_id=public_id, account=account),
        cancel_url=url_for("reseller.client", public_id=public_id),
    )


@bp.post("/clients/<uuid:public_id>/sub-accounts/<uuid:account>/unlink")
@needs("clients")
def unlink_account(public_id: uuid.UUID, account: uuid.UUID) -> Rendered:
    """Take a sub-account from this client."""
    client = identity.client_by_public_id(public_id)
    row = _own(client, account)
    with transaction():
        pbx.unlink_account(account)
        _note("account.unlinked", client, row)
    return _back(client, gettext("The sub-account is free now."))


def _note(action: str, client: ClientFacts, row: SubAccountRow) -> None:
    identity.record(action, by=person(), client_id=client.id, account=row.account)


def _own(client: ClientFacts, account: uuid.UUID) -> SubAccountRow:
    row = pbx.find_sub_account(account)
    if row.client_id != client.id:
        raise NotFound("There is no such sub-account.")
    return row


def _still_to_come(row: SubAccountRow) -> date | None:
    """The next billing day, or the one after it when it has passed."""
    today, day = client_words.today(), row.next_billing_day
    return day if day is None or day >= today else next_after(today, day.day)


def chosen_package(form: PackageForm) -> uuid.UUID | None:
    """The package of the form; None for none."""
    return uuid.UUID(form.package.data) if form.package.data else None


def _offer_accounts(form: LinkForm) -> None:
    form.sub_account.choices = choices(
        (str(row.public_id), f"{row.account} · {row.description}".rstrip(" ·"))
        for row in pbx.free_sub_accounts()
    )


def offer_packages(form: PackageForm, row: SubAccountRow | None = None) -> None:
    """Fill in the packages that can be chosen."""
    offered = {str(one.public_id): one.name for one in pricing.package_choices()}
    if row is not None and row.package_public_id is not None:  # it may be retired meanwhile
        offered.setdefault(str(row.package_public_id), row.package)
    form.package.choices = choices([("", gettext("No package")), *offered.items()])


def _link_page(client: ClientFacts, form: LinkForm, *, status: int = 200) -> Rendered:
    _offer_accounts(form)
    offer_packages(form)
    return _page(
        client, form, status,
        title=gettext("Link a sub-account"),
        button=gettext("Link sub-account"),
        save_url=url_for("reseller.save_link", public_id=client.public_id),
    )  # fmt: skip


def _package_page(
    client: ClientFacts, row: SubAccountRow, form: PackageForm, *, status: int = 200
) -> Rendered:
    offer_packages(form, row)
    return _page(
        client, form, status,
        title=gettext("Package of %(account)s", account=row.account),
        button=gettext("Save package"),
        save_url=url_for(
            "reseller.save_link_package", public_id=client.public_id, account=row.public_id
        ),
    )  # fmt: skip


def _page(
    client: ClientFacts, form: PackageForm, status: int, *, title: str, button: str, save_url: str
) -> Rendered:
    return render(
        "reseller/client/link.html",
        status=status,
        has_errors=status != 200,
        form=form,
        title=title,
        button_text=button,
        save_url=save_url,
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
    )


def _back(client: ClientFacts, sentence: str) -> Rendered:
    return go(url_for("reseller.client", public_id=client.public_id), say=sentence)
