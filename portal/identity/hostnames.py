"""A reseller's own host name: claimed, proved by the domain name system, then served.

Two records prove it: a TXT record with a word that only this reseller was given, and an address that
leads to this installation. Several resellers may claim a name; the one who proves it has it.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from portal.core import clock, dns
from portal.core.db import insert_once, new_public_id, session
from portal.core.errors import InvalidInput, NotFound
from portal.core.money import Money
from portal.core.registry import settings
from portal.core.scope import unscoped
from portal.identity import audit
from portal.identity.models import HostnameClaim, OperatorFee, Reseller
from portal.identity.resellers import own_reseller, set_hostname
from portal.identity.visitor import Visitor

_NAME = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_LABEL = "_ringfront"
HOSTNAME = "hostname"


@dataclass(frozen=True, slots=True)
class Looked:
    """What the domain name system said. ``problem``: nobody answered, so it says nothing."""

    word: list[str] = field(default_factory=list)
    word_is_right: bool = False
    address: list[str] = field(default_factory=list)
    address_is_right: bool = False
    problem: bool = False

    @property
    def proves_it(self) -> bool:
        return self.word_is_right and self.address_is_right


@dataclass(frozen=True, slots=True)
class Claim:
    """A name that a reseller wants, the word that proves it, and the last look."""

    public_id: uuid.UUID
    host: str
    word: str
    checked_at: datetime | None
    looked: Looked | None

    @property
    def word_name(self) -> str:
        """Where the TXT record belongs."""
        return f"{_LABEL}.{self.host}"


@dataclass(frozen=True, slots=True)
class FeeRow:
    """What the operator asks of a reseller."""

    uid: str
    reseller: str
    reason: str
    subject: str
    amount: Money
    currency: str
    at: datetime


def claim_hostname(host: str, *, by: Visitor | None = None) -> Claim:
    """Want a name for the bound reseller's portal; nothing changes before it is proved.

    The same name again keeps its word. Raises InvalidInput (``host``).
    """
    host = checked_hostname(host)
    with unscoped("does another portal have this host name?"):
        owner = session().scalar(select(Reseller.id).where(Reseller.hostname == host))
    own = own_reseller()
    if owner is not None and owner != own.id:
        raise InvalidInput("Another portal has this host name.", field="host")
    if owner == own.id:
        raise InvalidInput("Your portal is served there already.", field="host")
    known = session().scalar(select(HostnameClaim))
    if known is not None and known.host == host:
        return _claim(known)
    session().execute(delete(HostnameClaim))
    row = HostnameClaim(host=host, word=secrets.token_hex(16))
    session().add(row)
    session().flush()
    audit.record("reseller.hostname_claimed", by=by, host=host)
    return _claim(row)


def hostname_claim() -> Claim | None:
    """What the bound reseller wants and has not proved yet."""
    row = session().scalar(select(HostnameClaim).execution_options(populate_existing=True))
    return None if row is None else _claim(row)


def look_up(claim: Claim) -> Looked:
    """Ask the domain name system. Waits for the network: with no transaction open."""
    try:
        word = dns.records(claim.word_name, "TXT")
        alias = dns.records(claim.host, "CNAME")
        found = dns.addresses(claim.host)
        wanted = _expected_addresses()
    except dns.NoAnswer:
        return Looked(problem=True)
    leads_here = bool(set(alias) & set(settings().public_address))
    leads_here = leads_here or (bool(found) and set(found) <= wanted)
    return Looked(word, claim.word in word, [*alias, *found], leads_here)


def note_look(claim: Claim, looked: Looked, *, by: Visitor | None = None) -> bool:
    """Keep what was found; when it proves the name, serve it from now on. Is it served?

    The operator's fee is asked once for each name. Raises NotFound when the claim is gone, and
    InvalidInput when another portal was quicker.
    """
    row = session().scalar(
        select(HostnameClaim)
        .where(HostnameClaim.public_id == claim.public_id)
        .execution_options(populate_existing=True)
        .with_for_update()
    )
    if row is None:
        raise NotFound("There is no such host name.")
    row.checked_at, row.found = clock.now(), asdict(looked)
    session().flush()
    if not looked.proves_it:
        return False
    set_hostname(row.host)
    _charge(row.host)
    audit.record("reseller.hostname_served", by=by, host=row.host)
    session().execute(delete(HostnameClaim))
    return True


def drop_claim() -> None:
    """Want it no longer; what is served stays."""
    session().execute(delete(HostnameClaim))


def drop_hostname(*, by: Visitor | None = None) -> None:
    """Serve the bound reseller's portal at the installation's address again."""
    host = own_reseller().hostname
    if host is None:
        return
    set_hostname(None)
    audit.record("reseller.hostname_dropped", by=by, host=host)


def operator_fees() -> list[FeeRow]:
    """What the operator asks of the bound reseller, or of all of them, newest first."""
    rows = session().execute(
        select(OperatorFee, Reseller.uid, Reseller.name)
        .join(Reseller, Reseller.id == OperatorFee.reseller_id)
        .order_by(OperatorFee.id.desc())
    )
    return [
        FeeRow(uid, name, fee.reason, fee.subject, fee.amount, fee.currency, fee.created_at)
        for fee, uid, name in rows
    ]


def checked_hostname(text: str) -> str:
    """A host name in its one spelling; raises InvalidInput when no portal could live there."""
    host = text.strip().rstrip(".").lower()
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    if not _NAME.fullmatch(host) or _is_address(host):
        raise InvalidInput(
            "Write a host name like phones.example.com, without https:// and without a path.",
            field="host",
        )
    if host in settings().known_hosts or host in settings().public_address:
        raise InvalidInput("This is the installation's own host name.", field="host")
    return host


def _expected_addresses() -> set[str]:
    """Where a name must lead, in addresses."""
    found: set[str] = set()
    for word in settings().public_address:
        found |= {word} if _is_address(word) else set(dns.addresses(word))
    return found


def _charge(host: str) -> None:
    fee = settings().hostname_fee
    if fee is None:
        return
    insert_once(
        OperatorFee,
        {
            "public_id": new_public_id(),
            "reseller_id": own_reseller().id,
            "reason": HOSTNAME,
            "subject": host,
            "amount": Money.of(str(fee.amount)),
            "currency": fee.currency,
            "created_at": clock.now(),
        },
    )


def _is_address(word: str) -> bool:
    try:
        ipaddress.ip_address(word)
    except ValueError:
        return False
    return True


def _claim(row: HostnameClaim) -> Claim:
    return Claim(
        row.public_id, row.host, row.word, row.checked_at, _looked(row.found) if row.found else None
    )


def _looked(kept: dict[str, Any]) -> Looked:
    def texts(name: str) -> Sequence[str]:
        return [str(one) for one in kept.get(name, [])]

    return Looked(
        list(texts("word")),
        bool(kept.get("word_is_right")),
        list(texts("address")),
        bool(kept.get("address_is_right")),
        bool(kept.get("problem")),
    )
