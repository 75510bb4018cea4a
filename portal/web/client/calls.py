"""Call records: what happened and what it cost."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for
from flask_babel import get_locale, gettext

from portal import calls as records
from portal import pbx, reports
from portal.calls import CallFilter, CallRow, CallSort
from portal.core import phone
from portal.core.cells import Cell
from portal.core.db import transaction
from portal.core.money import half_up, plain
from portal.entitlements import Service
from portal.pbx import SubAccountRow
from portal.reports import FileFormat, OwnCalls
from portal.web import filters, report_files, worksheets
from portal.web.call_words import direction_text, known_names, period_text, result, shown
from portal.web.client.blueprint import bp
from portal.web.client.call_charts import histogram
from portal.web.download import csv_stream
from portal.web.forms.filters import (
    DIRECTIONS,
    PERIODS,
    RESULTS,
    CallsChosen,
    read_calls,
)
from portal.web.guards import while_suspended
from portal.web.htmx import Rendered, go, render
from portal.web.postings import links
from portal.web.rights import allowed, client_id, need
from portal.web.session import person

PAGE, RESULTS_PART = "client/calls/index.html", "client/calls/_results.html"
TOTALS = "client/calls/_totals.html"
EXPLAIN_PAGE, EXPLAIN = "client/calls/explain.html", "client/calls/_explain.html"
SORTABLE_ROWS = 10_000


@bp.get("/calls")
def calls() -> Rendered:
    """The list: filters in the address, totals of the whole filter, a page of rows."""
    need(Service.CDR)
    chosen, lines, wanted = _asked()
    by_size = wanted.sort is not CallSort.WHEN
    page = records.search(
        wanted,
        after=request.args.get("after"),
        before=None if by_size else request.args.get("before"),
    )
    ever = bool(page) or chosen.any or bool(records.last_id())
    complete = records.complete_until() if page else None
    names = known_names(client_id(), page.rows)
    address: dict[str, Any] = dict(chosen.words())
    return render(
        PAGE,
        RESULTS_PART,
        push_url=url_for(".calls", **address),
        chosen=chosen,
        zone=person().time_zone,
        index_url=url_for(".calls"),
        export_url=url_for(".calls_csv", **address),
        xlsx_url=url_for(".calls_xlsx"),
        xlsx_fields=chosen.words(),
        period_text=period_text(chosen.span),
        periods=[(_period_name(one), _url(chosen, period=one), one == chosen.span.quick) for one in PERIODS],
        lines=[(str(one.public_id), one.description or one.username) for one in lines],
        directions=[] if allowed().is_simple else [(one, direction_text(one)) for one in DIRECTIONS],
        results=[(one, result(one)[0]) for one in RESULTS],
        calls=[shown(row, names=names, explain_url=_explain_url(row)) for row in page.rows],
        sort_urls={one.value: _url(chosen, sort=one.value) for one in CallSort},
        newer_url=_page_url(address, page.newer, "after" if by_size else "before"),
        older_url=_page_url(address, page.older, "after"),
        again_url="" if page.newer or by_size else url_for(".calls", live=1, **address),
        complete_until=gettext("Complete until %(time)s", time=filters.daytime(complete)) if complete else "",
        first_use=not ever,
        **_totals(chosen, wanted),
    )  # fmt: skip


@bp.get("/calls/totals")
def calls_totals() -> Rendered:
    """The totals alone, asked for again when calls were imported."""
    need(Service.CDR)
    chosen, _, wanted = _asked()
    return render(TOTALS, **_totals(chosen, wanted))


@bp.get("/calls/<uuid:public_id>/explain")
def call_explain(public_id: uuid.UUID) -> Rendered:
    """How the price of one call was made; never the cost."""
    need(Service.CDR)
    need(Service.BALANCE)
    row, worksheet = records.find(public_id)
    steps = worksheets.steps(worksheet, audience="client") if worksheet else []
    return render(
        EXPLAIN_PAGE,
        EXPLAIN,
        call=shown(row, names=known_names(client_id(), [row])),
        public_id=public_id,
        steps=steps,
        posting_url=links.of_call(
            client_id(), public_id, lambda one: url_for(".posting", public_id=one)
        ),
        calls_url=url_for(".calls"),
    )


@bp.get("/calls.csv")
def calls_csv() -> Rendered:
    """Everything the filter finds, oldest first, streamed."""
    need(Service.CDR)
    chosen, _, wanted = _asked()
    zone, money = ZoneInfo(person().time_zone), _shows_prices()
    last_id = records.last_id()
    head = [
        gettext("Date"), gettext("Time"), gettext("Direction"), gettext("From"), gettext("To"),
        gettext("Name"), gettext("Line"), gettext("Account"), gettext("Result"),
        gettext("Seconds"), gettext("Billed seconds"),
    ]  # fmt: skip
    if money:
        head += [gettext("Rate"), gettext("Price")]
    words = cache(lambda word: result(word)[0])
    ways = cache(direction_text)
    own_id, names = client_id(), dict[str, str]()

    def chunk(last: CallRow | None) -> Sequence[CallRow]:
        found = records.every(wanted, after_id=last.id if last else 0, up_to_id=last_id)
        names.clear()
        names.update(known_names(own_id, found))
        return found

    def cells(row: CallRow) -> Sequence[Cell]:
        at = row.started_at.astimezone(zone)
        found: list[Cell] = [
            at.date().isoformat(), f"{at:%H:%M:%S}", ways(row.direction), _exported(row.caller_number),
            _exported(row.destination),
            names.get(row.other_side) or row.caller_name, row.line or "", row.account,
            words(row.disposition), row.seconds, row.billed_seconds,
        ]  # fmt: skip
        if money:
            found.append("" if row.rate_e8 is None else plain(row.rate_e8, 8))
            found.append("" if row.price is None else str(row.price))
        return found

    name = f"calls-{chosen.span.first}-{chosen.span.last}.csv"
    return csv_stream(name, head, chunk, cells)


@bp.post("/calls/xlsx")
@while_suspended
def calls_xlsx() -> Rendered:
    """The same as a workbook: at once, or made in the background when there are very many."""
    need(Service.CDR)
    zone = ZoneInfo(person().time_zone)
    _, _, wanted = _asked(request.form)
    report = OwnCalls(shows_prices=_shows_prices())
    if records.count_up_to(wanted, SORTABLE_ROWS) <= SORTABLE_ROWS:
        return report_files.workbook(report, report.chosen(wanted, zone))
    need(Service.BALANCE)  # the page of files is there
    with transaction():
        reports.request_file(
            report.kind,
            report.filters_of(wanted, zone),
            file_format=FileFormat.XLSX,
            language=str(get_locale() or "en"),
            asked_by_id=person().person_id,
            client_id=client_id(),
        )
    return go(url_for(".statements"), say=gettext("The file is being made: it appears below."))


def _asked(
    words: Mapping[str, str] | None = None,
) -> tuple[CallsChosen, list[SubAccountRow], CallFilter]:
    """The filter of the address, with the line as the sub-account it means."""
    zone = ZoneInfo(person().time_zone)
    chosen = read_calls(request.args if words is None else words, zone)
    lines = pbx.sub_accounts_of(client_id())
    line = next((one.id for one in lines if str(one.public_id) == chosen.line), None)
    return chosen, lines, chosen.as_filter(zone, client_id=client_id(), sub_account_id=line)


def _totals(chosen: CallsChosen, wanted: CallFilter) -> dict[str, Any]:
    sums = records.totals(wanted)
    starts = None if allowed().is_simple or not sums.calls else records.starts(wanted)
    return {
        "totals": sums,
        "answered_percent": _percent(sums.answered, sums.calls),
        "shows_prices": _shows_prices(),
        "is_simple": allowed().is_simple,
        "may_sort": sums.calls <= SORTABLE_ROWS,
        "totals_url": _totals_url(chosen),
        "histogram": histogram(starts, chosen.span, ZoneInfo(person().time_zone)) if starts else None,
    }  # fmt: skip


def _totals_url(chosen: CallsChosen) -> str:
    words: dict[str, Any] = dict(chosen.words())
    return url_for(".calls_totals", **words)


def _percent(part: int, whole: int) -> str:
    return filters.percent(half_up(part * 100, whole) * 10_000) if whole else filters.NOTHING


def _shows_prices() -> bool:
    return not allowed().hide_money


def _explain_url(row: CallRow) -> str:
    if row.price is None or not row.seconds or Service.BALANCE not in allowed():
        return ""
    return url_for(".call_explain", public_id=row.public_id)


def _url(chosen: CallsChosen, **changes: str) -> str:
    words: dict[str, Any] = {**chosen.words(), **changes}
    if "period" in changes:
        words.pop("since", None)
        words.pop("until", None)
    if words.get("sort") == CallSort.WHEN:
        del words["sort"]
    return url_for(".calls", **words)


def _page_url(address: dict[str, Any], cursor: str | None, name: str) -> str:
    return "" if cursor is None else url_for(".calls", **(address | {name: cursor}))


def _period_name(quick: str) -> str:
    names: dict[str, str] = {
        "today": gettext("Today"),
        "7": gettext("7 days"),
        "30": gettext("30 days"),
        "month": gettext("This month"),
        "last-month": gettext("Last month"),
    }
    return names[quick]


def _exported(number: str) -> str:
    return phone.normalise(number) or number
