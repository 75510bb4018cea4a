"""Many clients at once: those chosen in the list, activated, suspended, or written to."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext, ngettext

from portal import batches, identity, ledger
from portal.batches import BatchFacts, BatchKind, BatchRowFacts, BatchState, RowState
from portal.core import live
from portal.core.db import transaction
from portal.core.money import ZERO
from portal.web import filters
from portal.web.forms.batches import (
    ImportForm,
    MappingForm,
    NoticeForm,
    field_choices,
    mapping_form,
)
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.reseller.client_list import nothing_selected, read_wanted
from portal.web.session import person

_SHOWN = 50
_NAMED = 12
_ROWS_SHOWN = 100
_PAGE = "reseller/clients/batch.html"


@bp.get("/clients/selection")
@needs("clients")
def selection() -> Rendered:
    """How many are chosen, and what they hold: the bar's words."""
    chosen, count = _chosen(request.args), 0
    held = ZERO
    if request.args.get("everyone"):
        count = identity.count_found(read_wanted(request.args).filter())
    else:
        ids = identity.ids_of(chosen)
        count, held = len(ids), sum(ledger.balances_of(ids).values(), ZERO)
    said = ngettext("%(count)s selected", "%(count)s selected", count, count=filters.number(count))
    words = said if count else nothing_selected()
    part = "reseller/clients/_selection.html"
    return render(part, part, selection=words, held=filters.money(held) if count and held else "")


@bp.post("/clients/bulk")
@needs("clients")
def bulk_clients() -> Rendered:
    """Begin what the bar's button says with the chosen ones, or with all that match once it is confirmed.

    Who matches is looked up here, by the list's own filter, and written down before anybody confirms:
    the number that is shown is the number that is done.
    """
    wanted = read_wanted(request.form)
    back = wanted.url()
    try:
        kind = BatchKind(request.form.get("action", ""))
    except ValueError:
        return go(back)
    if kind is BatchKind.IMPORT:
        return go(back)
    visitor, everyone = person(), bool(request.form.get("everyone"))
    ids = (
        identity.found_ids(wanted.filter(), most=batches.MOST + 1)
        if everyone
        else identity.ids_of(_chosen(request.form))
    )
    if not ids:
        return go(back, say=gettext("Choose at least one client first."))
    if len(ids) > batches.MOST:
        return go(back, say=_too_many())
    with transaction():
        made = batches.begin(kind, ids, by=visitor)
    if everyone or kind is BatchKind.MESSAGE:
        return go(url_for("reseller.client_batch", public_id=made))
    return _run(made, kind, back)


@bp.get("/clients/batches/<uuid:public_id>")
@needs("clients")
def client_batch(public_id: uuid.UUID) -> Rendered:
    """What is still to be decided, how far it is, or what came of it."""
    facts = batches.find(public_id)
    if facts.state is not BatchState.DRAFT:
        return _progress(facts)
    if facts.kind is BatchKind.IMPORT:
        return _mapping_page(facts, mapping_form(facts.head, chosen=facts.mapping))
    if facts.kind is BatchKind.MESSAGE:
        return _notice_page(facts, NoticeForm())
    return _confirm_page(facts)


@bp.post("/clients/batches/<uuid:public_id>/start")
@needs("clients")
def start_batch(public_id: uuid.UUID) -> Rendered:
    """Do what was confirmed; pressed twice it is done once."""
    kind = batches.find(public_id).kind
    if kind in {BatchKind.ACTIVATE, BatchKind.SUSPEND}:
        return _run(public_id, kind, url_for("reseller.clients"))
    return go(url_for("reseller.client_batch", public_id=public_id))


@bp.post("/clients/batches/<uuid:public_id>/send")
@needs("clients")
def send_notice(public_id: uuid.UUID) -> Rendered:
    """Write to everybody on the list, each in a mail of their own."""
    facts, visitor = batches.find(public_id), person()
    form = NoticeForm(request.form)
    sent = form.submit(
        lambda: batches.start(
            public_id,
            BatchKind.MESSAGE,
            by=visitor,
            subject=form.subject.data or "",
            text=form.text.data or "",
        )
    )
    if sent is None:
        return _notice_page(facts, form, status=422)
    return go(url_for("reseller.client_batch", public_id=public_id))


@bp.get("/clients/import")
@needs("clients")
def import_clients() -> Rendered:
    """The form for a file."""
    return _upload_page(ImportForm())


@bp.post("/clients/import")
@needs("clients")
def upload_clients() -> Rendered:
    """Keep the file as a draft, and show what each column seems to be."""
    form, reseller, visitor = ImportForm(request.form), own_reseller(), person()
    sent = request.files.get("file")
    content = sent.read(batches.MOST_BYTES + 1) if sent else b""
    if sent:
        sent.close()
    sheet = form.check(lambda: batches.read_sheet(content))
    if sheet is None:
        return _upload_page(form, status=422)
    defaults = {
        "country": reseller.country,
        "language": reseller.language,
        "time_zone": reseller.time_zone,
    }
    with transaction():
        made = batches.upload(
            sheet,
            name=(sent.filename if sent else "") or "",
            defaults=defaults,
            by=visitor,
        )
    return go(url_for("reseller.client_batch", public_id=made))


@bp.post("/clients/batches/<uuid:public_id>/columns")
@needs("clients")
def map_columns(public_id: uuid.UUID) -> Rendered:
    """Say what each column is, and try every line again."""
    facts = batches.find(public_id)
    form = mapping_form(facts.head, request.form)

    def check() -> bool:
        batches.check(public_id, form.mapping())
        return True

    if form.submit(check) is None:
        return _mapping_page(facts, form, status=422)
    return go(url_for("reseller.client_batch", public_id=public_id, _anchor="trial"))


@bp.post("/clients/batches/<uuid:public_id>/create")
@needs("clients")
def create_clients(public_id: uuid.UUID) -> Rendered:
    """Create what the trial said; pressed twice it is done once."""
    visitor = person()
    with transaction():
        batches.start(
            public_id, BatchKind.IMPORT, by=visitor, invite=bool(request.form.get("invite"))
        )
    return go(url_for("reseller.client_batch", public_id=public_id))


@bp.post("/clients/batches/<uuid:public_id>/discard")
@needs("clients")
def discard_batch(public_id: uuid.UUID) -> Rendered:
    """Forget a draft."""
    with transaction():
        batches.discard(public_id)
    return go(url_for("reseller.clients"), say=gettext("Nothing was done."))


def _chosen(asked: Any) -> list[uuid.UUID]:
    found = []
    for word in asked.getlist("chosen")[: batches.MOST]:
        try:
            found.append(uuid.UUID(word))
        except ValueError:
            continue
    return found


def _run(public_id: uuid.UUID, kind: BatchKind, back: str) -> Rendered:
    """Let it run. A few are done at once; that and the others are seen on the work's own page."""
    with transaction():
        batches.start(public_id, kind, by=person())
        live.tell("attention-changed", client_id=None)
    if batches.find(public_id).counts.all <= batches.AT_ONCE:
        with transaction():
            batches.run_now(public_id)
        facts = batches.find(public_id)
        if facts.counts.done == facts.counts.all:
            return go(back, say=_done(facts))
    return go(url_for("reseller.client_batch", public_id=public_id))


def _too_many() -> str:
    most = filters.number(batches.MOST)
    return gettext("These are more than %(most)s clients. Narrow the list first.", most=most)


def _done(facts: BatchFacts) -> str:
    count = facts.counts.done
    if facts.kind is BatchKind.SUSPEND:
        return ngettext(
            "%(num)d client is suspended now.", "%(num)d clients are suspended now.", count
        )
    return ngettext("%(num)d client is active now.", "%(num)d clients are active now.", count)


def _title(facts: BatchFacts) -> str:
    return {
        BatchKind.ACTIVATE: gettext("Activate clients"),
        BatchKind.SUSPEND: gettext("Suspend clients"),
        BatchKind.MESSAGE: gettext("Message to clients"),
        BatchKind.IMPORT: gettext("Import clients"),
    }[facts.kind]


def _progress(facts: BatchFacts) -> Rendered:
    part = "reseller/clients/_progress.html"
    return render(
        _PAGE,
        part,
        part=part,
        title=_title(facts),
        batch=facts,
        percent=facts.counts.over * 100 // facts.counts.all if facts.counts.all else 100,
        amiss=_amiss(facts),
        clients_url=url_for("reseller.clients"),
    )


def _amiss(facts: BatchFacts) -> list[BatchRowFacts]:
    """What was or will be left alone, each with the reason in the page's language."""
    names = dict(field_choices())
    found = batches.rows_of(facts.public_id, RowState.SKIPPED, RowState.FAILED, limit=_ROWS_SHOWN)
    shown = []
    for row in found:
        field, colon, sentence = row.problem.partition(": ")
        said = (
            f"{names[field]}: {gettext(sentence)}"
            if colon and field in names
            else gettext(row.problem)
        )
        shown.append(replace(row, problem=said))
    return shown


def _confirm_page(facts: BatchFacts) -> Rendered:
    return render(
        _PAGE,
        part="reseller/clients/_confirm.html",
        title=_title(facts),
        batch=facts,
        to=batches.rows_of(facts.public_id, limit=_NAMED),
        clients_url=url_for("reseller.clients"),
    )


def _notice_page(facts: BatchFacts, form: NoticeForm, *, status: int = 200) -> Rendered:
    return render(
        _PAGE,
        status=status,
        has_errors=status != 200,
        part="reseller/clients/_notice.html",
        title=_title(facts),
        batch=facts,
        form=form,
        to=batches.rows_of(facts.public_id, limit=_SHOWN),
        clients_url=url_for("reseller.clients"),
    )


def _upload_page(form: ImportForm, *, status: int = 200) -> Rendered:
    return render(
        "reseller/clients/import.html",
        status=status,
        has_errors=status != 200,
        form=form,
        clients_url=url_for("reseller.clients"),
    )


def _mapping_page(facts: BatchFacts, form: MappingForm, *, status: int = 200) -> Rendered:
    first = batches.rows_of(facts.public_id, limit=3)
    names = dict(field_choices())
    return render(
        _PAGE,
        status=status,
        has_errors=status != 200,
        part="reseller/clients/_mapping.html",
        title=_title(facts),
        batch=facts,
        form=form,
        samples=[
            ", ".join(row.cells[at] for row in first if at < len(row.cells) and row.cells[at])[:80]
            for at in range(len(facts.head))
        ],
        lacking=[names[name] for name in batches.NEEDED if name not in facts.mapping],
        good=batches.rows_of(facts.public_id, RowState.WAITING, limit=10),
        amiss=_amiss(facts),
        clients_url=url_for("reseller.clients"),
    )
