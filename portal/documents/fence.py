"""Has a file opened by a process of its own, waits for it, and believes only what it left.

The process is started anew, so it holds none of our keys; ``portal.fenced.walls`` says what it may
do. It answers with one line and with files in a folder that is gone afterwards.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from portal.config import PROJECT
from portal.core import storage
from portal.core.log import get_logger
from portal.documents.refusals import refusal
from portal.documents.values import MOST_FAX_PAGES, Unreadable

log = get_logger(__name__)

LONGEST_SECONDS: Final = 20
AT_ONCE: Final = 2
_LONGEST_ANSWER: Final = 100_000
_NAME: Final = re.compile(r"\d{4}\.[a-z0-9]{2,4}")
_START: Final = (
    "import sys; sys.path.insert(0, sys.argv.pop(1));"
    " from portal.fenced.__main__ import main; main()"
)

# However many threads ask: so many files are open at once, each with half a gigabyte at most.
_places = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a process told (``facts``) and left in ``folder``. None of it is believed yet."""

    task: str
    folder: Path
    facts: Mapping[str, Any]

    def files(self) -> list[Path]:
        """The files it names, in order: plain ones with the names we expect, in its folder."""
        names = self.facts.get("files")
        if not isinstance(names, list) or len(names) > MOST_FAX_PAGES:
            raise self.nonsense()
        found = []
        for name in names:
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                raise self.nonsense()
            path = self.folder / name
            if path.is_symlink() or not path.is_file() or not path.stat().st_size:
                raise self.nonsense()
            found.append(path)
        if len(set(found)) != len(found):
            raise self.nonsense()
        return found

    def number(self, name: str, *, most: int) -> int:
        """A whole number it told."""
        value = self.facts.get(name, 0)
        if type(value) is not int or not 0 <= value <= most:
            raise self.nonsense()
        return value

    def nonsense(self) -> Unreadable:
        """The refusal of an answer that cannot be true."""
        log.warning("fence_answered_nonsense", task=self.task)
        return refusal("damaged")


@contextmanager
def ask(
    task: str,
    source: Path | None,
    *,
    pages: Sequence[Path] = (),
    longest: float = LONGEST_SECONDS,
    **words: Any,
) -> Iterator[Answer]:
    """Do one task of ``portal.fenced`` on a file, or on pages that came from one.

    The folder with what it made is there inside the block only.
    """
    with _places, storage.workplace() as folder:
        for number, page in enumerate(pages, start=1):
            shutil.copyfile(page, folder / f"in-{number:04}")
        yield _judged(task, folder, *_run(task, source, folder, words, longest))


def _run(
    task: str, source: Path | None, folder: Path, words: Mapping[str, Any], longest: float
) -> tuple[bytes, int]:
    """The line it said, and the signal that ended it or 0. Its exit code is nobody's business."""
    command = [sys.executable, "-I", "-c", _START, str(PROJECT), task, json.dumps(words)]
    began = time.monotonic()
    with (source or Path(os.devnull)).open("rb") as file:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(folder),
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        said = process.communicate(timeout=longest)[0]
        ended_by = -process.returncode if process.returncode < 0 else 0
    except subprocess.TimeoutExpired:
        said, ended_by = b"", signal.SIGXCPU
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    if not said:
        seconds = round(time.monotonic() - began, 1)
        log.warning("fenced_process_died", task=task, ended_by=ended_by, seconds=seconds)
    return said, ended_by


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours: settings and keys travel by environment."""
    return {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "PATH": "/usr/bin:/bin",
        "MALLOC_ARENA_MAX": "1",
    }


def _judged(task: str, folder: Path, said: bytes, ended_by: int) -> Answer:
    if not said:
        late = ended_by in {signal.SIGXCPU, signal.SIGALRM}
        raise refusal("too_slow" if late else "damaged")
    try:
        facts = json.loads(said) if len(said) <= _LONGEST_ANSWER else None
    except (ValueError, RecursionError):
        facts = None
    answer = Answer(task, folder, facts if isinstance(facts, dict) else {})
    if not isinstance(facts, dict):
        raise answer.nonsense()
    if "refused" in facts:
        if "because" in facts:
            log.info("file_is_damaged", task=task, because=str(facts["because"])[:60])
        raise refusal(str(facts["refused"]))
    return answer
