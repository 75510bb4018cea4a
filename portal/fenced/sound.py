"""Sound for phones: what they play passes after its frames were counted, WAV becomes MP3."""

from __future__ import annotations

import struct
import wave
from pathlib import Path
from typing import Any, BinaryIO, Final

from portal.fenced.kinds import kind_of
from portal.fenced.values import Refused

_LONGEST_SECONDS: Final = 3_600
_BITRATES: Final = (96, 64, 48, 32, 24)
_RATES: Final = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
# The bytes of a frame of 20 ms by its type; 0 where there is no such type.
_AMR: Final = (12, 13, 15, 17, 19, 20, 26, 31, 5, 0, 0, 0, 0, 0, 0, 0)
_AMR_WIDE: Final = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 0, 0, 0, 0, 0, 0)
_MP3_KBPS: Final = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MP3_RATES: Final = {
    3: (44_100, 48_000, 32_000),
    2: (22_050, 24_000, 16_000),
    0: (11_025, 12_000, 8_000),
}


def audio_for_mms(file: BinaryIO, *, most_bytes: int) -> dict[str, Any]:
    """The sound within so many bytes, and how long it lasts by its own frames."""
    kind = kind_of(file)
    if kind == "wav":
        return _kept(*_from_wav(file, most_bytes), "mp3", most_bytes)
    file.seek(0)
    data = file.read()
    if kind == "mp3":
        return _kept(*_mp3(data), kind, most_bytes)
    if kind == "amr":
        return _kept(data, _amr_seconds(data), kind, most_bytes)
    if kind == "ogg":
        return _kept(data, _ogg_seconds(data), kind, most_bytes)
    raise Refused("audio_kind")


def _kept(content: bytes, seconds: float, ending: str, most_bytes: int) -> dict[str, Any]:
    if seconds > _LONGEST_SECONDS:
        raise Refused("too_long")
    if len(content) > most_bytes:
        raise Refused("too_large_to_send")
    name = f"0001.{ending}"
    Path(name).write_bytes(content)
    return {"files": [name], "seconds": max(1, round(seconds))}


def _mp3(data: bytes) -> tuple[bytes, float]:
    """Its frames alone, without tags and pictures before and behind them."""
    start = _behind_tag(data)
    at, seconds, frames = start, 0.0, 0
    while (size_and_time := _mp3_frame(data, at)) is not None:
        at, seconds, frames = at + size_and_time[0], seconds + size_and_time[1], frames + 1
    at = min(at, len(data))
    # Three in a row are no accident; what lies behind them may be a tag, not most of the file.
    if frames < 3 or (at - start) < (len(data) - start) * 0.8:
        raise Refused("damaged")
    return data[start:at], seconds


def _behind_tag(data: bytes) -> int:
    if data[:3] != b"ID3":
        return 0
    if len(data) < 10 or any(byte & 0x80 for byte in data[6:10]):
        raise Refused("damaged")
    size = data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9]
    return 10 + size + (10 if data[5] & 0x10 else 0)


def _mp3_frame(data: bytes, at: int) -> tuple[int, float] | None:
    """Bytes and seconds of the layer III frame that begins there."""
    head = data[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, rate, speed = head[1] >> 3 & 3, head[2] >> 2 & 3, head[2] >> 4
    if version not in _MP3_RATES or rate == 3 or speed in {0, 15}:
        return None
    samples = 1152 if version == 3 else 576
    hertz = _MP3_RATES[version][rate]
    kbps = _MP3_KBPS[3 if version == 3 else 2][speed]
    return samples * kbps * 125 // hertz + (head[2] >> 1 & 1), samples / hertz


def _amr_seconds(data: bytes) -> float:
    if data.startswith(b"#!AMR-WB\n"):
        at, sizes = 9, _AMR_WIDE
    elif data.startswith(b"#!AMR\n"):
        at, sizes = 6, _AMR
    else:
        raise Refused("damaged")
    frames = 0
    while at < len(data):
        kind = data[at] >> 3 & 15
        if data[at] & 0x83 or (not sizes[kind] and kind != 15):
            raise Refused("damaged")
        at, frames = at + 1 + sizes[kind], frames + 1
    if not frames or at > len(data):
        raise Refused("damaged")
    return frames * 0.02


def _ogg_seconds(data: bytes) -> float:
    """Vorbis or Opus, page after page to the end."""
    first = data[28:60]
    if first.startswith(b"\x01vorbis") and len(first) >= 16:
        hertz = struct.unpack("<I", first[12:16])[0]
    elif first.startswith(b"OpusHead"):
        hertz = 48_000
    else:
        raise Refused("audio_kind")
    at, last = 0, 0
    while at < len(data):
        if data[at : at + 5] != b"OggS\x00" or at + 27 > len(data):
            raise Refused("damaged")
        segments = data[at + 26]
        table = data[at + 27 : at + 27 + segments]
        granule = struct.unpack("<q", data[at + 6 : at + 14])[0]
        last = max(last, granule)
        at += 27 + segments + sum(table)
    if at != len(data) or not 8_000 <= hertz <= 192_000 or last <= 0:
        raise Refused("damaged")
    return float(last / hertz)


def _from_wav(file: BinaryIO, most_bytes: int) -> tuple[bytes, float]:
    import lameenc

    file.seek(0)
    try:
        with wave.open(file) as sound:
            channels, width, hertz = (
                sound.getnchannels(),
                sound.getsampwidth(),
                sound.getframerate(),
            )
            promised = sound.getnframes()
            samples = sound.readframes(promised)
    except wave.Error as error:
        # Compressed in a way of its own, or no sound at all.
        raise Refused("audio_kind") from error
    if channels not in {1, 2} or hertz not in _RATES:
        raise Refused("audio_kind")
    if not promised or len(samples) < promised * channels * width * 0.9:
        raise Refused("damaged")
    seconds = promised / hertz
    fitting = [rate for rate in _BITRATES if seconds * rate * 125 <= most_bytes * 0.95]
    if not fitting:
        raise Refused("too_long")
    encoder = lameenc.Encoder()
    encoder.set_channels(channels)
    encoder.set_in_sample_rate(hertz)
    encoder.set_bit_rate(fitting[0])
    encoder.set_quality(5)
    encoder.silence()
    return bytes(encoder.encode(_sixteen_bits(samples, width)) + encoder.flush()), seconds


def _sixteen_bits(samples: bytes, width: int) -> bytes:
    if width == 2:
        return samples
    if width == 1:
        louder = bytearray(2 * len(samples))
        louder[1::2] = samples.translate(bytes(value ^ 0x80 for value in range(256)))
        return bytes(louder)
    count = len(samples) // width
    kept = bytearray(2 * count)
    kept[0::2] = samples[width - 2 : count * width : width]
    kept[1::2] = samples[width - 1 : count * width : width]
    return bytes(kept)
