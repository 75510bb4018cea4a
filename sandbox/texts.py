"""Texts as the carrier keeps them, and what sets them off: statuses, callbacks, replies."""

from __future__ import annotations

import json
import sqlite3
from random import Random
from typing import Any

from sandbox import clock
from sandbox import media as files
from sandbox.world import World

SMS, MMS = "sms", "mms"
RECEIVED, SENT = 1, 0
FIRST_ID = {SMS: 110_000_001, MMS: 20_000_001}
DELIVERED = "Message delivered to handset."
PENDING = "Information not available"
REPLIES = (
    "Thanks, got it!", "See you at 3", "Perfect, thank you", "Can you call me when you have a minute?",
    "Yes", "No problem", "Running 10 min late, sorry", "That works for us", "What time do you close today?",
    "Great, I'll be there", "Could you resend the address?", "👍", "OK", "Merci beaucoup, à demain !",
)  # fmt: skip
OPENERS = (
    "Hi, are you open on Saturday?", "Is my order ready for pick-up?", "Can I move my appointment to Thursday?",
    "The door code doesn't work, can you help?", "Do you still have the blue one in stock?",
    "Please call me back about the invoice", "C'est noté, merci. À jeudi.", "Running late, there in 15",
    "Thanks for yesterday, great service!", "Could you send me the address again?",
)  # fmt: skip


def write(
    world: World, *, kind: str, reseller_id: int, did: str, contact: str, direction: int,
    message: str, at: int | None = None, media: list[str] | None = None, cause: str = "api",
    settled: bool = False, number: int | None = None,
) -> sqlite3.Row:  # fmt: skip
    """Keep one message under the next id of its kind; the row."""
    now = clock.now_seconds()
    with world.store.changing():
        number = number or world.store.next_number(kind, first=FIRST_ID[kind])
        waits = direction == SENT and not settled
        row_id = world.store.insert(
            "messages", kind=kind, id=number, reseller_id=reseller_id, did=did, contact=contact,
            type=direction, message=message, at=now if at is None else at,
            carrier_status=PENDING if waits else DELIVERED if direction == SENT else "received",
            settles_at=now + round(world.options.delivery_seconds) if waits else None,
            media=json.dumps(media or []), cause=cause,
        )  # fmt: skip
    row = world.store.one("SELECT * FROM messages WHERE row = ?", row_id)
    assert row is not None
    return row


def arrive(
    world: World, *, did: str, contact: str, message: str, media: list[str] | None = None,
    at: int | None = None, cause: str = "control", quiet: bool = False, number: int | None = None,
) -> sqlite3.Row | None:  # fmt: skip
    """A message from outside comes to a number; None when the number takes none."""
    from sandbox import callbacks  # deliveries read texts; this is the one way back

    record = world.did(did)
    if record is None or str(record.get("sms_enabled")) != "1":
        return None
    kind = MMS if media else SMS
    with world.store.changing():
        row = write(
            world, kind=kind, reseller_id=record["reseller_id"], did=did, contact=contact,
            direction=RECEIVED, message=message, at=at, cause=cause, number=number,
            media=[files.kept(world, item) for item in media or []],
        )  # fmt: skip
        if not quiet:
            callbacks.plan(world, row, record)
    return row


def settle(world: World) -> int:
    """Say what became of what has been on its way long enough: delivered, or the contact's word."""
    return world.store.run(
        "UPDATE messages SET settles_at = NULL, carrier_status = COALESCE((SELECT delivery"
        " FROM contacts WHERE contacts.reseller_id = messages.reseller_id AND delivery <> ''"
        " AND number = contact), ?) WHERE settles_at IS NOT NULL AND settles_at <= ?",
        DELIVERED, clock.now_seconds(),
    )  # fmt: skip


def reply_planned(world: World, sent: sqlite3.Row) -> None:
    """Have a contact answer a text that it has got, some seconds from now."""
    contact = world.store.one(
        "SELECT * FROM contacts WHERE reseller_id = ? AND number = ?",
        sent["reseller_id"], sent["contact"],
    )  # fmt: skip
    if contact is None:
        return
    replies = json.loads(contact["replies"]) or list(REPLIES)
    turn = int(world.recall_turn(sent["contact"]))
    reply = replies[turn % len(replies)]
    if reply:
        said = reply if isinstance(reply, dict) else {"message": reply}
        plan: dict[str, Any] = {
            "did": sent["did"], "contact": sent["contact"], "message": said.get("message", ""),
            "media": said.get("media", []), "cause": f"reply:{sent['row']}",
        }  # fmt: skip
        world.later(contact["delay_seconds"], plan)


def some_text(draw: Random) -> str:
    return draw.choice(OPENERS)
