"""Who spends how much today, what could be lost at worst, and the limits of everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext, ngettext

from portal import exposure, identity
from portal.core.money import Money
from portal.core.paging import Page
from portal.exposure import Limits, SpendRank
from portal.identity import ClientFilter, ClientRow, ClientSort, ClientStatus
from portal.web import filters
from portal.web.forms.exposure import ExposureForm
from portal.web.forms.filters import text_of
from portal.web.guards import needs
from portal.web.htmx import Rendered, render, saved, wants_fragment
from portal.web.reseller import access_tabs, client_words
from portal.web.reseller.blueprint import bp
from portal.web.session import person

PAGE, LIST = "reseller/exposure/index.html", "reseller/exposure/_list.html"
_SORTS = {
    ("spent", "descending"): ClientSort.RANK_DOWN,
    ("spent", "ascending"): ClientSort.RANK,
    ("name", "ascending"): ClientSort.NAME,
    ("name", "descending"): ClientSort.NAME_DOWN,
}
_PLAIN = ("spent", "descending")
_STATES = ("over", "alarm", "stopped")
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
    alarms: str
    status_text: str
    status_tone: str


@bp.get("/exposure")
def exposed() -> Rendered:
    """Clients by what their calls have cost today."""
    today = client_words.today()
    asked = (request.args.get("sort", ""), request.args.get("direction", ""))
    sort = asked if asked in _SORTS else _PLAIN
    state, text = request.args.get("state", ""), text_of(request.args)
    which = {
        "over": exposure.over_the_cap(today),
        "alarm": exposure.with_alarms(),
        "stopped": exposure.stopped_clients(),
    }
    page = identity.find_clients(
        ClientFilter(
            text, sort=_SORTS[sort], cursor=request.args.get("cursor"), among=which.get(state),
            rank=SpendRank(today),
        )
    )  # fmt: skip
    cases = exposure.worst_cases(None if not wants_fragment() else {one.id for one in page.rows})

    def url(**changed: str) -> str:
        said = {
            "q": text,
            "state": state if state in which else "",
            "sort": sort[0],
            "direction": sort[1],
        }
        said |= {"cursor": ""} | changed
        if (said["sort"], said["direction"]) == _PLAIN:
            said |= {"sort": "", "direction": ""}
        kept: dict[str, Any] = {name: word for name, word in said.items() if word}
        return url_for("reseller.exposed", **kept)

    return render(
        PAGE,
        LIST,
        rows=_rows(page, today, {one: case.total for one, (_, case) in cases.items()}),
        states=[
            (gettext("All"), url(state=""), state not in which, None),
            *(
                (_state_word(one), url(state=one), state == one, exposure.count_of(which[one]))
                for one in _STATES
            ),
        ],
        query=text,
        state=state if state in which else "",
        sort=sort,
        sort_url=lambda key, direction: url(sort=key, direction=direction),
        index_url=url_for("reseller.exposed"),
        newer_url=url(cursor=page.newer) if page.newer else "",
        older_url=url(cursor=page.older) if page.older else "",
        rules_url=url_for("reseller.exposure_rules"),
        figures=() if wants_fragment() else _figures(today, cases),
    )


@bp.get("/configuration/exposure")
def exposure_rules() -> Rendered:
    """What holds for every client without own limits."""
    return _rules_page(ExposureForm.of(exposure.default_limits()))


@bp.post("/configuration/exposure")
@needs("configuration")
def save_exposure_rules() -> Rendered:
    """Let these limits hold from now on."""
    form, by = ExposureForm(request.form), person()
    form.submit(lambda: exposure.save_limits(form.limits(), by=by))
    if not form.accepted:
        return _rules_page(form, status=422)
    say = gettext("The limits hold from now on.")
    return saved(url_for("reseller.exposure_rules"), "#exposure-rules", say=say)


def _rules_page(form: ExposureForm, *, status: int = 200) -> Rendered:
    return render(
        "reseller/exposure/rules.html",
        status=status,
        has_errors=status != 200,
        form=form,
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
