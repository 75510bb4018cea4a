"""A file of area rates on its way into a package: columns, comparison, application."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from portal import identity, pricing
from portal.core import storage
from portal.core.db import transaction
from portal.core.errors import InvalidInput
from portal.pricing import ImportState, Outcome, RateImportRow, Sheet
from portal.web import filters
from portal.web.forms.filters import text_of
from portal.web.forms.rates import ColumnsForm, RateFileForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render, wants_fragment
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.reseller.package_areas import area_name
from portal.web.reseller.package_rates import rates_page
from portal.web.reseller.packages import head
from portal.web.security import takes_uploads
from portal.web.session import address, person

# The file and the form around it.
MOST_BYTES = pricing.MOST_BYTES + 100_000
_BUSY = (ImportState.COMPARING, ImportState.APPLYING)


@bp.post("/packages/<uuid:public_id>/rates/imports")
@needs("packages")
@takes_uploads(MOST_BYTES)
def add_rate_import(public_id: uuid.UUID) -> Rendered:
    """Take a file, look at it, and ask what its columns hold."""
    row = pricing.find_package(public_id)
    form = RateFileForm(request.form)
    sent = request.files.get("file")
    content = sent.read(pricing.MOST_BYTES + 1) if sent else b""
    if sent:
        sent.close()

    def look() -> Sheet:
        if not sent or not sent.filename:
            raise InvalidInput("Choose a file first.", field="file")
        return pricing.look(content)

    sheet = form.check(look)
    if sheet is None:
        return rates_page(row, file_form=form, status=422)
    name = Path((sent.filename if sent else "") or "").name
    stored_as = _keep(content)
    made = form.submit(
        lambda: pricing.start_rate_import(
            public_id, sheet, file_name=name, stored_as=stored_as, by_id=person().person_id
        )
    )
    if made is None:
        storage.discard(stored_as)
        return rates_page(row, file_form=form, status=422)
    return go(_url(public_id, made))


@bp.get("/packages/<uuid:public_id>/rates/imports/<uuid:file>")
@needs("packages")
def rate_import(public_id: uuid.UUID, file: uuid.UUID) -> Rendered:
    """Where a file stands: its columns, how far the work is, or what it changes."""
    found = pricing.find_import(public_id, file)
    if found.state in _BUSY:
        return _page(public_id, found, "reseller/packages/_import_job.html")
    if wants_fragment() and "outcome" not in request.args:
        return go(_url(public_id, file))  # the card asked, and the work is over
    return _page(public_id, found, "reseller/packages/_import_lines.html")


@bp.post("/packages/<uuid:public_id>/rates/imports/<uuid:file>")
@needs("packages")
def compare_rate_import(public_id: uuid.UUID, file: uuid.UUID) -> Rendered:
    """Compare the file with the package: at once when it is short, by a job when it is long."""
    found = pricing.find_import(public_id, file)
    form = ColumnsForm(request.form, row=found)
    content = storage.path_of(found.stored_as).read_bytes()

    def compare() -> int:
        rows = pricing.choose_columns(
            file,
            form.columns,
            valid_from=client_words.moment_of(form.valid_from.data),
            ends_missing=form.ends_missing.data,
        )
        if rows <= pricing.AT_ONCE:
            pricing.compare_now(file, content)
        return rows

    if form.submit(compare) is None:
        return _page(public_id, found, None, form=form, status=422)
    return go(_url(public_id, file))


@bp.post("/packages/<uuid:public_id>/rates/imports/<uuid:file>/apply")
@needs("packages")
def apply_rate_import(public_id: uuid.UUID, file: uuid.UUID) -> Rendered:
    """Put the rates into the package."""
    found = pricing.find_import(public_id, file)
    with transaction():
        pricing.ask_to_apply(file)
        identity.record(
            "package.rates_applied", by=person(), address=address(), file=found.file_name,
            package=pricing.find_package(public_id).details.name,
        )  # fmt: skip
    return go(_url(public_id, file))


@bp.post("/packages/<uuid:public_id>/rates/imports/<uuid:file>/discard")
@needs("packages")
def discard_rate_import(public_id: uuid.UUID, file: uuid.UUID) -> Rendered:
    """Forget a file that was not applied."""
    pricing.find_import(public_id, file)
    with transaction():
        stored_as = pricing.discard_import(file)
    storage.discard(stored_as)
    return go(
        url_for("reseller.package_rates", public_id=public_id),
        say=gettext("The file is discarded. Nothing was changed."),
    )


def _page(
    public_id: uuid.UUID,
    found: RateImportRow,
    fragment: str | None,
    *,
    form: ColumnsForm | None = None,
    status: int = 200,
) -> Rendered:
    row = pricing.find_package(public_id)
    outcome, text = _outcome(found), text_of(request.args)
    lines, older = pricing.import_lines(found.id, outcome, text=text, after=_after())
    url = _url(public_id, found.public_id)
    words = outcome_words()
    return render(
        "reseller/packages/rate_import.html",
        fragment,
        status=status,
        has_errors=status != 200,
        package=row,
        found=found,
        form=form or ColumnsForm(row=found),
        outcomes=[
            (words[one], _lines_url(public_id, found, one), one is outcome, found.counts.get(one, 0))
            for one in Outcome
            if found.counts.get(one)
        ],
        outcome=outcome,
        lines=[
            (line, area_name(line.kind, line.area) if line.kind else filters.NOTHING)
            for line in lines
        ],
        changes=sum(found.counts.get(one, 0) for one in list(Outcome)[:3]),
        query=text,
        page_url=url,
        lines_url=_lines_url(public_id, found, outcome),
        older_url=_lines_url(public_id, found, outcome, q=text, after=older) if older else "",
        rates_url=url_for("reseller.package_rates", public_id=public_id),
        **head(row, "package_rates"),
    )  # fmt: skip


def outcome_words() -> dict[Outcome, str]:
    """What became of lines."""
    return {
        Outcome.ADDED: gettext("New"),
        Outcome.CHANGED: gettext("Changed"),
        Outcome.ENDED: gettext("Ended"),
        Outcome.SAME: gettext("Unchanged"),
        Outcome.WRONG: gettext("Not usable"),
    }


def _outcome(found: RateImportRow) -> Outcome:
    word = request.args.get("outcome", "")
    if word in set(Outcome):
        return Outcome(word)
    return next((one for one in Outcome if found.counts.get(one)), Outcome.ADDED)


def _after() -> int:
    """The line to go on after; nine digits are more lines than a file has, and fit the database."""
    said = request.args.get("after", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0


def _keep(content: bytes) -> str:
    draft = storage.draft(ending="csv")
    draft.write_bytes(content)
    return storage.keep(draft, ending="csv")


def _url(public_id: uuid.UUID, file: uuid.UUID) -> str:
    return url_for("reseller.rate_import", public_id=public_id, file=file)


def _lines_url(public_id: uuid.UUID, found: RateImportRow, outcome: Outcome, **more: Any) -> str:
    kept: dict[str, Any] = {name: word for name, word in more.items() if word}
    return url_for(
        "reseller.rate_import",
        public_id=public_id,
        file=found.public_id,
        outcome=outcome.value,
        **kept,
    )
