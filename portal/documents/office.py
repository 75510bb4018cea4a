"""Office files: LibreOffice makes a PDF of them, where it is installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from portal.config import PROJECT
from portal.core import storage
from portal.core.log import get_logger
from portal.documents.fence import ask
from portal.documents.refusals import refusal
from portal.documents.values import MOST_UPLOAD_BYTES

log = get_logger(__name__)

LONGEST_SECONDS: Final = 60
_PROGRAMS: Final = ("soffice", "libreoffice")
_START: Final = (
    "import sys; sys.path.insert(0, sys.argv.pop(1));"
    " from portal.fenced.launcher import main; main()"
)


def office_available() -> bool:
    """Can Word and OpenDocument files be faxed on this server?"""
    return _program() is not None


def as_pdf(path: Path) -> Path:
    """An Office file as LibreOffice prints it: a draft of the store. It is as hostile as before."""
    program = _program()
    if program is None:
        raise refusal("no_office")
    with ask("check_office", path) as answer:
        ending = str(answer.facts.get("ending"))
    if ending not in {"docx", "odt", "xlsx"}:
        raise refusal("damaged")
    with storage.workplace() as folder:
        shutil.copyfile(path, folder / f"document.{ending}")
        _convert(program, folder, f"document.{ending}")
        made = folder / "document.pdf"
        if made.is_symlink() or not made.is_file():
            raise refusal("office_failed")
        if not 0 < made.stat().st_size <= MOST_UPLOAD_BYTES:
            raise refusal("too_complex")
        draft = storage.draft(ending="pdf")
        made.replace(draft)
    return draft


def _program() -> str | None:
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


def _convert(program: str, folder: Path, name: str) -> None:
    """Run it behind walls of its own; it starts processes, so the whole group ends with it."""
    profile = folder / "profile"
    process = subprocess.Popen(
        [
            *(sys.executable, "-I", "-c", _START, str(PROJECT), program),
            *("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"),
            *(f"-env:UserInstallation={profile.as_uri()}", "--convert-to", "pdf", name),
        ],
        cwd=folder,
        env={"HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8", "PATH": os.defpath},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=LONGEST_SECONDS)
    except subprocess.TimeoutExpired as error:
        log.warning("office_took_too_long")
        raise refusal("too_slow") from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
