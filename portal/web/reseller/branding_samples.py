"""What the pages in the editor's frames show: invented people and amounts, never a client's."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import gettext, ngettext, pgettext

from portal.calls import CallRow, Totals
from portal.core import clock
from portal.core.money import Money
from portal.web import charts, filters
from portal.web.call_words import CallShown, shown
from portal.web.charts import Plot, Series

NAME, COMPANY, EMAIL, NUMBER = "Sam Sample", "Sample & Co", "sam@example.com", "200555"
_BALANCE = Money.of("184.62")
# Minutes ago, in or out, who, number, how it ended, seconds.
_CALLS = (
    (26, "in", "Nadia Okafor", "+16135550117", "answered", 252),
    (45, "out", "", "+18195550144", "answered", 97),
    (72, "in", "", "+13435550172", "no_answer", 0),
    (95, "in", "Sunrise Insurance", "+16135550133", "answered", 744),
    (177, "in", "Gareth Llewellyn", "+14165550191", "answered", 188),
    (260, "out", "", "+12125550187", "busy", 0),
    (1490, "out", "", "+15145550126", "answered", 61),
    (1560, "in", "Capital Denture Lab", "+16135550164", "answered", 323),
)
_ANSWERED = (5, 1, 42, 46, 48, 44, 47, 49, 6, 2, 44, 49, 57, 52)
_MISSED = (1, 1, 3, 2, 2, 3, 4, 6, 2, 1, 3, 5, 7, 4)


def balance_text() -> str:
    """What the bar says."""
    return filters.money(_BALANCE)


def dashboard(links: dict[str, str]) -> dict[str, Any]:
    """The names that client/dashboard/index.html needs."""
    return {
        "greeting": gettext("Good afternoon, %(name)s", name=NAME.split()[0]),
        "account_line": gettext("%(client)s · account %(number)s", client=COMPANY, number=NUMBER),
        "welcome": None,
        "calls_plot": _plot(),
        "calls_url": links["calls"],
        "latest_calls": _calls()[:5],
        "messages_url": links["here"],
        "new_message_url": links["here"],
        "latest_messages": _messages(links["here"]),
        "registrations": _registrations(),
        "balance": _BALANCE,
        "balance_url": links["here"],
        "low_balance": Money.of("25"),
        "shows_calls": True,
        "shows_messages": True,
        "allowance": {
            "left": filters.number(312),
            "included": filters.number(500),
            "note": gettext("Renews %(day)s", day=filters.day(clock.now().date())),
        },
        "spent": (Money.of("97.66"), Money.of("3.49")),
        "today_calls": 58,
        "unread": 4,
        "waiting": [(ngettext("%(num)d text", "%(num)d texts", 4), links["here"])],
    }


def calls(links: dict[str, str]) -> dict[str, Any]:
    """The names that client/calls/index.html needs."""
    found = _calls()
    return {
        "zone": "America/Toronto",
        "index_url": links["calls"],
        "export_url": links["here"],
        "xlsx_url": links["here"],
        "xlsx_fields": {},
        "period_text": gettext("7 days"),
        "periods": [(gettext("7 days"), links["calls"], True)],
        "lines": [("desk", gettext("Reception"))],
        "directions": [],
        "results": [("answered", pgettext("calls", "Answered"))],
        "calls": found,
        "sort_urls": dict.fromkeys(("when", "length", "price"), links["calls"]),
        "totals": Totals(
            calls=len(found),
            answered=6,
            seconds=sum(one.length for one in found),
            price=Money.of("0.47"),
        ),
        "answered_percent": filters.share(Decimal(75)),
        "shows_prices": True,
        "may_sort": True,
        "totals_url": links["here"],
        "complete_until": gettext("Complete until %(time)s", time=filters.daytime(clock.now())),
    }


def _plot() -> Plot:
    last = clock.now().date()
    days = [filters.day(last - timedelta(days=back)) for back in range(13, -1, -1)]
    series = [
        Series(pgettext("calls", "Answered"), _ANSWERED, "1"),
        Series(gettext("Missed"), _MISSED, "neg"),
    ]
    return charts.bars(
        days, series, sentence=gettext("Invented calls of 14 days"), label_head=gettext("Day"),
        every=2, every_phone=4,
    )  # fmt: skip


def _calls() -> list[CallShown]:
    now = clock.now()
    return [shown(_call(at, now, row), names={}) for at, row in enumerate(_CALLS, start=1)]


def _call(at: int, now: datetime, row: tuple[int, str, str, str, str, int]) -> CallRow:
    ago, way, who, number, ended, seconds = row
    rate = 1_380_000
    return CallRow(
        id=at,
        public_id=uuid.UUID(int=at),
        client_id=None,
        direction=way,
        account="100000_reception",
        started_at=now - timedelta(minutes=ago),
        ambiguous_hour=False,
        caller_name=who,
        caller_number=number if way == "in" else "+16135550142",
        destination=number if way == "out" else "+16135550142",
        description="",
        disposition=ended,
        seconds=seconds,
        billed_seconds=seconds,
        free_minutes=0,
        state="rated",
        rate_e8=rate,
        price=Money(rate * seconds // 6000),
        cost=Money(0),
        line=gettext("Reception"),
        client_name=None,
    )


def _messages(url: str) -> Sequence[dict[str, Any]]:
    now = clock.now()
    return [
        {"name": "Nadia Okafor", "preview": gettext("Thank you, see you on Tuesday."), "at": now, "url": url},
        {"name": "Tomasz Wilk", "preview": gettext("Is the gate open?"), "at": now - timedelta(hours=3), "url": url},
    ]  # fmt: skip


def _registrations() -> Sequence[dict[str, Any]]:
    checked = gettext("Checked %(time)s", time=filters.daytime(clock.now()))
    return [
        {"name": gettext("Reception"), "device": "Yealink T54W", "online": True, "known": True, "seen": checked},
        {"name": gettext("Front desk"), "device": "Softphone", "online": False, "known": True, "seen": checked},
    ]  # fmt: skip
