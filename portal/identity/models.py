"""Resellers, their clients, people who log in, their sessions, and who did what."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, synonym

from portal.core import clock
from portal.core.db import Base, BigId, ClientOwned, ResellerOwned, SharedByTeam, new_public_id
from portal.core.money import Money
from portal.identity.values import BalanceMode, ClientStatus

# When somebody logged in who never did.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Reseller(ResellerOwned, Base):
    """A company that resells. ``uid`` is the guide's six-digit account number."""

    __tablename__ = "resellers"

    id: Mapped[int] = mapped_column(primary_key=True)
    reseller_id = synonym("id")
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    uid: Mapped[str] = mapped_column(String(6), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    country: Mapped[str] = mapped_column(String(2), default="CA")
    time_zone: Mapped[str] = mapped_column(String(60), default="America/Toronto")
    language: Mapped[str] = mapped_column(String(5), default="en")
    support_phone: Mapped[str] = mapped_column(String(32), default="")
    address: Mapped[str] = mapped_column(String(400), default="", server_default="")
    tax_numbers: Mapped[str] = mapped_column(String(200), default="", server_default="")
    support_email: Mapped[str] = mapped_column(String(254), default="", server_default="")
    website: Mapped[str] = mapped_column(String(200), default="", server_default="")
    hostname: Mapped[str | None] = mapped_column(String(253), unique=True)  # verified ones only
    login_origins: Mapped[str] = mapped_column(Text, default="")  # websites that may log clients in
    show_forgot_password: Mapped[bool] = mapped_column(default=True)
    show_sip_password: Mapped[bool] = mapped_column(default=True)
    require_second_step: Mapped[bool] = mapped_column(default=False)  # of the staff
    keep_closed_years: Mapped[int] = mapped_column(default=7)  # then a closed client is nameless
    is_open: Mapped[bool] = mapped_column(default=True, server_default=true())  # activated
    interface: Mapped[str] = mapped_column(String(10), default="new", server_default="new")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class HostnameClaim(ResellerOwned, Base):
    """A host name that a reseller wants and has not proved yet: one at a time."""

    __tablename__ = "hostname_claims"
    __table_args__ = (UniqueConstraint("reseller_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    host: Mapped[str] = mapped_column(String(253))
    word: Mapped[str] = mapped_column(String(40))
    found: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    checked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class OperatorFee(ResellerOwned, Base):
    """What the operator asks of a reseller, once for each subject. A reseller has no wallet here."""

    __tablename__ = "operator_fees"
    __table_args__ = (UniqueConstraint("reseller_id", "reason", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    reason: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(253))
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Client(SharedByTeam, Base):
    """An end user of a reseller. ``number`` is the user ID on screen; ``email`` is the login."""

    __tablename__ = "clients"
    __table_args__ = (
        UniqueConstraint("reseller_id", "number"),
        UniqueConstraint("reseller_id", "email"),
        # A list of tens of thousands is read fifty at a time, in any of these orders.
        Index("ix_clients_by_name", "reseller_id", "sort_name", "id"),
        Index("ix_clients_by_status", "reseller_id", "status", "sort_name", "id"),
        Index("ix_clients_by_login", "reseller_id", "last_login_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id = synonym("id")
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    number: Mapped[str] = mapped_column(String(6))
    first_name: Mapped[str] = mapped_column(String(60))
    last_name: Mapped[str] = mapped_column(String(60))
    company: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(String(160), default="")
    city: Mapped[str] = mapped_column(String(80), default="")
    state: Mapped[str] = mapped_column(String(80), default="")
    country: Mapped[str] = mapped_column(String(2), default="CA")
    zip: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(String(32), default="")
    status: Mapped[str] = mapped_column(String(10), default=ClientStatus.ACTIVE)
    balance_mode: Mapped[str] = mapped_column(String(4), default=BalanceMode.SOFT)
    suspended_for: Mapped[str] = mapped_column(String(20), default="")  # balance, staff, exposure
    next_billing_day: Mapped[date | None]
    low_balance_threshold: Mapped[Money | None]
    low_balance_email: Mapped[str] = mapped_column(String(254), default="")
    low_balance_warned_at: Mapped[datetime | None]
    owes_fees: Mapped[bool] = mapped_column(default=False)  # some fee is unpaid: billing keeps it
    language: Mapped[str] = mapped_column(String(5), default="en")
    time_zone: Mapped[str] = mapped_column(String(60), default="America/Toronto")
    # Everything one may search for; folded: no accents, no capitals. Its beginning gives the order.
    search_words: Mapped[str] = mapped_column(Text, default="")
    sort_name: Mapped[str] = mapped_column(String(60), default="")
    last_login_at: Mapped[datetime | None] = mapped_column(default=NEVER)  # so that it has an order
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    closed_at: Mapped[datetime | None]
    anonymised_at: Mapped[datetime | None]


class SignUpRule(ResellerOwned, Base):
    """Whether strangers may sign up at a reseller's portal, and what the page asks them."""

    __tablename__ = "sign_up_rules"
    __table_args__ = (UniqueConstraint("reseller_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    is_on: Mapped[bool] = mapped_column(default=False)
    shown: Mapped[list[str]] = mapped_column(JSON, default=list)
    required: Mapped[list[str]] = mapped_column(JSON, default=list)


class SignUp(ResellerOwned, Base):
    """Somebody who filled in the page and has not yet proved the e-mail: no client, only a link."""

    __tablename__ = "sign_ups"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Person(SharedByTeam, Base):
    """Somebody who logs in: staff when ``client_id`` is empty, else one of that client's people."""

    __tablename__ = "people"
    __table_args__ = (
        UniqueConstraint("reseller_id", "email", "is_staff"),
        Index(
            "uq_people_staff_email",
            "email",
            unique=True,
            sqlite_where=literal_column("is_staff"),
            postgresql_where=literal_column("is_staff"),
        ),
        Index("ix_people_client", "client_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    is_staff: Mapped[bool] = mapped_column(default=False)
    role: Mapped[str] = mapped_column(String(10), default="")
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_changed_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(5), default="")
    time_zone: Mapped[str] = mapped_column(String(60), default="")
    last_login_at: Mapped[datetime | None]
    # Of a client's people: limited to the sub-accounts listed for them, or to everything but money.
    limited: Mapped[bool] = mapped_column(default=False)
    sees_money: Mapped[bool] = mapped_column(default=True)
    second_step_asked_at: Mapped[datetime | None]  # when an owner said "not now"
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class WebSession(ResellerOwned, Base):
    """A browser that is logged in. The cookie holds a random token, the row only its hash."""

    __tablename__ = "web_sessions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    keep: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(45), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")
    # Staff looking at a client's portal: a session of its own, in the staff member's name.
    acting_client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"))
    acting_reason: Mapped[str] = mapped_column(String(200), default="")
    acting_may_change: Mapped[bool] = mapped_column(default=False)
    # The staff session it began in, which goes on under a new token when it ends.
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("web_sessions.id", ondelete="SET NULL")
    )


class PersonSubAccount(ClientOwned, Base):
    """A sub-account that a limited person of a client may see."""

    __tablename__ = "person_sub_accounts"
    __table_args__ = (UniqueConstraint("person_id", "sub_account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    sub_account_id: Mapped[int] = mapped_column(ForeignKey("sub_accounts.id"))


class Invitation(ClientOwned, Base):
    """Somebody asked to join the staff, or a client's team; the link in the mail is known by its hash."""

    __tablename__ = "invitations"
    __table_args__ = (Index("ix_invitations_client", "reseller_id", "client_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(10))
    limited: Mapped[bool] = mapped_column(default=False)
    sees_money: Mapped[bool] = mapped_column(default=True)
    sub_account_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    invited_by: Mapped[str] = mapped_column(String(120), default="")
    language: Mapped[str] = mapped_column(String(5), default="")
    sent_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class SecondStep(SharedByTeam, Base):
    """What a person's code generator shares with us, sealed for its row. Unconfirmed it opens nothing."""

    __tablename__ = "second_steps"
    __table_args__ = (UniqueConstraint("person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    sealed_key: Mapped[str] = mapped_column(Text)
    last_counter: Mapped[int] = mapped_column(
        BigId, default=0
    )  # no code of it or before works again
    started_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(SharedByTeam, Base):
    """A code on paper for the day the telephone is lost; only its hash, and it works once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("person_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class OneTimeToken(ResellerOwned, Base):
    """A link in a mail, or the hand-off after a form on another website: works once, soon ends."""

    __tablename__ = "one_time_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SetupToken(Base):
    """What opens the setup page of an empty installation. Global: there is no reseller yet."""

    __tablename__ = "setup_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    used_at: Mapped[datetime | None]


class ThrottleCounter(Base):
    """Failures behind one door for one key (account, address, reseller). Global: doors are public."""

    __tablename__ = "throttle_counters"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    window_started_at: Mapped[datetime] = mapped_column(default=clock.now)
    blocked_until: Mapped[datetime | None]


class AuditEvent(ClientOwned, Base):
    """Who did what, as whom, to which client. Added, never changed."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_client", "reseller_id", "client_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    person_name: Mapped[str] = mapped_column(String(120), default="")
    acting: Mapped[bool] = mapped_column(default=False)
    action: Mapped[str] = mapped_column(String(60))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    address: Mapped[str] = mapped_column(String(45), default="")
