"""Contacts: find somebody, see what is known, change it, and do something with many of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict

from portal import contacts as book
from portal.contacts import ContactCard, ContactFilter, ContactSort, NumberKind
from portal.core.db import transaction
from portal.entitlements import Service
from portal.web import filters
from portal.web.client.blueprint import bp
from portal.web.client.messages_bulk import begin_for
from portal.web.forms.base import PortalForm
from portal.web.forms.contacts import ContactForm, filled
from portal.web.forms.filters import text_of
from portal.web.htmx import Rendered, go, render
from portal.web.i18n import LANGUAGES
from portal.web.places import reseller
from portal.web.rights import allowed, client_id, need
from portal.web.session import person

PAGE, ROWS = "client/contacts/index.html", "client/contacts/_rows.html"
EDIT, VIEW = "client/contacts/edit.html", "client/contacts/view.html"
TWICE = "client/contacts/twice.html"
MOST_CHOSEN = 10_000
_SORTS = {
    ("name", "ascending"): ContactSort.NAME,
    ("name", "descending"): ContactSort.NAME_DOWN,
    ("changed", "ascending"): ContactSort.CHANGED_UP,
    ("changed", "descending"): ContactSort.CHANGED,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address or a form asks for."""

    text: str
    group: uuid.UUID | None
    sort: tuple[str, str]
    deleted: bool

    def url(self, endpoint: str = ".contacts", **changed: Any) -> str:
        """The list's address with something changed."""
        values: dict[str, Any] = {
            "q": self.text,
            "group": self.group,
            "sort": self.sort[0] if self.sort[0] != "name" else "",
            "direction": self.sort[1] if self.sort[1] != "ascending" else "",
            "show": "deleted" if self.deleted else "",
        } | changed
        return url_for(endpoint, **{name: word for name, word in values.items() if word})

    def filter(self) -> ContactFilter:
        """The same for the business."""
        return ContactFilter(self.text, self.group, _SORTS[self.sort], self.deleted)


def read_wanted(asked: MultiDict[str, str]) -> Wanted:
    """Read it; what is unknown counts as not asked for."""
    sort = (asked.get("sort", "name"), asked.get("direction", "ascending"))
    return Wanted(
        text=text_of(asked),
        group=_uuid(asked.get("group", "")),
        sort=sort if sort in _SORTS else ("name", "ascending"),
        deleted=asked.get("show") == "deleted",
    )


def chosen_of(asked: MultiDict[str, str]) -> list[uuid.UUID]:
    """Who is chosen in the list: by their boxes, or all that the filter finds."""
    if asked.get("everyone"):
        return book.found_ids(client_id(), read_wanted(asked).filter())
    found = [_uuid(word) for word in asked.getlist("chosen")[:MOST_CHOSEN]]
    return [one for one in found if one is not None]


@bp.get("/contacts")
def contacts() -> Rendered:
    """A page of contacts; htmx asks for the rows alone while somebody types."""
    need(Service.CONTACTS)
    wanted = read_wanted(request.args)
    page = book.listing(client_id(), wanted.filter(), after=request.args.get("after"))
    groups = book.groups(client_id())
    total = book.count(client_id(), wanted.filter())
    here = next((one for one in groups if one.public_id == wanted.group), None)
    return render(
        PAGE,
        ROWS,
        push_url=wanted.url(),
        contacts=[shown(one) for one in page.rows],
        groups=[
            (one.name, wanted.url(group=one.public_id), one.public_id == wanted.group, one.members)
            for one in groups
        ],
        group_choices=[(str(one.public_id), one.name) for one in groups],
        wanted=wanted,
        here=here,
        query=wanted.text,
        everybody_url=wanted.url(group=None),
        index_url=url_for(".contacts"),
        sort=wanted.sort,
        sort_url=lambda key, direction: wanted.url(sort=key, direction=direction),
        older_url=wanted.url(after=page.older) if page.older else "",
        first_url=wanted.url() if request.args.get("after") else "",
        total=total,
        is_long=bool(page.older or request.args.get("after")),
        count_text=ngettext(
            "%(count)s contact", "%(count)s contacts", total, count=filters.number(total)
        ),
        may_change=person().may_change,
        may_text=Service.SMS_MMS in allowed(),
    )


@bp.get("/contacts/new")
def contact_new() -> Rendered:
    """The form of a new one; ``number`` and ``name`` fill it in."""
    need(Service.CONTACTS)
    form = ContactForm(
        MultiDict(
            {
                "number_0": request.args.get("number", "")[:40],
                "name": request.args.get("name", "")[:120],
            }
        )
    )
    return _edit_page(form, None)


@bp.post("/contacts/new")
def contact_add() -> Rendered:
    """Keep a new one."""
    need(Service.CONTACTS)
    return _save(None)


@bp.get("/contacts/<uuid:public_id>")
def contact(public_id: uuid.UUID) -> Rendered:
    """What is known of somebody, and what can be done."""
    need(Service.CONTACTS)
    card = book.find(client_id(), public_id)
    return render(
        VIEW,
        contact=shown(card),
        card=card,
        does=_does(card),
        history=_history(card),
        numbers=[(filters.phone_number(one.number), kind_text(one.kind)) for one in card.numbers],
        language=LANGUAGES.get(card.language, ""),
        may_change=person().may_change,
    )


@bp.get("/contacts/<uuid:public_id>/edit")
def contact_edit(public_id: uuid.UUID) -> Rendered:
    """The form of one."""
    need(Service.CONTACTS)
    card = book.find(client_id(), public_id)
    return _edit_page(filled(card), card)


@bp.post("/contacts/<uuid:public_id>/edit")
def contact_save(public_id: uuid.UUID) -> Rendered:
    """Save it."""
    need(Service.CONTACTS)
    return _save(book.find(client_id(), public_id))


@bp.post("/contacts/bulk")
def contacts_bulk() -> Rendered:
    """Do what the bar's button says with the chosen ones."""
    need(Service.CONTACTS)
    wanted, ids = read_wanted(request.form), chosen_of(request.form)
    if not ids:
        return go(wanted.url(), say=gettext("Choose at least one contact first."))
    deed = _DEEDS.get(request.form.get("action", ""))
    return deed(ids, wanted) if deed else go(wanted.url())


@bp.get("/contacts/duplicates")
def contacts_twice() -> Rendered:
    """Who seems to stand in the list more than once."""
    need(Service.CONTACTS)
    found = book.twice(client_id())
    return render(
        TWICE,
        pairs=[[shown(card) for card in cards] for cards in found],
        may_change=person().may_change,
    )


def shown(card: ContactCard) -> dict[str, Any]:
    """One row of the list."""
    return {
        "public_id": str(card.public_id),
        "name": card.name,
        "company": card.company if card.company != card.name else "",
        "email": card.email,
        "note": card.note,
        "numbers": [filters.phone_number(one.number) for one in card.numbers],
        "groups": list(card.groups.values()),
        "changed": filters.daytime(card.updated_at),
        "url": url_for(".contact", public_id=card.public_id),
        "edit_url": url_for(".contact_edit", public_id=card.public_id),
        "text_url": _text_url(card),
    }


def kind_text(kind: NumberKind) -> str:
    """What answers at a number."""
    return {
        NumberKind.MOBILE: gettext("Mobile"),
        NumberKind.FAX: gettext("Fax"),
        NumberKind.OTHER: gettext("Other"),
    }[kind]


def _delete(ids: list[uuid.UUID], wanted: Wanted) -> Rendered:
    with transaction():
        count = book.remove(client_id(), ids)
    said = ngettext(
        "%(num)d contact is deleted. It can be brought back for 30 days.",
        "%(num)d contacts are deleted. They can be brought back for 30 days.",
        count,
    )
    return go(wanted.url(), say=said)


def _restore(ids: list[uuid.UUID], _wanted: Wanted) -> Rendered:
    with transaction():
        count = book.restore(client_id(), ids)
    said = ngettext("%(num)d contact is back.", "%(num)d contacts are back.", count)
    return go(url_for(".contacts"), say=said)


def _merge(ids: list[uuid.UUID], wanted: Wanted) -> Rendered:
    if len(ids) < 2:
        return go(wanted.url(), say=gettext("Choose at least two contacts to merge."))
    form, own_id = PortalForm(), client_id()
    card = form.submit(lambda: book.merge(own_id, ids[0], ids[1:]))
    if card is None:
        return go(wanted.url(), say=form.form_errors[0])
    return go(
        url_for(".contact", public_id=card.public_id), say=gettext("They are one contact now.")
    )


def _join(ids: list[uuid.UUID], wanted: Wanted) -> Rendered:
    """Into a group that is there, or a new one by the name that was typed."""
    form, own_id = PortalForm(), client_id()
    name, known = request.form.get("new_group", ""), _uuid(request.form.get("into", ""))

    def join() -> int:
        into = book.make_group(own_id, name) if name.strip() or known is None else known
        return book.join(own_id, into, ids)

    if form.submit(join) is None:
        return go(wanted.url(), say=form.form_errors[0])
    said = ngettext("%(num)d is in the group now.", "%(num)d are in the group now.", len(ids))
    return go(wanted.url(), say=said)


def _leave(ids: list[uuid.UUID], wanted: Wanted) -> Rendered:
    if wanted.group:
        with transaction():
            book.leave(client_id(), wanted.group, ids)
    return go(wanted.url(), say=gettext("They are no longer in the group."))


def _text(ids: list[uuid.UUID], _wanted: Wanted) -> Rendered:
    return begin_for(ids)


_DEEDS = {
    "text": _text,
    "delete": _delete,
    "restore": _restore,
    "merge": _merge,
    "join": _join,
    "leave": _leave,
}


def _save(card: ContactCard | None) -> Rendered:
    form, own_id, country = ContactForm(request.form), client_id(), reseller().country
    form.offer(book.groups(own_id))

    def save() -> ContactCard:
        draft = form.draft()
        if card is None:
            kept = book.add(own_id, draft, country=country)
        else:
            seen = form.seen.data or ""
            kept = book.edit(own_id, card.public_id, draft, country=country, seen=seen)
        book.set_groups(own_id, kept.public_id, form.chosen())
        return kept

    kept = form.submit(save)
    if kept is None:
        if form.refusal is not None and form.refusal.code == "changed" and card is not None:
            form.seen.data = book.mark(book.find(own_id, card.public_id))
        return _edit_page(form, card, status=422)
    return go(url_for(".contact", public_id=kept.public_id), say=gettext("Saved."))


def _edit_page(form: ContactForm, card: ContactCard | None, *, status: int = 200) -> Rendered:
    form.offer(book.groups(client_id()))
    return render(
        EDIT,
        status=status,
        has_errors=status != 200,
        form=form,
        card=card,
        cancel_url=url_for(".contact", public_id=card.public_id) if card else url_for(".contacts"),
    )


def _does(card: ContactCard) -> list[tuple[str, str, str]]:
    """Text, call and fax: word, icon and address."""
    found = []
    if url := _text_url(card):
        found.append((gettext("Text"), "message-square", url))
    if number := card.number_for(NumberKind.OTHER):
        found.append((gettext("Call"), "phone", f"tel:{number}"))
    fax = card.number_for(NumberKind.FAX)
    if fax and Service.FAX in allowed() and "client.fax_new" in current_app.view_functions:
        found.append((gettext("Fax"), "printer", url_for("client.fax_new", to=fax)))
    return found


def _history(card: ContactCard) -> list[tuple[str, str, str]]:
    """Where the texts, calls and faxes of each number are."""
    found = []
    for one in card.numbers:
        words = {"number": filters.phone_number(one.number)}
        if Service.SMS_MMS in allowed():
            url = url_for(".messages", q=one.number)
            found.append((gettext("Texts with %(number)s", **words), "message-square", url))
        if Service.CDR in allowed():
            url = url_for(".calls", q=one.number.lstrip("+"), period="30")
            found.append((gettext("Calls with %(number)s", **words), "phone", url))
        if Service.FAX in allowed() and "client.faxes" in current_app.view_functions:
            url = url_for("client.faxes", q=one.number)
            found.append((gettext("Faxes with %(number)s", **words), "printer", url))
    return found


def _text_url(card: ContactCard) -> str:
    number = card.number_for(NumberKind.MOBILE)
    return url_for(".message_new", to=number) if number and Service.SMS_MMS in allowed() else ""


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
