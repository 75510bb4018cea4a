"""Pictures made anew for phones and screens, and the pages of a PDF as pictures."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from PIL import Image

from portal.fenced.bilevel import black_and_white
from portal.fenced.fax import ACROSS, DOWN, write_pdf
from portal.fenced.kinds import kind_of
from portal.fenced.opening import Pdf, open_pdf, open_picture, refuse_flood, upright
from portal.fenced.values import FAX_WIDTH, MOST_FRAMES, MOST_PIXELS, Refused

_LARGEST_SIDE: Final = 2048
_SMALLEST_SIDE: Final = 64
_QUALITIES: Final = (88, 78, 66)
_SHRINK: Final = 0.75
_SCREEN_DPI: Final = 150


def page_pictures(file: BinaryIO, *, width: int, first: int, most: int) -> dict[str, Any]:
    """Pages as grey PNGs of that width, some at a time."""
    if not 16 <= width <= 4000:
        raise ValueError("The width of a page is 16 to 4,000 dots.")
    if kind_of(file) != "pdf":
        raise Refused("kind")
    pdf = open_pdf(file)
    names: list[str] = []
    for number in range(first, min(first + most, pdf.count)):
        page = pdf.draw(number, width, _height_for(pdf, number, width))
        names.append(f"{len(names) + 1:04}.png")
        # Sixteen greys are enough for ink, and make the file a third.
        page.quantize(16, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(names[-1], "PNG")
    return {"files": names, "more": pdf.count > first + most}


def rebuilt_pdf(file: BinaryIO, *, first: int, most: int) -> dict[str, Any]:
    """The same pages as pictures: a fax stays black and white, colours stay colours."""
    if kind_of(file) != "pdf":
        raise Refused("kind")
    pdf = open_pdf(file)
    write_pdf(_redrawn(pdf, range(first, min(first + most, pdf.count))), "0001.pdf")
    return {"files": ["0001.pdf"], "more": pdf.count > first + most}


def thumbnail(file: BinaryIO, *, box: list[int]) -> dict[str, Any]:
    """A picture or the first page of a PDF within a box, as WebP."""
    wide, high = box
    if not (1 <= wide <= 2000 and 1 <= high <= 2000):
        raise ValueError("A thumbnail has up to 2,000 dots a side.")
    kind = kind_of(file)
    if kind == "pdf":
        pdf = open_pdf(file)
        page_width, page_height = pdf.size(0)
        scale = min(wide / page_width, high / page_height)
        small = pdf.draw(
            0,
            max(1, round(page_width * scale)),
            max(1, round(page_height * scale)),
            colours=True,
        )
    else:
        small = _small(file, kind, (wide, high))
    small.save("0001.webp", "WEBP", quality=82, method=4)
    return {"files": ["0001.webp"]}


def picture_for_mms(file: BinaryIO, *, most_bytes: int) -> dict[str, Any]:
    """A picture within so many bytes: smaller and plainer step by step, moving if it can."""
    kind = kind_of(file)
    if kind not in {"png", "jpg", "gif", "webp"}:
        raise Refused("picture_kind")
    picture = open_picture(file, kind)
    if kind == "gif" and getattr(picture, "n_frames", 1) > 1:
        return _moving(picture, most_bytes)
    if kind == "jpg":
        picture.draft("RGB", (_LARGEST_SIDE, _LARGEST_SIDE))
    still = upright(picture)
    still.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE), Image.Resampling.LANCZOS)
    if kind != "jpg" and (content := _drawing(still)) and len(content) <= most_bytes:
        return _kept(content, "png", still)
    return _photograph(still, most_bytes)


def _photograph(picture: Image.Image, most_bytes: int) -> dict[str, Any]:
    flat = _flat(picture)
    while True:
        for quality in _QUALITIES:
            out = io.BytesIO()
            flat.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
            if out.tell() <= most_bytes:
                return _kept(out.getvalue(), "jpg", flat)
        width, height = round(flat.width * _SHRINK), round(flat.height * _SHRINK)
        if max(width, height) < _SMALLEST_SIDE:
            raise Refused("too_large_to_send")
        flat = flat.resize((max(width, 1), max(height, 1)), Image.Resampling.LANCZOS)


def _drawing(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _moving(picture: Image.Image, most_bytes: int) -> dict[str, Any]:
    """All frames again, without what else the file carried."""
    count = getattr(picture, "n_frames", 1)
    if count > MOST_FRAMES or count * picture.width * picture.height > 4 * MOST_PIXELS:
        raise Refused("animated")
    frames, times = [], []
    for number in range(count):
        picture.seek(number)
        times.append(min(max(int(picture.info.get("duration", 100)), 20), 10_000))
        frame = picture.convert("RGBA")
        frame.info.clear()
        frames.append(frame)
    while True:
        out = io.BytesIO()
        frames[0].save(
            out, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0, disposal=2
        )
        if out.tell() <= most_bytes:
            return _kept(out.getvalue(), "gif", frames[0])
        width, height = round(frames[0].width * 0.7), round(frames[0].height * 0.7)
        if max(width, height) < _SMALLEST_SIDE:
            raise Refused("animated")
        frames = [
            frame.resize((max(width, 1), max(height, 1)), Image.Resampling.BILINEAR)
            for frame in frames
        ]


def _small(file: BinaryIO, kind: str, box: tuple[int, int]) -> Image.Image:
    if kind not in {"png", "jpg", "gif", "webp", "tif"}:
        raise Refused("kind")
    picture = open_picture(file, kind)
    refuse_flood(picture)
    if kind == "jpg":
        picture.draft("RGB", box)
    small = upright(picture)
    small.thumbnail(box, Image.Resampling.LANCZOS)
    return small


def _flat(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    sheet = Image.new("RGB", picture.size, "white")
    sheet.paste(picture, mask=picture.getchannel("A"))
    return sheet


def _kept(content: bytes, ending: str, picture: Image.Image) -> dict[str, Any]:
    name = f"0001.{ending}"
    Path(name).write_bytes(content)
    return {"files": [name], "width": picture.width, "height": picture.height}


def _redrawn(pdf: Pdf, numbers: Iterable[int]) -> Iterator[tuple[Image.Image, tuple[float, float]]]:
    for number in numbers:
        width, height = _believable(pdf.size(number))
        drawn = pdf.draw(
            number,
            round(width / 72 * _SCREEN_DPI),
            round(height / 72 * _SCREEN_DPI),
            colours=True,
        )
        if _has_colours(drawn):
            yield drawn, (width, height)
            continue
        grey = drawn.convert("L")
        if _is_ink(grey):
            across = round(width / 72 * ACROSS)
            # A fax fills its 1,728 dots exactly; drawn so, no dot is split.
            across = FAX_WIDTH if abs(across - FAX_WIDTH) <= 8 else across
            fine = pdf.draw(number, across, round(height / 72 * DOWN["fine"]))
            yield black_and_white(fine), (width, height)
        else:
            yield grey, (width, height)


def _believable(size: tuple[float, float]) -> tuple[float, float]:
    """Up to 17 inches wide or high: larger pages are shown smaller."""
    wide, high = size
    if wide <= 0 or high <= 0:
        raise Refused("damaged")
    scale = min(1.0, 17 * 72 / wide, 17 * 72 / high)
    return max(wide * scale, 36.0), max(high * scale, 36.0)


def _has_colours(drawn: Image.Image) -> bool:
    """More than a trace: the distance of a pixel from grey, in a small copy."""
    small = drawn.reduce(4).convert("HSV")
    saturated = small.getchannel("S").histogram()
    return sum(saturated[48:]) > small.width * small.height // 400


def _is_ink(grey: Image.Image) -> bool:
    counts = grey.histogram()
    return sum(counts[64:224]) < sum(counts) * 0.35


def _height_for(pdf: Pdf, number: int, width: int) -> int:
    page_width, page_height = pdf.size(number)
    if page_width <= 0 or page_height <= 0:
        raise Refused("damaged")
    return min(max(round(width * page_height / page_width), 1), MOST_PIXELS // width, 8 * width)
