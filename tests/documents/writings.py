"""Texts, documents and everything that is neither."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator, Mapping

from tests.documents.case import FAX, KIND, MMS, OFFICE, Case, broken

LETTER = "Grüße aus Montréal — “three lamps”\r\nDate: 2026-03-12\n"
_TYPES = b"<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"
_MIME = b"application/vnd.oasis.opendocument.text"


def office(parts: Mapping[str, bytes]) -> bytes:
    """A package of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    return office({"[Content_Types].xml": _TYPES, "word/document.xml": b"<w:document/>"} | more)


def cases() -> Iterator[Case]:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252"):
        yield Case(f"text in {encoding}", LETTER.encode(encoding), FAX, ("ok",))
    yield Case("text in Latin", "Où est-ce?\n".encode("latin-1"), FAX, ("ok",))
    yield Case("text of 2 MB on one line", b"lamp " * 399_000, FAX, ("too_many_pages",))
    yield Case("text of 5 MB", b"lamp\n" * 1_000_000, FAX, ("too_many_pages",))
    yield Case("300 form feeds", b"a" + b"\f" * 300 + b"b", FAX, ("too_many_pages",))
    yield Case("text of blanks", b" \r\n\t" * 99, FAX, ("empty",))
    yield Case("a byte order mark", b"\xef\xbb\xbf", FAX, ("empty",))
    yield Case("half a letter", LETTER.encode()[:3], FAX, ("ok",))
    yield Case("odd UTF-16", LETTER.encode("utf-16")[:-1], FAX, ("kind",))
    yield Case("letters on letters", ("e" + "\u0301" * 4_000).encode(), FAX, ("ok",))
    yield Case("text that turns round", "a\u202egpj.exe\u2066b".encode(), FAX, ("ok",))
    yield Case("text that rings", b"a line\x1b[31m\x07\n" * 30, FAX)
    yield Case("a terminal's controls", b"\x1b\x07\x00\x01" * 90, FAX, ("kind",))
    yield Case("a script of a browser", b"alert(document.cookie)", FAX, ("ok",))
    yield Case("a page of the web", b"<!DOCTYPE html><html>hello", FAX, ("web_page",))
    laughs = b"<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><x>&b;</x>"
    yield Case("a billion laughs", laughs, FAX, ("web_page",))
    yield Case(
        "a contact card", b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD\r\n", KIND, ("ok",)
    )
    yield Case("a contact card to fax", b"BEGIN:VCARD\nFN:A\nEND:VCARD\n", FAX, ("kind",))
    yield Case("a contact card of 1 MB", b"BEGIN:VCARD\nNOTE:" + b"x" * 1_000_000, KIND, ("ok",))
    yield Case("nothing", b"", FAX, ("empty",))
    yield Case("one byte", b"\x00", FAX, ("empty", "kind"))
    yield Case("zeros", bytes(10_000), FAX, ("empty", "kind"))
    yield Case("all bytes", bytes(range(256)) * 40, FAX, ("kind",))
    yield Case("more than 20 MB", lambda: b"%PDF-1.7" + bytes(20_000_000), FAX, ("too_large",))
    for name, head in (
        ("a program of Windows", b"MZ\x90\0"),
        ("a program of Linux", b"\x7fELF\2\1"),
        ("a script of a shell", b"#!/bin/sh\nrm -rf /"),
        ("a RAR", b"Rar!\x1a\7"),
        ("a 7z", b"7z\xbc\xaf'\x1c"),
        ("a gzip", b"\x1f\x8b\x08"),
    ):
        yield Case(name, head + bytes(60), FAX, ("program",))
    yield Case(
        "an old Word file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), FAX, ("old_office",)
    )
    yield from _office()


def _office() -> Iterator[Case]:
    yield Case("DOCX", docx(), KIND, ("ok",))
    yield Case("ODT", office({"mimetype": _MIME, "content.xml": b"<x/>"}), KIND, ("ok",))
    table = {"[Content_Types].xml": _TYPES, "xl/workbook.xml": b"<x/>"}
    yield Case("XLSX", office(table), KIND, ("ok",))
    yield Case("DOCX to send as a picture", docx(), MMS, ("picture_kind",))
    zeros = bytes(120_000_000)
    yield Case(
        "DOCX of 120 MB in 100 kB", lambda: docx(**{"word/a.xml": zeros}), FAX, ("too_complex",)
    )
    yield Case("DOCX that lies about it", lambda: _lying(docx(**{"a": zeros})), FAX)
    many = {f"word/{n}.xml": b"" for n in range(3_000)}
    yield Case("DOCX of 3,000 parts", docx(**many), FAX, ("too_complex",))
    yield Case("DOCX that climbs out", docx(**{"../../../etc/cron.d/x": b"x", "/etc/x": b"x"}), KIND, ("ok",))  # fmt: skip
    locked = bytearray(docx())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = 0
        while (start := locked.find(mark, start)) >= 0:
            locked[start + at] |= 1
            start += 4
    yield Case("DOCX with a password", bytes(locked), FAX, ("password",))
    yield Case("an archive", office({"a.txt": b"x"}), FAX, ("program",))
    yield Case("an archive of archives", office({"a.zip": office({"b": b"x"})}), FAX, ("program",))
    yield Case("an archive without a list", b"PK\3\4" + bytes(90), FAX, ("damaged",))
    yield from broken("a DOCX", docx(), KIND, times=3)
    yield Case("a DOCX of nothing, to convert", docx(), OFFICE)


def _lying(package: bytes) -> bytes:
    """The list says ten bytes; the part unpacks to its wall all the same."""
    liar, start = bytearray(package), 0
    for mark, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        start = 0
        while (start := liar.find(mark, start)) >= 0:
            struct.pack_into("<I", liar, start + at, 10)
            start += 4
    return bytes(liar)
