"""Conversations and threads as their templates want them."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for
from flask_babel import gettext, pgettext

from portal import messaging
from portal.carriers.statuses import Blame, meaning
from portal.core.period import local_day
from portal.messaging import ConversationRow, MessageRow, MessageState
from portal.web import filters
from portal.web.forms.filters import text_of
from portal.web.rights import client_id
from portal.web.session import person

SHOWS = ("open", "unread", "done")
# What the thread asks for again by itself while an outcome is open; the stream is quicker.
SOON, LATER = "every 3s", "every 20s"


def inbox(*, current: ConversationRow | None = None) -> dict[str, Any]:
    """The list of conversations by the filter of the address."""
    query = text_of(request.args)
    wanted = request.args.get("show", "")
    show = wanted if wanted in SHOWS else "open"
    page = messaging.conversations(
        client_id(), show=show, text=query, after=request.args.get("after")
    )
    mark = str(current.public_id) if current else request.args.get("current", "")
    words: dict[str, Any] = ({"show": show} if show != "open" else {}) | (
        {"q": query} if query else {}
    )
    return {
        "conversations": [listed(row, mark) for row in page.rows],
        "query": query,
        "show": show,
        "shows": [
            (text, url_for(".messages", show=None if key == "open" else key), key == show)
            for key, text in (
                ("open", pgettext("conversations", "Open")),
                ("unread", gettext("Unread")),
                ("done", gettext("Done")),
            )
        ],
        "index_url": url_for(".messages"),
        "new_url": url_for(".message_new"),
        "list_url": url_for(".messages", **words, current=mark or None),
        "older_url": url_for(".messages", **words, after=page.older) if page.older else "",
    }


def listed(row: ConversationRow, current: str) -> dict[str, Any]:
    """One line of the list."""
    return {
        "public_id": row.public_id,
        "name": row.contact_name or filters.phone_number(row.contact),
        "preview": gettext("You: %(text)s", text=row.last_text)
        if row.last_direction == "out"
        else row.last_text,
        "at": row.last_at,
        "unread": row.unread,
        "current": str(row.public_id) == current,
        "url": url_for(".conversation", public_id=row.public_id),
    }


def thread_of(found: ConversationRow) -> dict[str, Any]:
    """The bubbles of a conversation, oldest first, each with what became of it."""
    before = _before()
    rows, more = messaging.thread(client_id(), found.public_id, before=before)
    own: dict[str, Any] = {"public_id": found.public_id}
    asks = ""
    if before is None:
        if any(row.state in {MessageState.QUEUED, MessageState.SENDING} for row in rows):
            asks = SOON
        elif any(row.is_unsettled for row in rows):
            asks = LATER
    name = found.contact_name or filters.phone_number(found.contact)
    return {
        "thread": {
            "public_id": str(found.public_id),
            "name": name,
            "number": found.contact if found.contact_name else "",
            "via": gettext("to %(number)s", number=filters.phone_number(found.own_number)),
            "tail_url": url_for(".conversation_tail", **own),
            "asks": asks,
            "older_url": url_for(".conversation", **own, before=rows[0].public_id)
            if more and rows
            else "",
            "newest_url": url_for(".conversation", **own) if before else "",
            "list_url": url_for(".messages"),
            "done_url": url_for(".conversation_done", **own),
            "is_done": found.is_done,
        },
        "messages": _bubbles(rows),
    }


def contact_of(found: ConversationRow) -> dict[str, Any]:
    """The pane at the side."""
    return {
        "name": found.contact_name or filters.phone_number(found.contact),
        "number": found.contact,
        "given": found.contact_name,
        "name_url": url_for(".contact_name", public_id=found.public_id),
        "details": [
            (gettext("Your number"), filters.phone_number(found.own_number)),
            (gettext("Last message"), filters.daytime(found.last_at)),
        ],
    }


def again_reference(public_id: uuid.UUID) -> str:
    """The reference of the text that sends a failed one again."""
    return f"again-{public_id}"


def _bubbles(rows: list[MessageRow]) -> list[dict[str, Any]]:
    zone, found = ZoneInfo(person().time_zone), []
    previous: date | None = None
    known = {row.reference for row in rows}
    for row in rows:
        day = local_day(row.at, zone)
        bubble = _bubble(row)
        if again_reference(row.public_id) in known:
            bubble["retry_url"] = ""  # pressing it once more would do nothing
        found.append(bubble | {"day": filters.day_name(day) if day != previous else ""})
        previous = day
    return found


def _bubble(row: MessageRow) -> dict[str, Any]:
    state, words = _state(row.state)
    failed = row.state == MessageState.FAILED
    return {
        "public_id": str(row.public_id),
        "ref": row.reference,
        "own": row.direction == "out",
        "text": row.text,
        "at": row.at.isoformat(),
        "time": filters.time_of_day(row.at),
        "state": state,
        "state_text": words,
        "reason": _reason(row.error_code) if failed else "",
        "author": row.sent_by.split()[0] if row.sent_by else "",
        "retry_url": url_for(".message_retry", public_id=row.public_id) if failed else "",
    }


def _state(state: str) -> tuple[str, str]:
    """How a bubble looks and what it says: every state of a send, in words."""
    return {
        MessageState.QUEUED.value: ("sending", gettext("Sending")),
        MessageState.SENDING.value: ("sending", gettext("Sending")),
        MessageState.UNKNOWN.value: ("sending", gettext("Checking with the carrier")),
        MessageState.SENT.value: ("sent", gettext("Sent")),
        MessageState.DELIVERED.value: ("delivered", gettext("Delivered")),
        MessageState.FAILED.value: ("failed", gettext("Not delivered")),
    }.get(state, ("received", ""))


def _reason(code: str) -> str:
    """Why it failed. What concerns the reseller's own account at the carrier is not told."""
    if code == "not_sent":
        return gettext("The network never got it. You were not charged.")
    if code == messaging.SERVICE_OFF:
        return gettext("Text messages are switched off for this number. You were not charged.")
    if code == messaging.NUMBER_GONE:
        return gettext("This number is not connected any more.")
    known = meaning(code)
    if known.blame is Blame.REQUEST:
        return gettext(known.sentence)
    return gettext("The network did not take it. You were not charged.")


def _before() -> uuid.UUID | None:
    try:
        return uuid.UUID(request.args.get("before", ""))
    except ValueError:
        return None
