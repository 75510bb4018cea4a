"""What the client's own system is told of a text, in the three forms that the carrier uses: pure functions."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any
from urllib.parse import quote

from portal.messaging.relay_work import RelayWork
from portal.messaging.values import Form, plain_number


def request_of(work: RelayWork) -> dict[str, Any]:
    """Method, address and body, as ``core.http`` takes them; the secret goes along in a header."""
    wish = work.settings
    headers = {"X-Callback-Secret": wish.secret}
    if wish.callback_form is Form.GET:
        return {"method": "GET", "url": _filled(wish.callback_url, work), "headers": headers}
    if wish.callback_form is Form.FORM:
        fields = {name.lower(): value for name, value in _values(work).items()}
        fields["date"] = fields.pop("timestamp")
        del fields["secret"]
        return {"method": "POST", "url": wish.callback_url, "form": fields, "headers": headers}
    return {
        "method": "POST",
        "url": wish.callback_url,
        "content": json.dumps(_envelope(work)),
        "headers": headers | {"content-type": "application/json"},
    }


def is_taken(form: Form, status: int, body: str) -> bool:
    """Did the client's system say that it has the text? JSON by its status, the others by ``ok``."""
    if not 200 <= status < 300:
        return False
    return form is Form.JSON or body.strip().lower() == "ok"


def _values(work: RelayWork) -> dict[str, str]:
    return {
        "TO": plain_number(work.settings.number),
        "FROM": plain_number(work.contact),
        "MESSAGE": work.text,
        "MEDIA": ",".join(work.media),
        "ID": work.reference,
        "TIMESTAMP": work.at.astimezone(UTC).isoformat(),
        "SECRET": work.settings.secret,
    }


def _filled(url: str, work: RelayWork) -> str:
    """The words in braces, replaced in one go: a text that looks like one of them stays a text."""
    for name, value in _values(work).items():
        url = url.replace(f"{{{name}}}", quote(value, safe=""))  # quoted, so no brace comes in
    return url


def _envelope(work: RelayWork) -> dict[str, Any]:
    number: Any = int(work.reference) if work.reference.isdecimal() else work.reference
    values = _values(work)
    return {
        "data": {
            "id": number,
            "event_type": "message.received",
            "record_type": "event",
            "payload": {
                "id": number,
                "record_type": "message",
                "type": work.kind.upper(),
                "from": {"phone_number": values["FROM"]},
                "to": [{"phone_number": values["TO"], "status": "webhook_delivered"}],
                "text": work.text,
                "media": [{"url": url} for url in work.media],
                "received_at": work.at.astimezone(UTC).isoformat(timespec="microseconds"),
            },
        }
    }
