"""Sound as no phone records it."""

from __future__ import annotations

import io
import struct
import wave
from collections.abc import Iterator

from tests.documents.case import FAX, SOUND, Case, broken

_MP3_FRAME = b"\xff\xfb\x50\xc0" + bytes(204)  # 64 kbit/s, 44.1 kHz


def wav(seconds: float = 0.5, *, channels: int = 1, width: int = 2, hertz: int = 8_000) -> bytes:
    """Silence."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(hertz)
        sound.writeframes(bytes(int(seconds * hertz) * channels * width))
    return out.getvalue()


def mp3(frames: int = 40) -> bytes:
    return _MP3_FRAME * frames


def ogg() -> bytes:
    """A head of Opus and a page of something, one second long."""
    head = b"OpusHead\1\1\0\0\x80\xbb\0\0\0\0\0"
    return _page(0, head) + _page(48_000, bytes(200))


def cases() -> Iterator[Case]:
    good = wav()
    for channels, width, hertz in ((1, 1, 8_000), (2, 2, 44_100), (1, 3, 48_000), (2, 4, 16_000)):
        name = f"WAV of {channels}×{8 * width} bits, {hertz} Hz"
        yield Case(name, wav(channels=channels, width=width, hertz=hertz), SOUND, ("ok",))
    yield Case("WAV of no seconds", wav(0), SOUND, ("damaged",))
    day = 24 * 3600 * 16_000
    yield Case(
        "WAV that says 24 hours", _with(good, 40, struct.pack("<I", day)), SOUND, ("damaged",)
    )
    yield Case("WAV that says 4 GB", _with(good, 40, b"\xff" * 4), SOUND, ("damaged",))
    yield Case("WAV of no channel", _with(good, 22, b"\0\0"), SOUND, ("damaged", "audio_kind"))
    yield Case("WAV of 900 channels", _with(good, 22, b"\x84\3"), SOUND, ("damaged", "audio_kind"))
    yield Case("WAV of 4 GHz", _with(good, 24, b"\xff" * 4), SOUND, ("audio_kind",))
    yield Case("WAV of no hertz", _with(good, 24, b"\0" * 4), SOUND, ("audio_kind",))
    yield Case("WAV in A-law", _with(good, 20, b"\6\0"), SOUND, ("audio_kind",))
    yield Case("WAV of 20 minutes", lambda: wav(1_190), SOUND, ("too_long",))
    yield Case("WAV to fax", good, FAX, ("kind",))
    yield from broken("a WAV", good, SOUND, times=4)
    tag = b"ID3\4\0\0\0\0\x02\x01" + bytes(257)
    yield Case("MP3", mp3(), SOUND, ("ok",))
    yield Case("MP3 with a tag", tag + mp3(), SOUND, ("ok",))
    yield Case(
        "MP3 with a tag of 256 MB", b"ID3\4\0\0\x7f\x7f\x7f\x7f" + mp3(), SOUND, ("damaged",)
    )
    yield Case("MP3 with a tag alone", tag, SOUND, ("damaged",))
    yield Case("MP3 whose head lies", _MP3_FRAME + bytes(9_000), SOUND, ("damaged",))
    yield Case("MP3 of five hours", lambda: _slow_mp3(19_000_000), SOUND, ("too_long",))
    yield Case("MP3 of 2 MB", lambda: mp3(10_000), SOUND, ("too_large_to_send",))
    yield from broken("an MP3", mp3(), SOUND, times=4)
    speech = b"#!AMR\n" + (b"\x3c" + bytes(31)) * 50
    yield Case("AMR", speech, SOUND, ("ok",))
    yield Case("AMR of nothing", b"#!AMR\n", SOUND, ("damaged",))
    yield Case("AMR of no kind of frame", b"#!AMR\n" + b"\x54" * 40, SOUND, ("damaged",))
    yield Case("AMR that ends within a frame", speech[:-5], SOUND, ("damaged",))
    yield from broken("an AMR", speech, SOUND, times=3)
    yield Case("Ogg", ogg(), SOUND, ("ok",))
    yield Case("Ogg of a film", _page(0, b"\x80theora" + bytes(30)), SOUND, ("audio_kind",))
    yield Case("Ogg that says a century", _page(0, b"OpusHead" + bytes(11)) + _page(2**60, b"x"), SOUND, ("too_long",))  # fmt: skip
    yield from broken("an Ogg", ogg(), SOUND, times=3)
    yield Case("a film", b"\0\0\0\x18ftypmp42" + bytes(40), SOUND, ("video",))
    yield Case("a film of a browser", b"\x1aE\xdf\xa3" + bytes(40), SOUND, ("video",))


def _with(good: bytes, at: int, patch: bytes) -> bytes:
    return good[:at] + patch + good[at + len(patch) :]


def _slow_mp3(size: int) -> bytes:
    frame = b"\xff\xe3\x18\xc0" + bytes(68)  # 8 kbit/s, 8 kHz
    return frame * (size // len(frame))


def _page(granule: int, data: bytes) -> bytes:
    lengths = bytes([255] * (len(data) // 255) + [len(data) % 255])
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, 2, granule, 1, 0, 0, len(lengths))
    return head + lengths + data
