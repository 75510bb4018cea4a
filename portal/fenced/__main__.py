"""One task on one file: the file is standard input, the answer one line, what is made the folder."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable
from typing import Any

from portal.fenced.values import Refused
from portal.fenced.walls import raise_walls


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
    except Exception as error:  # readers raise whatever a broken file makes of them
        because = type(error).__name__
        flood = because.startswith("DecompressionBomb")
        return {"refused": "too_many_pixels" if flood else "damaged", "because": because}


def _say(answer: dict[str, Any]) -> None:
    os.write(1, json.dumps(answer).encode())


if __name__ == "__main__":
    main()
