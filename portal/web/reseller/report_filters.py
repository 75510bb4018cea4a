"""Filters of reports under a name: one's own, and the team's."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from portal import reports
from portal.core.db import transaction
from portal.reports import FilterRow
from portal.web.forms.reports import FilterForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller import report_pages
from portal.web.reseller.blueprint import bp, can
from portal.web.session import person

LIST, EDIT = "reseller/reports/filters.html", "reseller/reports/filter.html"


@bp.get("/reports/filters")
def report_filters() -> Rendered:
    """All of them, by report."""
    return render(LIST, saved=[_shown(row) for row in reports.filters_of(_me())])


@bp.post("/reports/<report>/filters")
@needs("own_account")
def report_filter_save(report: str) -> Rendered:
    """Keep the filter of the page under a name."""
    frame = report_pages.frame_of(reports.by_word(report))
    chosen, form, me = frame.choose(request.form), FilterForm(request.form), _me()

    def save() -> bool:
        public_id = reports.save_filter(
            frame.report.kind,
            form.name.data or "",
            chosen.address,
            person_id=me,
            shared=form.shared.data and can("write"),
        )
        if form.opens.data:
            reports.open_with(public_id, person_id=me, wanted=True)
        return True

    if form.submit(save) is None:
        for problem in [*form.form_errors, *(one for of in form.errors.values() for one in of)]:
            flash(problem, "bad")
        return go(frame.url(chosen))
    return go(frame.url(chosen), say=gettext("The filter is saved."))


@bp.get("/reports/filters/<uuid:public_id>")
def report_filter(public_id: uuid.UUID) -> Rendered:
    """One of one's own: its name, and who has it."""
    row = reports.find_filter(public_id, _me())
    form = FilterForm(data={"name": row.name, "shared": row.shared, "opens": row.is_default})
    return render(EDIT, row=row, form=form)


@bp.post("/reports/filters/<uuid:public_id>")
@needs("own_account")
def report_filter_change(public_id: uuid.UUID) -> Rendered:
    """Another name, another circle; somebody else's can only be what one's own report opens with."""
    form, me = FilterForm(request.form), _me()
    row = reports.find_filter(public_id, me)

    def change() -> bool:
        if row.is_mine:
            shared = form.shared.data if can("write") else row.shared
            reports.change_filter(public_id, person_id=me, name=form.name.data or "", shared=shared)
        reports.open_with(public_id, person_id=me, wanted=form.opens.data)
        return True

    if form.submit(change) is None:
        return render(EDIT, status=422, has_errors=True, row=row, form=form)
    return go(url_for(".report_filters"), say=gettext("Saved."))


@bp.post("/reports/filters/<uuid:public_id>/delete")
@needs("own_account")
def report_filter_delete(public_id: uuid.UUID) -> Rendered:
    """Forget it."""
    with transaction():
        reports.delete_filter(public_id, person_id=_me())
    return go(url_for(".report_filters"), say=gettext("The filter is deleted."))


def _me() -> int:
    return person().person_id


def _shown(row: FilterRow) -> tuple[FilterRow, str, str]:
    report = reports.by_kind(row.report)
    words: dict[str, Any] = dict(row.words)
    return row, report.title(), url_for(".report", report=report.word, **words)
