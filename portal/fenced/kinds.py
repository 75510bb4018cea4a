"""What a file is by its content. A name or a browser's word never counts."""

from __future__ import annotations

import codecs
import re
import zipfile
from typing import BinaryIO, Final

from portal.fenced.values import Refused

_HEAD: Final = 4096
_MOST_ENTRIES: Final = 2_000
_MOST_UNPACKED_BYTES: Final = 100_000_000
_TEXT_MOST_BYTES: Final = 2_000_000
_PLAIN: Final = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tif"),
    (b"MM\x00*", "tif"),
    (b"II+\x00", "tif"),
    (b"MM\x00+", "tif"),
    (b"#!AMR", "amr"),
    (b"OggS", "ogg"),
    (b"ID3", "mp3"),
)
_REFUSED: Final = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_office"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"#!/", "program"),
    (b"Rar!", "program"),
    (b"7z\xbc\xaf", "program"),
    (b"\x1f\x8b", "program"),
    (b"\x1aE\xdf\xa3", "video"),
)
_MAIN_PARTS: Final = (("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"))
_HEIC: Final = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"}
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def kind_of(file: BinaryIO) -> str:
    """The name of its kind; Refused names what it is instead, where that is known."""
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    if not head:
        raise Refused("empty")
    for beginning, kind in _PLAIN:
        if head.startswith(beginning):
            return kind
    for beginning, reason in _REFUSED:
        if head.startswith(beginning):
            raise Refused(reason)
    if head[:4] == b"RIFF":
        return _riff(head)
    if head[4:8] == b"ftyp":
        raise Refused("heic" if head[8:12] in _HEIC else "video")
    if head[:4] == b"PK\x03\x04":
        return _office_kind(file)
    if head[0] == 0xFF and head[1:2] >= b"\xe0" and head[1] & 0x06 == 0x02:
        return "mp3"
    return _text_kind(file)


def text_of(file: BinaryIO) -> str:
    """The words of a text file, whichever of the usual ways it is written."""
    file.seek(0)
    data = file.read(_TEXT_MOST_BYTES + 1)
    if len(data) > _TEXT_MOST_BYTES:
        raise Refused("too_many_pages")
    return _decoded(data)


def check_office(file: BinaryIO) -> str:
    """The kind of an Office file that is what it says and unpacks to a sane size."""
    return _office_kind(file)


def _riff(head: bytes) -> str:
    kind = {b"WEBP": "webp", b"WAVE": "wav"}.get(head[8:12])
    if kind is None:
        raise Refused("video")
    return kind


def _office_kind(file: BinaryIO) -> str:
    with zipfile.ZipFile(file) as package:
        parts = package.infolist()
        if len(parts) > _MOST_ENTRIES:
            raise Refused("too_complex")
        if sum(part.file_size for part in parts) > _MOST_UNPACKED_BYTES:
            raise Refused("too_complex")
        if any(part.flag_bits & 1 for part in parts):
            raise Refused("password")
        names = {part.filename for part in parts}
        if "mimetype" in names and package.getinfo("mimetype").file_size < 100:
            mime = package.read("mimetype").strip()
            if mime == b"application/vnd.oasis.opendocument.text":
                return _unpacked(package, parts, "odt")
        for name, kind in _MAIN_PARTS:
            if name in names and "[Content_Types].xml" in names:
                return _unpacked(package, parts, kind)
    raise Refused("program")


def _unpacked(package: zipfile.ZipFile, parts: list[zipfile.ZipInfo], kind: str) -> str:
    """What the list says of sizes can be a lie, so each part is read once, and counted."""
    left = _MOST_UNPACKED_BYTES
    for part in parts:
        with package.open(part) as content:
            while chunk := content.read(1 << 20):
                left -= len(chunk)
                if left < 0:
                    raise Refused("too_complex")
    return kind


def _text_kind(file: BinaryIO) -> str:
    data = file.read(_TEXT_MOST_BYTES + 1)
    start = data[:_HEAD].lstrip(b"\xef\xbb\xbf\xff\xfe\xfe\xff\x00 \t\r\n").lower()
    if b"%pdf-" in data[:1024].lower():
        raise Refused("damaged")
    if start.startswith(b"<"):
        plain = start.replace(b"\x00", b"")
        if b"<svg" in plain:
            raise Refused("svg")
        if b"<html" in plain or b"<!doctype" in plain or b"<script" in plain:
            raise Refused("web_page")
    if len(data) > _TEXT_MOST_BYTES:
        # Whatever it is, it is not a text somebody wrote.
        raise Refused("kind" if b"\x00" in data else "too_many_pages")
    text = _decoded(data)
    if not text.strip():
        raise Refused("empty")
    return "vcf" if text.lstrip()[:11].upper() == "BEGIN:VCARD" else "txt"


def _decoded(data: bytes) -> str:
    """UTF-8, UTF-16, UTF-32 with or without a mark, else Windows' letters of the west."""
    for mark, name in (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _readable(data, name)
    zeros_even, zeros_odd = data[0:_HEAD:2].count(0), data[1:_HEAD:2].count(0)
    if zeros_odd + zeros_even > min(len(data), _HEAD) // 8:
        return _readable(data, "utf-16-le" if zeros_odd > zeros_even else "utf-16-be")
    try:
        return _readable(data, "utf-8")
    except Refused:
        return _readable(data, "cp1252", errors="replace")


def _readable(data: bytes, encoding: str, *, errors: str = "strict") -> str:
    try:
        text = data.decode(encoding, errors)
    except UnicodeDecodeError as error:
        raise Refused("kind") from error
    if len(_CONTROLS.findall(text)) * 50 > len(text) or text.count("�") * 50 > len(text):
        raise Refused("kind")
    return _CONTROLS.sub("", text)
