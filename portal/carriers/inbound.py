"""What a carrier posts to us when a text arrives, in its three spellings: pure functions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from portal.carriers.cleaning import number
from portal.carriers.directions import Direction
from portal.carriers.values import CarrierMessage, MessageKind
from portal.carriers.voipms_clock import moment
from portal.carriers.voipms_messages import media, message_id, text
from portal.core.errors import InvalidInput

_RECEIVED: Final = "message.received"
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "to": ("to", "did"),
    "from": ("from", "contact"),
    "message": ("message", "text"),
    "media": ("media", "files"),
    "id": ("id",),
    "date": ("date", "timestamp"),
}
# A callback is repeated for some days, and clocks differ by some hours: beyond, it is no date of a text.
_OLDEST, _AHEAD = timedelta(days=100), timedelta(days=1)
_LONGEST_DATE = 40
_UNFILLED: Final = re.compile(r"\{[A-Z]+\}")


class InvalidCallback(InvalidInput):
    """A callback that is no message: log it, answer as the carrier expects, store nothing."""

    code = "invalid_callback"


def message_from_fields(fields: Mapping[str, str], *, received_at: datetime) -> CarrierMessage:
    """A templated GET or a form POST: `to from message media|files id date|timestamp`.

    A template without id cannot be told from its repetition and is refused with InvalidCallback,
    like one without numbers. A missing date, or one that cannot be right, is `received_at`; the carrier's
    own is Eastern wall time. With media it is an MMS, else an SMS.
    """
    values = {name: _first(fields, spellings) for name, spellings in _NAMES.items()}
    found = media(values["media"])
    at, ambiguous, odd = _moment(values["date"], received_at)
    return _message(
        kind=MessageKind.MMS if found else MessageKind.SMS,
        id=values["id"],
        did=values["to"],
        contact=values["from"],
        body=values["message"],
        at=at,
        ambiguous=ambiguous,
        odd=odd,
        found=found,
    )


def message_from_json(body: bytes | str, *, received_at: datetime) -> CarrierMessage | None:
    """The JSON envelope; None for events that are not a received message.

    Raises InvalidCallback for what is not such an envelope.
    """
    try:
        envelope = json.loads(body)
        data = envelope["data"]
        event = data["event_type"]
        payload = data["payload"] if event == _RECEIVED else None
    except (ValueError, KeyError, TypeError, RecursionError):
        event, payload = None, None
    if event is not None and event != _RECEIVED:
        return None
    if not isinstance(payload, dict):
        raise InvalidCallback("This is not a message.")
    receivers = payload.get("to")
    receiver = receivers[0] if isinstance(receivers, list) and receivers else receivers
    at, ambiguous, odd = _moment(payload.get("received_at"), received_at)
    is_mms = str(payload.get("type", "")).upper() == "MMS"
    return _message(
        kind=MessageKind.MMS if is_mms else MessageKind.SMS,
        id=payload.get("id", data.get("id")),
        did=_phone(receiver),
        contact=_phone(payload.get("from")),
        body=payload.get("text"),
        at=at,
        ambiguous=ambiguous,
        odd=odd,
        found=media(payload.get("media")),
    )


def _message(
    *,
    kind: MessageKind,
    id: Any,  # noqa: A002 - the field's own name
    did: Any,
    contact: Any,
    body: Any,
    at: datetime,
    ambiguous: bool,
    odd: str,
    found: tuple[str, ...],
) -> CarrierMessage:
    try:
        known = message_id(id)
    except ValueError:
        known = ""
    ours, theirs = number(did), number(contact)
    if not (known and ours and theirs):
        raise InvalidCallback("This message has no id or no numbers.")
    return CarrierMessage(
        kind=kind,
        id=known,
        direction=Direction.IN,
        did=ours,
        contact=theirs,
        text=text(body),
        at=at,
        ambiguous=ambiguous,
        status="received",
        odd_date=odd,
        media=found,
    )


def _first(fields: Mapping[str, str], spellings: tuple[str, ...]) -> str:
    """The first filled field; a placeholder that the carrier did not fill counts as none."""
    for name in spellings:
        value = fields.get(name, "")
        if value and not _UNFILLED.fullmatch(value):
            return value
    return ""


def _moment(value: Any, received_at: datetime) -> tuple[datetime, bool, str]:
    """With an offset as written, without one Eastern; none, or one that cannot be right, is ours."""
    if value is None or value == "":
        return received_at, False, ""
    said = "".join(one for one in str(value)[:200] if one.isprintable()).strip()
    try:
        parsed = datetime.fromisoformat(said)
        at, twice = (parsed.astimezone(UTC), False) if parsed.tzinfo else moment(said)
    except (ValueError, OverflowError):
        return received_at, False, said[:_LONGEST_DATE] or "?"
    if not received_at - _OLDEST <= at <= received_at + _AHEAD:
        return received_at, False, said[:_LONGEST_DATE]
    return at, twice, ""


def _phone(value: Any) -> Any:
    return value.get("phone_number") if isinstance(value, dict) else value
