"""Who spends how much today, what could be lost at worst, and the limits of everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext, ngettext

from portal import exposure, identity
from portal.core.cells import Cell
from portal.core.money import Money
from portal.core.paging import Page
from portal.exposure import Limits, SpendRank
from portal.identity import ClientFilter, ClientRow, ClientSort, ClientStatus
from portal.web import filters
from portal.web.download import csv_stream
from portal.web.forms.exposure import ExposureForm
from portal.web.forms.filters import text_of
from portal.web.guards import needs
from portal.web.htmx import Rendered, render, saved, wants_fragment
from portal.web.reseller import access_tabs, client_words, exposure_limits
from portal.web.reseller.blueprint import bp
from portal.web.reseller.exposure_limits import Sent

PAGE, LIST = "reseller/exposure/index.html", "reseller/exposure/_list.html"
_SORTS = {
    ("spent", "descending"): ClientSort.RANK_DOWN,
    ("spent", "ascending"): ClientSort.RANK,
    ("name", "ascending"): ClientSort.NAME,
    ("name", "descending"): ClientSort.NAME_DOWN,
}
_PLAIN = ("spent", "descending")
_STATES = ("over", "alarm", "stopped")
_HEAD = (
    "user_id", "client", "spent_today", "daily_cap", "share_of_cap", "worst_case", "open_alarms",
    "status",
)  # fmt: skip
_CSV_ROWS = 500
_PERCENT, _WHOLE_E4 = 100, 10_000
_NEAR = 80


@dataclass(frozen=True, slots=True)
class Row:
    """One client of the list."""

    url: str
    name: str
    number: str
    spent: Money
    cap: Money | None
    share: str
    tone: str
    worst: Money
    open_alarms: int
    alarms: str
    status_text: str
    status_tone: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the address asks for."""

    text: str
    state: str
    sort: tuple[str, str]
    cursor: str | None

    def url(self, endpoint: str = "reseller.exposed", **changed: str) -> str:
        """The list's address with something changed; a cursor belongs to one page only."""
        said = {
            "q": self.text,
            "state": self.state,
            "sort": self.sort[0],
            "direction": self.sort[1],
        }
        said |= {"cursor": ""} | changed
        if (said["sort"], said["direction"]) == _PLAIN:
            said |= {"sort": "", "direction": ""}
        kept: dict[str, Any] = {name: word for name, word in said.items() if word}
        return url_for(endpoint, **kept)

    def filter(self, today: date, which: dict[str, Any]) -> ClientFilter:
        """The same for the business; ``which`` are the selects of the states."""
        return ClientFilter(
            self.text, sort=_SORTS[self.sort], cursor=self.cursor,
            among=which.get(self.state), rank=SpendRank(today),
        )  # fmt: skip


@bp.get("/exposure")
def exposed() -> Rendered:
    """Clients by what their calls have cost today."""
    today, wanted = client_words.today(), _wanted()
    which, url = _which(today), wanted.url
    page = identity.find_clients(wanted.filter(today, which))
    cases = exposure.worst_cases(None if not wants_fragment() else {one.id for one in page.rows})
    return render(
        PAGE,
        LIST,
        rows=_rows(page, today, {one: case.total for one, (_, case) in cases.items()}),
        states=[
            (gettext("All"), url(state=""), not wanted.state, None),
            *(
                (
                    _state_word(one),
                    url(state=one),
                    wanted.state == one,
                    exposure.count_of(which[one]),
                )
                for one in _STATES
            ),
        ],
        query=wanted.text,
        state=wanted.state,
        sort=wanted.sort,
        csv_url=url("reseller.exposed_csv"),
        sort_url=lambda key, direction: url(sort=key, direction=direction),
        index_url=url_for("reseller.exposed"),
        newer_url=url(cursor=page.newer) if page.newer else "",
        older_url=url(cursor=page.older) if page.older else "",
        rules_url=url_for("reseller.exposure_rules"),
        figures=() if wants_fragment() else _figures(today, cases),
    )


@bp.get("/exposure.csv")
def exposed_csv() -> Response:
    """Every client of the filter, in its order, streamed."""
    today = client_words.today()
    asked = _wanted().filter(today, _which(today))
    cursors: list[str | None] = [None]

    def chunk(_last: Row | None) -> Sequence[Row]:
        if not cursors:
            return []
        page = identity.find_clients(replace(asked, cursor=cursors.pop()), rows=_CSV_ROWS)
        if page.older:
            cursors.append(page.older)
        cases = exposure.worst_cases({one.id for one in page.rows})
        return _rows(page, today, {one: case.total for one, (_, case) in cases.items()})

    def cells(one: Row) -> Sequence[Cell]:
        return [
            one.number, one.name, str(one.spent), "" if one.cap is None else str(one.cap),
            one.share, str(one.worst), one.open_alarms, one.status_text,
        ]  # fmt: skip

    return csv_stream(f"exposure-{today}.csv", _HEAD, chunk, cells)


@bp.get("/configuration/exposure")
def exposure_rules() -> Rendered:
    """What holds for every client without own limits."""
    return _rules_page(ExposureForm.of(exposure.default_limits()))


@bp.post("/configuration/exposure")
@needs("configuration")
def save_exposure_rules() -> Rendered:
    """Let these limits hold from now on."""
    form = ExposureForm(request.form)
    sent = exposure_limits.send(form)
    if not sent.saved:
        return _rules_page(form, sent)
    say = gettext("The limits hold from now on.")
    return saved(url_for("reseller.exposure_rules"), "#exposure-rules", say=say)


def _wanted() -> _Wanted:
    asked = (request.args.get("sort", ""), request.args.get("direction", ""))
    state = request.args.get("state", "")
    return _Wanted(
        text_of(request.args), state if state in _STATES else "",
        asked if asked in _SORTS else _PLAIN, request.args.get("cursor"),
    )  # fmt: skip


def _which(today: date) -> dict[str, Any]:
    """The selects of the states."""
    return {
        "over": exposure.over_the_cap(today),
        "alarm": exposure.with_alarms(),
        "stopped": exposure.stopped_clients(),
    }


def _rules_page(form: ExposureForm, sent: Sent | None = None) -> Rendered:
    return render(
        "reseller/exposure/rules.html",
        status=sent.status if sent else 200,
        has_errors=bool(form.errors),
        form=form,
        is_changed=sent is not None,
        tried=sent.tried if sent else None,
        access_tabs=access_tabs.tabs("exposure_rules"),
        symbol=client_words.currency_symbol(),
        list_url=url_for("reseller.exposed"),
    )


def _figures(today: Any, cases: dict[int, Any]) -> list[tuple[str, str, str]]:
    spent = exposure.spent_on(today)
    worst = sum((case.total for _, case in cases.values()), Money(0))
    open_lines = sum(lines.open for lines, _ in cases.values())
    alarms = exposure.open_counts()
    return [
        (
            gettext("Calls out today"),
            filters.money(spent),
            gettext("What your clients are charged for them"),
        ),
        (
            gettext("Open alarms"),
            filters.number(sum(alarms.values())),
            ngettext("%(num)d client", "%(num)d clients", len(alarms)),
        ),
        (
            gettext("Worst case, all together"),
            filters.money(worst),
            ngettext(
                "%(num)d sub-account may call abroad",
                "%(num)d sub-accounts may call abroad",
                open_lines,
            ),
        ),
    ]


def _rows(page: Page[ClientRow], today: Any, worst: dict[int, Money]) -> list[Row]:
    ids = [row.id for row in page.rows]
    spent, limits = exposure.spent_today(ids, today), exposure.limits_by_client(ids)
    alarms = exposure.open_counts(ids)
    return [
        _row(
            row, spent.get(row.id, Money(0)), limits[row.id], worst.get(row.id), alarms.get(row.id)
        )
        for row in page.rows
    ]


def _row(
    row: ClientRow, spent: Money, limits: Limits, worst: Money | None, alarms: int | None
) -> Row:
    cap = limits.daily_cap
    percent = None if cap is None else _percent(spent, cap)
    tone = "" if percent is None or percent < _NEAR else "bad" if percent >= _PERCENT else "warn"
    text, status_tone = client_words.state(row.status)
    if row.status is ClientStatus.SUSPENDED and row.suspended_for == "exposure":
        text = gettext("Stopped for calls")
    return Row(
        url=url_for("reseller.client_exposure", public_id=row.public_id),
        name=row.company or row.name,
        number=row.number,
        spent=spent,
        cap=cap,
        share="" if percent is None else filters.percent(percent * _WHOLE_E4),
        tone=tone,
        worst=worst or Money(0),
        open_alarms=alarms or 0,
        alarms=ngettext("%(num)d alarm", "%(num)d alarms", alarms) if alarms else "",
        status_text=text,
        status_tone=status_tone,
    )


def _percent(spent: Money, cap: Money) -> int:
    """How much of the cap is spent; where nothing may be spent, anything is all of it."""
    if not cap:
        return _PERCENT if spent else 0
    return spent.micros * _PERCENT // cap.micros


def _state_word(state: str) -> str:
    return {
        "over": gettext("Over the cap"),
        "alarm": gettext("Open alarms"),
        "stopped": gettext("Stopped"),
    }[state]
