"""Making pages: every hostile file goes through portal.documents, what comes out is kept.

No transaction is open meanwhile. Whoever keeps nothing of what was made discards its names.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from portal import documents
from portal.core import storage
from portal.core.errors import NotFound
from portal.core.failpoints import failpoint
from portal.core.log import get_logger
from portal.fax.values import Body, MadeFax, MadePage, ToPrepare, Upload

if TYPE_CHECKING:
    from collections.abc import Iterator

log = get_logger(__name__)

VIEW_WIDTH, THUMB_WIDTH = 1000, 200


def convert(upload: Upload) -> tuple[str, list[MadePage]]:
    """An uploaded file as pages for a fax, and what kind of file it was. Raises Unreadable."""
    path = storage.path_of(upload.stored_as)
    kind = documents.identify(path)
    made = fax_pages(path, upload.paper, upload.quality)
    failpoint("fax.stored")
    return kind.value, made


def fax_pages(path: Path, paper: str, quality: str) -> list[MadePage]:
    """Pages as the receiver will see them, with pictures for screens, in the store."""
    with _drafts() as drafts:
        pages = documents.fax_pages(
            path,
            paper=cast("Literal['letter', 'a4']", paper),
            quality=cast("Literal['fine', 'standard']", quality),
        )
        failpoint("fax.converted")
        sent = drafts.also(page.path for page in pages)
        whole = drafts.one(documents.fax_pdf(sent))
        views = drafts.also(documents.page_pictures(whole, width=VIEW_WIDTH))
        thumbs = drafts.also(documents.page_pictures(whole, width=THUMB_WIDTH))
        return [
            _kept(view, thumb, picture=picture)
            for picture, view, thumb in zip(sent, views, thumbs, strict=True)
        ]


def make_body(work: ToPrepare) -> Body:
    """The pages without a cover as one file, for all faxes that share them."""
    path = documents.fax_pdf([storage.path_of(name) for name in work.pictures])
    digest = _digest(path)
    log.info("fax_body_made", document_id=work.document_id, pages=len(work.pictures))
    return Body(storage.keep(path, ending="pdf"), digest)


def is_whole(body: Body) -> bool:
    """Is the file still there, and what was made?"""
    try:
        return _digest(storage.path_of(body.pdf)) == body.digest
    except NotFound:
        return False


def fax_file(covers: Sequence[MadePage], body: Body | None) -> tuple[str, int]:
    """The file that goes to the carrier, the cover before the pages; its name and its size."""
    if body is not None and not covers:
        return body.pdf, storage.path_of(body.pdf).stat().st_size
    with _drafts() as drafts:
        cover = drafts.one(documents.fax_pdf([storage.path_of(page.picture) for page in covers]))
        if body is None:
            return _keep_pdf(cover)
        return _keep_pdf(documents.joined_pdf([cover, storage.path_of(body.pdf)]))


def rebuild(path: Path) -> MadeFax:
    """A fax that came, made anew of its pages' pictures. Raises Unreadable."""
    with _drafts() as drafts:
        whole = documents.rebuilt_pdf(path)
        try:
            views = drafts.also(documents.page_pictures(whole, width=VIEW_WIDTH))
            thumbs = drafts.also(documents.page_pictures(whole, width=THUMB_WIDTH))
        except BaseException:
            whole.unlink(missing_ok=True)
            raise
        failpoint("fax.converted")
        pages = tuple(_kept(view, thumb) for view, thumb in zip(views, thumbs, strict=True))
        pdf, size = _keep_pdf(whole)
        failpoint("fax.stored")
        return MadeFax(pdf, size, pages)


def discard(names: Iterable[str]) -> None:
    """Throw away what was made and nobody wants."""
    for name in names:
        storage.discard(name)


class _Drafts:
    """Files on their way into the store; those that did not get there are deleted in the end."""

    def __init__(self) -> None:
        self._paths: list[Path] = []

    def also(self, paths: Iterable[Path]) -> list[Path]:
        """Take these too."""
        taken = list(paths)
        self._paths += taken
        return taken

    def one(self, path: Path) -> Path:
        """Take this one too."""
        self._paths.append(path)
        return path

    def clear(self) -> None:
        """Delete what is still there."""
        for path in self._paths:
            path.unlink(missing_ok=True)


@contextmanager
def _drafts() -> Iterator[_Drafts]:
    drafts = _Drafts()
    try:
        yield drafts
    finally:
        drafts.clear()


def _kept(view: Path, thumb: Path, *, picture: Path | None = None) -> MadePage:
    width, height = _size_of_png(view)
    return MadePage(
        picture=storage.keep(picture, ending="png") if picture is not None else "",
        view=storage.keep(view, ending="png"),
        thumb=storage.keep(thumb, ending="png"),
        width=width,
        height=height,
    )


def _keep_pdf(path: Path) -> tuple[str, int]:
    size = path.stat().st_size
    return storage.keep(path, ending="pdf"), size


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size_of_png(path: Path) -> tuple[int, int]:
    """Width and height as the head of a PNG of our own says."""
    with path.open("rb") as file:
        head = file.read(24)
    width, height = struct.unpack(">II", head[16:24])
    return int(width), int(height)
