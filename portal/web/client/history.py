"""The history of the balance: lines, what is in a line of usage, and all of it as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, request, url_for
from flask_babel import gettext

from portal import ledger
from portal.core.cells import Cell
from portal.entitlements import Service
from portal.ledger import HistoryFilter, HistoryKind, Line, Reason
from portal.web import history_lines
from portal.web.call_words import period_text
from portal.web.client.blueprint import bp
from portal.web.download import csv_stream
from portal.web.forms.filters import PERIODS, read_day, read_history
from portal.web.htmx import Rendered, render
from portal.web.places import reseller
from portal.web.rights import client_id, need

ITEMS_PAGE, ITEMS = "client/balance/usage.html", "partials/_usage_items.html"


@bp.get("/balance/usage/<day>/<reason>")
def balance_usage(day: str, reason: str) -> Rendered:
    """What is in one line of usage."""
    need(Service.BALANCE)
    when, kind = _day(day), _usage(reason)
    page = ledger.usage_items(client_id(), when, kind, cursor=request.args.get("cursor"))
    return render(
        ITEMS_PAGE,
        ITEMS,
        day=when,
        items=[
            history_lines.item(one, url_for(".posting", public_id=one.public_id))
            for one in page.rows
        ],
        older_url=url_for(".balance_usage", day=day, reason=reason, cursor=page.older)
        if page.older
        else "",
        balance_url=url_for(".balance"),
        kind_text=history_lines.usage_words(kind),
    )


@bp.get("/balance.csv")
def balance_csv() -> Rendered:
    """The history of the filter, newest first, streamed page by page."""
    need(Service.BALANCE)
    chosen, _ = read_history(request.args, _zone())
    cursors: list[str | None] = [None]
    own_id = client_id()
    head = [
        gettext("Date"),
        gettext("Description"),
        gettext("Details"),
        gettext("Amount"),
        gettext("Balance"),
    ]

    def chunk(_last: Line | None) -> Sequence[Line]:
        if not cursors:
            return []
        page = ledger.history(own_id, chosen, cursor=cursors.pop(), page_size=5_000).page
        if page.older:
            cursors.append(page.older)
        return page.rows

    def cells(line: Line) -> Sequence[Cell]:
        words = history_lines.words(line)
        detail = "" if line.description in words else line.description
        return [line.day.isoformat(), words, detail, str(line.amount), str(line.balance)]

    return csv_stream("balance.csv", head, chunk, cells)


def history() -> dict[str, Any]:
    """What the list of lines needs, by the filter of the address."""
    chosen, span = read_history(request.args, _zone())
    found = ledger.history(client_id(), chosen, cursor=request.args.get("cursor"))
    words = {"shown": "" if chosen.kind is HistoryKind.ALL else chosen.kind.value}
    if span is not None:
        words |= (
            {"period": span.quick}
            if span.quick
            else {"since": span.first.isoformat(), "until": span.last.isoformat()}
        )
    address: dict[str, Any] = {name: word for name, word in words.items() if word}
    return {
        "entries": [history_lines.entry(line, url=_opened(line)) for line in found.page.rows],
        "totals": found.totals if span is not None else None,
        "shown": chosen.kind.value,
        "kinds": [
            (text, _url(address, shown=kind), kind == chosen.kind) for kind, text in _kinds()
        ],
        "span": span,
        "period_text": period_text(span) if span else gettext("Any time"),
        "periods": _periods(address, chosen, span.quick if span else ""),
        "history_url": url_for(".balance"),
        "export_url": url_for(".balance_csv", **address),
        "filtered": bool(address),
        "older_url": _url(address, cursor=found.page.older) if found.page.older else "",
        "newer_url": _url(address, cursor=found.page.newer) if found.page.newer else "",
    }


def _periods(
    address: dict[str, Any], chosen: HistoryFilter, current: str
) -> list[tuple[str, str, bool]]:
    names = {
        "today": gettext("Today"),
        "7": gettext("7 days"),
        "30": gettext("30 days"),
        "month": gettext("This month"),
        "last-month": gettext("Last month"),
    }
    kept: dict[str, Any] = {name: word for name, word in address.items() if name == "shown"}
    any_time = (gettext("Any time"), url_for(".balance", **kept), chosen.first is None)
    return [any_time] + [
        (names[quick], url_for(".balance", **kept, period=quick), quick == current)
        for quick in PERIODS
    ]


def _kinds() -> list[tuple[HistoryKind, str]]:
    return [
        (HistoryKind.ALL, gettext("All")),
        (HistoryKind.PAYMENTS, gettext("Payments")),
        (HistoryKind.USAGE, gettext("Usage")),
        (HistoryKind.FEES, gettext("Fees")),
    ]


def _url(address: dict[str, Any], **changes: str) -> str:
    words: dict[str, Any] = address | changes
    if words.get("shown") == HistoryKind.ALL:
        del words["shown"]
    return url_for(".balance", **words)


def _opened(line: Line) -> str:
    """How a line came about; of usage, what is in it."""
    if line.public_id is not None:
        return url_for(".posting", public_id=line.public_id)
    return url_for(".balance_usage", day=line.day.isoformat(), reason=line.reason.value)


def _usage(word: str) -> Reason:
    found = next((reason for reason in ledger.USAGE if reason.value == word), None)
    if found is None:
        abort(404)
    return found


def _day(text: str) -> date:
    found = read_day(text)
    if found is None:
        abort(404)
    return found


def _zone() -> ZoneInfo:
    """Posting days are days of the reseller's zone (rulings 11)."""
    return ZoneInfo(reseller().time_zone)
