"""What stands beside and above a thread: who it is, what else there was, what can be done with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext

from portal import calls, contacts, messaging
from portal.calls import CallFilter
from portal.core import clock
from portal.entitlements import Service
from portal.messaging import ConversationRow
from portal.web import call_words, filters
from portal.web.call_words import CallShown
from portal.web.client.file_looks import looks
from portal.web.forms.conversations import NoteForm
from portal.web.i18n import LANGUAGES
from portal.web.rights import allowed, client_id, texts_stopped
from portal.web.session import person

# How many calls, how far back, and by how much of a number they are found.
_CALLS, _LOOK_BACK, _DIGITS = 3, timedelta(days=60), 10
_FILES = 9


def beside(found: ConversationRow, *, note: NoteForm | None = None) -> dict[str, Any]:
    """The contact's pane, the actions of the thread's head, and where the team writes notes."""
    return {"contact": _contact(found), "actions": _actions(found), "note": note or NoteForm()}


def _contact(found: ConversationRow) -> dict[str, Any]:
    card = contacts.by_number(client_id(), found.contact)
    since = messaging.first_contact(client_id(), found.public_id)
    details = [
        (gettext("Company"), card.company if card and card.company != card.name else ""),
        (gettext("E-mail"), card.email if card else ""),
        (gettext("Language"), LANGUAGES.get(card.language, "") if card else ""),
        (gettext("First contact"), filters.day(since) if since else ""),
    ]
    return {
        "name": found.contact_name or filters.phone_number(found.contact),
        "number": found.contact,
        "given": found.contact_name,
        "consent": (gettext("Texts stopped"), "bad")
        if texts_stopped(found.own_number, found.contact)
        else (gettext("Texts allowed"), "ok"),
        "consent_url": url_for(".consents", q=found.contact, own=found.own_number),
        "name_url": url_for(".contact_name", public_id=found.public_id),
        "groups": sorted(card.groups.values()) if card else [],
        "details": [(label, text) for label, text in details if text],
        "note": card.note if card else "",
        "calls": _calls(found.contact),
        "files": [
            looks(file) for file in messaging.shared(client_id(), found.public_id, rows=_FILES)
        ],
        "card_url": url_for(".contact", public_id=card.public_id)
        if card and Service.CONTACTS in allowed()
        else "",
    }


def _calls(number: str) -> list[dict[str, Any]]:
    """The latest calls with this number; none where calls are not shown."""
    if Service.CDR not in allowed():
        return []
    now = clock.now()
    wanted = CallFilter(
        since=now - _LOOK_BACK, until=now, first_day=now.date(), last_day=now.date(),
        client_id=client_id(), text=number.removeprefix("+")[-_DIGITS:],
    )  # fmt: skip
    return [
        _call(call_words.shown(row, names={})) for row in calls.search(wanted, rows=_CALLS).rows
    ]


def _call(one: CallShown) -> dict[str, Any]:
    missed = "phone-missed" if one.missed else ""
    return {
        "symbol": missed or ("phone-incoming" if one.inbound else "phone-outgoing"),
        "direction": gettext("Incoming") if one.inbound else gettext("Outgoing"),
        "at": one.at,
        "when": filters.daytime(one.started_at),
        "how": filters.duration(one.length) if one.length else one.state_text,
    }


def _actions(found: ConversationRow) -> dict[str, Any]:
    own: dict[str, Any] = {"public_id": found.public_id}
    team = messaging.assignees(client_id(), found.public_id)
    me = person().person_id
    team.sort(key=lambda one: one.person_id != me)
    return {
        "call_url": f"tel:{found.contact}",
        "is_done": found.is_done,
        "is_archived": found.is_archived,
        "done_url": url_for(".conversation_done", **own),
        "archive_url": url_for(".conversation_archive", **own),
        "delete_url": url_for(".conversation_delete", **own),
        "assign_url": url_for(".conversation_assign", **own),
        "note_url": url_for(".conversation_note", **own),
        "assigned": found.assigned_to,
        "team": [
            (
                str(one.public_id),
                gettext("Me") if one.person_id == me else one.name,
                one.person_id == found.assigned_to_id,
            )
            for one in team
        ],
    }
