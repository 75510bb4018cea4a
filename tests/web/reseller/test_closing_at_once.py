"""A client is closed at the very moment in which a colleague links something: on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from portal import identity, ledger, pbx
from portal.core.db import db, finish_reading
from portal.core.scope import Scope
from portal.identity import BalanceMode, ClientDetails, ClientStatus
from tests.browser import Browser
from tests.together import meet
from tests.world import build_world


def test_a_client_with_a_line_that_was_linked_this_moment_is_not_closed(
    make_app: Callable[..., Flask], migrated_postgres_url: str
) -> None:
    app = make_app(migrated_postgres_url)
    with app.app_context():
        world = build_world()
        yard = world.b.accounts["yard"]
        with world.within(world.northwind):
            ida = identity.add_client(ClientDetails("Ida", "Novak", "ida@novak.example"))
            ledger.open_wallet(ida.id, mode=BalanceMode.SOFT)
            pbx.unlink_account(yard)
        ada = Browser(app, world.northwind.owner.base)
        ada.log_in(world.northwind.owner.email)
        ada.open(f"/staff/clients/{ida.public_id}/close")

        meet(
            app, Scope(world.northwind.id),
            lambda: pbx.assign_package(yard, ida.id, None),
            lambda: ada.submit("#close", typed_name="Ida Novak"),
            by_browser=True,
        )  # fmt: skip

        assert ada.page is not None
        assert ada.page.status == 422
        with world.reading(world.northwind):
            assert identity.client_facts(ida.id).status is ClientStatus.ACTIVE
            assert len(pbx.sub_accounts_of(ida.id)) == 1
            finish_reading()
        db.session.remove()
