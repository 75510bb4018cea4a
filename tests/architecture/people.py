"""Every kind of person who may knock, each with a browser; and the things they may ask for."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal import (
    batches,
    billing,
    branding,
    contacts,
    entitlements,
    identity,
    invoices,
    ledger,
    numbers,
    payments,
    prepared,
    pricing,
    reconciling,
    reports,
)
from portal.batches.models import Batch
from portal.billing.models import AddOn, Fee
from portal.branding.models import Picture, ThemeVersion
from portal.calls.models import Call, CallRecording, RatingRun
from portal.contacts import ContactDraft
from portal.contacts.models import Contact, ContactGroup, ContactImport
from portal.core import clock, storage
from portal.core.db import session, transaction
from portal.core.money import Money
from portal.core.scope import Scope, bind, unscoped
from portal.entitlements import DEFAULT_ON, Service, View
from portal.exposure.models import ExposureAlarm
from portal.fax.models import Fax, FaxFolder, FaxPage
from portal.identity import (
    Access,
    BalanceMode,
    ClientDetails,
    ClientStatus,
    MemberRole,
    Role,
)
from portal.identity.models import Client, Invitation, Person, WebSession
from portal.identity.sessions import enter, open_session
from portal.identity.team import keep_access
from portal.invoices import ExemptionDetails, TaxDetails
from portal.invoices.models import Paper, TaxExemption, TaxRate
from portal.ledger.models import Transfer
from portal.mail.models import OutgoingMail
from portal.messaging.models import Conversation, Message, MessageFile
from portal.numbers.models import Did, DidLink, FaxPort, NumberOrder
from portal.payments.models import CardSaving, KeptCard, PaymentIntent
from portal.pbx.models import AccountOrder, SipServer, SubAccount
from portal.prepared import LaterDraft, Recipient
from portal.prepared.models import BulkText, LaterText, MessageTemplate
from portal.pricing import PackageDetails
from portal.pricing.models import AreaRate, FreeZone, Package, PackageLink, RateImport
from portal.reconciling.models import Reconciliation
from portal.reports import Every, FileFormat, ReportKind, ScheduleDraft
from portal.reports.models import ReportAddress, ReportFile, ReportSchedule, SavedFilter
from tests.fax_things import give_faxes
from tests.pictures import picture
from tests.world import HASH, Customer, Shop, World

PORTAL, STAFF = "/r/100482", ""
NOWHERE = uuid.UUID("00000000-0000-4000-8000-000000000000")
_TOKEN = "a form's token, the same in every test"


@dataclass
class Knocking:
    """Somebody with a browser: ``place`` is where their own pages begin."""

    name: str
    group: str  # nobody, clients, staff
    place: str
    browser: FlaskClient
    client_id: int | None = None
    reseller_id: int | None = None
    token: str = ""
    csrf: str = ""
    objects: dict[str, dict[str, object]] = field(default_factory=dict)

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        """One request with a good token, as our own page would send it."""
        headers = {"X-CSRFToken": self.csrf} | more.pop("headers", {})
        return self.browser.open(path, method=method, headers=headers, **more)


def everybody(app: Flask, world: World) -> dict[str, Knocking]:
    """All of them by name; sessions are opened as a login would."""
    north, globe = world.northwind, world.globex
    extra = _extra_people(north)
    people = [
        _knock(app, "anonymous", "nobody", PORTAL),
        _knock(app, "passer_by", "nobody", STAFF),
        _client(app, "a", world.a.base, world.a.id, north),
        _client(app, "b", world.b.base, world.b.id, north),
        _client(app, "x", world.x.base, world.x.id, globe),
        # Of the team of a, and limited to the Kanata clinic.
        _member(app, "member", world, north),
        # Globex's client at Northwind's address, and somebody who may not come in (any more).
        _client(app, "stranger", PORTAL, world.x.id, globe),
        _client(app, "waiting", PORTAL, extra["waiting"], north),
        _client(app, "suspended", PORTAL, extra["suspended"], north),
        _client(app, "closed", PORTAL, extra["closed"], north),
        _staff(app, "owner", north.owner.email, north),
        _staff(app, "support", north.support.email, north),
        _staff(app, "billing", "billing@northwind.example", north),
        _staff(app, "reader", north.reader.email, north),
        _staff(app, "globex_owner", globe.owner.email, globe),
        _acting(app, "looking", world.a, north, may_change=False),
        _acting(app, "acting", world.a, north, may_change=True),
    ]
    with bind(Scope(north.id)), transaction():
        for name, status in (
            ("waiting", ClientStatus.WAIT),
            ("suspended", ClientStatus.SUSPENDED),
            ("closed", ClientStatus.CLOSED),
        ):
            row = session().scalars(select(Client).where(Client.id == extra[name])).one()
            row.status = status
    return {one.name: one for one in people}


def renew(app: Flask, who: Knocking) -> None:
    """The browser as it was at first: some actions log out, some say a sentence on the next page."""
    if who.token:
        who.browser.set_cookie(app.extensions["settings"].session_cookie, who.token)
    who.csrf = sign(app, who.browser)


def sign(app: Flask, browser: FlaskClient) -> str:
    """Give the browser a form's secret and return the token that matches it."""
    with browser.session_transaction() as kept:
        kept.clear()  # no sentence of an earlier page is shown again
        kept["csrf_token"] = _TOKEN
    return str(URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(_TOKEN))


Finder = Callable[[int], Any]
_OF_A_CLIENT: dict[str, Finder] = {
    "client": lambda who: select(Client.public_id).where(Client.id == who),
    "payment": lambda who: select(PaymentIntent.public_id).where(
        PaymentIntent.client_id == who, PaymentIntent.gateway == payments.PRACTICE
    ),
    "card": lambda who: select(KeptCard.public_id).where(
        KeptCard.client_id == who, KeptCard.removed_at.is_(None)
    ),
    "card_saving": lambda who: select(CardSaving.public_id).where(CardSaving.client_id == who),
    "call": lambda who: select(Call.public_id).where(Call.client_id == who).order_by(Call.id),
    "conversation": lambda who: select(Conversation.public_id).where(Conversation.client_id == who),
    "message": lambda who: select(Message.public_id).where(Message.client_id == who),
    "fax": lambda who: (
        select(Fax.public_id).where(Fax.client_id == who, Fax.direction == "in").order_by(Fax.id)
    ),
    "fax_draft": lambda who: select(Fax.public_id).where(
        Fax.client_id == who, Fax.state == "draft"
    ),
    "fax_page": lambda who: select(FaxPage.public_id).where(FaxPage.client_id == who),
    "fax_folder": lambda who: select(FaxFolder.public_id).where(FaxFolder.client_id == who),
    "message_template": lambda who: select(MessageTemplate.public_id).where(
        MessageTemplate.client_id == who
    ),
    "later_text": lambda who: select(LaterText.public_id).where(LaterText.client_id == who),
    "bulk_text": lambda who: select(BulkText.public_id).where(BulkText.client_id == who),
    "contact": lambda who: select(Contact.public_id).where(Contact.client_id == who),
    "contact_import": lambda who: select(ContactImport.public_id).where(
        ContactImport.client_id == who
    ),
    "contact_group": lambda who: select(ContactGroup.public_id).where(
        ContactGroup.client_id == who
    ),
    "message_file": lambda who: (
        select(MessageFile.public_id).where(MessageFile.client_id == who).order_by(MessageFile.id)
    ),
    "paper": lambda who: select(Paper.public_id).where(Paper.client_id == who),
    "exemption": lambda who: select(TaxExemption.public_id).where(TaxExemption.client_id == who),
    "transfer": lambda who: (
        select(Transfer.public_id)
        .where(Transfer.client_id == who, Transfer.kind == "payment")
        .order_by(Transfer.id)
    ),
    "sub_account": lambda who: (
        select(SubAccount.public_id)
        .join(PackageLink, PackageLink.sub_account_id == SubAccount.id)
        .where(PackageLink.client_id == who)
        .order_by(SubAccount.id)
    ),
    "did": lambda who: (
        select(Did.public_id)
        .join(DidLink, DidLink.did_id == Did.id)
        .where(DidLink.client_id == who, Did.kind == "voice")
    ),
    "fax_number": lambda who: (
        select(Did.public_id)
        .join(DidLink, DidLink.did_id == Did.id)
        .where(DidLink.client_id == who, Did.kind == "fax")
    ),
    "fax_port": lambda who: select(FaxPort.public_id).where(FaxPort.client_id == who),
    "alarm": lambda who: select(ExposureAlarm.public_id).where(ExposureAlarm.client_id == who),
    "fee": lambda who: select(Fee.public_id).where(Fee.client_id == who),
    "recording": lambda who: select(CallRecording.public_id).where(CallRecording.client_id == who),
    "add_on": lambda who: select(AddOn.public_id).where(AddOn.client_id == who),
    "did_link": lambda who: select(DidLink.public_id).where(DidLink.client_id == who),
    "number_order": lambda who: select(NumberOrder.public_id).where(NumberOrder.client_id == who),
    "account_order": lambda who: select(AccountOrder.public_id).where(
        AccountOrder.client_id == who
    ),
    "report_file": lambda who: select(ReportFile.public_id).where(
        ReportFile.client_id == who, ReportFile.report == "statement"
    ),
    "export": lambda who: select(ReportFile.public_id).where(
        ReportFile.client_id == who, ReportFile.report == "export"
    ),
    "session": lambda who: (
        select(WebSession.public_id)
        .join(Person, Person.id == WebSession.person_id)
        .where(Person.client_id == who)
        .order_by(WebSession.id)
    ),
    "person": lambda who: (
        select(Person.public_id).where(Person.client_id == who).order_by(Person.id)
    ),
    "invitation": lambda who: select(Invitation.public_id).where(Invitation.client_id == who),
}
# What the limited member may see of client a; what they may not is the rest of a.
_OF_THE_MEMBER: dict[str, Finder] = {
    "call": lambda kanata: select(Call.public_id).where(
        Call.sub_account_id == kanata, Call.seconds > 0
    ),
    "conversation": lambda kanata: (
        select(Conversation.public_id)
        .join(DidLink, DidLink.did_id == Conversation.did_id)
        .where(DidLink.sub_account_id == kanata)
    ),
    "message_file": lambda kanata: (
        select(MessageFile.public_id)
        .join(DidLink, DidLink.did_id == MessageFile.did_id)
        .where(DidLink.sub_account_id == kanata)
    ),
    "session": lambda _: (
        select(WebSession.public_id)
        .join(Person, Person.id == WebSession.person_id)
        .where(Person.email == "kim@harbourlight.example")
    ),
}
# What the whole team of a client has in common, whatever a member of it is limited to.
SHARED_BY_TEAM = {"contact", "contact_import", "contact_group", "message_template", "fax_folder"}
_OF_A_RESELLER: dict[str, Finder] = {
    "sip_server": lambda who: select(SipServer.public_id).where(SipServer.reseller_id == who),
    "package": lambda who: select(Package.public_id).where(Package.reseller_id == who),
    "area_rate": lambda who: select(AreaRate.public_id).where(AreaRate.reseller_id == who),
    "mail": lambda who: select(OutgoingMail.public_id).where(OutgoingMail.reseller_id == who),
    "rating_run": lambda who: select(RatingRun.public_id).where(RatingRun.reseller_id == who),
    "rate_import": lambda who: select(RateImport.public_id).where(RateImport.reseller_id == who),
    "free_zone": lambda who: select(FreeZone.public_id).where(FreeZone.reseller_id == who),
    "theme_version": lambda who: (
        select(ThemeVersion.public_id).where(ThemeVersion.reseller_id == who)
    ),
    "picture": lambda who: select(Picture.public_id).where(Picture.reseller_id == who),
    "staff": lambda who: (
        select(Person.public_id).where(Person.reseller_id == who, Person.is_staff.is_(True))
    ),
    "staff_invitation": lambda who: (
        select(Invitation.public_id).where(
            Invitation.reseller_id == who, Invitation.client_id.is_(None)
        )
    ),
    "staff_session": lambda who: (
        select(WebSession.public_id)
        .join(Person, Person.id == WebSession.person_id)
        .where(Person.reseller_id == who, Person.is_staff.is_(True))
    ),
    "tax": lambda who: select(TaxRate.public_id).where(TaxRate.reseller_id == who),
    "batch": lambda who: select(Batch.public_id).where(Batch.reseller_id == who),
    "saved_filter": lambda who: (
        select(SavedFilter.public_id)
        .join(Person, Person.id == SavedFilter.person_id)
        .where(SavedFilter.reseller_id == who)
    ),
    "report_schedule": lambda who: (
        select(ReportSchedule.public_id).where(ReportSchedule.reseller_id == who)
    ),
    "report_address": lambda who: (
        select(ReportAddress.public_id).where(ReportAddress.reseller_id == who)
    ),
    "reconciliation": lambda who: (
        select(Reconciliation.public_id).where(Reconciliation.reseller_id == who)
    ),
    "reseller_file": lambda who: (
        select(ReportFile.public_id).where(
            ReportFile.reseller_id == who, ReportFile.client_id.is_(None)
        )
    ),
}  # fmt: skip
KINDS = {*_OF_A_CLIENT, *_OF_A_RESELLER}


def things(world: World) -> dict[str, dict[str, object]]:
    """``things(world)["call"]["a"]`` is the public id of one call of client a; None: there is none."""
    for shop in (world.northwind, world.globex):
        with bind(Scope(shop.id)), transaction():
            _add_things(
                shop, [c.id for c in (world.a, world.b, world.x) if c.reseller_id == shop.id]
            )
    found: dict[str, dict[str, object]] = {}
    with unscoped("a test collects one thing of everybody"):
        for kind, finder in _OF_A_CLIENT.items():
            found[kind] = {
                name: session().scalars(finder(who.id)).first()
                for name, who in (("a", world.a), ("b", world.b), ("x", world.x))
            }
        kanata = _kanata(world)
        for kind in _OF_A_CLIENT:
            mine = _OF_THE_MEMBER.get(kind)
            found[kind]["member"] = mine and session().scalars(mine(kanata)).first()
            if kind in SHARED_BY_TEAM:
                found[kind]["member"] = found[kind]["a"]
            if mine is not None:
                others = _OF_A_CLIENT[kind](world.a.id)
                seen = set(session().scalars(mine(kanata)))
                found[kind]["a"] = next(one for one in session().scalars(others) if one not in seen)
        for kind, finder in _OF_A_RESELLER.items():
            north = session().scalars(finder(world.northwind.id)).first()
            globe = session().scalars(finder(world.globex.id)).first()
            found[kind] = {"a": north, "b": None, "x": globe}
    session().rollback()
    return found


def _add_files_of_messages(client_id: int) -> None:
    """A picture with each text, so that each number of a client has some."""
    for message in session().scalars(select(Message).where(Message.client_id == client_id)):
        names = []
        for _ in range(2):
            path = storage.draft(ending="png")
            path.write_bytes(picture())
            names.append(storage.keep(path, ending="png"))
        session().add(
            MessageFile(
                client_id=client_id, message_id=message.id, did_id=message.did_id, state="here",
                mime="image/png", stored_as=names[0], thumbnail_as=names[1],
            )
        )  # fmt: skip


def _add_fees(client_id: int) -> None:
    """An add-on, and a fee that is unpaid."""
    today = ledger.posting_day()
    billing.add_add_on(
        client_id, description="Rent", amount=Money.of("3"), first_day=today, reference=str(client_id)
    )  # fmt: skip
    session().add(
        Fee(
            client_id=client_id, kind="add_on", item=uuid.uuid4(), first_day=today, next_day=today,
            amount=Money.of("3"), description="Rent", state="unpaid",
        )
    )  # fmt: skip


def _add_recording(client_id: int) -> None:
    session().add(
        CallRecording(
            client_id=client_id, carrier_ref=f"recording-{client_id}", account="100482_desk",
            direction="out", number="+14165550117", at=clock.now() - timedelta(days=4), seconds=61,
        )
    )  # fmt: skip


def _add_alarm(client_id: int) -> None:
    today = ledger.posting_day()
    session().add(
        ExposureAlarm(
            client_id=client_id, kind="day", day=today, round=0, spent=Money.of("60"), seconds=600,
            calls=1, allowed=50_000_000,
        )
    )  # fmt: skip


def _add_card(client_id: int) -> None:
    saving = payments.begin_saving(client_id)
    page = payments.Redirect("http://localhost/", f"PS-{client_id}", "practice")
    payments.saving_began(saving, f"PC-{client_id}", page)
    card = payments.CardSaved(f"PC-{client_id}", f"{client_id}-4242", "practice", "4242", 12, 2031)
    payments.keep_card(saving, card)


def _add_things(shop: Shop, client_ids: list[int]) -> None:
    """What the small world has none of: brands, pictures, finished files, a rate and a free zone of a package."""
    for theme in (branding.GLOBEX, branding.NORTHWIND):
        branding.publish_theme(shop.name, theme)
    branding.keep_picture(branding.read_picture(picture()), name="A dot")
    batches.begin(batches.BatchKind.MESSAGE, client_ids)
    today = clock.now().date()
    reconciling.ask(today, today, [reconciling.Part.CALLS], asked_by_id=None)
    entitlements.save_default_configuration(
        View.STANDARD, [*DEFAULT_ON, Service.DID_ORDER], hide_money=False
    )
    identity.save_sign_up_rules(is_on=True, shown=["city"], required=["company"])
    invoices.save_tax(TaxDetails("GST", 50_000))
    for client_id in client_ids:
        invoices.add_exemption(client_id, ExemptionDetails(None, "A charity"))
        _add_paper(client_id)
    payments.save_gateway(payments.PRACTICE, on=True, live=False, public={}, secrets={})
    for client_id in client_ids:
        begun = payments.begin(client_id, Money.of("25"), payments.PRACTICE)
        payments.began(begun.id, payments.Redirect("http://localhost/", "P-1", "practice"))
        _add_card(client_id)
        give_faxes(client_id, f"+1613555{8_000 + client_id}")
        contacts.add(client_id, ContactDraft(name="Nadia Okafor"))
        contacts.make_group(client_id, "Patients")
        contacts.upload_import(client_id, b"name\nNadia Okafor", name="a file")
        _add_files_of_messages(client_id)
        _add_fees(client_id)
        _add_alarm(client_id)
        _add_recording(client_id)
        prepared.add_template(client_id, "Reminder", "Hello [name]")
        first = min(numbers.sms_choices(client_id))
        later = LaterDraft(first.number, "+16135550155", "Hello", clock.now() + timedelta(days=1))
        prepared.begin_later(client_id, later, person_id=None, country="CA")
        prepared.begin_bulk(
            client_id,
            [Recipient("+16135550155", "", {})],
            name="Hello",
            left_out={},
            person_id=None,
        )
        bill = storage.draft(ending="pdf")
        bill.write_bytes(b"%PDF-1.7")
        session().add(
            FaxPort(
                client_id=client_id, reference=f"of {client_id}", number="+16135550111",
                country="CA", facts={}, state="asked", bill=storage.keep(bill, ending="pdf"),
            )
        )  # fmt: skip
        session().add(
            NumberOrder(
                client_id=client_id, reference=f"of {client_id}", action="connect",
                state="undone", wish={"dids": []},
            )
        )  # fmt: skip
        session().add(
            AccountOrder(
                client_id=client_id, reference=f"of {client_id}", state="failed",
                username="lobby", wish={},
            )
        )  # fmt: skip
    kinds = [(owner, kind) for owner in client_ids for kind in ("statement", "export")]
    for owner, kind in [(None, "global_cdr"), *kinds]:
        path = storage.draft(ending="pdf")
        path.write_bytes(b"%PDF-1.7")
        session().add(
            ReportFile(
                client_id=owner,
                report=kind,
                state="ready",
                stored_as=storage.keep(path, ending="pdf"),
                expires_at=clock.now() + timedelta(days=1),
                ready_at=clock.now(),
            )
        )
    staff = session().scalars(select(Person).where(Person.email == shop.owner.email)).one()
    reports.save_filter(
        ReportKind.GLOBAL_CDR, "Failed", {"result": "failed"}, person_id=staff.id, shared=True
    )
    reports.add_address(f"books@{shop.uid}.example", confirmed=True)
    reports.add_schedule(
        ScheduleDraft(
            ReportKind.FAXES, {"period": "last-month"}, [], FileFormat.PDF, Every.MONTH, 1, 6,
            people=[staff.public_id], addresses=[],
        ),
        language="en", made_by_id=staff.id,
    )  # fmt: skip
    for owner in (None, *client_ids):
        session().add(
            Invitation(
                client_id=owner, token_hash=f"{shop.uid}-{owner}", name="Ina Vited", role="support"
                if owner is None else "member", email=f"ina{owner or ''}@{shop.uid}.example",
                invited_by="A test", expires_at=clock.now() + timedelta(days=7),
            )
        )  # fmt: skip
    session().add(
        SipServer(
            pop="5", place="Toronto, ON", hostname="toronto.voip.example", address="203.0.113.5"
        )
    )
    package_id = session().scalars(select(Package.id).order_by(Package.id)).first()
    since = clock.now()
    path = storage.draft(ending="csv")
    path.write_text("44,0.01")
    session().add_all(
        [
            RateImport(
                package_id=package_id,
                file_name="rates.csv",
                stored_as=storage.keep(path, ending="csv"),
                sheet=asdict(pricing.look(b"44,0.01")),
                columns={"area": 0, "rate": 1},
                all_rows=1,
            ),
            AreaRate(
                package_id=package_id, area_kind="country", area="FR", rate_e8=9, valid_from=since
            ),
            FreeZone(package_id=package_id, zone_kind="country", zone="FR", valid_from=since),
            OutgoingMail(
                name="notice", sender="a@b.example", recipient="c@d.example", subject="Hello",
                text="Hello", html="<p>Hello</p>", state="kept",
            ),
            RatingRun(
                package_id=package_id, for_real=False, details=asdict(PackageDetails("Draft")) | {
                    "monthly_fee": 0, "setup_fee": 0,
                }, first_day=since.date(), last_day=since.date(), state="done",
            ),
        ]
    )  # fmt: skip


def _add_paper(client_id: int) -> None:
    """An invoice for a charge of last month."""
    month = invoices.last_month()
    ledger.charge(
        client_id, Money.of("1"), reason=ledger.Reason.CHARGE, source_type="manual",
        source_id=f"paper-{client_id}", kind="charge",
        posted_at=datetime.combine(month, time(12), UTC),
    )  # fmt: skip
    invoices.issue_month(client_id, month)


def _extra_people(shop: Shop) -> dict[str, int]:
    found = {}
    with bind(Scope(shop.id)), transaction():
        identity.add_staff(
            name="Bill", email="billing@northwind.example", role=Role.BILLING, password=HASH
        )
        for at, name in enumerate(("waiting", "suspended", "closed")):
            details = ClientDetails(name.title(), "Person", f"{name}@example.com")
            found[name] = identity.add_client(details, password=HASH, number=f"20020{at}").id
            ledger.open_wallet(found[name], mode=BalanceMode.SOFT)
    return found


def _knock(app: Flask, name: str, group: str, place: str, token: str = "") -> Knocking:
    one = Knocking(name, group, place, app.test_client(), token=token)
    renew(app, one)
    return one


def _client(app: Flask, name: str, place: str, client_id: int, shop: Shop) -> Knocking:
    with bind(Scope(shop.id)), transaction():
        people = select(Person).where(Person.client_id == client_id).order_by(Person.id)
        person = session().scalars(people).first()
        assert person is not None
        token = open_session(person, keep=True, address="127.0.0.1", browser="a test").token
    one = _knock(app, name, "clients", place, token)
    one.client_id, one.reseller_id = client_id, shop.id
    return one


def _member(app: Flask, name: str, world: World, shop: Shop) -> Knocking:
    """One number of a is connected to the Kanata clinic, and somebody who sees that alone."""
    with bind(Scope(shop.id)), transaction():
        kanata = _kanata(world)
        second = session().scalars(select(Did).where(Did.number == world.a.dids[1])).one()
        link = session().scalars(select(DidLink).where(DidLink.did_id == second.id)).one()
        link.sub_account_id = kanata
        person = Person(client_id=world.a.id, name="Kim Kanata", email="kim@harbourlight.example")
        session().add(person)
        session().flush()
        keep_access(person, Access(MemberRole.MEMBER, frozenset({kanata}), sees_money=False))
        token = open_session(person, keep=True, address="127.0.0.1", browser="a test").token
    one = _knock(app, name, "clients", world.a.base, token)
    one.client_id, one.reseller_id = world.a.id, shop.id
    return one


def _kanata(world: World) -> int:
    found = select(SubAccount.id).where(SubAccount.public_id == world.a.accounts["kanata"])
    return session().scalars(found).one()


def _staff(app: Flask, name: str, email: str, shop: Shop) -> Knocking:
    with bind(Scope(shop.id)), transaction():
        token = open_session(
            _person(email), keep=False, address="127.0.0.1", browser="a test"
        ).token
    one = _knock(app, name, "staff", STAFF, token)
    one.reseller_id = shop.id
    return one


def _acting(app: Flask, name: str, client: Customer, shop: Shop, *, may_change: bool) -> Knocking:
    with bind(Scope(shop.id)), transaction():
        person = _person(shop.owner.email)
        parent = open_session(person, keep=False, address="127.0.0.1", browser="a test")
        entered = enter(
            reseller_id=shop.id,
            person_id=person.id,
            acting_client_id=client.id,
            acting_reason="a test",
            acting_may_change=may_change,
            parent_id=parent.visitor.session_id,
            expires_at=parent.visitor.expires_at,
        )
    one = _knock(app, name, "clients", client.base, entered.token)
    one.client_id, one.reseller_id = client.id, shop.id
    return one


def _person(email: str) -> Person:
    return session().scalars(select(Person).where(Person.email == email)).one()
