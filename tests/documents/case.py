"""One file of the corpus: what is done with it, and how that may end."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

FAX, VIEW, REBUILT, MMS, SOUND, THUMB, KIND, OFFICE = (
    "fax_pages",
    "page_pictures",
    "rebuilt_pdf",
    "picture_for_mms",
    "audio_for_mms",
    "thumbnail",
    "identify",
    "office",
)


@dataclass(frozen=True)
class Case:
    """``ends`` are the codes it may be refused with; "ok": it is read; empty: either way."""

    name: str
    content: Callable[[], bytes] | bytes
    task: str
    ends: tuple[str, ...] = ()

    def bytes(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content()


def broken(name: str, good: bytes, task: str, *, times: int) -> Iterator[Case]:
    """The file cut short, and with bytes that fell over: the same ones in every run."""
    yield Case(f"{name}, cut in the middle", good[: len(good) // 2], task)
    yield Case(f"{name}, cut behind its head", good[:24], task)
    for number in range(times):
        dice = random.Random(f"{name} {number}")
        bad = bytearray(good)
        for _ in range(1 + len(bad) // 200):
            bad[dice.randrange(8, len(bad))] = dice.randrange(256)
        yield Case(f"{name}, broken {number}", bytes(bad), task)
