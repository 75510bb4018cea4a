"""One small world: Northwind with clients a and b, Globex with client x, and their staff.

It is built once per test session through the real services, in a timeline that ends now, and each
test gets a copy. Calls and texts of client a fill two months; b has little, x is somebody else's.
"""

from __future__ import annotations

import pickle
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete

from portal import calls, identity, ledger, messaging, numbers, payments, pbx, pricing
from portal.carriers import (
    CarrierCall,
    CarrierDid,
    CarrierMessage,
    CarrierSubAccount,
    Direction,
    Disposition,
    MessageKind,
    Registration,
    SmsSettings,
)
from portal.config import Settings
from portal.core.db import db, session, transaction
from portal.core.money import Money, percent_e4, rate_e8
from portal.core.outbox import OutboxTask
from portal.core.passwords import hash_password
from portal.core.scope import Scope, bind, unscoped
from portal.factory import create_app
from portal.identity import BalanceMode, ChosenPassword, ClientDetails, Role
from portal.messaging import Draft
from portal.numbers import DidFees
from portal.pricing import PackageDetails
from tests.built_once import BuiltOnce
from tests.services import RedisServer
from tests.settings import settings_for_tests

PASSWORD = "three blind lamps"
# Hashed once: hashing is slow on purpose, and everybody here has the same password.
HASH = ChosenPassword(hash_password(PASSWORD))
DAYS = 45
FEES = DidFees(
    setup=Money.of("1.00"),
    monthly=Money.of("1.50"),
    minute_e8=rate_e8("0.0120"),
    sms_in=Money.of("0.0075"),
    sms_out=Money.of("0.0150"),
    mms_in=Money.of("0.0200"),
    mms_out=Money.of("0.0400"),
)


@dataclass(frozen=True)
class Customer:
    """A client of a reseller, as a test needs it. ``accounts`` and ``dids`` by their short names."""

    id: int
    public_id: uuid.UUID
    number: str
    name: str
    title: str
    email: str
    uid: str
    reseller_id: int
    accounts: dict[str, uuid.UUID]
    dids: tuple[str, ...]

    @property
    def base(self) -> str:
        """Where this client's portal begins."""
        return f"/r/{self.uid}"

    def scope(self) -> Scope:
        return Scope(self.reseller_id, self.id)


@dataclass(frozen=True)
class Colleague:
    """A member of a reseller's staff."""

    email: str
    name: str
    role: Role
    reseller_id: int
    base: str = ""


@dataclass(frozen=True)
class Shop:
    """A reseller with its people and packages (public ids by name)."""

    id: int
    uid: str
    name: str
    owner: Colleague
    support: Colleague
    reader: Colleague
    packages: dict[str, uuid.UUID]

    @property
    def base(self) -> str:
        """Where its clients' portal begins."""
        return f"/r/{self.uid}"


@dataclass(frozen=True)
class World:
    """Everybody. ``a`` is SOFT with a history, ``b`` HARD with little money, ``x`` is Globex's."""

    northwind: Shop
    globex: Shop
    a: Customer
    b: Customer
    x: Customer

    @contextmanager
    def within(self, somebody: Customer | Shop | Colleague) -> Iterator[None]:
        """A writing transaction as this client, or as this reseller."""
        with bind(scope_of(somebody)), transaction():
            yield

    @contextmanager
    def reading(self, somebody: Customer | Shop | Colleague) -> Iterator[None]:
        """The same for reads."""
        with bind(scope_of(somebody)):
            yield
            session().rollback()


def scope_of(somebody: Customer | Shop | Colleague) -> Scope:
    """What somebody may see."""
    if isinstance(somebody, Customer):
        return somebody.scope()
    return Scope(somebody.id if isinstance(somebody, Shop) else somebody.reseller_id)


def build_world(*, now: datetime | None = None) -> World:
    """Build it in the open application context; takes about a second."""
    end = now or datetime.now(UTC).replace(microsecond=0)
    with time_machine.travel(end - timedelta(days=DAYS), tick=False):
        northwind = _shop("Northwind Voice", "100482")
        globex = _shop("Globex Tel", "100731")
        a = _customer(
            northwind,
            ClientDetails(
                "Priya", "Raman", "priya@harbourlight.example", company="Harbourlight Dental",
                phone="+1 613 555 0142", city="Ottawa", state="ON",
                low_balance_threshold=Money.of("25"), low_balance_email="desk@harbourlight.example",
            ),
            "200101",
            {"reception": "Reception", "kanata": "Kanata clinic"},
            ("+16135550142", "+16135550178"),
            package="Office Standard",
        )  # fmt: skip
        b = _customer(
            northwind,
            ClientDetails(
                "Owen", "Castellan", "owen@kestrel.example", company="Kestrel Landscaping",
                balance_mode=BalanceMode.HARD,
            ),
            "200102",
            {"yard": "Yard office"},
            ("+16135550163",),
            package="Pay as you go",
        )  # fmt: skip
        x = _customer(
            globex,
            ClientDetails("Mina", "Okabe", "mina@meridian.example", company="Meridian Freight"),
            "300201",
            {"dispatch": "Dispatch"},
            ("+14165550108",),
            package="Pay as you go",
        )
        _pay(northwind, a, "200.00", "opening-a")
        _pay(northwind, b, "5.00", "opening-b")
        _pay(globex, x, "50.00", "opening-x")
    _live(northwind, globex, a, b, x, end=end)
    with unscoped("nothing of the past waits to be done"), transaction():
        session().execute(delete(OutboxTask))
    db.session.remove()
    return World(northwind, globex, a, b, x)


def a_call(
    account: str,
    number: str,
    at: datetime,
    *,
    seconds: int = 97,
    inbound: str = "",
    rate: str | None = "0.0090",
    name: str = "",
    disposition: Disposition = Disposition.ANSWERED,
    ambiguous: bool = False,
) -> CarrierCall:
    """One leg as the carrier tells it; ``inbound`` is the own number that was called."""
    minute_e8 = None if rate is None else rate_e8(rate)
    answered = disposition is Disposition.ANSWERED
    return CarrierCall(
        uniqueid=f"{uuid.uuid4().int % 10**18}",
        direction=Direction.IN if inbound else Direction.OUT,
        account=account,
        started_at=at,
        ambiguous=ambiguous,
        caller_id_name=name,
        caller_number=number.lstrip("+") if inbound else "16135550142",
        destination=inbound.lstrip("+") if inbound else number.lstrip("+"),
        description="Inbound DID" if inbound else "Canada",
        disposition=disposition,
        seconds=seconds if answered else 0,
        rate_e8=minute_e8,
        total_e8=(minute_e8 or 0) * seconds // 60 if answered else 0,
        onnet=False,
        destination_type="IN:DID" if inbound else "OUT",
    )


def record_calls(shop: Shop, rows: Sequence[CarrierCall]) -> None:
    """Import these calls as the job would."""
    with bind(Scope(shop.id)), transaction():
        calls.record(rows)


def receive_text(
    shop: Shop, did: str, contact: str, text: str, *, at: datetime | None = None
) -> None:
    """A text arrives for one of the reseller's numbers."""
    with bind(Scope(shop.id)), transaction():
        messaging.receive(
            CarrierMessage(
                kind=MessageKind.SMS,
                id=f"{uuid.uuid4().int % 10**12}",
                direction=Direction.IN,
                did=did,
                contact=contact,
                text=text,
                at=at or datetime.now(UTC),
            )
        )


def send_text(client: Customer, did: str, contact: str, text: str, *, arrives: bool = True) -> None:
    """A text that the carrier took and, usually, delivered."""
    reference = str(uuid.uuid4())
    with bind(client.scope()), transaction():
        message = messaging.queue(client.id, Draft(did, contact, text, reference))
        delivery = messaging.claim(message.id)
        assert delivery is not None
        messaging.settle(message.id, delivery.lease_number, reference[:20])
        if arrives:
            messaging.delivered([reference[:20]], at=datetime.now(UTC))


def _shop(name: str, uid: str) -> Shop:
    with unscoped("the operator adds a reseller"), transaction():
        reseller = identity.add_reseller(
            name=name, uid=uid, currency="CAD", support_phone="+16135550100"
        )
    domain = name.split()[0].lower() + ".example"
    with bind(Scope(reseller.id)), transaction():
        staff = [
            identity.add_staff(
                name=who,
                email=f"{first}@{domain}",
                role=role,
                password=HASH,
                ask_second_step=False,
            )
            for who, first, role in (
                ("Ada Moreau", "ada", Role.OWNER),
                ("Sam Support", "sam", Role.SUPPORT),
                ("Rita Reader", "rita", Role.READ_ONLY),
            )
        ]
        packages = {
            "Office Standard": pricing.save_package(
                PackageDetails(
                    "Office Standard",
                    markup_fixed_e8=rate_e8("0.0025"),
                    markup_percent_e4=percent_e4("20"),
                    free_minutes=50,
                    monthly_fee=Money.of("12.00"),
                    setup_fee=Money.of("5.00"),
                )
            ),
            "Pay as you go": pricing.save_package(
                PackageDetails("Pay as you go", markup_percent_e4=percent_e4("35"))
            ),
        }
    colleagues = [
        Colleague(one.email, one.name, one.role or Role.OWNER, reseller.id) for one in staff
    ]
    return Shop(reseller.id, uid, name, *colleagues, packages=packages)


def _customer(
    shop: Shop,
    details: ClientDetails,
    number: str,
    accounts: dict[str, str],
    dids: tuple[str, ...],
    *,
    package: str,
) -> Customer:
    with bind(Scope(shop.id)), transaction():
        client = identity.add_client(details, password=HASH, number=number)
        ledger.open_wallet(client.id, mode=BalanceMode(details.balance_mode))
        known = [*pbx.all_sub_accounts()]
        pbx.record_accounts(
            [_carrier_account(row.account, row.description) for row in known]
            + [_carrier_account(f"{shop.uid}_{name}", label) for name, label in accounts.items()]
        )
        numbers.record_inventory(
            [carrier_did(row.number) for row in numbers.all_dids()] + [carrier_did(d) for d in dids]
        )
        rows = {row.username: row for row in pbx.all_sub_accounts()}
        for name in accounts:
            pbx.assign_package(
                rows[name].public_id, client.id, shop.packages[package], charge_setup=True
            )
        free = {row.number: row.public_id for row in numbers.free_dids()}
        for at, did in enumerate(dids):
            numbers.connect_dids(
                [free[did]], rows[next(iter(accounts))].id, FEES,
                client_id=client.id, label=("Main line", "Appointments")[at],
            )  # fmt: skip
        pbx.note_registrations([_registration(f"{shop.uid}_{next(iter(accounts))}")])
    return Customer(
        client.id, client.public_id, number, client.name, client.title, details.email,
        shop.uid, shop.id, {name: rows[name].public_id for name in accounts}, dids,
    )  # fmt: skip


def _live(
    northwind: Shop, globex: Shop, a: Customer, b: Customer, x: Customer, *, end: datetime
) -> None:
    """Weeks of calls and some texts, the last ones a few minutes ago."""
    people = (
        ("+16135550155", "Nadia Okafor"), ("+16135550190", "Capital Denture Lab"),
        ("+14165550108", "Sunrise Insurance"), ("+15145550117", "Élodie Marchand"),
        ("+13435550172", ""),
    )  # fmt: skip
    rows = []
    for back in range(DAYS - 1, -1, -1):
        for count in range(4 + back % 3):
            number, name = people[(back + count) % len(people)]
            at = end - timedelta(days=back, minutes=13 + 47 * count)
            inbound = a.dids[(back + count) % 2] if count % 2 else ""
            missed = (back + count) % 6 == 0
            rows.append(
                a_call(
                    f"{a.uid}_{'kanata' if count % 3 == 2 else 'reception'}",
                    number,
                    at,
                    seconds=41 + (back * 37 + count * 53) % 400,
                    inbound=inbound,
                    name=name if inbound else "",
                    disposition=Disposition.NO_ANSWER if missed else Disposition.ANSWERED,
                )
            )
    rows.append(a_call(f"{b.uid}_yard", "+16135550111", end - timedelta(days=2), seconds=60))
    for since in range(DAYS):
        day = [row for row in rows if (end - row.started_at).days == DAYS - 1 - since]
        moment = max((row.started_at for row in day), default=end) + timedelta(minutes=12)
        with time_machine.travel(moment, tick=False):
            record_calls(northwind, day)
    with time_machine.travel(end - timedelta(days=1), tick=False):
        record_calls(globex, [a_call(f"{x.uid}_dispatch", "+16135550199", end - timedelta(days=2))])
        receive_text(globex, x.dids[0], "+14165550150", "Truck 7 is at the dock")
        receive_text(
            northwind,
            a.dids[1],
            "+15145550117",
            "Bonjour, est-ce possible de déplacer mon rendez-vous?",
        )
    with time_machine.travel(end - timedelta(hours=2), tick=False):
        receive_text(northwind, a.dids[0], "+16135550155", "Do you need my insurance card?")
    with time_machine.travel(end - timedelta(hours=1, minutes=50), tick=False):
        send_text(a, a.dids[0], "+16135550155", "Yes please, a photo of the front is enough.")
    with time_machine.travel(end - timedelta(minutes=30), tick=False):
        receive_text(northwind, a.dids[0], "+16135550155", "Perfect, thank you! See you Tuesday")


def _pay(shop: Shop, client: Customer, amount: str, reference: str) -> None:
    with bind(Scope(shop.id)), transaction():
        payments.add_payment(
            client.id, Money.of(amount), reference=reference, description="e-Transfer"
        )


def _carrier_account(account: str, description: str) -> CarrierSubAccount:
    return CarrierSubAccount(
        id=str(abs(hash(account)) % 10**6), account=account,
        username=account.partition("_")[2], description=description, protocol="1",
        device_type="2", caller_id="", canada_route="2", international_route="1",
        international_locked=True, internal_extension="", reseller_client="", reseller_package="",
    )  # fmt: skip


def carrier_did(number: str) -> CarrierDid:
    """A number in the carrier's inventory, routed to the reception."""
    return CarrierDid(
        did=number.removeprefix("+1"), description="OTTAWA, ON", routing="account:100482_reception",
        failover_busy="", failover_unreachable="", failover_noanswer="", voicemail="", pop="toronto2",
        dialtime_seconds=60, cnam=False, e911=False, callerid_prefix="", note="", billing_type="1",
        next_billing=None, ordered_on=None, reseller_account="", reseller_monthly_e8=None,
        reseller_minute_e8=None, reseller_setup_e8=None,
        sms=SmsSettings(
            available=True, enabled=True, email_enabled=False, email_address="",
            forward_enabled=False, forward_to="", url_callback_enabled=False, url_callback="",
            url_callback_retry=False, webhook_enabled=False, webhook="",
        ),
    )  # fmt: skip


def _registration(account: str) -> Registration:
    return Registration(account=account, registered=True)


@pytest.fixture(scope="session")
def world_template(
    tmp_path_factory: pytest.TempPathFactory,
    redis_server: RedisServer,
    sqlite_template: Path,
    built_once: BuiltOnce,
) -> tuple[Path, World]:
    """The world in a SQLite file, and who is in it."""
    instance = tmp_path_factory.mktemp("world") / "instance"

    def build(path: Path) -> None:
        shutil.copyfile(sqlite_template, path)
        words = settings_for_tests(instance, redis_server.url)
        app = create_app(Settings.from_environment(words | {"DATABASE_URL": f"sqlite:///{path}"}))
        with app.app_context():
            world = build_world()
            for engine in db.engines.values():
                engine.dispose()
        app.extensions["redis"].close()
        path.with_name("world.pickle").write_bytes(pickle.dumps(world))

    path = built_once("world.db", build)
    return path, pickle.loads(path.with_name("world.pickle").read_bytes())


@pytest.fixture
def world_app(
    world_template: tuple[Path, World],
    make_app: Callable[..., Flask],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Flask]:
    """The application on a copy of the world, its context open for the test's own looks."""
    path = tmp_path / "world.db"
    shutil.copyfile(world_template[0], path)
    marker = request.node.get_closest_marker("own_app")
    app = make_app(f"sqlite:///{path}", own=marker is not None, **marker.kwargs if marker else {})
    with app.app_context():
        yield app
        db.session.remove()


@pytest.fixture
def world(world_template: tuple[Path, World], world_app: Flask) -> World:
    """Everybody in it."""
    return world_template[1]
