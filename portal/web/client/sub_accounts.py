"""What a phone needs to register: server, login and, where the reseller shows it, the password."""

from __future__ import annotations

import uuid

from flask import abort
from flask_babel import gettext

from portal import pbx
from portal.pbx import SubAccountRow
from portal.web.client.blueprint import bp
from portal.web.htmx import Rendered, render
from portal.web.places import reseller
from portal.web.rights import client_id
from portal.web.session import person


def shows_password(row: SubAccountRow) -> bool:
    """Only of accounts made here, only while the reseller shows it, and never to staff who look on."""
    return row.has_password and reseller().show_sip_password and not person().acting


@bp.get("/sub-accounts/<uuid:public_id>")
def sub_account(public_id: uuid.UUID) -> Rendered:
    """The password with what belongs to it, on a page that is opened on purpose."""
    own = (row for row in pbx.sub_accounts_of(client_id()) if row.public_id == public_id)
    row = next(own, None)
    if row is None or row.is_removed or not shows_password(row):
        abort(404)
    servers = pbx.servers_for_clients()
    found = [(gettext("User name"), row.account), (gettext("Password"), pbx.password_of(public_id))]
    found[:0] = [(gettext("Server"), server.own_name) for server in servers]
    return render(
        "client/sub_accounts/index.html",
        name=row.description or row.username,
        found=[(label, text) for label, text in found if text],
    )
