"""Pages as a fax machine at the other end prints them, and the small PDF that carries them."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from PIL import Image

from portal.fenced import bilevel, writing
from portal.fenced.kinds import kind_of, text_of
from portal.fenced.opening import open_pdf, open_picture, refuse_flood, upright
from portal.fenced.values import FAX_WIDTH, MOST_PAGES, Refused

# The fax machine's dots in an inch: across, and down in each quality.
ACROSS: Final = 204
DOWN: Final = {"fine": 196, "standard": 98}
_INCHES_HIGH: Final = {"letter": 11.0, "a4": 11.693}
_WIDTH_INCHES: Final = FAX_WIDTH / ACROSS
# A small page is shown larger, but not so large that a stamp fills the paper.
_MOST_GROWTH: Final = 2.0
# A wide page lies down when that shows it so much larger.
_TURN_ABOVE: Final = 1.15


def fax_pages(file: BinaryIO, *, paper: str, quality: str, first: int, most: int) -> dict[str, Any]:
    """Make pages 1-bit PNGs in the folder, some at a time; their names, and are there more?"""
    inches_high, down = _INCHES_HIGH[paper], DOWN[quality]
    height = round(inches_high * down)
    names: list[str] = []
    pages = _pages(file, kind_of(file), inches_high, height, first)
    for number, page in enumerate(islice(pages, most), start=1):
        names.append(f"{number:04}.png")
        page.save(names[-1], "PNG", dpi=(ACROSS, down), compress_level=6)
    return {"files": names, "more": len(names) == most and next(pages, None) is not None}


def fax_pdf(_file: BinaryIO) -> dict[str, Any]:
    """One PDF of the pages in the folder, each in the compression of Group 4."""
    paths = sorted(Path().glob("in-*"))
    pages = (_one_bit(path) for path in paths)
    write_pdf(((page, _points(page)) for page in pages), "0001.pdf")
    return {"files": ["0001.pdf"]}


def write_pdf(pages: Iterable[tuple[Image.Image, tuple[float, float]]], name: str) -> None:
    """A PDF of pictures, each filling a page of so many points: 1-bit as Group 4, else JPEG."""
    import pikepdf

    with pikepdf.new() as pdf:
        for picture, (width, height) in pages:
            pdf.add_blank_page(page_size=(width, height))
            page = pdf.pages[-1]
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=_image(pdf, picture)))
            page.Contents = pikepdf.Stream(
                pdf, f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /I Do Q".encode()
            )
        if not pdf.pages:
            raise Refused("no_pages")
        pdf.save(name, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def joined_pdf(_file: BinaryIO) -> dict[str, Any]:
    """One PDF of those in the folder, page after page."""
    import pikepdf

    with pikepdf.new() as pdf:
        for path in sorted(Path().glob("in-*")):
            with pikepdf.open(path) as part:
                pdf.pages.extend(part.pages)
        pdf.save("0001.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return {"files": ["0001.pdf"]}


def _pages(
    file: BinaryIO, kind: str, inches: float, height: int, first: int
) -> Iterator[Image.Image]:
    if kind == "pdf":
        yield from _pages_of_pdf(file, inches, height, first)
    elif kind == "tif":
        yield from _pages_of_tiff(file, inches, height, first)
    elif kind in {"png", "jpg", "gif", "webp"}:
        yield _page_of_picture(file, kind, inches, height)
    elif kind == "txt":
        set_pages = writing.pages(text_of(file), inches_high=inches, dots_per_inch=ACROSS)
        for grey in islice(set_pages, first, None):
            yield bilevel.black_and_white(grey.resize((FAX_WIDTH, height), Image.Resampling.BOX))
    elif kind in {"docx", "odt", "xlsx"}:
        raise Refused("no_office")
    else:
        raise Refused("kind")


def _pages_of_pdf(file: BinaryIO, inches: float, height: int, first: int) -> Iterator[Image.Image]:
    pdf = open_pdf(file)
    for number in range(first, pdf.count):
        wide, high = (side / 72 for side in pdf.size(number))
        turned = _lies_down(wide, high, inches)
        if turned:
            wide, high = high, wide
        box = _fitted(wide, high, inches, height)
        drawn = pdf.draw(number, box[0], box[1], turned=turned)
        yield bilevel.black_and_white(_on_paper(drawn, height))


def _pages_of_tiff(file: BinaryIO, inches: float, height: int, first: int) -> Iterator[Image.Image]:
    """Every page of a scan or of another fax, whose dots are often higher than wide."""
    picture = open_picture(file, "tif")
    count = getattr(picture, "n_frames", 1)
    if count > MOST_PAGES:
        raise Refused("too_many_pages")
    for number in range(first, count):
        picture.seek(number)
        refuse_flood(picture)
        wide, high = _inches_of(picture)
        grey = _on_white(upright(picture))
        if _lies_down(wide, high, inches):
            grey, wide, high = grey.transpose(Image.Transpose.ROTATE_90), high, wide
        box = _fitted(wide, high, inches, height)
        yield bilevel.black_and_white(_on_paper(_resized(grey, box), height))


def _page_of_picture(file: BinaryIO, kind: str, inches: float, height: int) -> Image.Image:
    """A picture stays as it was held, as wide as the paper."""
    picture = open_picture(file, kind)
    if kind == "jpg":
        picture.draft("L", (FAX_WIDTH, FAX_WIDTH))
    grey = _on_white(upright(picture))
    dots_per_inch = min(96, grey.width / _WIDTH_INCHES)
    box = _fitted(grey.width / dots_per_inch, grey.height / dots_per_inch, inches, height)
    drawn = bilevel.photograph(_resized(grey, box))
    return _on_paper(drawn, height)


def _lies_down(wide: float, high: float, inches: float) -> bool:
    if wide <= 0 or high <= 0:
        raise Refused("damaged")
    as_is = min(_WIDTH_INCHES / wide, inches / high)
    lying = min(_WIDTH_INCHES / high, inches / wide)
    return as_is < 1 and lying > as_is * _TURN_ABOVE


def _fitted(wide: float, high: float, inches: float, height: int) -> tuple[int, int]:
    """Width and height in the paper's dots of something so many inches large."""
    scale = min(_WIDTH_INCHES / wide, inches / high, _MOST_GROWTH)
    dots = round(wide * scale * ACROSS), round(high * scale * height / inches)
    return min(max(dots[0], 1), FAX_WIDTH), min(max(dots[1], 1), height)


def _on_paper(drawn: Image.Image, height: int) -> Image.Image:
    """At the top of an empty sheet, in the middle."""
    if drawn.size == (FAX_WIDTH, height):
        return drawn
    sheet = Image.new(drawn.mode, (FAX_WIDTH, height), 255 if drawn.mode == "L" else 1)
    sheet.paste(drawn, ((FAX_WIDTH - drawn.width) // 2, 0))
    return sheet


def _resized(grey: Image.Image, box: tuple[int, int]) -> Image.Image:
    return grey.resize(box, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGBA":
        sheet = Image.new("RGB", picture.size, "white")
        sheet.paste(picture, mask=picture.getchannel("A"))
        picture = sheet
    return picture.convert("L")


def _inches_of(picture: Image.Image) -> tuple[float, float]:
    """By its own dots in an inch, where it tells believable ones; else as wide as the paper."""
    across, down = (float(value) for value in picture.info.get("dpi", (0, 0)))
    if not (20 <= across <= 2400 and 20 <= down <= 2400 and 0.2 <= across / down <= 5):
        across = down = picture.width / _WIDTH_INCHES
    return picture.width / across, picture.height / down


def _one_bit(path: Path) -> Image.Image:
    with path.open("rb") as file:
        picture = open_picture(file, "png")
        picture.load()
    if picture.mode != "1":
        raise Refused("kind")
    return picture


def _points(page: Image.Image) -> tuple[float, float]:
    across, down = page.info.get("dpi", (ACROSS, DOWN["fine"]))
    return page.width / float(across) * 72, page.height / float(down) * 72


def _image(pdf: Any, picture: Image.Image) -> Any:
    """The picture as an object of the PDF, in whichever compression makes it smallest."""
    import pikepdf

    name = pikepdf.Name
    stream = pikepdf.Stream(pdf, b"")
    stream.Type, stream.Subtype = name.XObject, name.Image
    stream.Width, stream.Height = picture.size
    stream.ColorSpace = name.DeviceRGB if picture.mode == "RGB" else name.DeviceGray
    if picture.mode != "1":
        stream.BitsPerComponent = 8
        stream.write(_jpeg(picture), filter=name.DCTDecode)
        return stream
    stream.BitsPerComponent = 1
    fax, flat = _group_four(picture), zlib.compress(picture.tobytes(), 9)
    if len(fax) <= len(flat):
        words = pikepdf.Dictionary(K=-1, Columns=picture.width, Rows=picture.height)
        stream.write(fax, filter=name.CCITTFaxDecode, decode_parms=words)
    else:  # the dots of a dithered photograph
        stream.write(flat, filter=name.FlateDecode)
    return stream


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()


def _group_four(picture: Image.Image) -> bytes:
    """Ink is 1 in the fax machine's code; one strip, so that it can be taken out whole."""
    out = io.BytesIO()
    ink = picture.point(lambda value: 255 - value)
    ink.save(out, "TIFF", compression="group4", strip_size=1 << 24)
    with Image.open(io.BytesIO(out.getvalue()), formats=["TIFF"]) as tiff:
        starts, lengths = tiff.tag_v2[273], tiff.tag_v2[279]  # type: ignore[attr-defined]
    if len(starts) != 1:
        raise Refused("too_complex")
    return out.getvalue()[starts[0] : starts[0] + lengths[0]]
