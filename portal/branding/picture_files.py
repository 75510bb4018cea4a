"""Pictures as they arrive: read by content, checked against limits, and made anew.

What is kept is never what was sent. The pixels are decoded and written again, so that nothing else
in the file survives: no camera data, no comment, no second format hidden behind the first.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from portal.core.errors import InvalidInput
from portal.core.http import Outgoing, OutgoingError, TooLarge
from portal.core.registry import settings

MOST_PICTURE_BYTES: Final = 5_000_000
MOST_PIXELS: Final = 20_000_000
_ACCEPTED = ("PNG", "JPEG", "WEBP", "GIF")
_DEADLINE_SECONDS = 8.0
# What the decoders raise on broken files, beside OSError.
_UNREADABLE = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, ArithmeticError,
    struct.error,
)  # fmt: skip


class Purpose(StrEnum):
    """What a picture is for; it decides how large it is kept."""

    LOGIN_ART = "login_art"
    LOGIN_LOGO = "login_logo"
    HEADER = "header"
    MENU_LOGO = "menu_logo"
    PAPER_LOGO = "paper_logo"
    TEXT = "text"


# Width and height it is kept within: what the page shows, three times as fine.
_BOUNDS: Mapping[Purpose, tuple[int, int]] = {
    Purpose.LOGIN_ART: (2400, 2400),
    Purpose.LOGIN_LOGO: (960, 480),
    Purpose.HEADER: (960, 96),
    Purpose.MENU_LOGO: (640, 144),
    Purpose.PAPER_LOGO: (1200, 480),
    Purpose.TEXT: (1600, 1600),
}


@dataclass(frozen=True, slots=True)
class ReadPicture:
    """A picture made anew: its bytes, what they are, and a digest that names them."""

    content: bytes
    media_type: str
    ending: str
    width: int
    height: int
    purpose: Purpose

    @property
    def digest(self) -> str:
        """Equal for equal pictures, so that sending one twice keeps it once."""
        return hashlib.sha256(self.content).hexdigest()


def read_picture(data: bytes, *, purpose: Purpose = Purpose.TEXT) -> ReadPicture:
    """The first frame of a PNG, JPEG, WebP or GIF, upright, at most as large as it is needed.

    Takes up to a second: call it with no transaction open. InvalidInput says what is wrong.
    """
    if not data:
        raise InvalidInput("Choose a picture.", code="no_picture")
    if len(data) > MOST_PICTURE_BYTES:
        raise InvalidInput("This picture is larger than 5 MB.", code="too_large")
    if _is_svg(data):
        raise InvalidInput(
            "SVG pictures can carry scripts, so they are not taken. Save it as PNG.", code="svg"
        )
    image, original = _decoded(data)
    image.thumbnail(_BOUNDS[purpose], Image.Resampling.LANCZOS)
    content, media_type, ending = _encoded(image, original)
    return ReadPicture(content, media_type, ending, image.width, image.height, purpose)


def import_picture(url: str, *, purpose: Purpose = Purpose.TEXT) -> ReadPicture:
    """The picture at an https address, fetched once. Call it with no transaction open.

    Only public addresses, no redirect, eight seconds, 5 MB; InvalidInput says what is wrong.
    """
    try:
        answer = Outgoing(allow_private=settings().allow_private).call(
            "GET",
            url.strip(),
            purpose="picture",
            deadline_seconds=_DEADLINE_SECONDS,
            max_bytes=MOST_PICTURE_BYTES,
        )
    except TooLarge as error:
        raise InvalidInput("This picture is larger than 5 MB.", code="too_large") from error
    except OutgoingError as error:
        raise InvalidInput(_sentence_for(error), code=error.code) from error
    if 300 <= answer.status < 400:
        raise InvalidInput(
            "This address leads on to another one. Write the picture's own address.",
            code="redirect",
        )
    if answer.status != 200:
        raise InvalidInput("There is no picture at this address.", code="no_answer")
    return read_picture(answer.body, purpose=purpose)


def _sentence_for(error: OutgoingError) -> str:
    if error.code == "forbidden_address":
        return "Write a public address that begins with https."
    if error.code == "too_slow":
        return "This address did not answer in time. Try again, or upload the picture."
    return "This address cannot be reached. Check it, or upload the picture."


def _is_svg(data: bytes) -> bool:
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith(b"<") and b"<svg" in head


def _decoded(data: bytes) -> tuple[Image.Image, str]:
    """The first frame in colours a browser shows, and the format it came in."""
    # The PDF engine lets Pillow take halves, for its whole process.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(io.BytesIO(data), formats=_ACCEPTED) as opened:
            _refuse_flood(opened.size)
            original = opened.format or ""
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            return upright.convert("RGBA" if upright.has_transparency_data else "RGB"), original
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _flood() from error
    except UnidentifiedImageError as error:
        raise InvalidInput("Choose a PNG, JPEG, WebP or GIF picture.", code="format") from error
    except InvalidInput:
        raise
    except _UNREADABLE as error:
        raise InvalidInput(
            "This picture is damaged. Save it again and try once more.", code="damaged"
        ) from error


def _refuse_flood(size: tuple[int, int]) -> None:
    """Before a single pixel is unpacked: a small file can promise a wall of them."""
    if size[0] * size[1] > MOST_PIXELS:
        raise _flood()


def _flood() -> InvalidInput:
    return InvalidInput(
        "This picture has more than 20 million pixels. Make it smaller.", code="too_many_pixels"
    )


def _encoded(image: Image.Image, original: str) -> tuple[bytes, str, str]:
    """Photographs stay photographs; everything else keeps its sharp edges and transparency."""
    image.info.clear()
    out = io.BytesIO()
    if original in {"JPEG", "MPO"}:
        image.convert("RGB").save(out, "JPEG", quality=88, optimize=True, progressive=True)
        return out.getvalue(), "image/jpeg", "jpg"
    if original == "WEBP":
        image.save(out, "WEBP", quality=90, method=4)
        return out.getvalue(), "image/webp", "webp"
    image.save(out, "PNG", optimize=True)
    return out.getvalue(), "image/png", "png"
