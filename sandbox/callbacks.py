"""Telling the reseller what came: a text by GET until the answer is `ok` or by JSON webhook, a fax by form."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from sandbox import clock, faxes, media
from sandbox.wire.kinds import truth
from sandbox.world import World

TIMEOUT_SECONDS = 10
GET, POST, FAX = "callback", "webhook", "fax"


def plan(world: World, row: sqlite3.Row, did: dict[str, Any]) -> None:
    """Note the deliveries that a received message sets off."""
    if truth(str(did.get("sms_url_callback_enabled"))) and did.get("sms_url_callback"):
        _note(
            world, row["row"], GET, did["sms_url_callback"],
            repeat=truth(str(did.get("sms_url_callback_retry"))),
        )  # fmt: skip
    if truth(str(did.get("webhook_enabled"))) and did.get("webhook"):
        _note(world, row["row"], POST, did["webhook"], repeat=False)


def plan_fax(world: World, row: sqlite3.Row, number: dict[str, Any]) -> None:
    """Note the delivery that a received fax sets off."""
    if truth(str(number.get("url_enabled"))) and number.get("url"):
        _note(world, row["id"], FAX, number["url"], repeat=truth(str(number.get("retry"))))


def _note(world: World, row: int, channel: str, url: str, *, repeat: bool) -> None:
    world.store.insert(
        "deliveries", message_row=row, channel=channel, url=url, due_at=time.time(),
        repeat=int(repeat),
    )  # fmt: skip
    world.wake.set()


def deliver_due(world: World) -> int:
    """Try every delivery whose time has come; how many were tried."""
    due = world.store.rows(
        "SELECT * FROM deliveries WHERE done = 0 AND due_at <= ? ORDER BY due_at LIMIT 50",
        time.time(),
    )
    for delivery in due:
        deliver(world, delivery)
    return len(due)


def deliver(world: World, delivery: sqlite3.Row) -> None:
    """One attempt; what failed and repeats comes again after the waiting time."""
    kept = "faxes WHERE id" if delivery["channel"] == FAX else "messages WHERE row"
    row = world.store.one(f"SELECT * FROM {kept} = ?", delivery["message_row"])
    if row is None:
        world.store.run("DELETE FROM deliveries WHERE id = ?", delivery["id"])
        return
    client = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)
    try:
        done, answer = _tell(world, client, delivery, row)
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        done, answer = False, type(problem).__name__
    finally:
        client.close()
    done = done or not delivery["repeat"]
    world.store.run(
        "UPDATE deliveries SET attempts = attempts + 1, done = ?, due_at = ?, last_answer = ?"
        " WHERE id = ?",
        int(done), time.time() + world.options.retry_seconds, answer[:200], delivery["id"],
    )  # fmt: skip


def _tell(
    world: World, client: httpx.Client, delivery: sqlite3.Row, row: sqlite3.Row
) -> tuple[bool, str]:
    """Whether the receiver has taken it, and what it answered."""
    plus = str((world.did(row["did"]) or {}).get("dialmode")) == "2"
    if delivery["channel"] == POST:
        response = client.post(delivery["url"], json=envelope(world, row, plus=plus))
        return response.is_success, str(response.status_code)
    if delivery["channel"] == FAX:
        response = client.post(
            delivery["url"],
            data={"from": row["other"], "to": row["did"]},
            files={"pdf": ("fax.pdf", faxes.body(world, row), "application/pdf")},
        )
    else:
        response = client.get(filled(world, delivery["url"], row, plus=plus))
    return response.text == "ok", response.text


def spelled(number: str, *, plus: bool) -> str:
    """A number in the form that the DID's dialmode asks for; short codes stay."""
    return f"+1{number}" if plus and len(number) == 10 else number


def filled(world: World, template: str, message: sqlite3.Row, *, plus: bool) -> str:
    """The template's address with its placeholders replaced."""
    files = ",".join(media.addresses(world, json.loads(message["media"])))
    for name, value in (
        ("{FROM}", spelled(message["contact"], plus=plus)),
        ("{TO}", spelled(message["did"], plus=plus)),
        ("{MESSAGE}", message["message"]),
        ("{ID}", str(message["id"])),
        ("{TIMESTAMP}", clock.wall_clock(message["at"])),
        ("{MEDIA}", files),
    ):
        template = template.replace(name, quote(value, safe=""))
    return template


def envelope(world: World, message: sqlite3.Row, *, plus: bool) -> dict[str, Any]:
    """The JSON webhook's body."""
    received = datetime.fromtimestamp(message["at"], UTC)
    return {
        "data": {
            "id": message["id"],
            "event_type": "message.received",
            "record_type": "event",
            "payload": {
                "id": message["id"],
                "record_type": "message",
                "type": message["kind"].upper(),
                "from": {"phone_number": spelled(message["contact"], plus=plus)},
                "to": [
                    {
                        "phone_number": spelled(message["did"], plus=plus),
                        "status": "webhook_delivered",
                    }
                ],
                "text": message["message"],
                "media": [
                    {"url": url} for url in media.addresses(world, json.loads(message["media"]))
                ],
                "received_at": received.isoformat(timespec="microseconds"),
            },
        }
    }
