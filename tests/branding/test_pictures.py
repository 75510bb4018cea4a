"""A reseller's pictures: made anew from what was sent, refused with words, and nobody else's."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from PIL import Image

from portal import branding
from portal.branding import Purpose
from portal.branding.pictures import MOST_PICTURES
from portal.core import storage
from portal.core.db import transaction
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.scope import Scope, bind
from tests.carriers import faults
from tests.carriers.faults import FaultServer
from tests.pictures import SVG, animation, bomb, photograph, picture
from tests.pricing.market import make_reseller


def seen(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize(
    ("sent", "media_type"),
    [
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("JPEG", colour=(0, 0, 0, 0), mode="CMYK"), "image/jpeg"),
        (picture("WEBP"), "image/webp"),
        (picture("GIF"), "image/png"),
        (picture("PNG", colour=3, mode="P"), "image/png"),
        (picture("PNG", colour=40_000, mode="I;16"), "image/png"),
    ],
)
def test_the_four_formats_are_taken_by_their_content(sent: bytes, media_type: str) -> None:
    read = branding.read_picture(sent)

    assert (read.media_type, read.width, read.height) == (media_type, 40, 20)
    assert Image.MIME[seen(read.content).format or ""] == media_type


def test_of_an_animation_the_first_frame_stays() -> None:
    read = branding.read_picture(animation("#ff0000", "#00ff00", "#0000ff"))

    image = seen(read.content)
    assert getattr(image, "n_frames", 1) == 1
    assert image.convert("RGB").getpixel((5, 5)) == (255, 0, 0)


def test_transparency_stays() -> None:
    read = branding.read_picture(picture("GIF", colour=0, mode="P", transparency=0))

    assert seen(read.content).convert("RGBA").getpixel((0, 0))[3] == 0  # type: ignore[index]


def test_a_photograph_stands_upright_and_tells_nothing_of_where_it_was_taken() -> None:
    sent = photograph(orientation=6, size=(60, 20))

    read = branding.read_picture(sent)

    assert b"Telltale" in sent
    assert (read.width, read.height) == (20, 60)
    assert b"Telltale" not in read.content
    assert b"Exif" not in read.content
    assert b"taken at home" not in read.content
    assert dict(seen(read.content).getexif()) == {}


def test_what_hides_behind_a_picture_is_gone() -> None:
    read = branding.read_picture(picture("PNG") + b"<script>alert(1)</script>PK\x03\x04")

    assert b"script" not in read.content
    assert b"PK\x03\x04" not in read.content


def test_a_picture_is_kept_only_as_large_as_its_place() -> None:
    sent = picture("PNG", (3000, 1000))

    header = branding.read_picture(sent, purpose=Purpose.HEADER)
    text = branding.read_picture(sent)

    assert (header.width, header.height) == (288, 96)
    assert (text.width, text.height) == (1600, 533)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (b"", "Choose a picture."),
        (SVG, "SVG pictures can carry scripts, so they are not taken. Save it as PNG."),
        (b"\xef\xbb\xbf  <!-- logo --><SVG/>", "SVG pictures can carry scripts, so they are not"),
        (b"%PDF-1.7 not a picture", "Choose a PNG, JPEG, WebP or GIF picture."),
        (picture("TIFF"), "Choose a PNG, JPEG, WebP or GIF picture."),
        (picture("BMP"), "Choose a PNG, JPEG, WebP or GIF picture."),
        (picture("JPEG", (300, 300))[:-200], "This picture is damaged."),
        (picture("PNG", (300, 300))[:60], "This picture is damaged."),
        (b"x" * (branding.MOST_PICTURE_BYTES + 1), "This picture is larger than 5 MB."),
        (bomb(), "This picture has more than 20 million pixels. Make it smaller."),
        (bomb(10_000, 9_500), "This picture has more than 20 million pixels. Make it smaller."),
        (bomb(5_000, 5_000), "This picture has more than 20 million pixels. Make it smaller."),
        (bomb(4_000, 4_000), "This picture is damaged."),
    ],
)
def test_what_is_no_good_picture_is_refused_with_the_reason(sent: bytes, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        branding.read_picture(sent)

    assert refused.value.message.startswith(sentence)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_any_cut_of_any_format_is_a_picture_or_a_refusal() -> None:
    whole = [
        picture(kind, (64, 64)) for kind in ("PNG", "JPEG", "WEBP", "GIF")
    ] + [photograph(), animation("red", "blue")]  # fmt: skip

    for sent in whole:
        for end in range(0, len(sent), max(1, len(sent) // 40)):
            flipped = sent[:end] + bytes([sent[end] ^ 0xFF]) + sent[end + 1 :]
            for data in (sent[:end], flipped):
                try:
                    branding.read_picture(data)
                except InvalidInput as refused:
                    assert refused.message  # noqa: PT017


@pytest.fixture
def reseller_id(app: Flask) -> int:
    return make_reseller()


def test_a_picture_is_found_again_by_its_reseller_alone(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        read = branding.read_picture(picture("PNG"))
        with transaction():
            kept = branding.keep_picture(read, name="  Our   logo.png ")
        found = branding.find_picture(kept.public_id)
        listed = branding.list_pictures()

    assert (kept.name, kept.path) == ("Our logo.png", f"/pictures/{kept.public_id}.png")
    assert storage.path_of(found.stored_as).read_bytes() == read.content
    assert listed == [found]
    with bind(Scope(make_reseller("200900"))):
        assert branding.list_pictures() == []
        with pytest.raises(NotFound):
            branding.find_picture(kept.public_id)
        with pytest.raises(NotFound), transaction():
            branding.delete_picture(kept.public_id)


def test_the_same_picture_sent_twice_is_kept_once(reseller_id: int) -> None:
    read = branding.read_picture(picture("PNG"))
    with bind(Scope(reseller_id)):
        kept = []
        for name in ("first", "second"):
            with transaction():
                kept.append(branding.keep_picture(read, name=name))

        assert kept[0] == kept[1]
        assert len(branding.list_pictures()) == 1


def test_a_deleted_picture_is_gone_with_its_file(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        with transaction():
            kept = branding.keep_picture(branding.read_picture(picture("PNG")), name="Logo")
        with transaction():
            stored_as = branding.delete_picture(kept.public_id)
        storage.discard(stored_as)

        assert branding.list_pictures() == []
        with pytest.raises(NotFound):
            storage.path_of(stored_as)


def test_there_is_an_end_to_pictures(reseller_id: int) -> None:
    with bind(Scope(reseller_id)):
        with transaction():
            for at in range(MOST_PICTURES):
                read = branding.read_picture(picture("PNG", (1 + at, 1)))
                branding.keep_picture(read, name=str(at))
        with pytest.raises(Refused), transaction():
            branding.keep_picture(branding.read_picture(picture("PNG", (500, 1))), name="more")


def test_a_picture_is_fetched_once_from_an_address(reseller_id: int) -> None:
    with FaultServer(faults.answer(picture("PNG"), headers={"Content-Type": "text/html"})) as site:
        read = branding.import_picture(site.url)

    assert (read.media_type, read.width) == ("image/png", 40)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (faults.redirect, "This address leads on to another one."),
        (faults.broken_500, "There is no picture at this address."),
        (faults.answer(SVG), "SVG pictures can carry scripts"),
        (faults.answer(bomb()), "This picture has more than 20 million pixels."),
        (faults.bomb, "This picture is larger than 5 MB."),
        (faults.nonsense, "This address cannot be reached."),
    ],
)
def test_an_address_without_a_good_picture_is_refused_with_the_reason(
    reseller_id: int, fault: faults.Fault, sentence: str
) -> None:
    with FaultServer(fault) as site, pytest.raises(InvalidInput) as refused:
        branding.import_picture(site.url)

    assert refused.value.message.startswith(sentence)


@pytest.mark.parametrize(
    "url",
    [
        "http://203.0.113.9/logo.png", "https://10.0.0.1/logo.png", "https://localhost/logo.png",
        "https://169.254.169.254/latest/meta-data/", "https://[::1]/logo.png", "file:///etc/passwd",
        "https://0x7f000001/", "https://2130706433/", "ftp://example.com/logo.png", "logo.png", "",
        "https://user:secret@example.com/logo.png",
    ],
)  # fmt: skip
def test_a_private_address_is_not_asked(reseller_id: int, url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        branding.import_picture(url)

    assert refused.value.message == "Write a public address that begins with https."
