"""Is everything all right? The first page after logging in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import get_locale, gettext, ngettext

from portal import calls, identity, ledger, messaging, pbx, pricing, wording
from portal.core import clock
from portal.core.period import local_day
from portal.entitlements import Service
from portal.identity import ClientFacts, portal_address
from portal.messaging import ConversationRow
from portal.pbx import SubAccountRow
from portal.pricing import FreeMinutes
from portal.web import filters
from portal.web.call_words import known_names, shown
from portal.web.client import fax_lists
from portal.web.client.blueprint import bp
from portal.web.client.call_charts import two_weeks
from portal.web.client.sub_accounts import shows_password
from portal.web.forms.filters import CallsChosen, quick_span
from portal.web.htmx import Rendered, go, render
from portal.web.places import reseller
from portal.web.rich import RichText, rich_text
from portal.web.rights import allowed, client_id, standing, theme, unread, unread_faxes
from portal.web.session import person
from portal.wording import WELCOME

PAGE = "client/dashboard/index.html"
FIGURES, REGISTRATION = "client/dashboard/_figures.html", "client/dashboard/_registration.html"
LATEST = 5


@bp.get("/dashboard")
def dashboard() -> Rendered:
    """Welcome text, figures, two weeks of calls, sub-accounts, the latest of each kind.

    A portal that is all about texts, or about faxes, begins with them.
    """
    if centre := allowed().centre:
        return go(url_for(".messages" if centre is Service.SMS_MMS else ".faxes"))
    client = identity.client_facts(client_id())
    today = _today()
    days = calls.days(today - timedelta(days=13), today, client_id=client.id)
    wanted = CallsChosen(quick_span("30", _zone())).as_filter(_zone(), client_id=client.id)
    shows_calls = Service.CDR in allowed()
    shows_messages, shows_faxes = Service.SMS_MMS in allowed(), Service.FAX in allowed()
    latest = calls.search(wanted, rows=LATEST).rows if shows_calls else []
    names = known_names(client.id, latest)
    return render(
        PAGE,
        greeting=_greeting(),
        account_line=gettext(
            "%(client)s · account %(number)s", client=client.title, number=client.number
        ),
        welcome=_welcome(client),
        calls_plot=two_weeks(days, today) if shows_calls else None,
        calls_url=url_for(".calls") if shows_calls else "",
        latest_calls=[shown(row, names=names) for row in latest],
        messages_url=url_for(".messages") if shows_messages else "",
        new_message_url=url_for(".message_new") if shows_messages else "",
        latest_messages=[_latest(row) for row in messaging.latest(client.id)]
        if shows_messages
        else [],
        faxes_url=url_for(".faxes") if shows_faxes else "",
        new_fax_url=url_for(".fax_new") if shows_faxes else "",
        latest_faxes=fax_lists.latest() if shows_faxes else [],
        registrations=_registrations(),
        servers=pbx.servers_for_clients(),
        registration_url=url_for(".registration"),
        low_balance=client.details.low_balance_threshold,
        **_figures(sum(day.calls for day in days if day.day == today)),
    )


@bp.get("/dashboard/figures")
def figures() -> Rendered:
    """The key figures alone, asked for again when money moved or a text came."""
    client = identity.client_facts(client_id())
    today = _today()
    counted = sum(day.calls for day in calls.days(today, today, client_id=client.id))
    return render(FIGURES, low_balance=client.details.low_balance_threshold, **_figures(counted))


@bp.get("/dashboard/registration")
def registration() -> Rendered:
    """The sub-accounts alone."""
    return render(
        REGISTRATION,
        registrations=_registrations(),
        servers=pbx.servers_for_clients(),
        registration_url=url_for(".registration"),
    )


def _welcome(client: ClientFacts) -> RichText | None:
    """The reseller's welcome text in the person's language; None where nothing was written."""
    text = wording.text_for(WELCOME.name, str(get_locale()), reseller().language)
    if text is None:
        return None
    return rich_text(
        text,
        {
            "firstname": client.details.first_name,
            "lastname": client.details.last_name,
            "company": client.title,
            "brand": theme().title or reseller().name,
            "portal_url": portal_address(reseller()),
        },
    )


def _figures(today_calls: int) -> dict[str, Any]:
    found: dict[str, Any] = {"figures_url": url_for(".figures"), "balance": None, "spent": None}
    found["shows_calls"] = Service.CDR in allowed()
    found["allowance"] = _allowance(pricing.free_minutes_of(client_id()))
    found["today_calls"] = today_calls
    found["shows_messages"] = Service.SMS_MMS in allowed()
    found["shows_faxes"] = Service.FAX in allowed()
    texts, faxes = unread(), unread_faxes()
    found["unread"] = texts + faxes
    found["waiting"] = waiting = []
    if texts:
        address = url_for(".messages", show="unread")
        waiting.append((ngettext("%(num)d text", "%(num)d texts", texts), address))
    if faxes:
        address = url_for(".faxes", unread=1)
        waiting.append((ngettext("%(num)d fax", "%(num)d faxes", faxes), address))
    if Service.BALANCE in allowed():
        found["balance"], found["balance_url"] = standing().balance, url_for(".balance")
        if not allowed().is_simple:
            today = _today()
            found["spent"] = ledger.spent(client_id(), today.replace(day=1), today)
    return found


def _allowance(found: list[FreeMinutes]) -> dict[str, Any] | None:
    """All sub-accounts together; the note names the first day on which minutes come back."""
    if not found:
        return None
    left = sum(one.left for one in found)
    day = filters.day(min(one.renews_on for one in found))
    return {
        "left": filters.number(left),
        "included": filters.number(sum(one.granted for one in found)),
        "note": gettext("Renews %(day)s", day=day)
        if left
        else gettext("Used up, renews %(day)s", day=day),
    }


def _registrations() -> list[dict[str, Any]]:
    return [_registered(row) for row in pbx.sub_accounts_of(client_id()) if not row.is_removed]


def _registered(row: SubAccountRow) -> dict[str, Any]:
    checked = filters.daytime(row.registered_checked_at)
    return {
        "name": row.description or row.username,
        "url": url_for(".sub_account", public_id=row.public_id) if shows_password(row) else "",
        "device": "" if allowed().is_simple else row.device or row.account,
        "online": bool(row.registered),
        "known": row.registered is not None,
        "seen": gettext("Checked %(time)s", time=checked) if row.registered_checked_at else "" if allowed().is_simple else row.account,
    }  # fmt: skip


def _latest(row: ConversationRow) -> dict[str, Any]:
    return {
        "name": row.contact_name or filters.phone_number(row.contact),
        "preview": row.last_text,
        "at": row.last_at,
        "unread": row.unread,
        "url": url_for(".conversation", public_id=row.public_id),
    }


def _greeting() -> str:
    hour = clock.now().astimezone(ZoneInfo(person().time_zone)).hour
    name = person().name.split()[0]
    greeting: str = gettext("Good evening, %(name)s", name=name)
    if hour < 12:
        greeting = gettext("Good morning, %(name)s", name=name)
    elif hour < 18:
        greeting = gettext("Good afternoon, %(name)s", name=name)
    return greeting


def _zone() -> ZoneInfo:
    """Days and months of the books are the reseller's (rulings 11)."""
    return ZoneInfo(reseller().time_zone)


def _today() -> date:
    return local_day(clock.now(), _zone())
