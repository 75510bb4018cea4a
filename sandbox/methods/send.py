"""Sending texts and pictures."""

from __future__ import annotations

import json

from sandbox import clock, texts
from sandbox.media import kept, measured
from sandbox.wire.kinds import plain_number
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, method

SMS_BYTES, MMS_BYTES, MEDIA_BYTES = 160, 2048, 1_200_000


@method("sendSMS")
def send_sms(request: Request) -> Answer:
    message = request.get("message")
    did, contact = _parties(request)
    if len(message.encode()) > SMS_BYTES:
        raise Refusal("sms_toolong")
    return {"sms": _sent(request, texts.SMS, did, contact, message, [])}


@method("sendMMS")
def send_mms(request: Request) -> Answer:
    message = request.get("message")
    did, contact = _parties(request)
    media = [request.get(f"media{n}") for n in (1, 2, 3) if request.get(f"media{n}")]
    if not message and not media:
        raise Refusal("message_empty")
    if len(message.encode()) > MMS_BYTES:
        raise Refusal("sms_toolong")
    if sum(measured(item) for item in media) > MEDIA_BYTES:
        raise Refusal("exceeds_file_size")
    return {"mms": _sent(request, texts.MMS, did, contact, message, media)}


def _parties(request: Request) -> tuple[str, str]:
    did = plain_number(request.get("did"))
    record = request.world.did(did)
    if record is None or record["reseller_id"] != request.reseller_id:
        raise Refusal("invalid_did")
    if str(record.get("sms_enabled")) != "1":
        raise Refusal("invalid_did")
    digits = plain_number(request.get("dst"))
    if len(digits) != 10:
        raise Refusal("invalid_dst")
    return did, digits


def _sent(
    request: Request, kind: str, did: str, contact: str, message: str, media: list[str]
) -> int:
    limit = request.reseller["messages_per_day"]
    limit = request.world.options.messages_per_day if limit is None else limit
    with request.store.changing():
        if limit:
            day_before = clock.now_seconds() - 24 * clock.HOUR
            used = request.store.value(
                "SELECT COUNT(*) FROM messages WHERE reseller_id = ? AND type = 0 AND at > ?"
                " AND cause = 'api'",
                request.reseller_id, day_before,
            )  # fmt: skip
            if used >= limit:
                raise Refusal("limit_reached")
        row = texts.write(
            request.world, kind=kind, reseller_id=request.reseller_id, did=did, contact=contact,
            direction=texts.SENT, message=message,
            media=[kept(request.world, item) for item in media],
        )  # fmt: skip
        texts.reply_planned(request.world, row)
        # A number of the same carrier gets it too.
        if request.world.did(contact):
            request.world.later(
                1.0,
                {
                    "did": contact,
                    "contact": did,
                    "message": message,
                    "media": json.loads(row["media"]),
                    "cause": f"on-net:{row['row']}",
                },
            )
    return int(row["id"])
