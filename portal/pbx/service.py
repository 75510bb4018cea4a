"""Sub-accounts: what the carrier lists, creating one there, and giving it to a client."""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select, update

from portal import pricing, upstream
from portal.carriers import (
    Carrier,
    CarrierSubAccount,
    LineSettings,
    NewSubAccount,
    OutcomeUnknown,
    Registration,
    SubAccountCreated,
)
from portal.core import clock, registry, scope
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.pbx import values
from portal.pbx.models import SubAccount
from portal.pbx.pushes import ROUTES, push_later
from portal.pbx.values import NewAccount, Refreshed

_USERNAME = re.compile(r"[A-Za-z0-9]{2,12}")
_PASSWORD = re.compile(r"[A-Za-z0-9!#$%&/()=?*\[\]_:.,{}+-]{8,64}")


def record_accounts(listed: Sequence[CarrierSubAccount]) -> Refreshed:
    """Bring our sub-accounts in line with what the carrier has just listed. In a transaction.

    One that is no longer listed is marked as removed and keeps its calls and links.
    """
    at = clock.now()
    known = {row.account: row for row in session().scalars(select(SubAccount))}
    new = changed = removed = 0
    for found in listed:
        row = known.get(found.account)
        if row is None:
            known[found.account] = row = SubAccount(account=found.account[:60])
            session().add(row)
            new += 1
        elif (row.carrier_id, row.description, row.removed_at) != (
            found.id,
            found.description[:120],
            None,
        ):
            changed += 1
        row.carrier_id, row.description, row.removed_at = found.id, found.description[:120], None
        row.locked_abroad = found.international_locked
    there = {found.account for found in listed}
    for account, row in known.items():
        if account not in there and row.removed_at is None:
            row.removed_at = at
            removed += 1
    session().flush()
    return Refreshed(new, changed, removed)


def create_at_carrier(
    new: NewAccount, *, canada_route: str = "premium", international_route: str = "value"
) -> SubAccountCreated:
    """Create a sub-account at the carrier, exactly one. Outside any transaction.

    It is asked for once. When the answer is lost the carrier's list says whether it was made, since a
    second request would make a second one. International calls are locked (rulings 16). Raises
    InvalidInput, Refused for a name that is taken, and CarrierError.
    """
    check_new(new)
    carrier = upstream.carrier()
    if _listed(carrier, new.username) is not None:
        raise Refused("There is a sub-account of this name already.", code="used_username")
    try:
        return carrier.create_sub_account(
            NewSubAccount(
                username=new.username,
                password=new.password,
                description=new.description,
                line=new.line,
                canada_route=ROUTES[canada_route],
                international_route=ROUTES[international_route],
            )
        )
    except OutcomeUnknown:
        made = _listed(carrier, new.username)
        if made is None:
            raise
        return SubAccountCreated(made.id, made.account)


def keep_account(created: SubAccountCreated, new: NewAccount) -> uuid.UUID:
    """Write down a sub-account that was created, its password sealed; its public id."""
    row = session().scalar(select(SubAccount).where(SubAccount.account == created.account))
    if row is None:
        row = SubAccount(account=created.account, public_id=uuid.uuid4())
        session().add(row)
    row.carrier_id, row.removed_at = created.id, None
    row.description, row.device = new.description[:120], new.device[:80]
    session().flush()
    row.sealed_password = registry.key_ring().seal(new.password, context=_context(row))
    session().flush()
    return row.public_id


def password_of(sub_account: uuid.UUID) -> str | None:
    """The SIP password of a sub-account made here; None when the portal does not know it."""
    row = session().scalar(select(SubAccount).where(SubAccount.public_id == sub_account))
    if row is None:
        raise NotFound("There is no such sub-account.")
    if row.sealed_password is None:
        return None
    return registry.key_ring().unseal(row.sealed_password, context=_context(row))


def assign_package(
    sub_account: uuid.UUID,
    client_id: int,
    package: uuid.UUID | None,
    *,
    next_billing_day: date | None = None,
    charge_setup: bool = False,
    valid_from: datetime | None = None,
    only_free: bool = False,
    held_by: int | None = None,
) -> uuid.UUID:
    """Give a sub-account to a client under a package, from now on; the public id of the link.

    ``only_free`` refuses one that another client has, ``held_by`` one that this client has no longer:
    it may have been given away this very moment. The routes of the package are written to
    the carrier in the background.
    """
    # The sub-account's row is the lock: two people cannot give it to two clients at once.
    row = session().scalar(
        select(SubAccount).where(SubAccount.public_id == sub_account).with_for_update()
    )
    if row is None:
        raise NotFound("There is no such sub-account.")
    if row.removed_at is not None:
        raise Refused("This sub-account is no longer at the carrier.", code="removed")
    holder = pricing.link_at(row.id) if only_free or held_by is not None else None
    if only_free and holder is not None and holder.client_id != client_id:
        raise Refused("Another client has this sub-account already.", code="linked")
    if held_by is not None and (holder is None or holder.client_id != held_by):
        raise Refused("Somebody else has just changed this sub-account.", code="changed")
    link = pricing.link_sub_account(
        row.id,
        client_id,
        None if package is None else pricing.package_id(package),
        next_billing_day=next_billing_day,
        charge_setup=charge_setup,
        valid_from=valid_from,
    )
    push_later(row.id, due_at=valid_from)
    return link


def unlink_account(sub_account: uuid.UUID) -> None:
    """Take a sub-account from its client from now on."""
    row_id = session().scalar(select(SubAccount.id).where(SubAccount.public_id == sub_account))
    if row_id is None:
        raise NotFound("There is no such sub-account.")
    pricing.unlink(row_id)


def note_registrations(found: Sequence[Registration]) -> None:
    """Remember which sub-accounts are registered now. In a transaction."""
    at = clock.now()
    for one in found:
        session().execute(
            update(SubAccount)
            .where(SubAccount.reseller_id == scope.reseller_id(), SubAccount.account == one.account)
            .values(registered=one.registered, registered_checked_at=at)
        )


def _listed(carrier: Carrier, username: str) -> CarrierSubAccount | None:
    wanted = username.lower()
    return next((one for one in carrier.sub_accounts() if one.username.lower() == wanted), None)


def _context(row: SubAccount) -> str:
    return f"reseller:{row.reseller_id}/sub_accounts/password/{row.public_id}"


def check_new(new: NewAccount) -> None:
    """Refuse, by field, what the carrier would not take."""
    if not _USERNAME.fullmatch(new.username):
        raise InvalidInput("The name has 2 to 12 letters and digits.", field="username")
    kinds = (r"[a-z]", r"[A-Z]", r"[0-9]")
    if not _PASSWORD.fullmatch(new.password) or not all(re.search(k, new.password) for k in kinds):
        raise InvalidInput(
            "The password has at least 8 characters, with a small letter, a capital and a digit.",
            field="password",
        )
    _check_line(new.line)


def _check_line(line: LineSettings) -> None:
    if line.auth_type == values.AUTH_TYPES[1]:
        try:
            ipaddress.IPv4Address(line.ip)
        except ValueError:
            raise InvalidInput("Enter an address like 203.0.113.7.", field="ip") from None
    if line.extension and not re.fullmatch(r"[0-9]{1,5}", line.extension):
        raise InvalidInput("An extension has 1 to 5 digits.", field="extension")
    if line.caller_id and not re.fullmatch(r"\+1[2-9][0-9]{9}", line.caller_id):
        raise InvalidInput(
            "Enter a number in the United States or Canada, with its area code.", field="caller_id"
        )
    if not line.codecs or not set(line.codecs) <= set(values.CODECS):
        raise InvalidInput("Choose at least one codec.", field="codecs")
    for name, allowed in (
        ("protocol", values.PROTOCOLS), ("auth_type", values.AUTH_TYPES),
        ("device_type", values.DEVICE_TYPES), ("dtmf_mode", values.DTMF_MODES),
        ("nat", values.NAT_MODES), ("music_on_hold", values.MUSIC),
        ("language", values.LANGUAGES),
    ):  # fmt: skip
        if getattr(line, name) not in allowed:
            raise InvalidInput("Choose one of the list.", field=name)


def find_at_carrier(username: str) -> SubAccountCreated | None:
    """A sub-account of this name at the carrier, whoever made it. Outside any transaction."""
    found = _listed(upstream.carrier(), username)
    return None if found is None else SubAccountCreated(found.id, found.account)


def describe(sub_account: uuid.UUID, *, device: str) -> None:
    """Say which telephone it is, for the pages; the carrier does not know."""
    row = session().scalar(select(SubAccount).where(SubAccount.public_id == sub_account))
    if row is None:
        raise NotFound("There is no such sub-account.")
    row.device = device.strip()[:80]
    session().flush()
