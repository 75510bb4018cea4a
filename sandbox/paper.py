"""Pages: how many a file has, the file as PDF, some of its pages, and what a fax machine prints."""

from __future__ import annotations

import io
from functools import lru_cache

import pikepdf
import pypdfium2
from PIL import Image, ImageDraw

from sandbox.wire.refusal import Refusal

LINES_A_PAGE = 60
DOTS_WIDE, DOTS_HIGH = 1728, 2156  # a letter page at 204 × 196 dots an inch
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"II*\0", b"MM\0*")


def as_pdf(body: bytes) -> tuple[bytes, int]:
    """A file as PDF with its number of pages; refuses what is none of the six kinds."""
    try:
        if body.lstrip()[:5] == b"%PDF-":
            with pikepdf.open(io.BytesIO(body)) as pdf:
                if not pdf.pages:
                    raise Refusal("invalid_file")
                return body, len(pdf.pages)
        pages = _pictures(body) if body.startswith(PICTURES) else _typed(body.decode("utf-8"))
        return _bound(pages), len(pages)
    except (pikepdf.PdfError, OSError, ValueError, Image.DecompressionBombError):
        raise Refusal("invalid_file") from None


def first_pages(pdf: bytes, count: int) -> bytes:
    """The first pages of a PDF; nothing for none."""
    if count <= 0:
        return b""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as whole:
        if count < len(whole.pages):
            del whole.pages[count:]
        whole.save(out)
    return out.getvalue()


def printed(pdf: bytes) -> bytes:
    """What comes out of the machine: a TIFF of black and white pages."""
    pages = []
    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            drawn = page.render(scale=204 / 72).to_pil().convert("L")
            pages.append(drawn.resize((DOTS_WIDE, DOTS_HIGH)).convert("1"))
    finally:
        document.close()
    out = io.BytesIO()
    pages[0].save(
        out, "TIFF", save_all=True, append_images=pages[1:], compression="group4", dpi=(204, 196)
    )
    return out.getvalue()


@lru_cache(maxsize=20)
def sample(pages: int, words: str = "Practice fax") -> bytes:
    """A PDF of so many pages with some words on each."""
    return _bound([_page([words, f"Page {page + 1} of {pages}"]) for page in range(pages)])


def _pictures(body: bytes) -> list[Image.Image]:
    with Image.open(io.BytesIO(body)) as picture:
        found = []
        for place in range(getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1):
            picture.seek(place)
            found.append(picture.convert("1"))
        return found


def _typed(text: str) -> list[Image.Image]:
    if not text.strip() or "\0" in text:
        raise Refusal("invalid_file")
    lines = text.splitlines()
    return [
        _page(lines[start : start + LINES_A_PAGE]) for start in range(0, len(lines), LINES_A_PAGE)
    ]


def _page(lines: list[str]) -> Image.Image:
    page = Image.new("1", (DOTS_WIDE // 2, DOTS_HIGH // 2), 1)
    draw = ImageDraw.Draw(page)
    for place, line in enumerate(lines):
        draw.text((60, 60 + place * 16), line.encode("latin-1", "replace").decode("latin-1"), 0)
    return page


def _bound(pages: list[Image.Image]) -> bytes:
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=102.0)
    return out.getvalue()
