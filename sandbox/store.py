"""The carrier's memory: one SQLite file, one connection, one writer at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

SCHEMA = (Path(__file__).parent / "data" / "schema.sql").read_text(encoding="utf-8")
TABLES = (
    "resellers", "sub_accounts", "dids", "contacts", "calls", "messages", "deliveries",
    "transactions", "clients", "client_entries", "packages", "locations",
    "forwardings", "voicemails", "fax_numbers", "media", "faxes",
    "fax_files", "fax_folders", "fax_machines", "fax_mails", "mail_senders", "ports", "meta",
)  # fmt: skip
# What a file of an earlier version does not have yet.
ADDED = (
    ("contacts", "delivery", "TEXT NOT NULL DEFAULT ''"),
    ("calls", "recorded_seconds", "INTEGER"),
)


class Store:
    """Reads and writes; what is written survives a killed process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = RLock()
        self._depth = 0
        self._connection = sqlite3.connect(
            folder / "carrier.sqlite3", check_same_thread=False, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        # The operating system keeps what a killed process wrote; a practice carrier
        # need not survive a power cut.
        self._connection.executescript("PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=OFF;")
        self._connection.executescript(SCHEMA)
        for table, column, kind in ADDED:
            known = self._connection.execute(f"PRAGMA table_info({table})").fetchall()
            if column not in {row["name"] for row in known}:
                self._connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        with self._lock:
            row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
            return row

    def value(self, sql: str, *values: Any) -> Any:
        row = self.one(sql, *values)
        return None if row is None else row[0]

    def run(self, sql: str, *values: Any) -> int:
        """Write one statement; the number of rows it changed."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def insert(self, table: str, **fields: Any) -> int:
        """Insert one row; its number."""
        with self._lock:
            cursor = self._connection.execute(_insert_sql(table, fields), tuple(fields.values()))
            return int(cursor.lastrowid or 0)

    def insert_many(self, table: str, rows: Iterable[dict[str, Any]]) -> int:
        """Insert rows that all have the same fields; how many."""
        listed = list(rows)
        if listed:
            with self.changing():
                self._connection.executemany(
                    _insert_sql(table, listed[0]), [tuple(row.values()) for row in listed]
                )
        return len(listed)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Several statements as one; may be nested, the outermost decides."""
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                if outermost:
                    self._connection.execute("ROLLBACK")
                raise
            else:
                if outermost:
                    self._connection.execute("COMMIT")
            finally:
                self._depth -= 1

    def next_number(self, name: str, *, first: int = 1, count: int = 1) -> int:
        """The next number of a named sequence; takes `count` of them at once."""
        with self.changing():
            current = self.value("SELECT value FROM meta WHERE key = ?", f"next:{name}")
            number = int(current) if current is not None else first
            self.remember(f"next:{name}", str(number + count))
            return number

    def free_id(self, table: str, *, first: int) -> int:
        """An id that the table has never had, also when somebody chose some by hand."""
        with self.changing():
            number = self.next_number(table, first=first)
            while self.one(f"SELECT 1 FROM {table} WHERE id = ?", number):
                number = self.next_number(table, first=first)
            return number

    def remember(self, key: str, value: str) -> None:
        self.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, value)

    def recall(self, key: str) -> str | None:
        found: str | None = self.value("SELECT value FROM meta WHERE key = ?", key)
        return found

    def empty(self) -> None:
        """Forget everything, quickly."""
        with self.changing():
            for table in TABLES:
                self._connection.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        with self._lock:
            self._connection.close()


def _insert_sql(table: str, fields: Iterable[str]) -> str:
    names = list(fields)
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
