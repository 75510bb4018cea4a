"""VoIP.ms message rows to messages: pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final

from portal.carriers.cleaning import body, number, unescaped
from portal.carriers.directions import Direction
from portal.carriers.values import CarrierMessage, MessageKind, UnreadableRow
from portal.carriers.voipms_calls import excerpt
from portal.carriers.voipms_clock import PLAIN, moment
from portal.carriers.voipms_fields import Row, Unreadable, word

TEXT_LIMIT: Final = 4_096
MEDIA_LIMIT: Final = 20
_ADDRESS = re.compile(r"https?://[^\s<>\"']{1,2000}")
_ID = re.compile(r"[0-9A-Za-z_\-]{1,60}")
_RECEIVED: Final = "1"


def read_messages(
    rows: Iterable[Row],
    kind: MessageKind,
    *,
    timezone: Decimal = PLAIN,
    unreadable: Callable[[UnreadableRow], None],
) -> list[CarrierMessage]:
    """The messages of a list, one per id, oldest first."""
    messages: dict[str, CarrierMessage] = {}
    for row in rows:
        try:
            message = read_message(row, kind, timezone=timezone)
        except ValueError as error:
            unreadable(UnreadableRow(f"get{kind.upper()}", str(error), excerpt(row)))
            continue
        messages.setdefault(message.key(), message)
    return sorted(messages.values(), key=lambda message: (message.at, message.key()))


def read_message(row: Row, kind: MessageKind, *, timezone: Decimal = PLAIN) -> CarrierMessage:
    """One row; raises ValueError when its id, moment or numbers cannot be known."""
    at, ambiguous = moment(word(row, "date", 40), timezone=timezone)
    received = word(row, "type", 8) == _RECEIVED
    return CarrierMessage(
        kind=kind,
        id=message_id(row.get("id")),
        direction=Direction.IN if received else Direction.OUT,
        did=_needed(number(row.get("did")), "no number of ours"),
        contact=_needed(number(row.get("contact")), "no number of the other side"),
        text=text(row.get("message")),
        at=at,
        ambiguous=ambiguous,
        status=word(row, "carrier_status", 160),
        media=media(
            row.get("media"),
            *(row[key] for key in sorted(row) if str(key).startswith("col_media")),
        ),
    )


def text(value: object) -> str:
    """A message's text: quotes unescaped, control characters gone, cut far beyond any message."""
    return unescaped(body(value, TEXT_LIMIT))


def media(*values: Any) -> tuple[str, ...]:
    """Every web address in lists, numbered objects or comma lists, each once, in order."""
    found: dict[str, None] = {}
    for value in values:
        if isinstance(value, dict):
            parts: list[Any] = list(value.values())
        elif isinstance(value, list):
            parts = value
        else:
            parts = re.split(r"[,\s]+", value) if isinstance(value, str) else []
        for part in parts:
            address = part.get("url") if isinstance(part, dict) else part
            if isinstance(address, str) and _ADDRESS.fullmatch(address.strip()):
                found[address.strip()] = None
    return tuple(found)[:MEDIA_LIMIT]


def message_id(value: object) -> str:
    """The carrier's id as text; raises ValueError for none and for 0."""
    found = "" if isinstance(value, bool) else str(value if value is not None else "").strip()
    if not _ID.fullmatch(found) or found == "0":
        raise Unreadable("no id")
    return found


def _needed(value: str, reason: str) -> str:
    if not value:
        raise Unreadable(reason)
    return value
