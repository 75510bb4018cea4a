"""Telling the reseller about a text: templated GET until the answer is `ok`, and the JSON webhook."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from sandbox import clock, media
from sandbox.wire.kinds import truth
from sandbox.world import World

TIMEOUT_SECONDS = 10
GET, POST = "callback", "webhook"


def plan(world: World, row: sqlite3.Row, did: dict[str, Any]) -> None:
    """Note the deliveries that a received message sets off."""
    if truth(str(did.get("sms_url_callback_enabled"))) and did.get("sms_url_callback"):
        _note(
            world, row, GET, did["sms_url_callback"],
            repeat=truth(str(did.get("sms_url_callback_retry"))),
        )  # fmt: skip
    if truth(str(did.get("webhook_enabled"))) and did.get("webhook"):
        _note(world, row, POST, did["webhook"], repeat=False)


def _note(world: World, row: sqlite3.Row, channel: str, url: str, *, repeat: bool) -> None:
    world.store.insert(
        "deliveries", message_row=row["row"], channel=channel, url=url, due_at=time.time(),
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
    message = world.store.one("SELECT * FROM messages WHERE row = ?", delivery["message_row"])
    if message is None:
        world.store.run("DELETE FROM deliveries WHERE id = ?", delivery["id"])
        return
    plus = str((world.did(message["did"]) or {}).get("dialmode")) == "2"
    client = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)
    try:
        if delivery["channel"] == GET:
            response = client.get(filled(world, delivery["url"], message, plus=plus))
            done, answer = response.text == "ok", response.text
        else:
            response = client.post(delivery["url"], json=envelope(world, message, plus=plus))
            done, answer = response.is_success, str(response.status_code)
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
