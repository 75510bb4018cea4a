"""One task on one file: the file is standard input, the answer one line, what is made the folder."""

from __future__ import annotations

import json
import os
import struct
import sys
import warnings
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, Final

from portal.fenced.values import Refused
from portal.fenced.walls import raise_walls

# What the readers raise on broken files, beside OSError.
_DAMAGED: Final = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError,
    RecursionError, AttributeError, NotImplementedError, AssertionError, RuntimeError,
    struct.error, zlib.error, zipfile.BadZipFile, Warning,
)  # fmt: skip


def main() -> None:
    """Do the task behind the walls, say what came of it, and end."""
    task, words = sys.argv[1], json.loads(sys.argv[2])
    raise_walls()
    warnings.simplefilter("ignore")
    _say(_done(task, words))
    os._exit(0)  # nothing of the file runs at the end


def _done(task: str, words: dict[str, Any]) -> dict[str, Any]:
    from portal.fenced.tasks import TASKS

    work: Callable[..., dict[str, Any]] = TASKS[task]
    source = open(0, "rb", closefd=False)  # noqa: SIM115
    try:
        return work(source, **words)
    except Refused as refused:
        return {"refused": refused.code}
    except MemoryError:
        return {"refused": "too_complex"}
    except _DAMAGED:
        return {"refused": "damaged"}


def _say(answer: dict[str, Any]) -> None:
    os.write(1, json.dumps(answer).encode())


if __name__ == "__main__":
    main()
