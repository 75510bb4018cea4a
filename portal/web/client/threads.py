"""A thread as its template wants it: bubbles, notes, events."""

from __future__ import annotations

import uuid
from datetime import date
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for
from flask_babel import gettext

from portal import messaging, notices
from portal.carriers.statuses import Blame, meaning
from portal.core.db import transaction
from portal.core.period import local_day
from portal.core.sentences import N_
from portal.entitlements import Service
from portal.messaging import (
    ConversationRow,
    EntryKind,
    EntryRow,
    FileRow,
    MessageRow,
    MessageState,
    Thread,
)
from portal.web import filters, rights
from portal.web.client.file_looks import looks
from portal.web.rights import allowed, client_id
from portal.web.session import person

# What the thread asks for again by itself while an outcome is open; the stream is quicker.
SOON, LATER = "every 3s", "every 20s"
_REASONS = {
    "not_sent": N_("The network never got it. You were not charged."),
    "limit_reached": N_(
        "The daily limit of messages is reached. Try again tomorrow. You were not charged."
    ),
    messaging.SERVICE_OFF: N_(
        "Text messages are switched off for this number. You were not charged."
    ),
    messaging.STOPPED: N_("This contact has stopped texts. You were not charged."),
    messaging.NUMBER_GONE: N_("This number is not connected any more."),
    messaging.PART_FAILED: N_("An earlier part of this text did not go out. You were not charged."),
    messaging.FILE_LOST: N_("A file of this message is lost. You were not charged."),
}


def thread_of(found: ConversationRow) -> dict[str, Any]:
    """The bubbles of a conversation, oldest first, each with what became of it; and the notes."""
    before, around = _named("before"), _named("found")
    part = messaging.thread(client_id(), found.public_id, before=before, around=around)
    rows = part.rows
    own: dict[str, Any] = {"public_id": found.public_id}
    asks = ""
    if not part.has_newer:
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
            "via": gettext("to %(number)s", number=_own_name(found)),
            "tail_url": url_for(".conversation_tail", **own, found=around),
            "asks": asks,
            "older_url": url_for(".conversation", **own, before=rows[0].public_id)
            if part.has_older and rows
            else "",
            "newest_url": url_for(".conversation", **own) if part.has_newer else "",
            "list_url": url_for(".messages"),
        },
        "messages": _lines(found, part, around),
    }


def mark_read(found: ConversationRow) -> None:
    """Opening it is reading it. Staff who only look leave no trace in the client's inbox."""
    told = rights.notices_waiting()
    if (found.unread or told) and person().may_change:
        with transaction():
            messaging.mark_read(client_id(), found.public_id)
            notices.mark_read(person().person_id, about=found.public_id)


def again_reference(public_id: uuid.UUID) -> str:
    """The reference of the text that sends a failed one again."""
    return f"again-{public_id}"


def _own_name(found: ConversationRow) -> str:
    number = filters.phone_number(found.own_number)
    return f"{found.own_label}, {number}" if found.own_label else number


def _lines(found: ConversationRow, part: Thread, around: uuid.UUID | None) -> list[dict[str, Any]]:
    """Bubbles, notes and events in the order of their times, a day's name before its first."""
    rows, known = part.rows, {row.reference for row in part.rows}
    lines = []
    files = messaging.of_messages([row.id for row in rows if row.kind == "mms"])
    for row in rows:
        bubble = _bubble(row, files.get(row.id, [])) | {"found": row.public_id == around}
        if again_reference(row.public_id) in known:
            bubble["retry_url"] = ""  # pressing it once more would do nothing
        lines.append((row.at, bubble))
    written = messaging.entries(
        client_id(),
        found.public_id,
        since=rows[0].at if part.has_older and rows else None,
        until=rows[-1].at if part.has_newer and rows else None,
    )
    lines += [(entry.at, _entry(entry)) for entry in written]
    lines.sort(key=itemgetter(0))
    zone = ZoneInfo(person().time_zone)
    previous: date | None = None
    for at, line in lines:
        day = local_day(at, zone)
        line["day"] = filters.day_name(day) if day != previous else ""
        previous = day
    return [line for _, line in lines]


def _entry(row: EntryRow) -> dict[str, Any]:
    """A note, or what somebody of the team did."""
    return {
        "entry": row.kind,
        "public_id": str(row.public_id),
        "text": (rights.hidden_words() or row.text) if row.kind == EntryKind.NOTE else _event(row),
        "author": _who(row.person, row.person_id),
        "at": row.at.isoformat(),
        "time": filters.time_of_day(row.at),
    }


def _event(row: EntryRow) -> str:
    who, other = _who(row.person, row.person_id), _who(row.other, row.other_id)
    if row.kind == EntryKind.GIVEN and row.person_id == row.other_id:
        return gettext("%(who)s took this", who=who)
    if row.kind == EntryKind.GIVEN:
        return gettext("%(who)s assigned this to %(other)s", who=who, other=other)
    if row.kind == EntryKind.RELEASED:
        return gettext("%(who)s assigned this to nobody", who=who)
    if row.kind == EntryKind.DONE:
        return gettext("%(who)s marked this as done", who=who)
    return gettext("%(who)s opened this again", who=who)


def _who(name: str, person_id: int | None) -> str:
    """A first name; staff of the reseller, who stand in no client's team, are called support."""
    if name:
        return name.split()[0]
    return gettext("Support") if person_id else ""


def _bubble(row: MessageRow, files: list[FileRow]) -> dict[str, Any]:
    state, words = _state(row.state)
    failed = row.state == MessageState.FAILED
    return {
        "public_id": str(row.public_id),
        "ref": row.reference,
        "own": row.direction == "out",
        "text": rights.hidden_words() or row.text,
        "at": row.at.isoformat(),
        "time": filters.time_of_day(row.at),
        "ours": row.time_is_ours,
        "state": state,
        "state_text": words,
        "reason": _reason(row),
        "price": row.price if _costs(row) else None,
        "explain_url": url_for(".message_price", public_id=row.public_id) if _costs(row) else "",
        "files": [looks(file) for file in files],
        "part": gettext("part %(part)s of %(parts)s", part=row.part, parts=row.parts)
        if row.parts > 1
        else "",
        "author": row.sent_by.split()[0] if row.sent_by else "",
        # Parts that failed with an earlier one go out with it.
        "retry_url": url_for(".message_retry", public_id=row.public_id)
        if failed and row.error_code != messaging.PART_FAILED
        else "",
    }


def _costs(row: MessageRow) -> bool:
    """Is there a price to show, for somebody who may see prices?"""
    return Service.BALANCE in allowed() and bool(row.price) and row.state != MessageState.FAILED


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


def _reason(row: MessageRow) -> str:
    """Why it failed, or waits. What concerns the reseller's own account at the carrier is not told."""
    if row.state == MessageState.QUEUED and row.error_code == "limit_reached":
        return gettext("The daily limit of messages is reached; it goes out as soon as it can.")
    if row.state != MessageState.FAILED:
        return ""
    if row.error_code in _REASONS:
        return gettext(_REASONS[row.error_code])
    known = meaning(row.error_code)
    if known.blame is Blame.REQUEST:
        return gettext(known.sentence)
    return gettext("The network did not take it. You were not charged.")


def _named(word: str) -> uuid.UUID | None:
    """The message that the address names."""
    try:
        return uuid.UUID(request.args.get(word, ""))
    except ValueError:
        return None
