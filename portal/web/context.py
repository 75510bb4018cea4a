"""What every template has: the brand, the person, the menus, the language."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, get_flashed_messages, has_request_context, request
from flask import url_for as flask_url_for
from flask_babel import get_locale

from portal import entitlements, identity
from portal.core import clock
from portal.identity import ClientStatus, ResellerFacts, SuspendedFor, Visitor
from portal.web import filters, live, navigation, rights
from portal.web.brands import Brand, brand_of
from portal.web.i18n import LANGUAGES
from portal.web.places import place
from portal.web.session import visitor


@dataclass(frozen=True, slots=True)
class PersonShown:
    """The person in the corner of the page."""

    name: str
    email: str
    initials: str


@dataclass(frozen=True, slots=True)
class ActingShown:
    """The banner over a client's portal that staff look at."""

    client_name: str
    minutes_left: int
    read_only: bool
    leave_url: str
    allow_url: str


def register(app: Flask) -> None:
    """Add the names to every template of this application."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31_536_000  # addresses carry the content's hash
    app.jinja_env.globals["url_for"] = url_for
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.context_processor(names)


def url_for(endpoint: str, **values: Any) -> str:
    """Flask's, but static files live at one address for every portal, with their hash."""
    if endpoint == "static":
        name = values["filename"]
        return f"/static/{name}?{_hash_of(str(current_app.static_folder), name)}"
    return flask_url_for(endpoint, **values)


@lru_cache(maxsize=256)
def _hash_of(folder: str, name: str) -> str:
    path = Path(folder) / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.exists() else "0"


def names() -> dict[str, Any]:
    """The names themselves; pages of errors get them too, so nothing here may fail."""
    if not has_request_context():
        return {}
    person = visitor()
    base: dict[str, Any] = {
        "lang": str(get_locale() or "en"),
        "flashed": get_flashed_messages(with_categories=True),
        "languages": [
            {"code": code, "label": label, "current": code == str(get_locale())}
            for code, label in LANGUAGES.items()
        ],
        "home_url": "/",
        "brand": Brand("Ringfront"),
        "brand_css_url": "",
        "language_url": "",
    }
    if "place" not in g:
        return base
    if place().reseller is not None:
        base |= _of_portal(person)
    elif person is not None:
        base |= _of_back_office(person)
    else:
        base["home_url"] = url_for("auth.staff_login")
    if "language_url" in base and request.routing_exception is None:
        base["language_url"] = url_for("auth.choose_language")
    return base


def _of_portal(person: Visitor | None) -> dict[str, Any]:
    reseller = place().reseller
    assert reseller is not None
    g.currency = reseller.currency
    brand = rights.theme()
    found: dict[str, Any] = {
        "brand": brand_of(brand.look, request.script_root, otherwise=reseller.name),
        "brand_css_url": url_for("public.brand", hash_=brand.sheet.hash),
        "home_url": url_for("client.dashboard") if person else url_for("auth.login"),
        "interface": reseller.interface.value,
        "support": _support(reseller),
    }
    if person is None or person.client_id is None:
        return found
    allowed = rights.allowed()
    shows_money = entitlements.Service.BALANCE in allowed
    shows_messages = entitlements.Service.SMS_MMS in allowed
    menu = navigation.client_menu(
        unread=rights.unread(),
        shows_money=shows_money,
        shows_messages=shows_messages,
        shows_calls=entitlements.Service.CDR in allowed,
        shows_contacts=entitlements.Service.CONTACTS in allowed,
        shows_faxes=entitlements.Service.FAX in allowed,
        unread_faxes=rights.unread_faxes(),
        shows_dashboard=allowed.centre is None,
    )
    found |= {
        "person": _shown(person),
        "navigation": menu,
        "waiting_total": navigation.waiting(menu),
        "counts_url": url_for("client.counts"),
        "notifications_url": "" if person.acting else url_for("client.bell"),
        "notifications_new": rights.notices_waiting() > 0,
        "profile_url": url_for("client.profile"),
        "log_out_url": url_for("auth.log_out"),
        "live_url": live.address("client.live_stream"),
        "search_url": url_for("client.search"),
    }
    if shows_money:
        found |= {
            "balance_text": filters.money(rights.standing().balance),
            "balance_url": url_for("client.balance"),
            "balance_chip_url": url_for("client.balance_chip"),
        }
    if person.acting:
        found["acting"] = _acting(person)
    if person.client_status is ClientStatus.SUSPENDED:
        why = identity.client_facts(person.client_id).suspended_for
        found["stopped_by"] = reseller.name if why == SuspendedFor.EXPOSURE else ""
    return found


def _of_back_office(person: Visitor) -> dict[str, Any]:
    reseller = g.get("own_reseller") or identity.reseller_facts(person.reseller_id)
    g.currency = reseller.currency
    counts = g.get("client_counts")  # some pages have counted already
    waiting = counts[identity.ClientStatus.WAIT] if counts else identity.waiting_count()
    return {
        "brand": Brand(reseller.name),
        "person": _shown(person),
        "navigation": navigation.staff_menu(waiting=waiting),
        "home_url": url_for("reseller.dashboard"),
        "profile_url": url_for("reseller.profile"),
        "log_out_url": url_for("auth.staff_log_out"),
        "live_url": live.address("reseller.live_stream"),
        "search_url": url_for("reseller.search"),
        "portal_url": identity.portal_address(reseller),
    }


def _shown(person: Visitor) -> PersonShown:
    return PersonShown(person.name, person.email, filters.initials(person.name))


def _acting(person: Visitor) -> ActingShown:
    left = math.ceil((person.expires_at - clock.now()).total_seconds() / 60)
    assert person.client_id is not None
    return ActingShown(
        client_name=identity.client_facts(person.client_id).title,
        minutes_left=max(left, 0),
        read_only=not person.may_change,
        leave_url=url_for("auth.leave"),
        allow_url=url_for("auth.allow_changes"),
    )


def _support(reseller: ResellerFacts) -> list[dict[str, str]]:
    """How to reach the company, at the foot of every page of its clients."""
    phone, email, website = reseller.support_phone, reseller.support_email, reseller.website
    shown = [
        (phone, filters.phone_number(phone), f"tel:{phone.replace(' ', '')}"),
        (email, email, f"mailto:{email}"),
        (website, website.partition("://")[2].rstrip("/"), website),
    ]
    return [{"text": text, "url": url} for there, text, url in shown if there]
