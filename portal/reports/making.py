"""From a stored wish to a PDF on disk: small ones as a tagged table, long ones in pieces."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import pikepdf
from flask_babel import force_locale

from portal.core import scope as scopes
from portal.core import storage
from portal.core.cells import UTF8_MARK, written
from portal.core.db import finish_reading
from portal.core.scope import Scope
from portal.reports import faces, pdf, report_document, statement
from portal.reports.catalogue import by_kind
from portal.reports.document import Document
from portal.reports.paper import Letterhead
from portal.reports.pdf import Sheet
from portal.reports.values import Asked, Progress, ReportKind, Unwanted

TAGGED_ROWS = 500
MOST_ROWS = 20_000
SHEET_ROWS = 650
# What fits on a page of the long form, with the same line height on Letter and A4.
PAGE_ROWS = {True: 38, False: 54}
# A page between its margins, in points; rows are set in eight of them, and four stay free beside a cell.
_WIDE = {("Letter", True): 712, ("A4", True): 762, ("Letter", False): 532, ("A4", False): 515}
_LETTERS, _BESIDE = 8, 4

# Papers that are no described report.
_MAKERS: dict[ReportKind, Callable[[Asked, int], Document]] = {
    ReportKind.STATEMENT: statement.document,
}


def write_pdf(asked: Asked, progress: Progress) -> Path | None:
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
            document = _document(asked)
            job = _Making(document, progress, drafts)
            finish_reading()
            if document.count <= TAGGED_ROWS:
                return job.in_one_piece()
            if document.count <= MOST_ROWS:
                return job.in_pieces(with_rows=True)
            return job.with_csv(job.in_pieces(with_rows=False))
    except Unwanted:
        return None
    finally:
        for path in drafts:
            path.unlink(missing_ok=True)


def _document(asked: Asked) -> Document:
    if asked.report in _MAKERS:
        return _MAKERS[asked.report](asked, MOST_ROWS)
    return report_document.document(by_kind(asked.report), asked, MOST_ROWS)


class _Making:
    def __init__(self, document: Document, progress: Progress, drafts: list[Path]) -> None:
        self._document = document
        self._progress = progress
        self._drafts = drafts
        self._letterhead = Letterhead.of_reseller()
        self._assets = self._letterhead.assets

    def in_one_piece(self) -> Path:
        """Every row in one tagged table, for screen readers too."""
        self._tell(0)
        rows = list(chain.from_iterable(self._document.chunks()))
        sheet = Sheet(
            self._first_part(rows=[self._texts(row) for row in rows]), self._draft(), True
        )
        for _ in pdf.render([sheet], self._assets, is_wanted=self._progress.is_wanted):
            self._tell(self._document.count)
        return self._keep(sheet.target)

    def in_pieces(self, *, with_rows: bool) -> Path:
        """The first part, then pages of rows that were laid out apart; numbered beforehand."""
        self._tell(0)
        per_page = PAGE_ROWS[self._document.landscape]
        detail_pages = -(-self._document.count // per_page) if with_rows else 0
        first, first_pages = self._first_sheet(detail_pages, with_rows=with_rows)
        merged = self._draft()
        with pikepdf.Pdf.new() as whole:
            _append(whole, first)
            if with_rows:
                for piece in self._pieces(first_pages, first_pages + detail_pages):
                    _append(whole, piece)
            self._describe(whole)
            whole.save(merged)
        return self._keep(merged)

    def with_csv(self, totals: Path) -> Path:
        """More rows than paper holds: the totals as PDF and every row as CSV, in one ZIP."""
        self._drafts.append(totals)
        document, done = self._document, 0
        path = storage.draft(ending="zip")
        self._drafts.append(path)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
            whole.write(totals, "totals.pdf")
            with whole.open("rows.csv", "w") as file:
                file.write((UTF8_MARK + written([document.keys])).encode())
                for many, lines in document.lines():
                    file.write(lines.encode())
                    done += many
                    if not self._progress(done, max(done, document.count)):
                        raise Unwanted
        return self._keep(path)

    def _first_sheet(self, detail_pages: int, *, with_rows: bool) -> tuple[Path, int]:
        """Laid out a second time when it is longer than the one page it was taken for."""
        pages = 1
        while True:
            html = self._first_part(
                too_many=not with_rows, detail_pages=detail_pages, all_pages=pages + detail_pages
            )
            sheet = Sheet(html, self._draft())
            list(pdf.render([sheet], self._assets, is_wanted=self._progress.is_wanted))
            with pikepdf.Pdf.open(sheet.target) as found:
                if len(found.pages) == pages:
                    return sheet.target, pages
                pages = len(found.pages)

    def _pieces(self, first_pages: int, all_pages: int) -> Iterator[Path]:
        """The pages of rows in order, though the processes may finish in another."""
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
        for sheet in pdf.render(sheets(), self._assets, is_wanted=self._progress.is_wanted):
            done += rows_of[sheet.target]
            self._tell(done)
        yield from order

    def _sheet_rows(self) -> Iterator[list[Any]]:
        per_page = PAGE_ROWS[self._document.landscape]
        size = SHEET_ROWS // per_page * per_page
        waiting: list[Any] = []
        room = self._document.count  # the page count is printed already: it stays true
        for chunk in self._document.chunks():
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

    def _long_part(self, rows: list[Any], before: int, all_pages: int) -> str:
        per_page = PAGE_ROWS[self._document.landscape]
        pages = []
        for at in range(0, len(rows), per_page):
            texts = [self._texts(row) for row in rows[at : at + per_page]]
            pages.append(["\n".join(column) for column in zip(*texts, strict=True)])
        return self._html("long.html", pages=pages, before=before, all_pages=all_pages)

    def _html(self, template: str, **words: Any) -> str:
        document = self._document
        return self._letterhead.html(template, document=document, w=document.wording, **words)

    def _texts(self, row: Any) -> list[str]:
        cell = self._document.wording.cell
        pairs = zip(self._document.cells(row), self._document.columns, self._rooms, strict=True)
        return [faces.fitted(cell(value, column.kind), room) for value, column, room in pairs]

    @cached_property
    def _rooms(self) -> list[int]:
        """What a cell of each column has room for, in thousandths of the letters' size."""
        columns = self._document.columns
        wide = _WIDE[self._document.paper, self._document.landscape]
        whole = sum(column.width for column in columns)
        return [
            int((column.width * wide / whole - _BESIDE) * 1_000 / _LETTERS) for column in columns
        ]

    def _describe(self, whole: pikepdf.Pdf) -> None:
        whole.Root.Lang = pikepdf.String(self._document.language)
        whole.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        whole.docinfo["/Title"] = f"{self._document.title} – {self._document.subject}"
        whole.docinfo["/Author"] = self._letterhead.brand

    def _tell(self, done: int) -> None:
        if not self._progress(done, self._document.count):
            raise Unwanted

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
