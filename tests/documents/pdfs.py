"""PDF files as nobody prints them."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

import pikepdf

from tests.documents.case import FAX, REBUILT, THUMB, VIEW, Case, broken

WORDS = b"BT /F 24 Tf 72 700 Td (To whom it may concern) Tj ET"


def pdf(
    *more: bytes,
    words: bytes = WORDS,
    box: str = "0 0 612 792",
    page: str = "",
    catalog: str = "",
    content: str = "",
    kids: str = "3 0 R",
    count: int = 1,
    trailer: str = "",
) -> bytes:
    """One page of words; each part can be replaced, and objects from number 6 be added."""
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    objects = [
        f"<</Type/Catalog/Pages 2 0 R {catalog}>>".encode(),
        f"<</Type/Pages/Kids[{kids}]/Count {count}>>".encode(),
        f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 4 0 R"
        f"/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>> {page}>>".encode(),
        f"<</Length {len(words)} {content}>>stream\n".encode() + words + b"\nendstream",
        font,
        *more,
    ]
    out, places = io.BytesIO(b"%PDF-1.7\n"), []
    out.seek(0, io.SEEK_END)
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    at = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        out.write(b"%010d 00000 n \n" % place)
    out.write(
        b"trailer<</Size %d/Root 1 0 R %b>>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, trailer.encode(), at)
    )
    return out.getvalue()


def cases() -> Iterator[Case]:
    yield Case("a page", pdf(), FAX, ("ok",))
    yield Case("a page to look at", pdf(), VIEW, ("ok",))
    yield Case("a page as thumbnail", pdf(), THUMB, ("ok",))
    yield Case("nested Flate bomb", _flate_bomb, FAX, ("ok", "too_complex", "damaged"))
    yield Case("nested Flate bomb, rebuilt", _flate_bomb, REBUILT, ("ok", "too_complex", "damaged"))
    many = pdf(kids="3 0 R " * 10_000, count=10_000)
    yield Case("10,000 pages", many, FAX, ("too_many_pages",))
    yield Case("10,000 pages to look at", many, VIEW, ("too_many_pages",))
    yield Case("a count of pages that lies", pdf(count=2_000_000_000), FAX)
    yield Case("a count below zero", pdf(count=-5), FAX)
    for box in (
        "0 0 200000 200000",
        "0 0 99999999999 99999999999",
        "0 0 0 0",
        "0 0 -612 -792",
        "0 0 1 200000",
        "0 0 200000 1",
        "5 5 5.001 5.001",
        "0 0 nan inf",
        "(a) (b) (c) (d)",
    ):
        yield Case(f"MediaBox {box}", pdf(box=box), FAX)
        yield Case(f"MediaBox {box}, rebuilt", pdf(box=box), REBUILT)
    yield Case("a thumbnail of a giant", pdf(box="0 0 200000 200000"), THUMB)
    for name, action in ACTIVE.items():
        yield Case(name, pdf(action[1], catalog=action[0]), REBUILT, ("ok",))
        yield Case(f"{name}, to fax", pdf(action[1], catalog=action[0]), FAX, ("ok",))
    yield Case("a password to open it", _encrypted(user="lamp"), FAX, ("password",))
    yield Case("a password to look at it", _encrypted(user="lamp"), VIEW, ("password",))
    yield Case("a password to change it", _encrypted(user=""), FAX, ("ok",))
    yield Case("an unknown cipher", pdf(b"<</Filter/Nobodys/V 99>>", trailer="/Encrypt 6 0 R"), FAX)
    yield Case("an xref that is its own past", pdf(trailer="/Prev 9"), FAX)
    whole = pdf()
    looped = whole.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % whole.rindex(b"xref\n0"))
    yield Case("an xref that points at itself", looped, FAX)
    yield Case("no trailer", whole[: whole.index(b"trailer")], FAX)
    yield Case("no xref", whole[: whole.index(b"xref")], FAX)
    yield Case("a head only", b"%PDF-1.7\n", FAX, ("damaged",))
    yield Case("pages that are their own parents", pdf(kids="2 0 R"), FAX)
    yield Case("no page", pdf(kids="", count=0), FAX, ("no_pages", "damaged"))
    itself = b"<</Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</XObject<</X 6 0 R>>>>/Length 5>>stream\n/X Do\nendstream"
    yield Case("a form that draws itself", pdf(itself, words=b"/X Do"), FAX)
    yield Case("100,000 brackets", pdf(b"[" * 100_000 + b"]" * 100_000, words=b"/X Do"), FAX)
    yield Case("100,000 saved states", pdf(words=b"q " * 100_000), FAX)
    yield Case("10,000 lines", pdf(words=b"0 0 m 600 700 l S " * 10_000), FAX)
    yield Case("a picture that claims a wall", pdf(_image(60_000, 60_000, b"x" * 99)), FAX)
    yield Case("a picture of a wall of zeros", _image_bomb, FAX)
    for codec in ("JBIG2Decode", "JPXDecode", "DCTDecode", "CCITTFaxDecode", "LZWDecode"):
        junk = pdf(_image(3000, 3000, b"\xff\xd8\xff" + bytes(range(256)) * 9, codec), words=DRAW)
        yield Case(f"a picture of junk in {codec}", junk, FAX)
    yield Case("a ZIP behind it", pdf() + _archive(), FAX, ("ok",))
    yield Case("a page of the web around it", b"<html><script>alert(1)</script>" + pdf(), FAX, ("damaged", "web_page"))  # fmt: skip
    yield Case(
        "HTML behind it", pdf() + b"<html><script>alert(1)</script></html>", REBUILT, ("ok",)
    )
    yield from broken(
        "a PDF", pdf(_image(40, 40, b"\x80" * 4800), words=WORDS + DRAW), FAX, times=5
    )
    yield from broken("a PDF of pikepdf", _encrypted(user=""), REBUILT, times=3)


def endless() -> bytes:
    """A page of billions of tiles, which takes longer to draw than anybody waits."""
    pattern = (
        b"<</Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep .01"
        b"/YStep .01/Resources<<>>/Length 12>>stream\n0 0 1 1 re f\nendstream"
    )
    page = pdf(pattern, words=b"/Pattern cs /X scn 0 0 612 792 re f")
    return page.replace(b"/XObject<</X 6", b"/Pattern<</X 6")


DRAW = b" q 300 0 0 300 72 300 cm /X Do Q"
ACTIVE = {
    "JavaScript at opening": ("/OpenAction 6 0 R", b"<</S/JavaScript/JS(app.alert\\(1\\))>>"),
    "a program at opening": ("/OpenAction 6 0 R", b"<</S/Launch/Win<</F(cmd.exe)>>>>"),
    "an address at opening": ("/OpenAction 6 0 R", b"<</S/URI/URI(http://198.51.100.7/)>>"),
    "a file within": (
        "/Names<</EmbeddedFiles<</Names[(a.exe) 6 0 R]>>>>",
        b"<</Type/Filespec/F(a.exe)/EF<</F 6 0 R>>>>",
    ),
    "a form of XML": (
        "/AcroForm<</XFA 6 0 R/Fields[]>>",
        b"<</Length 7>>stream\n<x:xdp>\nendstream",
    ),
}


def _image(width: int, height: int, data: bytes, codec: str = "") -> bytes:
    how = f"/Filter/{codec}" if codec else ""
    return (
        f"<</Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceRGB"
        f"/BitsPerComponent 8 {how}/Length {len(data)}>>stream\n".encode()
        + data
        + b"\nendstream"
    )


def _packed_zeros(megabytes: int, byte: bytes = b"\0") -> bytes:
    packer, chunk = zlib.compressobj(9), byte * 1_000_000
    return b"".join(packer.compress(chunk) for _ in range(megabytes)) + packer.flush()


def _flate_bomb() -> bytes:
    twice = zlib.compress(_packed_zeros(220, b" "), 9)
    return pdf(words=twice, content="/Filter[/FlateDecode/FlateDecode]")


def _image_bomb() -> bytes:
    return pdf(_image(8_000, 8_000, _packed_zeros(192), "FlateDecode"), words=DRAW)


def _encrypted(*, user: str) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as plain:
        plain.save(out, encryption=pikepdf.Encryption(owner="operator", user=user))
    return out.getvalue()


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../evil.txt", "x")
    return out.getvalue()
