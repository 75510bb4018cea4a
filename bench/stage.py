"""Databases to measure on: the same reseller, clients and lines on SQLite and on PostgreSQL."""

from __future__ import annotations

import base64
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask

from portal import identity, ledger, pbx, pricing
from portal.carriers import CarrierSubAccount
from portal.config import Settings
from portal.core import schema
from portal.core.db import db, transaction
from portal.core.money import percent_e4, rate_e8
from portal.core.passwords import hash_password
from portal.core.scope import Scope, bind, unscoped
from portal.factory import create_app
from portal.identity import BalanceMode, ChosenPassword, ClientDetails, Role
from portal.pricing import PackageDetails
from tests.postgres import PostgresServer
from tests.services import RedisServer

CLIENTS = 40
LINES = 2
UID = "100482"
PASSWORD = "three blind lamps"
OWNER = "ada@northwind.example"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
DATABASES = ("SQLite", "PostgreSQL")


@dataclass
class Servers:
    """What the measurements run on; ended together."""

    folder: Path
    redis: RedisServer
    postgres: PostgresServer | None = None

    def url(self, database: str, name: str) -> str:
        """A fresh migrated database of this kind."""
        if database == "SQLite":
            url = f"sqlite:///{self.folder / name}.sqlite3"
        else:
            if self.postgres is None:
                place = Path(tempfile.mkdtemp(prefix="pg-"))
                self.postgres = PostgresServer(place)
                self.postgres.start()
            url = self.postgres.url(self.postgres.create())
        schema.upgrade(url)
        return url

    def environment(self, url: str, **more: str) -> dict[str, str]:
        """The settings of an installation on this database."""
        instance = self.folder / f"instance-{secrets.token_hex(4)}"
        return {
            "PORTAL_INSTANCE": str(instance),
            "PORTAL_EVALUATION": "1",
            "PORTAL_LOG_LEVEL": "WARNING",
            "PORTAL_SECRET_KEY": "a bench's secret key, thirty-two bytes or more",
            "PORTAL_ENCRYPTION_KEYS": "bench:" + base64.b64encode(bytes(range(32))).decode(),
            "REDIS_URL": self.redis.url,
            "DATABASE_URL": url,
        } | more


@contextmanager
def servers() -> Iterator[Servers]:
    """A private Redis, and a PostgreSQL as soon as one is asked for."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    redis_folder = Path(tempfile.mkdtemp(prefix="redis-"))
    redis = RedisServer(redis_folder)
    redis.start()
    started = Servers(folder, redis)
    try:
        yield started
    finally:
        redis.stop()
        if started.postgres is not None:
            started.postgres.stop()
            shutil.rmtree(started.postgres.folder, ignore_errors=True)
        shutil.rmtree(redis_folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def staged(started: Servers, url: str) -> Iterator[tuple[Flask, int]]:
    """An application on this database with its reseller; (application, the reseller's id)."""
    app = create_app(Settings.from_environment(started.environment(url)))
    try:
        with app.app_context():
            yield app, _reseller()
    finally:
        with app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
        app.extensions["redis"].close()


@contextmanager
def raw_connection() -> Iterator[Any]:
    """The driver's own connection, in the open application context: what floors are measured with."""
    connection = db.engine.raw_connection()
    try:
        yield connection
    finally:
        connection.close()


def is_sqlite() -> bool:
    """Which database is the open application on?"""
    return db.engine.dialect.name == "sqlite"


def _reseller() -> int:
    """The same ids on every database, so that rows of one fit the other."""
    chosen = ChosenPassword(hash_password(PASSWORD))
    with unscoped("a bench sets the stage"), transaction():
        reseller = identity.add_reseller(name="Northwind", uid=UID)
    with bind(Scope(reseller.id)), transaction():
        identity.add_staff(name="Ada Moreau", email=OWNER, role=Role.OWNER, password=chosen)
        package = pricing.save_package(
            PackageDetails(
                "Office",
                markup_fixed_e8=rate_e8("0.0025"),
                markup_percent_e4=percent_e4("20"),
                free_minutes=100,
            ),
            valid_from=LONG_AGO,
        )
        pbx.record_accounts([_account(at) for at in range(CLIENTS * LINES)])
        lines = {row.account: row.public_id for row in pbx.all_sub_accounts()}
        for at in range(CLIENTS):
            client = identity.add_client(
                ClientDetails("Priya", f"Raman {at}", f"client{at}@example.test", company=f"Client {at}"),
                password=chosen,
                number=f"{200_000 + at}",
            )  # fmt: skip
            ledger.open_wallet(client.id, mode=BalanceMode.SOFT)
            for line in range(LINES):
                pbx.assign_package(
                    lines[account(at * LINES + line)], client.id, package, valid_from=LONG_AGO
                )
    return reseller.id


def account(at: int) -> str:
    """The name of the n-th line."""
    return f"{UID}_line{at}"


def _account(at: int) -> CarrierSubAccount:
    return CarrierSubAccount(
        id=str(10_000 + at), account=account(at), username=f"line{at}", description=f"Line {at}",
        protocol="1", device_type="2", caller_id="", canada_route="2", international_route="1",
        international_locked=True, internal_extension="", reseller_client="", reseller_package="",
    )  # fmt: skip
