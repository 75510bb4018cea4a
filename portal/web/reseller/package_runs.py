"""Past calls of a package: compared under other prices on paper, and charged again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from flask import Response, request, url_for
from flask_babel import gettext

from portal import calls, identity, pricing
from portal.calls import RunRow, RunSums
from portal.core.cells import Cell
from portal.core.db import transaction
from portal.core.errors import InvalidInput, Refused
from portal.core.sentences import N_
from portal.web import filters
from portal.web.download import csv_stream
from portal.web.forms.packages import PackageForm
from portal.web.forms.rating_runs import NOW, PAPER, DaysForm, RunForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render, wants_fragment
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.reseller.packages import editor, head
from portal.web.session import address, person


@bp.get("/packages/<uuid:public_id>/past")
def package_runs(public_id: uuid.UUID) -> Rendered:
    """What was compared and charged again, and the form for more of it."""
    first, last = client_words.last_month()
    return _list(public_id, RunForm(first=first, last=last))


@bp.post("/packages/<uuid:public_id>/past")
@needs("packages")
def start_run(public_id: uuid.UUID) -> Rendered:
    """Compare or charge again as the form says."""
    row = pricing.find_package(public_id)
    form = RunForm(request.form)

    def ask() -> uuid.UUID:
        first, last = _days(form)
        by = person().person_id
        if form.work.data == PAPER:
            return calls.ask_on_paper(public_id, row.details, first, last, by_id=by)
        backdate = form.work.data == NOW
        made = calls.ask_for_real(public_id, first, last, backdate=backdate, by_id=by)
        identity.record(
            "package.calls_charged_again", by=person(), address=address(),
            package=row.details.name, first=str(first), last=str(last),
        )  # fmt: skip
        return made

    run = form.submit(ask)
    return _list(public_id, form, status=422) if run is None else go(_url(public_id, run))


@bp.post("/packages/<uuid:public_id>/past/draft")
@needs("packages")
def compare_draft(public_id: uuid.UUID) -> Rendered:
    """Compare the terms in the editor, which are not saved by it."""
    row = pricing.find_package(public_id)
    form, days = PackageForm(request.form), DaysForm(request.form)

    def ask() -> uuid.UUID:
        if not days.validate():
            raise InvalidInput(N_("Choose the first and the last day."), field="first")
        first, last = _days(days)
        return calls.ask_on_paper(public_id, form.details(), first, last, by_id=person().person_id)

    run = form.submit(ask)
    return editor(form, row, status=422) if run is None else go(_url(public_id, run))


@bp.get("/packages/<uuid:public_id>/past/<uuid:run>")
def package_run(public_id: uuid.UUID, run: uuid.UUID) -> Rendered:
    """How far a run is, or what came out."""
    row, found = pricing.find_package(public_id), calls.find_run(run, package=public_id)
    if found.is_done and wants_fragment():
        return go(_url(public_id, run))  # the card asked, and the work is over
    lines = calls.lines_of(found.id) if found.is_done else []
    names = identity.clients_by_id({one.client_id for one in lines if one.client_id})
    return render(
        "reseller/packages/run.html",
        "reseller/packages/_run_job.html",
        package=row,
        run=found,
        period=_period(found),
        whole=calls.added(lines),
        lines=[(one, names[one.client_id]) for one in lines if one.client_id in names],
        page_url=_url(public_id, run),
        **head(row, "package_runs"),
    )


@bp.get("/packages/<uuid:public_id>/past/<uuid:run>.csv")
def package_run_csv(public_id: uuid.UUID, run: uuid.UUID) -> Response:
    """Each client's line."""
    found = calls.find_run(run, package=public_id)
    lines = calls.lines_of(found.id)
    known = identity.clients_by_id({one.client_id for one in lines if one.client_id})
    names = {client_id: client.title for client_id, client in known.items()}
    columns = (
        gettext("Client"), gettext("Calls"), gettext("Changed"), gettext("Was charged"),
        gettext("Would be charged") if not found.for_real else gettext("Is charged"),
        gettext("Difference"), gettext("Cost"), gettext("Profit before"), gettext("Profit after"),
    )  # fmt: skip

    def cells(one: RunSums) -> Sequence[Cell]:
        sums = (
            one.before, one.after, one.difference, one.cost, one.profit_before, one.profit_after,
        )  # fmt: skip
        return (names.get(one.client_id or 0, ""), one.calls, one.changed, *map(str, sums))

    def chunk(last: RunSums | None) -> Sequence[RunSums]:
        return [] if last else lines

    return csv_stream(f"past-calls-{found.first_day}-{found.last_day}.csv", columns, chunk, cells)


@bp.post("/packages/<uuid:public_id>/past/<uuid:run>/publish")
@needs("packages")
def publish_draft(public_id: uuid.UUID, run: uuid.UUID) -> Rendered:
    """Save the compared terms for calls that start from now on."""
    found = calls.find_run(run, package=public_id)
    if found.details is None:
        raise Refused(N_("These prices hold already."))
    with transaction():
        pricing.save_package(found.details, package=public_id, saved_by_id=person().person_id)
        identity.record("package.saved", by=person(), address=address(), package=found.details.name)
    return go(
        url_for("reseller.package", public_id=public_id),
        say=gettext("Saved. The prices hold for calls that start from now on."),
    )


def _list(public_id: uuid.UUID, form: RunForm, *, status: int = 200) -> Rendered:
    row = pricing.find_package(public_id)
    return render(
        "reseller/packages/runs.html",
        status=status,
        has_errors=status != 200,
        form=form,
        package=row,
        runs=[
            (one, _period(one), _url(public_id, one.public_id))
            for one in calls.latest_runs(public_id)
        ],
        **head(row, "package_runs"),
    )


def _days(form: DaysForm) -> tuple[date, date]:
    assert form.first.data is not None
    assert form.last.data is not None
    return form.first.data, form.last.data


def _period(run: RunRow) -> str:
    return f"{filters.day(run.first_day)} – {filters.day(run.last_day)}"


def _url(public_id: uuid.UUID, run: uuid.UUID) -> str:
    return url_for("reseller.package_run", public_id=public_id, run=run)
