"""Pictures as no camera takes them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from tests.documents.case import FAX, KIND, MMS, THUMB, Case, broken
from tests.pictures import SVG, animation, photograph, picture

FLOOD = ("too_many_pixels",)
_BOMB = zlib.compress(bytes(80_000_000), 9)


def cases() -> Iterator[Case]:
    shades = _shades()
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF"):
        good = _saved(shades, kind)
        yield Case(f"a {kind}", good, FAX, ("ok",))
        yield Case(f"a {kind} to see", good, THUMB, ("ok",))
        yield from broken(f"a {kind}", good, FAX, times=2)
    for kind in ("PNG", "JPEG", "GIF", "WEBP"):
        yield Case(f"a {kind} to send", _saved(shades, kind), MMS, ("ok",))
    yield from _png()
    yield from _jpeg()
    yield from _gif_and_webp()
    yield from _tiff()
    yield Case("SVG", SVG, FAX, ("svg",))
    yield Case("SVG in UTF-16", SVG.decode().encode("utf-16"), MMS, ("svg",))
    yield Case("HEIC", b"\0\0\0\x18ftypheic" + bytes(40), FAX, ("heic",))
    yield Case("AVIF", b"\0\0\0\x18ftypavif" + bytes(40), FAX, ("heic",))
    yield Case("an icon", b"\0\0\1\0\1\0" + bytes(40), KIND, ("kind",))
    yield Case("PostScript", b"%!PS-Adobe-3.0 EPSF-3.0\n/x 1 def", KIND, ("ok",))  # words, not run


def _png() -> Iterator[Case]:
    yield Case("PNG of 900 million dots", _bare_png(30_000, 30_000), FAX, FLOOD)
    yield Case("PNG of 2 billion lines", _bare_png(1, 2**31 - 1), MMS, FLOOD)
    yield Case("PNG of no dots", _bare_png(0, 0), FAX, ("damaged",))
    yield Case("PNG of 169 million dots that unpacks", _flat_png(13_000), FAX, FLOOD)
    yield Case("PNG of 25 million dots", _flat_png(5_000), FAX, ("ok",))
    yield Case("PNG with more than it says", _bare_png(10, 10, _BOMB), FAX)
    yield Case("PNG with a colour profile of 80 MB", _png_with(b"iCCP", b"x\0\0" + _BOMB), MMS)
    yield Case("PNG with words of 80 MB", _png_with(b"zTXt", b"x\0\0" + _BOMB), FAX)
    frames = b"".join(
        _chunk(b"fcTL", struct.pack(">IIIIIHHBB", n, 4, 4, 0, 0, 1, 9, 0, 0)) for n in range(10_000)
    )
    moving = _chunk(b"acTL", struct.pack(">II", 10_000, 0)) + frames
    yield Case("PNG of 10,000 frames", _bare_png(4, 4, zlib.compress(bytes(52)), moving), FAX)
    yield Case("PNG without its colours", _png_of(3, 8, bytes(4 * 5)), FAX)
    yield Case("PNG of 16 bits", picture("PNG", colour=40_000, mode="I;16"), FAX, ("ok",))
    yield Case("PNG of one dot", picture("PNG", (1, 1)), FAX, ("ok",))
    yield Case("PNG of one line", picture("PNG", (20_000, 1)), FAX, ("ok",))
    yield Case("PNG of one column", picture("PNG", (1, 20_000)), MMS)
    yield Case("PNG that is see-through", picture("PNG", colour=(0, 0, 0, 0), mode="RGBA"), FAX, ("ok",))  # fmt: skip


def _jpeg() -> Iterator[Case]:
    good = picture("JPEG", (64, 64))
    at = good.index(b"\xff\xc0") + 5
    for width, height in ((65_500, 65_500), (0, 0), (65_535, 1)):
        bad = good[:at] + struct.pack(">HH", height, width) + good[at + 4 :]
        yield Case(f"JPEG of {width}×{height}", bad, FAX)
    yield Case("JPEG of a phone", photograph(), MMS, ("ok",))
    yield Case("JPEG of a phone, to fax", photograph(), FAX, ("ok",))
    yield Case("JPEG in CMYK", picture("JPEG", colour=(0, 0, 0, 0), mode="CMYK"), FAX, ("ok",))
    about = Image.Exif()
    about[0x0112] = 65_000
    yield Case("JPEG of no orientation", picture("JPEG", exif=about), FAX, ("ok",))
    looped = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\4\0\1\0\0\0\x08\0\0\0\x08\0\0\0"
    yield Case("JPEG whose EXIF is its own child", picture("JPEG", exif=looped), MMS)
    profile = b"ICC_PROFILE\0\1\1" + bytes(65_000)
    segment = b"\xff\xe2" + struct.pack(">H", len(profile) + 2) + profile
    yield Case("JPEG with 6 MB of profiles", good[:2] + segment * 100 + good[2:], MMS)
    scan = good[good.index(b"\xff\xda") : -2]
    yield Case("JPEG of 2,000 scans", good[:-2] + scan * 2_000 + b"\xff\xd9", FAX)
    yield Case("JPEG with a page of the web behind it", good + b"<html><script>", MMS, ("ok",))


def _gif_and_webp() -> Iterator[Case]:
    yield Case("GIF that moves", animation("#ff0000", "#00ff00"), MMS, ("ok",))
    frame = b"!\xf9\4\0\1\0\0\0,\0\0\0\0\1\0\1\0\0\2\2L\1\0"
    head = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff"
    yield Case("GIF of 10,000 frames", head + frame * 10_000 + b";", MMS, ("animated",))
    yield Case("GIF of 10,000 frames, to fax", head + frame * 10_000 + b";", FAX, ("ok",))
    wall = struct.pack("<HH", 65_535, 65_535)
    yield Case("GIF of a wall", b"GIF89a" + wall + head[10:] + frame * 2 + b";", MMS, FLOOD)
    huge = frame.replace(b"\1\0\1\0\0\2", wall + b"\0\2")
    yield Case("GIF with a frame of a wall", head + frame + huge + b";", MMS)
    yield Case("GIF of 150 walls", _many_frames(), MMS, ("animated",))
    lossless = b"/" + struct.pack("<I", 16_383 | 16_383 << 14) + bytes(60)
    yield Case("WebP of 268 million dots", _riff(b"VP8L" + struct.pack("<I", 64) + lossless), FAX)
    canvas = b"VP8X" + struct.pack("<I", 10) + b"\2\0\0\0" + b"\xff\xff\xff" * 2
    yield Case("WebP of a canvas without end", _riff(canvas), MMS)
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), (n, 0, 0)) for n in range(60)]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    yield Case("WebP that moves", out.getvalue(), MMS, ("ok",))
    yield Case("RIFF of nothing", b"RIFF\xff\xff\xff\xffWEBP", FAX, ("damaged",))


def _tiff() -> Iterator[Case]:
    ink = Image.new("1", (1728, 1100), 1)
    pages = io.BytesIO()
    ink.save(pages, "TIFF", compression="group4", dpi=(204, 98), save_all=True, append_images=[ink])
    yield Case("TIFF of a fax", pages.getvalue(), FAX, ("ok",))
    yield Case("TIFF of 10,000 directories", _tiff_of(10_000), FAX, ("too_many_pages",))
    yield Case("TIFF whose directory follows itself", _tiff_of(1, following=8), FAX)
    yield Case("TIFF with strips that are not there", _tiff_of(1, strip_at=1 << 31), FAX)
    yield Case("TIFF with a strip of 4 GB", _tiff_of(1, strip_bytes=(1 << 32) - 1), FAX)
    yield Case("TIFF of 10 billion dots", _tiff_of(1, width=100_000, height=100_000), FAX, FLOOD)
    yield Case("TIFF with a wall behind its first page", _two_tiffs(), FAX, ("too_many_pixels", "damaged"))  # fmt: skip
    yield Case("TIFF of no dots", _tiff_of(1, width=0, height=0), FAX)
    yield Case("TIFF in nobody's compression", _tiff_of(1, compression=60_000), FAX)
    for name, number in (("LZW", 5), ("JPEG", 7), ("Group 4", 4), ("ZIP", 8), ("WebP", 50_001)):
        yield Case(f"TIFF of junk in {name}", _tiff_of(1, compression=number), FAX)
    yield Case("TIFF without a directory", b"II*\0\x08\0\0\0", FAX, ("damaged",))
    yield Case("big TIFF of nothing", b"II+\0\x08\0\0\0" + bytes(24), FAX, ("damaged",))


def _shades() -> Image.Image:
    return Image.merge(
        "RGB", [Image.linear_gradient("L").rotate(turn).resize((120, 90)) for turn in (0, 90, 180)]
    )


def _saved(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png_of(colours: int, bits: int, lines: bytes, width: int = 4, height: int = 4) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, 0)
    parts = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(lines)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def _bare_png(width: int, height: int, data: bytes = b"", before: bytes = b"") -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + before + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _flat_png(side: int) -> bytes:
    packer = zlib.compressobj(1)
    line = bytes(1 + side // 8 + 1)
    data = b"".join(packer.compress(line) for _ in range(side)) + packer.flush()
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _png_with(name: bytes, data: bytes) -> bytes:
    good = picture("PNG")
    return good[:33] + _chunk(name, data) + good[33:]


def _many_frames() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("P", (900, 900), number % 200) for number in range(150)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], optimize=False)
    wide = bytearray(out.getvalue())
    return bytes(wide)


def _riff(body: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _tiff_of(
    count: int,
    *,
    width: int = 64,
    height: int = 64,
    compression: int = 1,
    strip_at: int | None = None,
    strip_bytes: int = 512,
    following: int = 0,
) -> bytes:
    """Directories in a row over one strip of junk."""
    size = 2 + 12 * 9 + 4
    data_at = 8 + count * size
    out = bytearray(struct.pack("<2sHI", b"II", 42, 8))
    for number in range(count):
        entries = (
            (256, 4, width), (257, 4, height), (258, 3, 1), (259, 3, compression), (262, 3, 1),
            (273, 4, data_at if strip_at is None else strip_at), (277, 3, 1), (278, 4, height),
            (279, 4, strip_bytes),
        )  # fmt: skip
        out += struct.pack("<H", len(entries))
        for tag, kind, value in entries:
            out += struct.pack("<HHII", tag, kind, 1, value)
        last = number == count - 1
        out += struct.pack("<I", following if last else 8 + (number + 1) * size)
    return bytes(out) + bytes(range(256)) * 2


def _two_tiffs() -> bytes:
    first = bytearray(_tiff_of(2))
    second = 8 + 2 + 12 * 9 + 4 + 2
    struct.pack_into("<I", first, second + 8, 90_000)
    struct.pack_into("<I", first, second + 12 + 8, 90_000)
    return bytes(first)
