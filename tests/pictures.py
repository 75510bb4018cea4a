"""Pictures as people send them: good, strange and hostile."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image


def picture(
    kind: str = "PNG",
    size: tuple[int, int] = (40, 20),
    colour: Any = "#0e5c63",
    *,
    mode: str = "RGB",
    **more: Any,
) -> bytes:
    """One plain colour in this format."""
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind, **more)
    return out.getvalue()


def animation(*colours: str, size: tuple[int, int] = (40, 20)) -> bytes:
    """A GIF with one frame for each colour."""
    out = io.BytesIO()
    first, *rest = [Image.new("RGB", size, colour) for colour in colours]
    first.save(out, "GIF", save_all=True, append_images=rest, duration=100, loop=0)
    return out.getvalue()


def photograph(orientation: int = 6, size: tuple[int, int] = (60, 20)) -> bytes:
    """A JPEG as a telephone makes it: lying on its side, and telling where it was taken."""
    image = Image.new("RGB", size, "#983a1b")
    about = image.getexif()
    about[0x0112] = orientation
    about[0x010F] = "Telltale Cameras"
    about.get_ifd(0x8825)[2] = (45.0, 25.0, 15.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=about, comment=b"taken at home")
    return out.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few hundred bytes that promises more pixels than any memory holds."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    )


SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
