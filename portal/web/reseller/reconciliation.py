"""Comparing a period with the carrier's lists: asked for, followed, read, and mended."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request, url_for
from flask_babel import gettext

from portal import identity, reconciling
from portal.core import clock
from portal.core.cells import Cell
from portal.core.db import transaction
from portal.core.errors import DomainError
from portal.core.money import plain
from portal.reconciling import FINDINGS, PARTS, LineFilter, LineRow, Part, RunRow, RunState
from portal.web import filters
from portal.web.download import csv_stream
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render, wants_fragment
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.session import person

INDEX, RUN = "reseller/reconciliation/index.html", "reseller/reconciliation/run.html"
STATE, LINES = "reseller/reconciliation/_state.html", "reseller/reconciliation/_lines.html"
USUAL_DAYS = 30
_CHUNK = 5_000
_LONGEST_TEXT = 80
_HEAD = (
    "list",
    "finding",
    "at",
    "what",
    "detail",
    "carrier",
    "ours",
    "difference",
    "mended",
    "key",
)
_TONES = {"theirs_only": "bad", "ours_only": "warn", "amount": "bad", "rate": "info"}


@dataclass(frozen=True, slots=True)
class RunShown:
    """A comparison as the list and its own page show it."""

    run: RunRow
    period: str
    lists: str
    state: str
    tone: str
    url: str


@dataclass(frozen=True, slots=True)
class LineShown:
    """A difference; amounts are in the carrier's currency. ``url`` leads to our own row."""

    line: LineRow
    part: str
    finding: str
    tone: str
    at: str
    theirs: str
    ours: str
    difference: str
    url: str


@bp.get("/reports/reconciliation")
def reconciliation() -> Rendered:
    """What was compared, and a form for another period."""
    return _index({})


@bp.post("/reports/reconciliation")
@needs("money")
def reconcile() -> Rendered:
    """Have a period compared by a job."""
    parts = [part for part in PARTS if part.value in request.form.getlist("parts")]
    first, last = _day(request.form.get("since")), _day(request.form.get("until"))
    if first is None or last is None:
        return _index({"until": gettext("Enter both days.")}, status=422)
    try:
        with transaction():
            run = reconciling.ask(first, last, parts, asked_by_id=person().person_id)
    except DomainError as error:
        return _index({error.field or "until": gettext(error.message)}, status=422)
    return go(url_for(".reconciliation_run", public_id=run))


@bp.get("/reports/reconciliation/<uuid:public_id>")
def reconciliation_run(public_id: uuid.UUID) -> Rendered:
    """How far it is, and what it found: by list, and line by line."""
    run = reconciling.find_run(public_id)
    wanted = _wanted()
    if wants_fragment() and request.headers.get("HX-Target") == "reconciliation-lines":
        return render(LINES, LINES, **_lines(run, wanted))
    return render(
        RUN, STATE, shown=_shown(run), **_found(run), **_lines(run, wanted), **_choices(run, wanted)
    )


@bp.get("/reports/reconciliation/<uuid:public_id>.csv")
def reconciliation_csv(public_id: uuid.UUID) -> Response:
    """Every line of the filter."""
    run = reconciling.find_run(public_id)
    wanted, zone = _wanted(), ZoneInfo(own_reseller().time_zone)
    parts, findings = _part_words(), _finding_words()

    def chunk(last: LineRow | None) -> Sequence[LineRow]:
        after = last.public_id.hex if last else None
        return reconciling.lines(public_id, wanted, after=after, rows=_CHUNK).rows

    def cells(line: LineRow) -> Sequence[Cell]:
        return (
            parts[line.part],
            findings[line.finding],
            line.at.astimezone(zone).isoformat(timespec="seconds") if line.at else "",
            line.what,
            line.detail,
            *("" if value is None else plain(value, 8)
              for value in (line.theirs_e8, line.ours_e8, line.difference_e8)),
            "yes" if line.mended_at else "",
            line.key,
        )  # fmt: skip

    return csv_stream(f"reconciliation-{run.first}-{run.last}.csv", _HEAD, chunk, cells)


@bp.post("/reports/reconciliation/<uuid:public_id>/mend")
@needs("money")
def reconciliation_mend(public_id: uuid.UUID) -> Rendered:
    """Bring in what the carrier has and we have not, or have otherwise."""
    with transaction():
        reconciling.ask_to_mend(public_id)
    return go(
        url_for(".reconciliation_run", public_id=public_id),
        say=gettext("What is missing is being brought in."),
    )


@bp.post("/reports/reconciliation/<uuid:public_id>/stop")
@needs("money")
def reconciliation_stop(public_id: uuid.UUID) -> Rendered:
    """Let it end; what was found stays."""
    with transaction():
        reconciling.stop(public_id)
    return go(url_for(".reconciliation_run", public_id=public_id))


def _index(errors: dict[str, str], *, status: int = 200) -> Rendered:
    today = clock.now().astimezone(ZoneInfo(own_reseller().time_zone)).date()
    given = request.form
    chosen = given.getlist("parts") if given else [part.value for part in PARTS]
    return render(
        INDEX,
        status=status,
        errors=errors,
        since=given.get("since") or (today - timedelta(days=USUAL_DAYS - 1)).isoformat(),
        until=given.get("until") or today.isoformat(),
        parts=[(value, text, value in chosen) for value, text in _part_words().items()],
        runs=[_shown(run) for run in reconciling.runs()],
    )


def _shown(run: RunRow) -> RunShown:
    words = {
        RunState.ASKED: (gettext("Waiting"), "info"),
        RunState.RUNNING: (gettext("Comparing"), "info"),
        RunState.READY: (gettext("Compared"), "ok"),
        RunState.FAILED: (gettext("Failed"), "bad"),
        RunState.STOPPED: (gettext("Stopped"), "warn"),
    }
    parts = _part_words()
    return RunShown(
        run,
        gettext("%(first)s to %(last)s", first=filters.day(run.first), last=filters.day(run.last)),
        ", ".join(parts[part] for part in run.parts),
        *words[run.state],
        url_for(".reconciliation_run", public_id=run.public_id),
    )


def _found(run: RunRow) -> dict[str, Any]:
    counts = reconciling.line_counts(run.public_id)
    parts, findings = _part_words(), _finding_words()
    mendable = sum(
        still_open
        for (_, finding), (_, still_open, _) in counts.items()
        if finding in {"theirs_only", "amount"}
    )
    return {
        "sums": [
            (
                parts[part],
                findings[finding],
                counts[part, finding][0],
                counts[part, finding][1],
                "" if finding == "rate" else _amount(counts[part, finding][2]),
                url_for(
                    ".reconciliation_run", public_id=run.public_id, part=part, finding=finding,
                    _anchor="reconciliation-lines",
                ),
            )
            for part in PARTS
            for finding in FINDINGS
            if (part, finding) in counts
        ],
        "found": sum(count for count, _, _ in counts.values()),
        "mendable": mendable,
        "is_over": run.state not in {RunState.ASKED, RunState.RUNNING} and not run.mending,
        "state_url": url_for(".reconciliation_run", public_id=run.public_id),
        "mend_url": url_for(".reconciliation_mend", public_id=run.public_id),
        "stop_url": url_for(".reconciliation_stop", public_id=run.public_id),
    }  # fmt: skip


def _lines(run: RunRow, wanted: LineFilter) -> dict[str, Any]:
    after = request.args.get("after")
    page = reconciling.lines(run.public_id, wanted, after=after)
    owners = identity.clients_by_id({row.client_id for row in page.rows if row.client_id})
    return {
        "lines": [_line(row, owners.get(row.client_id or 0)) for row in page.rows],
        "is_filtered": any(wanted),
        "older_url": _address(run, wanted, after=page.older) if page.older else "",
        "newer_url": _address(run, wanted) if after else "",
        "csv_url": _address(run, wanted, ".reconciliation_csv"),
        "clear_url": url_for(".reconciliation_run", public_id=run.public_id),
    }


def _line(line: LineRow, owner: identity.ClientFacts | None) -> LineShown:
    url = ""
    if owner is not None and line.our_id is not None:
        if line.part == Part.CALLS:
            url = url_for(".client_call", public_id=owner.public_id, call=line.our_id)
        else:
            url = url_for(".client", public_id=owner.public_id)
    return LineShown(
        line,
        _part_words()[line.part],
        _finding_words()[line.finding],
        _TONES[line.finding],
        filters.moment(line.at) if line.at else "",
        _amount(line.theirs_e8),
        _amount(line.ours_e8),
        _amount(line.difference_e8),
        url,
    )


def _choices(run: RunRow, wanted: LineFilter) -> dict[str, Any]:
    parts = [(value, text) for value, text in _part_words().items() if value in run.parts]
    return {
        "wanted": wanted,
        "menus": [
            ("part", gettext("List"), parts, wanted.part),
            ("finding", gettext("Difference"), list(_finding_words().items()), wanted.finding),
        ],
    }


def _wanted() -> LineFilter:
    given = request.args
    part, finding = given.get("part", ""), given.get("finding", "")
    text = " ".join(given.get("q", "").replace("\x00", "").split())[:_LONGEST_TEXT]
    return LineFilter(
        part if part in _part_words() else "",
        finding if finding in _finding_words() else "",
        text,
        given.get("open") == "1",
    )


def _address(
    run: RunRow, wanted: LineFilter, endpoint: str = ".reconciliation_run", **more: str
) -> str:
    words = {"part": wanted.part, "finding": wanted.finding, "q": wanted.text,
             "open": "1" if wanted.open_only else ""}  # fmt: skip
    kept: dict[str, Any] = {name: word for name, word in (words | more).items() if word}
    return url_for(endpoint, public_id=run.public_id, **kept)


def _part_words() -> dict[str, str]:
    return {
        Part.CALLS.value: gettext("Calls"),
        Part.TEXTS.value: gettext("Texts"),
        Part.FAXES.value: gettext("Faxes"),
        Part.NUMBERS.value: gettext("Numbers"),
        Part.FEES.value: gettext("Fees and payments"),
    }


def _finding_words() -> dict[str, str]:
    return {
        "theirs_only": gettext("Only at the carrier"),
        "ours_only": gettext("Only here"),
        "amount": gettext("Another amount"),
        "rate": gettext("Not the deck's rate"),
    }


def _amount(value_e8: int | None) -> str:
    return filters.rate(value_e8)


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 2000 <= day.year <= 9000 else None
