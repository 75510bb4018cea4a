"""Resellers: made by the operator, found by number or host name."""

from __future__ import annotations

import re
import secrets
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.core import scope as scopes
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound
from portal.core.scope import Everything, unscoped
from portal.identity import audit
from portal.identity.addresses import checked_origins
from portal.identity.models import Reseller
from portal.identity.people import checked_name
from portal.identity.values import Interface, ResellerFacts
from portal.identity.visitor import Visitor

LANGUAGES = ("en", "fr", "es")
_UID = re.compile(r"[1-9][0-9]{5}")
_HOSTNAME = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_TRIES = 50


def add_reseller(
    *,
    name: str,
    currency: str = "USD",
    country: str = "CA",
    time_zone: str = "America/Toronto",
    language: str = "en",
    support_phone: str = "",
    uid: str | None = None,
    hostname: str | None = None,
) -> ResellerFacts:
    """Add a reseller, for the operator; the scope must be bound to everything.

    ``uid`` is the six-digit account number, random when not given. Raises InvalidInput.
    """
    if not isinstance(scopes.current(), Everything):
        raise RuntimeError("Only the operator adds resellers.")
    values: dict[str, Any] = {
        "name": checked_name(name, field="name"),
        "currency": _matching(currency.upper(), r"[A-Z]{3}", "currency"),
        "country": _matching(country.upper(), r"[A-Z]{2}", "country"),
        "time_zone": checked_time_zone(time_zone),
        "language": checked_language(language),
        "support_phone": support_phone.strip()[:32],
        "hostname": _matching(hostname.lower(), _HOSTNAME.pattern, "hostname")
        if hostname
        else None,
    }
    if uid is not None:
        values["uid"] = _matching(uid, _UID.pattern, "uid")
    reseller = _insert(values)
    session().flush()
    return _facts(reseller)


def reseller_by_uid(uid: str) -> ResellerFacts | None:
    """The reseller with this account number, in whatever scope."""
    return _find(Reseller.uid == uid) if _UID.fullmatch(uid) else None


def reseller_by_hostname(host: str) -> ResellerFacts | None:
    """The reseller whose verified host name this is, in whatever scope."""
    return _find(Reseller.hostname == host.lower().rstrip(".")) if host else None


def reseller_facts(reseller_id: int) -> ResellerFacts:
    """A reseller by its key; raises NotFound."""
    found = _find(Reseller.id == reseller_id)
    if found is None:
        raise NotFound("There is no such reseller.")
    return found


def own_reseller() -> ResellerFacts:
    """The bound reseller."""
    return _facts(_mine())


def reseller_ids() -> list[int]:
    """Every reseller of the installation, the oldest first."""
    with unscoped("work for the whole installation"):
        return list(session().scalars(select(Reseller.id).order_by(Reseller.id)))


def set_login_origins(text: str, *, by: Visitor | None = None) -> tuple[str, ...]:
    """Which websites may log the bound reseller's clients in without asking; one a line."""
    origins = checked_origins(text)
    reseller = _mine()
    reseller.login_origins = "\n".join(origins)
    session().flush()
    audit.record("reseller.login_origins_changed", by=by, origins=list(origins))
    return origins


def set_display(
    *, show_sip_password: bool, show_forgot_password: bool, by: Visitor | None = None
) -> None:
    """What the bound reseller's clients see of passwords: their own for SIP, and the way to a new one."""
    reseller = _mine()
    reseller.show_sip_password = show_sip_password
    reseller.show_forgot_password = show_forgot_password
    session().flush()
    audit.record(
        "reseller.display_changed",
        by=by,
        show_sip_password=show_sip_password,
        show_forgot_password=show_forgot_password,
    )


def open_portal(is_open: bool, *, by: Visitor | None = None) -> None:
    """Activate the bound reseller's portal, or close it again to clients."""
    reseller = _mine()
    if reseller.is_open == is_open:
        return
    reseller.is_open = is_open
    session().flush()
    audit.record("reseller.portal_opened" if is_open else "reseller.portal_closed", by=by)


def set_interface(interface: str, *, by: Visitor | None = None) -> None:
    """Which version of the portal clients see; raises InvalidInput."""
    if interface not in {one.value for one in Interface}:
        raise InvalidInput("Choose one of the versions.", field="interface")
    reseller = _mine()
    reseller.interface = interface
    session().flush()
    audit.record("reseller.interface_changed", by=by, interface=interface)


def set_hostname(hostname: str | None) -> None:
    """Give the bound reseller its own address, already verified; None takes it back."""
    reseller = _mine()
    reseller.hostname = (
        _matching(hostname.lower(), _HOSTNAME.pattern, "hostname") if hostname else None
    )
    try:
        with session().begin_nested():
            session().flush()
    except IntegrityError as error:
        raise InvalidInput("Another portal has this host name.", field="hostname") from error


def checked_time_zone(name: str) -> str:
    """An IANA name; raises InvalidInput."""
    try:
        return ZoneInfo(name).key
    except (OSError, ValueError, KeyError) as error:
        raise InvalidInput("There is no such time zone.", field="time_zone") from error


def checked_language(code: str) -> str:
    """One of LANGUAGES; raises InvalidInput."""
    if code not in LANGUAGES:
        raise InvalidInput("The portal does not speak this language.", field="language")
    return code


def _insert(values: dict[str, Any]) -> Reseller:
    for _ in range(_TRIES):
        reseller = Reseller(**{"uid": str(secrets.randbelow(900_000) + 100_000), **values})
        try:
            with session().begin_nested():
                session().add(reseller)
                session().flush()
        except IntegrityError as error:
            if "uid" in values or values["hostname"]:
                field = "uid" if "uid" in str(error.orig) else "hostname"
                raise InvalidInput("Another reseller has this.", field=field) from error
        else:
            return reseller
    raise RuntimeError("No free account number was found.")


def _find(which: Any) -> ResellerFacts | None:
    with unscoped("an address says which reseller is meant"):
        found = session().scalar(
            select(Reseller).where(which).execution_options(populate_existing=True)
        )
    return _facts(found) if found is not None else None


def _mine() -> Reseller:
    reseller: Reseller | None = session().scalar(
        select(Reseller)
        .where(Reseller.id == scopes.reseller_id())
        .execution_options(populate_existing=True)
    )
    if reseller is None:
        raise NotFound("There is no such reseller.")
    return reseller


def _matching(value: str, pattern: str, field: str) -> str:
    value = value.strip()
    if not re.fullmatch(pattern, value):
        raise InvalidInput("This is not written as expected.", field=field)
    return value


def _facts(reseller: Reseller) -> ResellerFacts:
    return ResellerFacts(
        id=reseller.id,
        public_id=reseller.public_id,
        uid=reseller.uid,
        name=reseller.name,
        currency=reseller.currency,
        country=reseller.country,
        time_zone=reseller.time_zone,
        language=reseller.language,
        support_phone=reseller.support_phone,
        support_email=reseller.support_email,
        website=reseller.website,
        address=reseller.address,
        tax_numbers=reseller.tax_numbers,
        hostname=reseller.hostname,
        login_origins=tuple(reseller.login_origins.split()),
        show_forgot_password=reseller.show_forgot_password,
        show_sip_password=reseller.show_sip_password,
        require_second_step=reseller.require_second_step,
        keep_closed_years=reseller.keep_closed_years,
        is_open=reseller.is_open,
        interface=Interface(reseller.interface),
    )
