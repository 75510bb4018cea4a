"""What takes long to build and is only copied: the first worker of a run builds it, the others wait for it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

BuiltOnce = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this run, which all its workers see."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def built_once(shared_folder: Path) -> BuiltOnce:
    """``built_once("empty.db", build)`` is the file that ``build(path)`` made, in whichever worker."""

    def find(name: str, build: Callable[[Path], object]) -> Path:
        path = shared_folder / name
        with (shared_folder / f"{name}.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            if not path.exists():
                unfinished = path.with_suffix(".unfinished")
                build(unfinished)
                unfinished.rename(path)
        return path

    return find
