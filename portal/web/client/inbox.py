"""The list of conversations as its template wants it, by the filter of the address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext, pgettext

from portal import messaging, numbers
from portal.identity.spelling import folded
from portal.messaging import ConversationRow, FileRow, Inbox, MessageState, Show
from portal.web import filters
from portal.web.forms.filters import text_of
from portal.web.rights import client_id
from portal.web.session import person

_BEFORE, _SHOWN = 24, 120
# The files of messages by the message's id.
Files = dict[int, list[FileRow]]


def inbox(*, current: ConversationRow | None = None) -> dict[str, Any]:
    """The list, what it may be narrowed to, and what it is narrowed to now."""
    own = numbers.sms_choices(client_id())
    wanted = _wanted({choice.number for choice in own})
    page = messaging.conversations(client_id(), wanted, after=request.args.get("after"))
    mark = str(current.public_id) if current else request.args.get("current", "")
    words = _words(wanted)
    several, files = len(own) > 1, _files_of(page.rows)
    return {
        "conversations": [_line(row, mark, wanted, files, several=several) for row in page.rows],
        "query": wanted.text,
        "show": wanted.show.value,
        "via": wanted.own_number,
        "shows": [
            (text, _address(wanted, show=show), show is wanted.show)
            for show, text in (
                (Show.OPEN, pgettext("conversations", "Open")),
                (Show.UNREAD, gettext("Unread")),
                (Show.DONE, gettext("Done")),
            )
        ],
        "more_shows": [
            (text, symbol, _address(wanted, show=show), show is wanted.show)
            for show, symbol, text in (
                (Show.MINE, "user-check", pgettext("conversations", "Mine")),
                (Show.UNASSIGNED, "user-x", gettext("Unassigned")),
                (Show.ARCHIVED, "archive", pgettext("conversations", "Archived")),
            )
        ],
        "own_numbers": [
            (name, _address(wanted, via=number), number == wanted.own_number)
            for number, name in [
                ("", gettext("All numbers")),
                *((one.number, one.label or filters.phone_number(one.number)) for one in own),
            ]
        ]
        if several
        else [],
        "narrowed": _narrowed(wanted, {one.number: one.label for one in own}),
        "index_url": url_for(".messages"),
        "new_url": url_for(".message_new"),
        "list_url": url_for(".messages", **words, current=mark or None),
        "older_url": url_for(".messages", **words, after=page.older) if page.older else "",
    }


def _wanted(own: set[str]) -> Inbox:
    show, via = request.args.get("show", ""), request.args.get("via", "")
    return Inbox(
        show=Show(show) if show in set(Show) else Show.OPEN,
        text=text_of(request.args),
        own_number=via if via in own else "",
        person_id=person().person_id,
    )


def _words(wanted: Inbox, **changed: Any) -> dict[str, Any]:
    """The filter as words of an address; what goes without saying is left out."""
    show, via = changed.get("show", wanted.show), changed.get("via", wanted.own_number)
    said = {"show": "" if show is Show.OPEN else show.value, "via": via, "q": wanted.text}
    return {name: word for name, word in said.items() if word}


def _address(wanted: Inbox, **changed: Any) -> str:
    return url_for(".messages", **_words(wanted, **changed))


def _narrowed(wanted: Inbox, labels: dict[str, str]) -> list[tuple[str, str]]:
    """What is set and not seen otherwise: its words, and the address without it."""
    hidden = {
        Show.MINE: pgettext("conversations", "Mine"),
        Show.UNASSIGNED: gettext("Unassigned"),
        Show.ARCHIVED: pgettext("conversations", "Archived"),
    }
    found = []
    if wanted.show in hidden:
        found.append((hidden[wanted.show], _address(wanted, show=Show.OPEN)))
    if via := wanted.own_number:
        found.append((labels[via] or filters.phone_number(via), _address(wanted, via="")))
    return found


def _line(
    row: ConversationRow, current: str, wanted: Inbox, files: Files, *, several: bool
) -> dict[str, Any]:
    where: dict[str, Any] = {"found": row.found, "_anchor": f"t-{row.found}"} if row.found else {}
    return {
        "public_id": row.public_id,
        "name": row.contact_name or filters.phone_number(row.contact),
        "preview": _around(row.found_text, wanted.text) if row.found else last_words(row, files),
        "at": row.last_at,
        "unread": row.unread,
        "failed": row.last_direction == "out" and row.last_state == MessageState.FAILED,
        "number": (row.own_label or filters.phone_number(row.own_number)) if several else "",
        "assigned": row.assigned_to,
        "current": str(row.public_id) == current,
        "url": url_for(".conversation", public_id=row.public_id, **_words(wanted), **where),
    }


def last_words(row: ConversationRow, files: Files) -> str:
    """The last line of a conversation; a message without words says what it brought."""
    hidden = gettext("Hidden") if messaging.texts_hidden() else ""
    text = hidden or row.last_text or _what(files.get(row.last_id, []))
    return gettext("You: %(text)s", text=text) if row.last_direction == "out" else text


def _files_of(rows: Sequence[ConversationRow]) -> Files:
    wordless = [row.last_id for row in rows if row.last_kind == "mms" and not row.last_text]
    return messaging.of_messages(wordless) if wordless else {}


def _what(files: list[FileRow]) -> str:
    if not files:
        return ""
    if files[0].is_picture:
        return gettext("Photo")
    return gettext("Voice message") if files[0].is_sound else gettext("File")


def _around(text: str, query: str) -> str:
    """The part of a long text in which the first word that was looked for stands."""
    line = " ".join(text.split())
    words = folded(query).split()
    at = folded(line).find(words[0]) if words else 0
    first = max(at - _BEFORE, 0)
    cut = line[first : first + _SHOWN]
    return f"…{cut.partition(' ')[2] or cut}" if first else cut
