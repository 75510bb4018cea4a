"""What can be asked of a file; the work is done behind the fence."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from portal.core import storage
from portal.documents import office
from portal.documents.fence import Answer, ask
from portal.documents.refusals import refusal
from portal.documents.values import (
    MOST_FAX_PAGES,
    MOST_MAIL_BYTES,
    MOST_UPLOAD_BYTES,
    FileKind,
    Page,
    Paper,
    Prepared,
    Quality,
    Unreadable,
)

_PAGES_AT_ONCE: Final = 25
_PNG: Final = b"\x89PNG\r\n\x1a\n"
# How the files begin that the fence may hand out.
_BEGINNINGS: Final = {
    "png": (_PNG,),
    "jpg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
    "webp": (b"RIFF",),
    "pdf": (b"%PDF-",),
    "mp3": (b"ID3", b"\xff"),
    "amr": (b"#!AMR",),
    "ogg": (b"OggS",),
    "raw": (b"",),  # it is opened by another process, as the file of a stranger that it is
}


def identify(path: Path) -> FileKind:
    """What a file is by its content."""
    _check_size(path)
    with ask("identify", path) as answer:
        return _kind(answer)


def fax_pages(path: Path, *, paper: Paper, quality: Quality) -> list[Page]:
    """The pages as the receiver will see them: 1728 dots wide, black and white."""
    _check_size(path)
    try:
        return _fax_pages(path, paper, quality)
    except Unreadable as refused:
        if refused.code != "no_office":
            raise
    pdf = office.as_pdf(path)
    try:
        return _fax_pages(pdf, paper, quality)
    finally:
        pdf.unlink(missing_ok=True)


def fax_pdf(pages: Sequence[Path]) -> Path:
    """One small PDF of pages that ``fax_pages`` made, in the fax machine's own compression."""
    with ask("fax_pdf", None, pages=pages) as answer:
        return _one(answer, {"pdf"})


def page_pictures(pdf: Path, *, width: int) -> list[Path]:
    """Each page of a PDF as a grey PNG, ``width`` dots wide: for a viewer or for thumbnails."""
    _check_size(pdf)
    return _in_parts("page_pictures", pdf, {"png"}, width=width)


def rebuilt_pdf(path: Path) -> Path:
    """A PDF that looks the same and consists of pictures only: nothing hidden comes along."""
    _check_size(path)
    parts = _in_parts("rebuilt_pdf", path, {"pdf"})
    if len(parts) == 1:
        return parts[0]
    try:
        return joined_pdf(parts)
    finally:
        _drop(parts)


def joined_pdf(files: Sequence[Path]) -> Path:
    """One PDF of several that were made here, page after page."""
    with ask("joined_pdf", None, pages=files) as answer:
        return _one(answer, {"pdf"})


def picture_for_mms(path: Path, *, most_bytes: int) -> Prepared:
    """A picture made anew within a budget of bytes; where and when it was taken is gone."""
    _check_size(path)
    with ask("picture_for_mms", path, most_bytes=most_bytes) as answer:
        return _prepared(answer, {"png", "jpg", "gif"})


def audio_for_mms(path: Path, *, most_bytes: int) -> Prepared:
    """Sound that telephones take: MP3, AMR and Ogg as they are, WAV as MP3."""
    _check_size(path)
    with ask("audio_for_mms", path, most_bytes=most_bytes) as answer:
        return _prepared(answer, {"mp3", "amr", "ogg"})


def thumbnail(path: Path, *, box: tuple[int, int]) -> Path:
    """A picture, or the first page of a PDF, within a box of dots, as WebP."""
    _check_size(path)
    with ask("thumbnail", path, box=list(box)) as answer:
        return _one(answer, {"webp"})


def mail_parts(path: Path) -> list[tuple[str, Path]]:
    """What a mail says (without a name) and what came with it, each as hostile as it was."""
    if path.stat().st_size > MOST_MAIL_BYTES:
        raise refusal("too_large")
    with ask("mail_parts", path) as answer:
        names = answer.facts.get("names")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise answer.nonsense()
        files = _taken(answer, {"raw"})
        if len(files) != len(names):
            _drop(files)
            raise answer.nonsense()
        return [(name[:120], file) for name, file in zip(names, files, strict=True)]


def _fax_pages(path: Path, paper: Paper, quality: Quality) -> list[Page]:
    made = _in_parts("fax_pages", path, {"png"}, paper=paper, quality=quality)
    return [Page(page, *_size_of_png(page)) for page in made]


def _in_parts(task: str, path: Path, endings: set[str], **words: Any) -> list[Path]:
    """A long document in several processes, each with its own short time."""
    made: list[Path] = []
    try:
        for first in range(0, MOST_FAX_PAGES, _PAGES_AT_ONCE):
            with ask(task, path, first=first, most=_PAGES_AT_ONCE, **words) as answer:
                made += _taken(answer, endings)
                if answer.facts.get("more") is not True:
                    return made
        raise refusal("too_many_pages")
    except Exception:
        _drop(made)
        raise


def _drop(drafts: Iterable[Path]) -> None:
    for path in drafts:
        path.unlink(missing_ok=True)


def _check_size(path: Path) -> None:
    size = path.stat().st_size
    if not size:
        raise refusal("empty")
    if size > MOST_UPLOAD_BYTES:
        raise refusal("too_large")


def _kind(answer: Answer) -> FileKind:
    try:
        return FileKind(str(answer.facts.get("kind")))
    except ValueError as error:
        raise answer.nonsense() from error


def _prepared(answer: Answer, endings: set[str]) -> Prepared:
    width, height, seconds = (
        answer.number(name, most=100_000_000) for name in ("width", "height", "seconds")
    )
    made = _one(answer, endings)
    kind = FileKind(made.suffix.removeprefix("."))
    return Prepared(made, kind.mime, width, height, made.stat().st_size, seconds)


def _one(answer: Answer, endings: set[str]) -> Path:
    made = _taken(answer, endings)
    if len(made) != 1:
        _drop(made)
        raise answer.nonsense()
    return made[0]


def _taken(answer: Answer, endings: set[str]) -> list[Path]:
    """The files that were made, as drafts of the store; only what begins as its kind does."""
    found = answer.files()
    for path in found:
        ending = path.suffix.removeprefix(".")
        with path.open("rb") as file:
            head = file.read(16)
        if ending not in endings or not head.startswith(_BEGINNINGS[ending]):
            raise answer.nonsense()
    if not found:
        raise answer.nonsense()
    taken = []
    for path in found:
        draft = storage.draft(ending=path.suffix.removeprefix("."))
        path.replace(draft)
        taken.append(draft)
    return taken


def _size_of_png(path: Path) -> tuple[int, int]:
    with path.open("rb") as file:
        width, height = struct.unpack(">II", file.read(24)[16:24])
    return width, height
