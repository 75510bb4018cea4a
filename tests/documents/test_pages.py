"""What is made of files: pages as a fax machine prints them, small PDFs, pictures for phones."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from flask import Flask
from PIL import Image, ImageDraw, ImageFilter

from portal import documents
from portal.documents import Page, Paper, Quality, Unreadable
from tests.documents.pdfs import pdf
from tests.documents.recordings import wav
from tests.documents.writings import docx
from tests.pictures import animation, photograph, picture


@pytest.fixture(autouse=True)
def _in_the_application(app: Flask) -> None:
    """What is made is kept in the installation of the test."""


@pytest.fixture
def given(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "upload"
        path.write_bytes(content)
        return path

    return write


def shown(page: Page) -> Image.Image:
    image = opened(page.path)
    image.load()
    assert (image.mode, image.size) == ("1", (page.width, page.height))
    return image


def opened(path: Path) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))


def ink(image: Image.Image) -> float:
    """The part of the dots that is black."""
    counts = image.convert("L").histogram()
    return counts[0] / sum(counts)


def saved(image: Image.Image, kind: str = "PNG", **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


@pytest.mark.parametrize(
    ("paper", "quality", "height"),
    [("letter", "fine", 2156), ("letter", "standard", 1078), ("a4", "fine", 2292), ("a4", "standard", 1146)],
)  # fmt: skip
def test_a_page_has_the_dots_of_a_fax_machine(
    given: Callable[[bytes], Path], paper: Paper, quality: Quality, height: int
) -> None:
    (page,) = documents.fax_pages(given(pdf()), paper=paper, quality=quality)

    assert (page.width, page.height) == (1728, height)
    assert 0.001 < ink(shown(page)) < 0.02


def test_letters_are_cut_and_photographs_are_dotted(given: Callable[[bytes], Path]) -> None:
    shades = Image.linear_gradient("L").rotate(90).resize((1200, 900))
    sheet = Image.new("L", (1700, 2200), 255)
    sheet.paste(shades, (250, 1100))
    pen = ImageDraw.Draw(sheet)
    for row in range(12):
        pen.text(
            (150, 150 + row * 60), "Ink and paper, nothing between. " * 2, fill=90, font_size=34
        )

    pages = documents.fax_pages(
        given(saved(sheet.filter(ImageFilter.GaussianBlur(0.6)), "PDF", resolution=200)),
        paper="letter",
        quality="fine",
    )

    image = shown(pages[0])
    middle = image.crop((500, 1250, 1200, 1850)).convert("L")
    assert 0.3 < ink(middle) < 0.7
    # Dots everywhere: a thousand changes of colour in a line of shades, hardly any outside it.
    assert _changes(middle, 100) > 150
    words = image.crop((100, 100, 1650, 900)).convert("L")
    assert 0.02 < ink(words) < 0.2
    specks = words.filter(ImageFilter.MedianFilter(3))
    assert abs(ink(specks) - ink(words)) < 0.01


def _changes(image: Image.Image, row: int) -> int:
    line = image.crop((0, row, image.width, row + 1)).tobytes()
    return sum(a != b for a, b in pairwise(line))


def test_a_photographed_page_loses_its_shadow(given: Callable[[bytes], Path]) -> None:
    page = Image.new("L", (1200, 1500), 240)
    pen = ImageDraw.Draw(page)
    for row in range(20):
        pen.text((80, 80 + row * 65), "Signed and returned by the patient", fill=30, font_size=32)
    shadow = Image.linear_gradient("L").resize(page.size).point(lambda value: 90 + value // 2)
    shaded = Image.composite(page, Image.new("L", page.size, 0), shadow.point(lambda v: v))

    (made,) = documents.fax_pages(given(saved(shaded, "JPEG")), paper="letter", quality="fine")

    # Only the letters are black, also where the shadow was darkest.
    assert 0.01 < ink(shown(made)) < 0.15


def test_a_picture_stands_as_the_camera_was_held_and_within_the_paper(
    given: Callable[[bytes], Path],
) -> None:
    (upright,) = documents.fax_pages(given(photograph(6, (1200, 400))), paper="a4", quality="fine")
    (wide,) = documents.fax_pages(given(photograph(1, (1200, 400))), paper="a4", quality="fine")

    box = shown(upright).convert("L").point(lambda v: 255 - v).getbbox()
    lying = shown(wide).convert("L").point(lambda v: 255 - v).getbbox()
    assert box is not None
    assert lying is not None
    assert box[3] - box[1] > 2 * (box[2] - box[0])
    assert lying[2] - lying[0] > 1700
    assert lying[3] < 700


def test_a_wide_page_lies_down_and_a_fax_in_coarse_dots_keeps_its_shape(
    given: Callable[[bytes], Path],
) -> None:
    wide = pdf(box="0 0 792 612", words=b"0 0 792 612 re f")
    (turned,) = documents.fax_pages(given(wide), paper="letter", quality="standard")
    ink_page = Image.new("1", (1728, 1078), 0)
    tiff = saved(ink_page, "TIFF", compression="group4", dpi=(204, 98))
    (coarse,) = documents.fax_pages(given(tiff), paper="letter", quality="fine")

    assert ink(shown(turned)) > 0.95
    assert ink(shown(coarse)) > 0.97


def test_a_text_is_set_on_pages(given: Callable[[bytes], Path]) -> None:
    text = "Grüße aus Montréal\n" * 100 + "\fThe last page"

    pages = documents.fax_pages(given(text.encode("cp1252")), paper="letter", quality="fine")

    assert len(pages) == 3
    assert all(0.0001 < ink(shown(page)) < 0.1 for page in pages)


def test_a_long_document_is_made_in_parts_and_in_order(given: Callable[[bytes], Path]) -> None:
    numbered = pikepdf.new()
    for number in range(30):
        with pikepdf.open(io.BytesIO(pdf(words=b"0 0 612 %d re f" % (20 * number + 20)))) as one:
            numbered.pages.extend(one.pages)
    out = io.BytesIO()
    numbered.save(out)

    pages = documents.fax_pages(given(out.getvalue()), paper="letter", quality="standard")
    rebuilt = documents.rebuilt_pdf(given(out.getvalue()))

    blackness = [ink(shown(page)) for page in pages]
    assert blackness == sorted(blackness)
    assert len(set(blackness)) == 30
    with pikepdf.open(rebuilt) as again:
        assert len(again.pages) == 30


def test_the_pdf_of_a_fax_is_small_and_shows_the_same_dots(given: Callable[[bytes], Path]) -> None:
    letter = b" ".join(b"BT /F 11 Tf 60 %d Td (Words of a letter, %d) Tj ET" % (740 - 14 * n, n) for n in range(48))  # fmt: skip
    (page,) = documents.fax_pages(given(pdf(words=letter)), paper="letter", quality="fine")

    made = documents.fax_pdf([page.path, page.path])

    assert made.stat().st_size < 40_000
    document = pypdfium2.PdfDocument(made)
    assert len(document) == 2
    assert [round(side) for side in document[0].get_size()] == [610, 792]
    (picture_object,) = document[0].get_objects()
    assert picture_object.get_metadata().bits_per_pixel == 1
    drawn = document[0].render(scale=204 / 72, grayscale=True).to_pil().resize((1728, 2156))
    assert abs(ink(drawn.point(lambda v: 255 if v > 127 else 0)) - ink(shown(page))) < 0.01
    document.close()

    (view, _) = documents.page_pictures(made, width=600)
    (again, _) = documents.fax_pages(documents.rebuilt_pdf(made), paper="letter", quality="fine")
    assert opened(view).size == (600, 779)
    assert abs(ink(shown(again)) - ink(shown(page))) < 0.01


def test_a_picture_for_a_phone_fits_and_tells_nothing(given: Callable[[bytes], Path]) -> None:
    noise = Image.effect_noise((800, 600), 90).convert("RGB")
    large = documents.picture_for_mms(given(saved(noise, "PNG")), most_bytes=200_000)
    phone = documents.picture_for_mms(given(photograph()), most_bytes=200_000)
    drawing = documents.picture_for_mms(given(picture("PNG", mode="RGBA", colour=(9, 9, 9, 0))), most_bytes=9_000)  # fmt: skip
    moving = documents.picture_for_mms(given(animation("#f00", "#0f0")), most_bytes=9_000)

    assert (large.mime, large.bytes <= 200_000) == ("image/jpeg", True)
    assert large.bytes == large.path.stat().st_size
    assert (phone.width, phone.height) == (20, 60)
    assert not opened(phone.path).getexif()
    assert b"Telltale" not in phone.path.read_bytes()
    assert (drawing.mime, moving.mime) == ("image/png", "image/gif")
    assert opened(moving.path).n_frames == 2
    with pytest.raises(Unreadable, match="small enough"):
        documents.picture_for_mms(given(saved(noise, "PNG")), most_bytes=200)


def test_a_wav_becomes_an_mp3_that_lasts_as_long(given: Callable[[bytes], Path]) -> None:
    made = documents.audio_for_mms(given(wav(3.0, channels=2, hertz=44_100)), most_bytes=100_000)
    again = documents.audio_for_mms(made.path, most_bytes=100_000)

    assert (made.mime, made.seconds) == ("audio/mpeg", 3)
    assert (again.mime, again.seconds) == ("audio/mpeg", 3)


def test_a_word_file_waits_for_libreoffice(
    given: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert documents.identify(given(docx())) is documents.FileKind.DOCX
    assert not documents.office_available()
    with pytest.raises(Unreadable, match="Save it as PDF") as refused:
        documents.fax_pages(given(docx()), paper="letter", quality="fine")
    assert refused.value.code == "no_office"


def test_a_word_file_becomes_pages_where_libreoffice_is_and_says_so_where_it_is_not(
    given: Callable[[bytes], Path],
) -> None:
    if documents.office_available():
        assert documents.fax_pages(given(docx()), paper="letter", quality="fine")
    else:
        with pytest.raises(Unreadable, match="Save it as PDF"):
            documents.fax_pages(given(docx()), paper="letter", quality="fine")
