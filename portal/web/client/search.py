"""One box for everything of a client: pages, people, conversations, faxes and calls."""

from __future__ import annotations

from collections.abc import Iterator

from flask import request, url_for
from flask_babel import gettext

from portal import contacts, fax, messaging
from portal.entitlements import Service
from portal.messaging import Inbox
from portal.web import fax_words, filters, navigation
from portal.web.client import fax_lists
from portal.web.client.blueprint import bp
from portal.web.forms.filters import text_of
from portal.web.hits import LONGEST_TEXT, MOST_HITS, Hit, Hits
from portal.web.htmx import Rendered, render
from portal.web.rights import allowed, client_id, fax_folders, sees_documents


@bp.get("/search")
def search() -> Rendered:
    """What matches; while typing only the results."""
    text = text_of(request.args)[:LONGEST_TEXT]
    return render(
        "client/search/index.html",
        "partials/_search_results.html",
        push_url=url_for(".search", q=text or None),
        query=text,
        index_url=url_for(".search"),
        groups=[group for group in _groups(text) if group.hits],
        elsewhere=_calls(text),
    )


def _groups(text: str) -> Iterator[Hits]:
    yield Hits(gettext("Pages"), list(_pages(text)))
    if not text:
        return
    services = allowed()
    if Service.CONTACTS in services:
        yield _people(text)
    if Service.SMS_MMS in services:
        yield _conversations(text)
    if Service.FAX in services:
        yield Hits(gettext("Faxes"), [*_folders(text), *_faxes(text)])


def _calls(text: str) -> Hit | None:
    """Calls are many and have a search of their own: where it goes on."""
    if not text or Service.CDR not in allowed():
        return None
    title = gettext("Calls with “%(text)s”", text=text)
    return Hit("phone", title, "", url_for(".calls", q=text))


def _pages(text: str) -> Iterator[Hit]:
    """The menu's entries; all of them while nothing is typed."""
    services = allowed()
    menu = navigation.client_menu(
        unread=0, unread_faxes=0, shows_money=Service.BALANCE in services,
        shows_messages=Service.SMS_MMS in services, shows_calls=Service.CDR in services,
        shows_contacts=Service.CONTACTS in services, shows_faxes=Service.FAX in services,
        shows_dashboard=services.centre is None,
    )  # fmt: skip
    for group in menu:
        for entry in group.entries:
            if text.casefold() in entry.label.casefold():
                yield Hit(entry.icon, entry.label, group.label, entry.url)


def _people(text: str) -> Hits:
    """Somebody with several numbers is found once."""
    found = {one.public_id: one for one in contacts.search(client_id(), text, rows=3 * MOST_HITS)}
    hits = [
        Hit(
            "user", one.name, filters.phone_number(one.number),
            url_for(".contact", public_id=one.public_id),
        )
        for one in list(found.values())[:MOST_HITS]
    ]  # fmt: skip
    more = len(found) > MOST_HITS
    return Hits(gettext("Contacts"), hits, url_for(".contacts", q=text) if more else "")


def _conversations(text: str) -> Hits:
    page = messaging.conversations(client_id(), Inbox(text=text))
    hits = [
        Hit(
            "message-square", one.contact_name or filters.phone_number(one.contact),
            filters.phone_number(one.contact) if one.contact_name else "",
            url_for(".conversation", public_id=one.public_id),
        )
        for one in page.rows[:MOST_HITS]
    ]  # fmt: skip
    more = len(page.rows) > MOST_HITS
    return Hits(gettext("Conversations"), hits, url_for(".messages", q=text) if more else "")


def _folders(text: str) -> Iterator[Hit]:
    for one in fax_folders().own:
        if text.casefold() in one.name.casefold():
            note = gettext("Folder")
            yield Hit("folder", one.name, note, url_for(".faxes", folder=one.public_id))


def _faxes(text: str) -> Iterator[Hit]:
    found = fax.search(client_id(), text, with_drafts=sees_documents(), rows=MOST_HITS)
    for row in found:
        state = "" if row.direction == "in" else f"{fax_words.shown_state(row).word} · "
        note = f"{state}{fax_words.pages_text(row.pages)} · {filters.moment(row.at)}"
        name = fax_lists.name_of(row)
        yield Hit("printer", name, note, fax_lists.address_of(row))
