"""A workbook in one pass: lines go straight into the archive, and nothing of them is kept."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from xml.sax.saxutils import quoteattr

from portal.reports.spelling import BOLD, FORMATS, text_cell

# Twice as large for a third of the time: most of what is written is names of elements.
_PRESSED = 1
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PARTS = "http://schemas.openxmlformats.org/package/2006"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


class Workbook:
    """Sheets one after the other. Whole once the block that made it has ended."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(
            path, "w", zipfile.ZIP_DEFLATED, compresslevel=_PRESSED, allowZip64=True
        )
        self._names: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is None:
            self._frame()
        self._zip.close()

    @contextmanager
    def sheet(
        self, name: str, widths: Sequence[float], titles: Sequence[str] = ()
    ) -> Iterator[IO[bytes]]:
        """A sheet that takes lines as bytes; its titles stay in sight."""
        self._names.append(name)
        with self._zip.open(f"xl/worksheets/sheet{len(self._names)}.xml", "w") as file:
            file.write(_begin(widths, titles, is_first=len(self._names) == 1).encode())
            yield file
            file.write(b"</sheetData></worksheet>")

    def _frame(self) -> None:
        count = len(self._names)
        for name, text in (
            ("[Content_Types].xml", _types(count)),
            ("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])),
            ("xl/workbook.xml", _book(self._names)),
            (
                "xl/_rels/workbook.xml.rels",
                _relations(
                    [
                        *(("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, count + 1)),
                        ("styles", "styles.xml"),
                    ]
                ),
            ),
            ("xl/styles.xml", _styles()),
        ):
            self._zip.writestr(name, _HEAD + text)


def _begin(widths: Sequence[float], titles: Sequence[str], *, is_first: bool) -> str:
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width:.2f}" customWidth="1"/>'
        for at, width in enumerate(widths, start=1)
    )
    stays = (
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        if titles
        else ""
    )
    shown = ' tabSelected="1"' if is_first else ""
    head = "".join(text_cell(title, BOLD) for title in titles)
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView{shown} workbookViewId="0">{stays}'
        f'</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>'
        + (f"<row>{head}</row>" if head else "")
    )


def _types(count: int) -> str:
    parts: list[tuple[str, str]] = [("workbook.xml", "sheet.main"), ("styles.xml", "styles")]
    parts += [(f"worksheets/sheet{at}.xml", "worksheet") for at in range(1, count + 1)]
    said = "".join(
        f'<Override PartName="/xl/{name}" ContentType="{_TYPE}.{kind}+xml"/>'
        for name, kind in parts
    )
    return (
        f'<Types xmlns="{_PARTS}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{said}</Types>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    said = "".join(
        f'<Relationship Id="rId{at}" Type="{_LINKS}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PARTS}/relationships">{said}</Relationships>'


def _book(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"/>'
        for at, name in enumerate(names, start=1)
    )
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{sheets}</sheets></workbook>'


def _styles() -> str:
    """The plain style, the bold one, and one for each kind that has a format."""
    formats = "".join(
        f'<numFmt numFmtId="{at}" formatCode={quoteattr(code)}/>'
        for at, code in enumerate(FORMATS.values(), start=164)
    )
    looks = "".join(
        f'<xf numFmtId="{at}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for at in range(164, 164 + len(FORMATS))
    )
    font = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
    usual = 'numFmtId="0" fontId="0" fillId="0" borderId="0"'
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(FORMATS)}">{formats}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        f'<cellStyleXfs count="1"><xf {usual}/></cellStyleXfs>'
        f'<cellXfs count="{2 + len(FORMATS)}"><xf {usual} xfId="0"/>'
        f'<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>{looks}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )
