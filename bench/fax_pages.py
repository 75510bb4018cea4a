"""Pages of a fax from a PDF, behind the fence, against the bare drawing of the same pages."""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import pypdfium2
from PIL import Image, ImageDraw

from bench.rows import Row
from bench.stage import Servers, staged
from portal import documents

PAGES = 50
WIDTH, DPI_DOWN, POINTS = 1728, 196, 72


def run(servers: Servers, *, quick: bool = False) -> list[Row]:
    """A letter of fifty pages: drawn, cut to black and white, written as PNG."""
    count = PAGES // 10 if quick else PAGES
    with TemporaryDirectory() as folder, staged(servers, servers.url("sqlite", "fax")):
        letter = Path(folder) / "letter.pdf"
        letter.write_bytes(_letter(count))
        floor = count / _seconds(lambda: _bare(letter))
        ours = count / _seconds(lambda: _fenced(letter))
    return [Row(f"fax pages from a PDF of {count}", floor, ours, ours / floor, "at least 0.5", "/s")]  # fmt: skip


def _seconds(work: object) -> float:
    assert callable(work)
    work()
    began = perf_counter()
    work()
    return perf_counter() - began


def _bare(path: Path) -> None:
    document = pypdfium2.PdfDocument(path)
    for page in document:
        drawn = page.render(scale=WIDTH / page.get_width(), grayscale=True).to_pil()
        page_high = round(page.get_height() / POINTS * DPI_DOWN)
        drawn.resize((WIDTH, page_high)).point(lambda value: 255 * (value > 168), "1").save(
            io.BytesIO(), "PNG"
        )
    document.close()


def _fenced(path: Path) -> None:
    for page in documents.fax_pages(path, paper="letter", quality="fine"):
        page.path.unlink()


def _letter(count: int) -> bytes:
    sheets = []
    for number in range(count):
        sheet = Image.new("L", (850, 1100), 255)
        pen = ImageDraw.Draw(sheet)
        for row in range(50):
            pen.text((80, 80 + row * 19), f"Page {number}, line {row}: words of a letter. " * 2, 0)
        sheets.append(sheet)
    out = io.BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:], resolution=100)
    return out.getvalue()
