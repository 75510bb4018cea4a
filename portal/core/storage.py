"""Files that the portal makes: generated names, in the instance folder, readable by nobody else."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.registry import settings

_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{40}\.[a-z0-9]{1,8}")


def keep(source: Path, *, ending: str) -> str:
    """Take a finished file into the store; the name to find it by. The source is gone afterwards.

    The content reaches the disk before the name exists, so a row that names a file can be trusted.
    """
    name = _new_name(ending)
    target = _folder() / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source.chmod(0o600)
    with source.open("rb") as file:
        os.fsync(file.fileno())
    source.replace(target)
    return name


def draft(*, ending: str) -> Path:
    """An empty private file on the store's own disk, to be filled and then kept."""
    folder = _folder() / "drafts"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(20)}.{ending}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return path


@contextmanager
def workplace() -> Iterator[Path]:
    """A private folder on the store's own disk that ends with the block, and all in it."""
    folder = _folder() / "drafts" / secrets.token_hex(20)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def path_of(name: str) -> Path:
    """Where a kept file lies; NotFound when it is no name of ours or the file is gone."""
    path = _folder() / name
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound("This file is gone.")
    return path


def kept_before(before: datetime) -> set[str]:
    """The names of all files that were kept before a moment: when they came here, not when written."""
    root = _folder()
    found = (path.relative_to(root).as_posix() for path in root.glob("[0-9a-f][0-9a-f]/*"))
    return {name for name in found if _NAME.fullmatch(name) and _came_before(root / name, before)}


def discard(name: str) -> None:
    """Delete a kept file; one that is gone already is fine."""
    if _NAME.fullmatch(name):
        (_folder() / name).unlink(missing_ok=True)


def discard_later(names: Iterable[str]) -> None:
    """Delete kept files once this transaction is committed; not at all when it is given up."""
    session().info.setdefault("files_to_discard", []).extend(names)


@event.listens_for(Session, "after_commit")
def _discard_after_commit(current: Session) -> None:
    if not current.in_nested_transaction():
        for name in current.info.pop("files_to_discard", ()):
            discard(name)


@event.listens_for(Session, "after_rollback")
def _forget_after_rollback(current: Session) -> None:
    if not current.in_nested_transaction():
        current.info.pop("files_to_discard", None)


def discard_drafts(before: datetime) -> int:
    """Delete drafts and workplaces that a killed process left behind; how many."""
    old = [path for path in (_folder() / "drafts").glob("*") if _is_older(path, before)]
    for path in old:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)


def _is_older(path: Path, before: datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False


def _came_before(path: Path, before: datetime) -> bool:
    try:
        return path.stat().st_ctime < before.timestamp()
    except FileNotFoundError:
        return False


def _folder() -> Path:
    return settings().instance / "files"


def _new_name(ending: str) -> str:
    if not re.fullmatch(r"[a-z0-9]{1,8}", ending):
        raise ValueError("The ending of a file is one to eight small letters or digits.")
    word = secrets.token_hex(20)
    return f"{word[:2]}/{word}.{ending}"
