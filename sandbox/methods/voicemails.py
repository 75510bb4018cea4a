"""Mailboxes: making, changing, listing and removing them. No message is ever left in one."""

from __future__ import annotations

import json
import re
import sqlite3

from sandbox.methods import catalogues
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, listed, method
from sandbox.world import fields_of

FIELDS = {
    "name": "", "password": "", "skip_password": "0", "email": "", "attach_message": "no",
    "delete_message": "no", "say_time": "no", "timezone": "", "say_callerid": "no",
    "play_instructions": "u", "language": "en", "email_attachment_format": "wav49",
    "unavailable_message_recording": "", "transcription": "no", "transcription_locale": "",
    "transcription_redaction": "no", "transcription_sentiment": "no", "transcription_summary": "no",
    "transcription_format": "text", "transcription_delay": "0",
}  # fmt: skip
YES_OR_NO = ("attach_message", "delete_message", "say_time", "say_callerid")
PLAY = ("u", "su")
FORMATS = ("wav49", "wav", "wavmp3")


@method("createVoicemail")
def create(request: Request) -> Answer:
    mailbox = request.get("digits").lstrip("0")
    if not mailbox or len(mailbox) > 10:
        raise Refusal("invalid_digits")
    if _find(request, mailbox) is not None:
        raise Refusal("invalid_digits")
    request.store.insert(
        "voicemails",
        reseller_id=request.reseller_id,
        mailbox=mailbox,
        fields=json.dumps(_checked(request)),
    )
    return {}


@method("setVoicemail")
def change(request: Request) -> Answer:
    """The whole record: what is left out falls back to its default."""
    row, fields = _own(request), _checked(request)
    request.store.run(
        "UPDATE voicemails SET fields = ? WHERE id = ?", json.dumps(fields), row["id"]
    )
    return {}


@method("delVoicemail")
def delete(request: Request) -> Answer:
    request.store.run("DELETE FROM voicemails WHERE id = ?", _own(request)["id"])
    return {}


@method("getVoicemails")
def voicemails(request: Request) -> Answer:
    rows = request.store.rows(
        "SELECT * FROM voicemails WHERE reseller_id = ? ORDER BY id", request.reseller_id
    )
    wanted = request.get("mailbox")
    if wanted:
        rows = [row for row in rows if row["mailbox"] == wanted]
        if not rows:
            raise Refusal("invalid_mailbox")
    shown = [
        {"mailbox": row["mailbox"], **fields_of(row), "new": "0", "urgent": "0"} for row in rows
    ]
    return listed("voicemails", shown, "no_mailbox")


def _checked(request: Request) -> dict[str, str]:
    fields = {name: request.get(name, unset) for name, unset in FIELDS.items()}
    if not re.fullmatch(r"[0-9]{4}", fields["password"]):
        raise Refusal("invalid_password")
    for name in YES_OR_NO:
        if fields[name] not in ("yes", "no"):
            raise Refusal(f"invalid_{name.replace('_', '')}")
    if fields["play_instructions"] not in PLAY:
        raise Refusal("invalid_playinstructions")
    if fields["email_attachment_format"] not in FORMATS:
        raise Refusal("invalid_emailattachmentformat")
    if fields["language"] not in {choice["value"] for choice in catalogues.LANGUAGES}:
        raise Refusal("invalid_language")
    return fields


def _find(request: Request, mailbox: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = request.store.one(
        "SELECT * FROM voicemails WHERE reseller_id = ? AND mailbox = ?",
        request.reseller_id, mailbox,
    )  # fmt: skip
    return row


def _own(request: Request) -> sqlite3.Row:
    row = _find(request, request.get("mailbox"))
    if row is None:
        raise Refusal("invalid_mailbox")
    return row
