"""What the parts say: every line into a file of the part, and to our own standard output."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

# One older file is kept beside it: at most 20 MB a part.
_LARGEST_FILE_BYTES = 10_000_000
_UNSAFE = {code: None for code in (*range(32), 127, *range(128, 160)) if code != 9}
_SHOWN_FIRST = ("timestamp", "level", "event", "part")


class Output:
    """Writes lines as JSON, or readably when ``human``; ``quiet`` shows a person only what matters."""

    def __init__(
        self, folder: Path, *, human: bool, quiet: bool = False, stream: TextIO | None = None
    ) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._human = human
        self._quiet = quiet
        self._stream = stream or sys.stdout
        self._last_lines: dict[str, list[str]] = {}

    def event(self, event: str, *, level: str = "info", **values: Any) -> None:
        """Say something as the supervisor."""
        self._write("supervisor", {"event": event, "level": level} | values, show=True)

    def line(self, part: str, raw: bytes) -> None:
        """Pass on one line of a part."""
        text = raw.decode("utf-8", "replace").rstrip()
        if not text:
            return
        self._last_lines[part] = [*self._last_lines.get(part, [])[-19:], text]
        try:
            said = json.loads(text)
        except ValueError:
            said = None
        record = said if isinstance(said, dict) else {"event": text, "level": "info"}
        loud = record.get("level") in {"warning", "error", "critical"}
        self._write(part, record, show=loud or not self._quiet)

    def say(self, sentence: str) -> None:
        """A sentence for the person at the terminal."""
        self._print(sentence)

    def last_lines(self, part: str) -> list[str]:
        """The newest lines of a part, to explain why it ended."""
        return self._last_lines.get(part, [])

    def _write(self, part: str, record: dict[str, Any], *, show: bool) -> None:
        moment = record.get("timestamp") or datetime.now(UTC).isoformat(timespec="milliseconds")
        record = {"timestamp": moment, "part": part} | record
        line = json.dumps(record, ensure_ascii=True, default=str)
        path = self._folder / f"{part}.log"
        # A full disk must not stop the portal from ending in good order.
        with suppress(OSError):
            if path.exists() and path.stat().st_size > _LARGEST_FILE_BYTES:
                path.replace(path.with_suffix(".log.1"))
            with os.fdopen(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a"
            ) as file:
                file.write(line + "\n")
        if show:
            self._print(_readable(part, record) if self._human else line)

    def _print(self, line: str) -> None:
        with suppress(BrokenPipeError):
            self._stream.write(line + "\n")
            self._stream.flush()


def _readable(part: str, record: dict[str, Any]) -> str:
    clock = str(record["timestamp"])[11:19]
    level = str(record.get("level", "info")).upper()
    mark = "" if level in {"INFO", "DEBUG"} else f"{level} "
    rest = " ".join(f"{name}={value}" for name, value in record.items() if name not in _SHOWN_FIRST)
    return f"{clock} {part:<10} {mark}{record.get('event', '')} {rest}".rstrip().translate(_UNSAFE)
