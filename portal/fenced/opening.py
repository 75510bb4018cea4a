"""Opens pictures and PDF files within their limits, and draws the pages of a PDF."""

from __future__ import annotations

import ctypes
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

from PIL import Image, ImageFile, ImageOps

from portal.fenced.values import MOST_PAGES, MOST_PIXELS, Refused

FORMATS: Final = {"png": "PNG", "jpg": "JPEG", "gif": "GIF", "webp": "WEBP", "tif": "TIFF"}
_PASSWORD_ERRORS: Final = (4, 5)  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY
_MONOCHROME, _ANNOTATIONS = 0x08, 0x01
_WHITE: Final = 0xFFFFFFFF


def open_picture(file: BinaryIO, kind: str) -> Image.Image:
    """A picture whose pixels are not unpacked yet; more than the limit are refused here."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    file.seek(0)
    try:
        picture = Image.open(file, formats=[FORMATS[kind]])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("too_many_pixels") from error
    refuse_flood(picture)
    return picture


def refuse_flood(picture: Image.Image) -> None:
    """Before a pixel is unpacked: a small file can promise a wall of them."""
    if picture.width * picture.height > MOST_PIXELS:
        raise Refused("too_many_pixels")


def upright(picture: Image.Image) -> Image.Image:
    """As the camera was held, in colours that can be worked on; what else it told is gone."""
    turned = ImageOps.exif_transpose(picture)
    if turned.mode.startswith("I") or turned.mode == "F":
        turned = _eight_bits(turned)
    mode = "RGBA" if turned.has_transparency_data else "RGB"
    if turned.mode in {"1", "L"} and mode == "RGB":
        mode = "L"
    made = turned.convert(mode)
    made.info.clear()
    return made


def _eight_bits(picture: Image.Image) -> Image.Image:
    low, high = picture.convert("F").getextrema()
    span = max(float(high) - float(low), 1.0)  # type: ignore[arg-type]
    scale, shift = 255 / span, -float(low) * 255 / span  # type: ignore[arg-type]
    return picture.convert("F").point(lambda value: value * scale + shift).convert("L")


class Pdf:
    """A PDF file whose pages can be drawn one by one."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self.count = len(document)

    def size(self, number: int) -> tuple[float, float]:
        """Width and height of a page in points, as it is shown."""
        import pypdfium2.raw as raw

        with self._page(number) as page:
            return float(raw.FPDF_GetPageWidthF(page)), float(raw.FPDF_GetPageHeightF(page))

    def draw(
        self, number: int, width: int, height: int, *, colours: bool = False, turned: bool = False
    ) -> Image.Image:
        """A page in exactly so many dots, whatever its size; with what is written upon it."""
        import pypdfium2.raw as raw

        bytes_each, form = (3, raw.FPDFBitmap_BGR) if colours else (1, raw.FPDFBitmap_Gray)
        line = (width * bytes_each + 3) // 4 * 4
        buffer = ctypes.create_string_buffer(line * height)
        bitmap = raw.FPDFBitmap_CreateEx(width, height, form, buffer, line)
        if not bitmap:
            raise Refused("too_complex")
        try:
            raw.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, _WHITE)
            with self._page(number) as page:
                flags = _ANNOTATIONS if colours else _ANNOTATIONS | _MONOCHROME
                raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, int(turned), flags)
        finally:
            raw.FPDFBitmap_Destroy(bitmap)
        mode, form_of_line = ("RGB", "BGR") if colours else ("L", "L")
        return Image.frombytes(mode, (width, height), buffer.raw, "raw", form_of_line, line)

    @contextmanager
    def _page(self, number: int) -> Iterator[Any]:
        import pypdfium2.raw as raw

        page = raw.FPDF_LoadPage(self._document.raw, number)
        if not page:
            raise Refused("damaged")
        try:
            yield page
        finally:
            raw.FPDF_ClosePage(page)


def open_pdf(file: BinaryIO) -> Pdf:
    """A PDF without a password and with at least one page."""
    import pypdfium2

    file.seek(0)
    try:
        document = pypdfium2.PdfDocument(file.read())
    except pypdfium2.PdfiumError as error:
        protected = getattr(error, "err_code", None) in _PASSWORD_ERRORS
        raise Refused("password" if protected else "damaged") from error
    pdf = Pdf(document)
    if not pdf.count:
        raise Refused("no_pages")
    if pdf.count > MOST_PAGES:
        raise Refused("too_many_pages")
    return pdf
