"""From a stored wish to a PDF on disk: small ones as a tagged table, long ones in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import Any

import pikepdf
from flask_babel import force_locale

from portal.calls import CallRow
from portal.core import scope as scopes
from portal.core import storage
from portal.core.db import finish_reading
from portal.core.scope import Scope
from portal.reports import cdr_document, pdf, statement
from portal.reports.document import Document
from portal.reports.paper import Letterhead
from portal.reports.pdf import Sheet
from portal.reports.reading import chunks
from portal.reports.table import Column
from portal.reports.values import Asked, ReportKind

TAGGED_ROWS = 500
MOST_ROWS = 20_000
SHEET_ROWS = 650
# What fits on a page of the long form, with the same line height on Letter and A4.
PAGE_ROWS = {True: 38, False: 54}
# A column's share of the paper is in characters, more or less; what is longer is cut.
_CUT = 1.55

_Progress = Callable[[int, int], bool]
_MAKERS: dict[ReportKind, Callable[[Asked, int], Document]] = {
    ReportKind.GLOBAL_CDR: cdr_document.document,
    ReportKind.STATEMENT: statement.document,
}


class _Unwanted(Exception):
    """The file was deleted while it was being made."""


def write_pdf(asked: Asked, progress: _Progress) -> Path | None:
    """Make the file that was asked for; its draft, or None when nobody wants it any more.

    ``progress`` is told rows done and rows in all, and answers whether to go on. No transaction is
    open while pages are laid out. Raises ReportError with a sentence for the person.
    """
    client = asked.client_id
    reseller_id = scopes.reseller_id()
    narrowed = scopes.bind(Scope(reseller_id, client)) if client is not None else nullcontext()
    drafts: list[Path] = []
    try:
        with narrowed, force_locale(asked.language):
            document = _MAKERS[asked.report](asked, MOST_ROWS)
            job = _Making(document, progress, drafts)
            finish_reading()
            if document.calls <= TAGGED_ROWS:
                return job.in_one_piece()
            return job.in_pieces(with_calls=document.calls <= MOST_ROWS)
    except _Unwanted:
        return None
    finally:
        for path in drafts:
            path.unlink(missing_ok=True)


class _Making:
    def __init__(self, document: Document, progress: _Progress, drafts: list[Path]) -> None:
        self._document = document
        self._progress = progress
        self._drafts = drafts
        self._letterhead = Letterhead.of_reseller()
        self._assets = self._letterhead.assets

    def in_one_piece(self) -> Path:
        """Every call in one tagged table, for screen readers too."""
        self._tell(0)
        rows = list(chain.from_iterable(chunks(self._document.wanted)))
        sheet = Sheet(
            self._first_part(rows=[self._texts(row) for row in rows]), self._draft(), True
        )
        for _ in pdf.render([sheet], self._assets):
            self._tell(self._document.calls)
        return self._keep(sheet.target)

    def in_pieces(self, *, with_calls: bool) -> Path:
        """The first part, then pages of calls that were laid out apart; numbered beforehand."""
        self._tell(0)
        per_page = PAGE_ROWS[self._document.landscape]
        detail_pages = -(-self._document.calls // per_page) if with_calls else 0
        first, first_pages = self._first_sheet(detail_pages, with_calls=with_calls)
        merged = self._draft()
        with pikepdf.Pdf.new() as whole:
            _append(whole, first)
            if with_calls:
                for piece in self._pieces(first_pages, first_pages + detail_pages):
                    _append(whole, piece)
            self._describe(whole)
            whole.save(merged)
        return self._keep(merged)

    def _first_sheet(self, detail_pages: int, *, with_calls: bool) -> tuple[Path, int]:
        """Laid out a second time when it is longer than the one page it was taken for."""
        pages = 1
        while True:
            html = self._first_part(
                too_many=not with_calls, detail_pages=detail_pages, all_pages=pages + detail_pages
            )
            sheet = Sheet(html, self._draft())
            list(pdf.render([sheet], self._assets))
            with pikepdf.Pdf.open(sheet.target) as found:
                if len(found.pages) == pages:
                    return sheet.target, pages
                pages = len(found.pages)

    def _pieces(self, first_pages: int, all_pages: int) -> Iterator[Path]:
        """The pages of calls in order, though the processes may finish in another."""
        order: list[Path] = []
        rows_of: dict[Path, int] = {}

        def sheets() -> Iterator[Sheet]:
            for at, rows in enumerate(self._sheet_rows()):
                before = first_pages + at * (SHEET_ROWS // PAGE_ROWS[self._document.landscape])
                target = self._draft()
                order.append(target)
                rows_of[target] = len(rows)
                yield Sheet(self._long_part(rows, before, all_pages), target)

        done = 0
        for sheet in pdf.render(sheets(), self._assets):
            done += rows_of[sheet.target]
            self._tell(done)
        yield from order

    def _sheet_rows(self) -> Iterator[list[CallRow]]:
        per_page = PAGE_ROWS[self._document.landscape]
        size = SHEET_ROWS // per_page * per_page
        waiting: list[CallRow] = []
        room = self._document.calls  # the page count is printed already: it stays true
        for chunk in chunks(self._document.wanted):
            taken = chunk[:room]
            waiting += taken
            room -= len(taken)
            while len(waiting) >= size:
                yield waiting[:size]
                waiting = waiting[size:]
        if waiting:
            yield waiting

    def _first_part(self, **more: Any) -> str:
        words = {"rows": None, "too_many": False, "detail_pages": 0, "all_pages": 0} | more
        return self._html(self._document.template, **self._document.words, **words)

    def _long_part(self, rows: list[CallRow], before: int, all_pages: int) -> str:
        per_page = PAGE_ROWS[self._document.landscape]
        pages = []
        for at in range(0, len(rows), per_page):
            texts = [self._texts(row) for row in rows[at : at + per_page]]
            pages.append(["\n".join(column) for column in zip(*texts, strict=True)])
        return self._html("long.html", pages=pages, before=before, all_pages=all_pages)

    def _html(self, template: str, **words: Any) -> str:
        document = self._document
        return self._letterhead.html(template, document=document, w=document.wording, **words)

    def _texts(self, row: CallRow) -> list[str]:
        cell = self._document.wording.cell
        pairs = zip(self._document.cells(row), self._document.columns, strict=True)
        return [_fitted(cell(value, column.kind), column) for value, column in pairs]

    def _describe(self, whole: pikepdf.Pdf) -> None:
        whole.Root.Lang = pikepdf.String(self._document.language)
        whole.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        whole.docinfo["/Title"] = f"{self._document.title} – {self._document.subject}"
        whole.docinfo["/Author"] = self._letterhead.brand

    def _tell(self, done: int) -> None:
        if not self._progress(done, self._document.calls):
            raise _Unwanted

    def _draft(self) -> Path:
        path = storage.draft(ending="pdf")
        self._drafts.append(path)
        return path

    def _keep(self, path: Path) -> Path:
        self._drafts.remove(path)
        return path


def _append(whole: pikepdf.Pdf, path: Path) -> None:
    with pikepdf.Pdf.open(path) as piece:
        whole.pages.extend(piece.pages)


def _fitted(text: str, column: Column) -> str:
    """One line that fits its column, whatever a caller is called."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    room = int(column.width * _CUT)
    return text if len(text) <= room else text[: room - 1] + "…"
