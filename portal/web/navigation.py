"""Menus as data: groups of entries; the layouts only draw them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext, lazy_gettext


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu. ``tab`` also stands in the phone's bar, under its short word.

    ``name`` is the page's own, by which an open page finds the badge when its number changes.
    """

    label: str
    url: str
    icon: str
    current: bool = False
    badge: int = 0
    tab: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under a heading; the first group has none."""

    label: str
    entries: tuple[Entry, ...]


def client_menu(
    *,
    unread: int,
    shows_money: bool,
    shows_messages: bool,
    shows_calls: bool = True,
    shows_contacts: bool = True,
    shows_faxes: bool = False,
    unread_faxes: int = 0,
    shows_dashboard: bool = True,
) -> list[Group]:
    """What a client may go to; entries of services that are off are absent."""
    everyday = []
    if shows_dashboard:
        everyday.append(
            _entry("client.dashboard", gettext("Dashboard"), "home", tab=gettext("Home"))
        )
    start = len(everyday)
    if shows_calls:
        everyday.append(_entry("client.calls", gettext("Calls"), "phone", tab=gettext("Calls")))
    if shows_faxes:
        everyday.insert(
            start,
            _entry(
                "client.faxes",
                gettext("Faxes"),
                "printer",
                badge=unread_faxes,
                tab=gettext("Faxes"),
            ),
        )
    if shows_messages:
        everyday.insert(
            start,
            _entry(
                "client.messages",
                gettext("Messages"),
                "message-square",
                badge=unread,
                tab=gettext("Messages"),
            ),
        )
    if shows_contacts:
        everyday.append(_entry("client.contacts", gettext("Contacts"), "book-user"))
    account = [_entry("client.profile", gettext("Profile"), "user", tab=gettext("Profile"))]
    if shows_money:
        account.insert(
            0, _entry("client.balance", gettext("Balance"), "wallet", tab=gettext("Balance"))
        )
    return [Group("", tuple(everyday)), Group(gettext("Account"), tuple(account))]


_CONFIGURATION = (
    ("reseller.access", lazy_gettext("Interface and access"), "link"),
    ("reseller.branding", lazy_gettext("Branding"), "palette"),
    ("reseller.display", lazy_gettext("Display and sign-up"), "sliders-horizontal"),
    ("reseller.services", lazy_gettext("Services"), "layers"),
    ("reseller.wording", lazy_gettext("Messages"), "mail"),
    ("reseller.payments", lazy_gettext("Payments"), "credit-card"),
    ("reseller.hostname", lazy_gettext("Hostname"), "globe"),
    ("reseller.tax", lazy_gettext("Taxes and invoices"), "receipt-text"),
    ("reseller.company", lazy_gettext("Company and team"), "settings"),
    ("reseller.carrier", lazy_gettext("Carrier"), "network"),
)

_MONEY = (
    ("reseller.payments_received", lazy_gettext("Payments"), "banknote"),
    ("reseller.invoices", lazy_gettext("Invoices"), "receipt-text"),
    ("reseller.due_fees", lazy_gettext("Fees"), "calendar-clock"),
    ("reseller.exposed", lazy_gettext("Exposure"), "gauge"),
)

# Tabs of a page that the menu names once.
_TABS = {
    "reseller.access": {
        "reseller.version",
        "reseller.sip_servers",
        "reseller.fees",
        "reseller.billing_rules",
        "reseller.text_rules",
        "reseller.exposure_rules",
    },
    "reseller.company": {
        "reseller.team",
        "reseller.mail_server",
        "reseller.mail_log",
        "reseller.log",
    },
}


def staff_menu(*, waiting: int) -> list[Group]:
    """The back-office."""
    return [
        Group(
            "",
            (
                _entry("reseller.dashboard", gettext("Dashboard"), "layout-dashboard"),
                _entry("reseller.clients", gettext("Clients"), "users", badge=waiting),
                _entry("reseller.packages", gettext("Rates and packages"), "package"),
                _entry("reseller.reports", gettext("Reports"), "chart-column"),
                _entry("reseller.attention", gettext("Attention"), "bell"),
            ),
        ),
        Group(gettext("Money"), _those(_MONEY)),
        Group(gettext("Configuration"), _those(_CONFIGURATION)),
        Group(
            gettext("Account"),
            (_entry("reseller.profile", gettext("Profile"), "user"),),
        ),
    ]


def _those(pages: Iterable[tuple[str, Any, str]]) -> tuple[Entry, ...]:
    return tuple(
        _entry(endpoint, str(label), icon)
        for endpoint, label, icon in pages
        if endpoint in current_app.view_functions
    )


def _entry(endpoint: str, label: str, icon: str, *, badge: int = 0, tab: str = "") -> Entry:
    url = url_for(endpoint)
    asked = request.endpoint or ""
    here = asked == endpoint or asked in _TABS.get(endpoint, ()) or _is_under(url)
    return Entry(label, url, icon, here, badge, tab, endpoint.rpartition(".")[2])


def waiting(groups: list[Group]) -> int:
    """What the badges of a menu add up to: the number before the title of the window."""
    return sum(entry.badge for group in groups for entry in group.entries)


def _is_under(url: str) -> bool:
    own = request.script_root + request.path
    return url not in {request.script_root + "/", "/staff/"} and f"{own}/".startswith(
        url.rstrip("/") + "/"
    )
