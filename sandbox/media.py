"""Files that belong to messages: kept here, and served to anybody who knows the address."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import struct
import time
import zlib
from typing import Any

from sandbox.wire.refusal import Refusal
from sandbox.world import World

PATH = "/media"
# What a handset takes; anything else is refused, sound as WAV or AMR above all.
NAMES = {
    "image/jpeg": "media.jpg", "image/png": "media.png", "image/gif": "media.gif",
    "audio/mpeg": "media.mp3", "audio/mp3": "media.mp3", "video/mp4": "media.mp4",
    "video/3gpp": "media.3gp", "application/pdf": "media.pdf", "text/vcard": "media.vcf",
}  # fmt: skip
REFUSED_ENDINGS = (".wav", ".amr")
DATA = re.compile(r"data:([\w.+-]+/[\w.+-]+)(?:;[\w=.+-]+)*;base64", re.IGNORECASE)
SAMPLE = "sample:"


def measured(item: str) -> int:
    """How many bytes an item of a message to be sent has; refuses what is no such item."""
    if item.lower().startswith("data:"):
        return len(decoded(item)[1])
    address = item.lower()
    if not address.startswith(("http://", "https://")) or address.endswith(REFUSED_ENDINGS):
        raise Refusal("invalid_media")
    return 0


def decoded(item: str) -> tuple[str, bytes]:
    """Kind and content of a data URI."""
    head, _, text = item.partition(",")
    match = DATA.fullmatch(head.strip())
    mime = match[1].lower() if match else ""
    if mime not in NAMES:
        raise Refusal("invalid_media")
    try:
        return mime, base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("invalid_media") from None


def kept(world: World, item: str) -> str:
    """Where an item can be fetched: a data URI and a sample are kept here, an address stays."""
    if item.startswith(SAMPLE):
        return keep(world, *sample(item.removeprefix(SAMPLE)))
    if item.lower().startswith("data:"):
        mime, body = decoded(item)
        return keep(world, mime, body, NAMES[mime])
    return item


def keep(world: World, mime: str, body: bytes, name: str) -> str:
    """Keep a file; its path on this server, which answers 404 first and ends later by options."""
    token, now = secrets.token_hex(12), time.time()
    ready_at = now + world.options.media_delay_seconds
    life = world.options.media_life_seconds
    world.store.insert(
        "media", token=token, name=name, mime=mime, body=body, ready_at=ready_at,
        ends_at=ready_at + life if life else None,
    )  # fmt: skip
    return f"{PATH}/{token}/{name}"


def addresses(world: World, urls: list[str]) -> list[str]:
    """What lists and callbacks show: whole addresses, ours with this server in front."""
    return [world.base_url + url if url.startswith(PATH) else url for url in urls]


def sample(kind: str) -> tuple[str, bytes, str]:
    """A small file of a kind, as telephones send it: kind, content, name."""
    made: dict[str, tuple[str, bytes, str]] = {
        "png": ("image/png", picture(320, 240), "media.png"),
        "gif": ("image/gif", b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0"
                b"\x02\x02D\x01\0;", "media.gif"),
        "amr": ("audio/amr", b"#!AMR\n" + b"\x04" + b"\0" * 12, "memo.amr"),
        "mp3": ("audio/mpeg", b"\xff\xfb\x90\x00" + b"\0" * 413, "media.mp3"),
        "vcf": ("text/vcard", b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jane Doe\r\nEND:VCARD\r\n",
                "media.vcf"),
        "html": ("image/png", b"<html><script>alert(1)</script></html>", "media.png"),
        "big": ("image/png", picture(16, 16) + b"\0" * 9_000_000, "media.png"),
    }  # fmt: skip
    return made.get(kind, made["png"])


def picture(width: int, height: int) -> bytes:
    """A PNG of two colours that meet in a slope, written by hand."""
    rows = b"".join(
        b"\0" + b"".join(
            b"\x2f\x6f\xb3" if x * height < y * width else b"\xf2\xc1\x4e" for x in range(width)
        ) for y in range(height)
    )  # fmt: skip

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data
            + struct.pack(">I", zlib.crc32(kind + data))
        )  # fmt: skip

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )  # fmt: skip


def found(world: World, token: str) -> Any:
    """A kept file's row, and whether it can be fetched now: `ready`, `early` or `over`."""
    row = world.store.one("SELECT * FROM media WHERE token = ?", token)
    if row is None or time.time() < row["ready_at"]:
        return row, "early"
    over = row["ends_at"] is not None and time.time() >= row["ends_at"]
    return row, "over" if over else "ready"
