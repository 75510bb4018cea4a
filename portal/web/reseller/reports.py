"""Every call of all clients: filters, totals, a list, CSV, and PDF files made in the background."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Response, request, url_for
from flask_babel import get_locale, gettext

from portal import calls, identity, reports
from portal.calls import CallRow
from portal.core.cells import Cell
from portal.core.db import transaction
from portal.core.money import Money
from portal.reports import ReportKind, global_cdr
from portal.reports.global_cdr import Chosen
from portal.web import charts, filters, report_files
from portal.web.charts import Plot, Series
from portal.web.download import csv_stream
from portal.web.htmx import Rendered, go, render, wants_fragment
from portal.web.reseller.blueprint import bp
from portal.web.session import person

PAGE, RESULTS = "reseller/reports/index.html", "reseller/reports/_results.html"
ROWS, TOTALS = "reseller/reports/_rows.html", "reseller/reports/_totals.html"
FILES, FILE_PAGE, CARD = (
    "reseller/reports/_files.html",
    "reseller/reports/file.html",
    "partials/_job.html",
)


@dataclass(frozen=True, slots=True)
class RowShown:
    """One call of the list, in the reseller's time; ``client_url`` is empty when nobody owns it."""

    call: CallRow
    day: str
    clock: str
    client_url: str
    explain_url: str
    direction: str
    result: str
    tone: str
    margin: str


@bp.get("/reports/global-cdr", endpoint="global_cdr")
def global_cdr_page() -> Rendered:
    """The report: everything for a new filter, only the rows for another page of them."""
    chosen = global_cdr.choose(request.args)
    turning = request.args.get("after") or request.args.get("before")
    if wants_fragment() and turning:
        return render(ROWS, ROWS, **_rows(chosen))
    around = {} if wants_fragment() else _around(chosen)
    return render(
        PAGE,
        RESULTS,
        push_url=_address(chosen),
        **_totals(chosen),
        **_rows(chosen),
        **around,
    )


@bp.get("/reports/global-cdr/totals")
def global_cdr_totals() -> Rendered:
    """The totals alone, asked for again when calls were imported."""
    return render(TOTALS, TOTALS, **_totals(global_cdr.choose(request.args)))


@bp.get("/reports/global-cdr.csv")
def global_cdr_csv() -> Response:
    """Every call of the filter, newest first, streamed; calls that arrive meanwhile stay out."""
    chosen = global_cdr.choose(request.args)
    columns, cells = global_cdr.columns(), global_cdr.Cells()
    kinds = [column.kind for column in columns]
    found = reports.chunks(chosen.wanted)

    def chunk(_last: CallRow | None) -> Sequence[CallRow]:
        return next((rows for rows in found if rows), [])

    def plain(row: CallRow) -> Sequence[Cell]:
        zone = chosen.period.zone
        return [
            reports.plain_cell(cell, kind, zone)
            for cell, kind in zip(cells(row), kinds, strict=True)
        ]

    name = f"calls-{chosen.period.first}-{chosen.period.last}.csv"
    return csv_stream(name, [column.key for column in columns], chunk, plain)


@bp.post("/reports/global-cdr/pdf")
def global_cdr_pdf() -> Rendered:
    """Ask for a PDF of the filter; the list of files shows how far it is."""
    chosen = global_cdr.choose(request.form)
    with transaction():
        reports.request_pdf(
            ReportKind.GLOBAL_CDR,
            chosen.filters,
            language=str(get_locale() or "en"),
            asked_by_id=person().person_id,
        )
    if wants_fragment():
        return render(FILES, FILES, **_files(chosen))
    return go(_address(chosen, _anchor="files"))


@bp.get("/reports/files/<uuid:public_id>")
def report_file(public_id: uuid.UUID) -> Rendered:
    """How far a file is: the card for htmx, a small page otherwise."""
    job = report_files.shown(reports.find_file(public_id), "reseller")
    return render(FILE_PAGE, CARD, job=job, back_url=url_for("reseller.global_cdr"))


@bp.get("/reports/files/<uuid:public_id>/download")
def report_download(public_id: uuid.UUID) -> Response:
    """The file itself."""
    return report_files.send(public_id)


@bp.post("/reports/files/<uuid:public_id>/delete")
def report_delete(public_id: uuid.UUID) -> Rendered:
    """Delete a file before its time."""
    report_files.delete(public_id)
    return go(url_for("reseller.global_cdr", _anchor="files"), say=gettext("The file is deleted."))


def _around(chosen: Chosen) -> dict[str, Any]:
    wanted = chosen.wanted
    directions, results = global_cdr.direction_words(), global_cdr.result_words()
    return {
        "chosen": chosen,
        "zone": str(chosen.period.zone),
        "index_url": url_for("reseller.global_cdr"),
        "period_text": gettext(
            "%(first)s to %(last)s",
            first=filters.day(chosen.period.first),
            last=filters.day(chosen.period.last),
        ),
        "clients": sorted(
            (
                (str(client.public_id), client.title)
                for client in identity.clients_by_id(set(identity.open_client_ids())).values()
            ),
            key=lambda pair: pair[1].casefold(),
        ),
        "directions": list(directions.items()),
        "results": list(results.items()),
        "states": list(global_cdr.state_words().items()),
        "direction_text": directions.get(wanted.direction, ""),
        "result": ",".join(wanted.dispositions),
        "state": ",".join(wanted.states),
        **_files(chosen),
    }


def _files(chosen: Chosen) -> dict[str, Any]:
    return {
        "pdf_url": url_for("reseller.global_cdr_pdf"),
        "pdf_fields": chosen.filters,
        "most_rows": reports.MOST_ROWS,
        "jobs": [
            report_files.shown(row, "reseller") for row in reports.latest(ReportKind.GLOBAL_CDR)
        ],
    }


def _totals(chosen: Chosen) -> dict[str, Any]:
    summary = global_cdr.summarise(chosen)
    return {
        "summary": summary,
        "totals": summary.totals,
        "margin": _share(summary.margin_e4),
        "by_client": [
            (
                part,
                _address(chosen, client=str(part.client_public_id))
                if part.client_public_id
                else "",
                _share(part.margin_e4),
            )
            for part in summary.clients
        ],
        "totals_url": _address(chosen, "reseller.global_cdr_totals"),
        "plot": _plot(chosen) if chosen.wanted.is_plain and summary.totals.calls else None,
    }  # fmt: skip


def _rows(chosen: Chosen) -> dict[str, Any]:
    page = calls.search(
        chosen.wanted, after=request.args.get("after"), before=request.args.get("before")
    )
    zone = chosen.period.zone
    owners = identity.clients_by_id({row.client_id for row in page.rows if row.client_id})
    directions, results = global_cdr.direction_words(), global_cdr.result_words()
    tones = {"answered": "ok", "no_answer": "warn", "busy": "warn", "failed": "bad"}
    shown = []
    for row in page.rows:
        owner = owners.get(row.client_id or 0)
        name = owner.public_id if owner else None
        margin = None if row.price is None else reports.margin_e4(row.price, row.cost)
        at = row.started_at.astimezone(zone)
        shown.append(
            RowShown(
                call=row,
                day=filters.day(at.date()),
                clock=f"{at:%H:%M:%S}",
                client_url=url_for("reseller.client", public_id=name) if name else "",
                explain_url=url_for("reseller.client_call", public_id=name, call=row.public_id)
                if name and row.price is not None
                else "",
                direction=directions.get(row.direction, row.direction),
                result=results.get(row.disposition, row.disposition),
                tone=tones.get(row.disposition, ""),
                margin=_share(margin),
            )
        )
    return {
        "rows": shown,
        "export_url": _address(chosen, "reseller.global_cdr_csv"),
        "clear_url": url_for("reseller.global_cdr"),
        "older_url": _address(chosen, after=page.older) if page.older else "",
        "newer_url": _address(chosen, before=page.newer) if page.newer else "",
        "refresh_url": "" if page.newer else _address(chosen, live="1"),
    }


def _plot(chosen: Chosen) -> Plot:
    period = chosen.period
    known = {
        day.day: day
        for day in calls.days(period.first, period.last, client_id=chosen.wanted.client_id)
    }
    prices = [known[day].price if day in known else Money(0) for day in period.days]
    costs = [known[day].cost if day in known else Money(0) for day in period.days]
    profits = [price - cost for price, cost in zip(prices, costs, strict=True)]
    every = max(1, len(period.days) // 15)
    return charts.bars(
        [str(day.day) for day in period.days],
        [
            Series(gettext("Carrier cost"), [max(cost, Money(0)).decimal for cost in costs], "2"),
            Series(gettext("Profit"), [max(profit, Money(0)).decimal for profit in profits], "1"),
        ],
        sentence=gettext(
            "Revenue %(revenue)s, of it cost %(cost)s and profit %(profit)s.",
            revenue=filters.money(sum(prices, Money(0))),
            cost=filters.money(sum(costs, Money(0))),
            profit=filters.money(sum(profits, Money(0))),
        ),
        axis=lambda value: filters.whole(Decimal(value)),
        exact=lambda value: filters.money(Money.of(Decimal(value))),
        label_head=gettext("Day"),
        titles=[filters.day(day) for day in period.days],
        every=every,
        every_phone=every * 5,
    )


def _address(chosen: Chosen, endpoint: str = "reseller.global_cdr", **more: str) -> str:
    words: dict[str, Any] = chosen.filters | more
    return url_for(endpoint, **words)


def _share(percent_e4: int | None) -> str:
    return filters.share(None if percent_e4 is None else Decimal(percent_e4).scaleb(-4))
