"""The carrier as one object: its memory, its settings, and the questions everybody asks of it."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event, RLock
from typing import Any

from flask import request

from sandbox.store import Store


@dataclass
class Options:
    """How a sandbox is started; the control API can change most of it."""

    speed: float = 1.0
    traffic: bool = True
    history_days: int = 90
    seed: int = 1
    limit_per_minute: int = 0  # 0: no limit
    messages_per_day: int = 0  # 0: no limit
    retry_seconds: float = 1800.0
    delivery_seconds: float = 3.0
    sms_wait_seconds: int = 0  # 60 is the real carrier's rule; 0 switches it off
    quirks: float = 1.0  # how much of the carrier's odd behaviour the traffic shows
    hang_seconds: float = 120.0
    faxes_per_day: int = 0  # 0: no limit
    fax_speed: float = 1.0  # how much faster than life a fax goes through
    fax_list_seconds: float = 0.0  # until a fax that was taken is in the list
    media_delay_seconds: float = 0.0  # a file of a message answers 404 for so long
    media_life_seconds: float = 0.0  # and 410 after so long; 0 keeps it
    night_share: float = 0.25  # of the average rate that goes on at night


@dataclass
class World:
    """Everything one sandbox knows."""

    folder: Path
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        self.store = Store(self.folder)
        self.lock = RLock()
        self.draw = Random(f"live:{self.options.seed}")
        self.faults: list[dict[str, Any]] = []
        self.requests: Counter[str] = Counter()
        self.minutes: dict[tuple[int, int], int] = {}
        self.paused = not self.options.traffic
        self.wake = Event()
        self.base_url = ""  # where people reach this carrier
        self.last_beat = 0.0
        self.beat_remembered = 0.0

    def remember_address(self) -> None:
        """Learn from a request under which address this carrier is reached."""
        self.base_url = self.base_url or request.host_url.rstrip("/")

    def quirk(self, share: float) -> bool:
        """Whether the carrier shows one of its odd sides this time."""
        return self.draw.random() < share * self.options.quirks

    def reseller(self, api_username: str | None = None) -> sqlite3.Row | None:
        """The reseller's account by its API user, or the only (first) one."""
        if api_username:
            return self.store.one("SELECT * FROM resellers WHERE api_username = ?", api_username)
        return self.store.one("SELECT * FROM resellers ORDER BY id LIMIT 1")

    def sub_account(self, account: str) -> sqlite3.Row | None:
        return self.store.one("SELECT * FROM sub_accounts WHERE account = ?", account)

    def did(self, number: str) -> dict[str, Any] | None:
        """A number's record, with `reseller_id`, or None."""
        row = self.store.one("SELECT * FROM dids WHERE did = ?", number)
        return (
            None
            if row is None
            else {**json.loads(row["fields"]), "reseller_id": row["reseller_id"]}
        )

    def recall_turn(self, contact: str) -> int:
        """How often a contact has answered before; counts this time."""
        return self.store.next_number(f"turn:{contact}", first=0)

    def later(self, seconds: float, text: dict[str, Any]) -> None:
        """Let a text arrive after so many seconds, also when the process dies before."""
        number = self.store.next_number("later")
        due_at = time.time() + seconds
        self.store.remember(f"later:{number}", json.dumps({"due_at": due_at, **text}))
        self.wake.set()

    def take_due(self) -> list[dict[str, Any]]:
        """The planned texts whose time has come; each is answered once."""
        due = []
        with self.store.changing():
            for row in self.store.rows("SELECT key, value FROM meta WHERE key LIKE 'later:%'"):
                text = json.loads(row["value"])
                if text.pop("due_at") <= time.time():
                    self.store.run("DELETE FROM meta WHERE key = ?", row["key"])
                    due.append(text)
        return due

    def forget(self) -> None:
        """Back to an empty carrier."""
        with self.lock:
            self.store.empty()
            self.faults.clear()
            self.requests.clear()
            self.minutes.clear()
            self.draw = Random(f"live:{self.options.seed}")


def fields_of(row: sqlite3.Row) -> dict[str, Any]:
    """The JSON record kept in a row."""
    record: dict[str, Any] = json.loads(row["fields"])
    return record
