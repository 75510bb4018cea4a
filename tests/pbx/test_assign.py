"""Giving one sub-account to two clients at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import func, select

from portal import ledger, pbx, pricing
from portal.core.db import db, finish_reading, session, transaction
from portal.core.errors import Refused
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.pricing.models import PackageLink
from tests.pricing.market import make_client, make_reseller, make_sub_account


def test_two_people_who_assign_at_once_leave_one_open_link(app_on_each: Flask) -> None:
    reseller_id = make_reseller()
    clients = [make_client(reseller_id, f"20000{n}") for n in range(4)]
    account_id = make_sub_account(reseller_id)
    with bind(Scope(reseller_id)):
        with transaction():
            package = pricing.save_package(
                pricing.PackageDetails("Office", setup_fee=Money.of("25"))
            )
        public_id = pbx.all_sub_accounts()[0].public_id
        finish_reading()
    gate = Barrier(len(clients))

    def assign(client_id: int) -> bool:
        with app_on_each.app_context(), bind(Scope(reseller_id)):
            gate.wait()
            try:
                with transaction():
                    pbx.assign_package(public_id, client_id, package, charge_setup=True)
                return True
            except Refused:
                return False
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(clients)) as pool:
        done = dict(zip(clients, pool.map(assign, clients), strict=True))

    with bind(Scope(reseller_id)):
        holders = session().scalar(
            select(func.count()).where(
                PackageLink.sub_account_id == account_id, PackageLink.valid_to.is_(None)
            )
        )
        links = session().scalar(
            select(func.count()).where(PackageLink.sub_account_id == account_id)
        )
        charged = [client for client in clients if ledger.balance_of(client)]
    assert holders == 1
    assert links == sum(done.values()) == len(charged)
