"""Contacts from a file after a look at each line, and all of them as a file."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response, request, stream_with_context, url_for
from flask_babel import gettext, lazy_gettext
from wtforms import FileField

from portal import contacts as book
from portal.contacts import ContactCard, ImportFacts, NumberKind, TriedRow
from portal.core import scope as scopes
from portal.core.cells import Cell
from portal.core.db import finish_reading, transaction
from portal.core.scope import Everything, bind
from portal.entitlements import Service
from portal.web.client.blueprint import bp
from portal.web.client.contacts import read_wanted
from portal.web.download import csv_stream
from portal.web.forms.base import PortalForm
from portal.web.htmx import Rendered, go, render
from portal.web.places import reseller
from portal.web.rights import client_id, need
from portal.web.security import takes_uploads

UPLOAD, PAGE = "client/contacts/import.html", "client/contacts/import_draft.html"
PROGRESS = "client/contacts/_import_progress.html"
_LINES = 100
_KINDS = ((NumberKind.MOBILE, "mobile"), (NumberKind.OTHER, "phone"), (NumberKind.FAX, "fax"))


class ContactsFileForm(PortalForm):
    """A file; what is wrong with it stands beside it."""

    file = FileField(
        lazy_gettext("CSV or vCard file"),
        render_kw={"accept": ".csv,.txt,.vcf,.vcard,text/csv,text/vcard", "required": True},
    )


@bp.get("/contacts/import")
def contacts_import() -> Rendered:
    """The form for a file."""
    need(Service.CONTACTS)
    return _upload_page(ContactsFileForm())


@bp.post("/contacts/import")
@takes_uploads(book.MOST_BYTES + 100_000)
def contacts_upload() -> Rendered:
    """Keep the file as a draft, and show what would happen."""
    need(Service.CONTACTS)
    form, own_id = ContactsFileForm(request.form), client_id()
    sent = request.files.get("file")
    content = sent.read(book.MOST_BYTES + 1) if sent else b""
    name = (sent.filename if sent else "") or ""
    made = form.submit(lambda: book.upload_import(own_id, content, name=name))
    if made is None:
        return _upload_page(form, status=422)
    return go(url_for(".contact_import", public_id=made))


@bp.get("/contacts/imports/<uuid:public_id>")
def contact_import(public_id: uuid.UUID) -> Rendered:
    """Each line and what would happen, how far it is, or what came of it."""
    need(Service.CONTACTS)
    facts = book.find_import(client_id(), public_id)
    if facts.state != "draft":
        return render(PAGE, PROGRESS, part=PROGRESS, file=facts, percent=_percent(facts))
    tried = book.try_out(client_id(), public_id, country=reseller().country)
    after = _after()
    shown = [one for one in tried if one.position > after][:_LINES]
    words: dict[str, Any] = {"public_id": public_id}
    more = shown and shown[-1].position < tried[-1].position
    return render(
        PAGE,
        part="client/contacts/_import_draft.html",
        file=facts,
        fields=[("", gettext("Leave out")), *((one, field_name(one)) for one in book.FIELDS)],
        counts={word: sum(one.outcome == word for one in tried) for word in _OUTCOMES},
        lines=[_line(one) for one in shown],
        older_url=url_for(".contact_import", after=shown[-1].position, **words) if more else "",
        first_url=url_for(".contact_import", **words) if after else "",
    )


@bp.post("/contacts/imports/<uuid:public_id>/columns")
def contact_import_columns(public_id: uuid.UUID) -> Rendered:
    """Say what each column is, and try every line again."""
    need(Service.CONTACTS)
    with transaction():
        book.map_columns(client_id(), public_id, request.form.getlist("column")[:60])
    return go(url_for(".contact_import", public_id=public_id, _anchor="trial"))


@bp.post("/contacts/imports/<uuid:public_id>/apply")
def contact_import_apply(public_id: uuid.UUID) -> Rendered:
    """Bring in what the trial said; pressed twice it is done once."""
    need(Service.CONTACTS)
    with transaction():
        book.apply_import(client_id(), public_id, country=reseller().country)
    return go(url_for(".contact_import", public_id=public_id))


@bp.post("/contacts/imports/<uuid:public_id>/discard")
def contact_import_discard(public_id: uuid.UUID) -> Rendered:
    """Forget a draft."""
    need(Service.CONTACTS)
    with transaction():
        book.discard_import(client_id(), public_id)
    return go(url_for(".contacts"), say=gettext("Nothing was changed."))


@bp.get("/contacts.csv")
def contacts_csv() -> Response:
    """Everybody whom the filter finds, streamed; the same columns can be brought in again."""
    need(Service.CONTACTS)
    wanted, own_id = read_wanted(request.args).filter(), client_id()
    head = ["name", "company", "email", "mobile", "phone", "fax", "groups", "language", "note"]

    def chunk(last: ContactCard | None) -> Sequence[ContactCard]:
        return book.every(own_id, wanted, after=last)

    def cells(card: ContactCard) -> Sequence[Cell]:
        numbers = [
            "; ".join(one.number for one in card.numbers if one.kind is kind) for kind, _ in _KINDS
        ]
        groups = "; ".join(card.groups.values())
        return [card.name, card.company, card.email, *numbers, groups, card.language, card.note]

    return csv_stream("contacts.csv", head, chunk, cells)


@bp.get("/contacts.vcf")
def contacts_vcf() -> Response:
    """The same as cards, for a telephone or a mail program."""
    need(Service.CONTACTS)
    wanted, own_id, scope = read_wanted(request.args).filter(), client_id(), scopes.current()
    assert not isinstance(scope, Everything)

    def cards() -> Iterator[str]:
        last: ContactCard | None = None
        while True:
            with bind(scope):
                found = book.every(own_id, wanted, after=last)
                finish_reading()
            if not found:
                return
            last = found[-1]
            yield "".join(book.write_card(one) for one in found)

    response = Response(stream_with_context(cards()), mimetype="text/vcard")
    response.headers["Content-Disposition"] = 'attachment; filename="contacts.vcf"'
    response.headers["Vary"] = "Cookie"
    return response


def field_name(name: str) -> str:
    """A field of a contact in words."""
    return {
        "name": gettext("Name"),
        "first_name": gettext("First name"),
        "last_name": gettext("Last name"),
        "company": gettext("Company"),
        "email": gettext("E-mail"),
        "mobile": gettext("Mobile"),
        "phone": gettext("Phone"),
        "fax": gettext("Fax"),
        "groups": gettext("Groups"),
        "language": gettext("Language"),
        "note": gettext("Note"),
    }[name]


_OUTCOMES = ("new", "changed", "same", "refused")


def _line(one: TriedRow) -> dict[str, Any]:
    words, tone = {
        "new": (gettext("New"), "ok"),
        "changed": (gettext("Changed"), "info"),
        "same": (gettext("As it is"), ""),
    }.get(one.outcome, (gettext("Refused"), "bad"))
    problem = gettext(one.problem) if one.problem else ""
    return {
        "position": one.position, "name": one.name, "words": words, "tone": tone, "problem": problem,
    }  # fmt: skip


def _upload_page(form: ContactsFileForm, *, status: int = 200) -> Rendered:
    return render(UPLOAD, status=status, has_errors=status != 200, form=form)


def _percent(facts: ImportFacts) -> int:
    return facts.done * 100 // facts.all_rows if facts.all_rows else 100


def _after() -> int:
    text = request.args.get("after", "")
    return int(text) if text.isdecimal() and len(text) < 7 else 0
