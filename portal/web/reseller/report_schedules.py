"""Reports by mail: which, when, to whom; and the addresses outside the team."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import flash, request, url_for
from flask_babel import get_locale, gettext

from portal import identity, reports
from portal.core.db import transaction
from portal.reports import Chosen, Every, FileState, Report, ScheduleRow
from portal.reports.period import QUICK
from portal.web.forms.reports import WEEKDAYS, AddressForm, ScheduleForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import report_pages
from portal.web.reseller.blueprint import bp, can
from portal.web.session import address, person

LIST, EDIT = "reseller/reports/schedules.html", "reseller/reports/schedule.html"


@bp.get("/reports/schedules")
def report_schedules() -> Rendered:
    """What is mailed, the next first; and the addresses outside the team."""
    return _list(AddressForm())


@bp.get("/reports/<report>/schedule")
@needs("write")
def report_schedule_new(report: str) -> Rendered:
    """A schedule of the report with the filter that the address names."""
    described = reports.by_word(report)
    chosen = described.choose(request.args)
    quick = chosen.period.quick
    form = _form(None, period=quick if quick in QUICK else "last-month")
    form.people.data = [str(person().person_public_id)]
    return _edit(described, chosen, form)


@bp.post("/reports/<report>/schedule")
@needs("write")
def report_schedule_add(report: str) -> Rendered:
    """Mail it from now on."""
    described = reports.by_word(report)
    chosen, form, me = described.choose(request.form), _form(request.form), person()
    language = str(get_locale() or "en")

    def add() -> bool:
        reports.add_schedule(
            _draft(described, chosen, form), language=language, made_by_id=me.person_id
        )
        identity.record("report.scheduled", by=me, address=address(), report=described.word)
        return True

    if chosen.needs:
        form.people.errors = [chosen.needs]
    if chosen.needs or form.submit(add) is None:
        return _edit(described, chosen, form, status=422)
    return go(url_for(".report_schedules"), say=gettext("The report is scheduled."))


@bp.get("/reports/schedules/<uuid:public_id>")
@needs("write")
def report_schedule(public_id: uuid.UUID) -> Rendered:
    """One schedule as a form."""
    row = reports.find_schedule(public_id)
    report = reports.by_kind(row.report)
    return _edit(report, report.choose(row.words), _form(None, row=row), row=row)


@bp.post("/reports/schedules/<uuid:public_id>")
@needs("write")
def report_schedule_change(public_id: uuid.UUID) -> Rendered:
    """From now on like this."""
    row = reports.find_schedule(public_id)
    report = reports.by_kind(row.report)
    chosen, form, me = report.choose(row.words), _form(request.form), person()

    def change() -> bool:
        reports.change_schedule(public_id, _draft(report, chosen, form))
        identity.record("report.schedule_changed", by=me, address=address(), report=report.word)
        return True

    if form.submit(change) is None:
        return _edit(report, chosen, form, row=row, status=422)
    return go(url_for(".report_schedules"), say=gettext("Saved."))


@bp.post("/reports/schedules/<uuid:public_id>/pause")
def report_schedule_pause(public_id: uuid.UUID) -> Rendered:
    """Send nothing for now, or go on."""
    paused = request.form.get("paused") == "1"
    with transaction():
        reports.pause_schedule(public_id, paused=paused)
    said = gettext("Nothing is sent for now.") if paused else gettext("It goes on.")
    return go(url_for(".report_schedules"), say=said)


@bp.post("/reports/schedules/<uuid:public_id>/run")
def report_schedule_run(public_id: uuid.UUID) -> Rendered:
    """Make and mail it now."""
    with transaction():
        begun = reports.run_now(public_id)
    said = gettext("It is made now, and mailed when it is ready.")
    again = gettext("That was asked for a moment ago.")
    return go(url_for(".report_schedules"), say=said if begun else again)


@bp.post("/reports/schedules/<uuid:public_id>/delete")
def report_schedule_delete(public_id: uuid.UUID) -> Rendered:
    """No more."""
    row, me = reports.find_schedule(public_id), person()
    with transaction():
        reports.delete_schedule(public_id)
        identity.record(
            "report.schedule_deleted", by=me, address=address(),
            report=reports.by_kind(row.report).word,
        )  # fmt: skip
    return go(url_for(".report_schedules"), say=gettext("The schedule is deleted."))


@bp.post("/reports/addresses")
def report_address_add() -> Rendered:
    """Name an address outside the team; who leads the team confirms it with the same stroke."""
    form, me = AddressForm(request.form), person()

    def add() -> bool:
        reports.add_address(form.email.data or "", confirmed=can("team"))
        identity.record("report.address_added", by=me, address=address(), email=form.email.data)
        return True

    if form.submit(add) is None:
        return _list(form, status=422)
    return go(
        url_for(".report_schedules", _anchor="addresses"), say=gettext("The address is there.")
    )


@bp.post("/reports/addresses/<uuid:public_id>/confirm")
@needs("team")
def report_address_confirm(public_id: uuid.UUID) -> Rendered:
    """Let it get reports."""
    me = person()
    with transaction():
        email = reports.confirm_address(public_id)
        identity.record("report.address_confirmed", by=me, address=address(), email=email)
    return go(url_for(".report_schedules", _anchor="addresses"), say=gettext("It may get reports."))


@bp.post("/reports/addresses/<uuid:public_id>/delete")
def report_address_delete(public_id: uuid.UUID) -> Rendered:
    """It gets no reports any more."""
    me = person()
    with transaction():
        email = reports.delete_address(public_id)
        identity.record("report.address_deleted", by=me, address=address(), email=email)
    return go(
        url_for(".report_schedules", _anchor="addresses"), say=gettext("The address is gone.")
    )


def _list(form: AddressForm, *, status: int = 200) -> Rendered:
    return render(
        LIST,
        status=status,
        has_errors=status != 200,
        rows=[_shown(row) for row in reports.schedules()],
        addresses=reports.addresses(),
        form=form,
    )


def _shown(row: ScheduleRow) -> dict[str, Any]:
    report = reports.by_kind(row.report)
    states = {
        FileState.READY: (gettext("Sent"), "ok"),
        FileState.FAILED: (gettext("Failed"), "bad"),
        FileState.STOPPED: (gettext("Stopped"), ""),
    }
    last = states.get(row.last, (gettext("Being made"), "info")) if row.last else None
    return {
        "row": row,
        "title": report.title(),
        "said": ", ".join([_period(row.words), *(f"{label}: {text}" for label, text in row.said)]),
        "when": _when(row),
        "last": last,
        "readers": [name for _, name in (*row.people, *row.addresses)],
    }


def _when(row: ScheduleRow) -> str:
    hour = f"{row.hour:02}:00"
    if row.every is Every.DAY:
        return gettext("Daily at %(hour)s", hour=hour)
    if row.every is Every.WEEK:
        return gettext("%(day)s at %(hour)s", day=dict(WEEKDAYS)[str(row.on_day)], hour=hour)
    return gettext("Monthly on day %(day)s at %(hour)s", day=row.on_day, hour=hour)


def _period(words: Mapping[str, str]) -> str:
    quick = report_pages.quick_words().get(words.get("period", ""))
    return quick or f"{words.get('since', '')} – {words.get('until', '')}"


def _form(formdata: Any, *, row: ScheduleRow | None = None, period: str = "") -> ScheduleForm:
    data: dict[str, Any] = {"period": period}
    if row is not None:
        data = {
            "period": row.words.get("period", "last-month"),
            "format": row.format.value,
            "every": row.every.value,
            "weekday": str(row.on_day) if row.every is Every.WEEK else "1",
            "month_day": row.on_day if row.every is Every.MONTH else 1,
            "hour": str(row.hour),
            "people": [str(one) for one, _ in row.people],
            "addresses": [str(one) for one, _ in row.addresses],
        }
    form = ScheduleForm(formdata, data=data)
    form.offer(
        list(report_pages.quick_words().items()),
        [(str(one.public_id), one.name) for one in identity.team() if one.disabled_at is None],
        [(str(one.public_id), one.email) for one in reports.addresses() if one.confirmed_at],
    )
    return form


def _draft(report: Report, chosen: Chosen, form: ScheduleForm) -> reports.ScheduleDraft:
    words = dict(chosen.words) | {"period": str(form.period.data)}
    return form.draft(report.kind, words, chosen.said)


def _edit(
    report: Report,
    chosen: Chosen,
    form: ScheduleForm,
    *,
    row: ScheduleRow | None = None,
    status: int = 200,
) -> Rendered:
    for problem in form.form_errors:
        flash(problem, "bad")
    return render(
        EDIT,
        status=status,
        has_errors=status != 200,
        form=form,
        row=row,
        title=report.title(),
        words=chosen.words,
        said=", ".join(f"{label}: {text}" for label, text in chosen.said),
        save_url=url_for(".report_schedule_change", public_id=row.public_id)
        if row
        else url_for(".report_schedule_add", report=report.word),
    )
