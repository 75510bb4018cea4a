"""Rich text as HTML: exactly what is expected, and the second lock has nothing to take away."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.branding.colours import contrast
from portal.wording import lock, mail_html, page_html, plain_text, variables
from portal.wording.document import ALIGNS, FONTS, HEADINGS, LISTS, MARKS, SIZES, from_delta
from portal.wording.palette import PALETTE
from portal.wording.render import Shown, _Mail, _Page, mail_colour
from tests.architecture.source import ROOT
from tests.wording.test_document import EVERYTHING, PICTURE, delta, op

ID = uuid.UUID(PICTURE)
ON_PAGES = {ID: Shown(f"/r/100482/pictures/{PICTURE}.png", 320, 200)}
IN_MAILS = {ID: Shown(f"https://voice.example/pictures/{PICTURE}.png", 320, 200)}


def test_a_page_gets_classes() -> None:
    assert page_html(from_delta(EVERYTHING), ON_PAGES) == (
        '<h3 class="ql-align-center"><span class="ql-color-teal ql-font-serif ql-size-huge">Hours</span></h3>'
        '<p>We are <strong><em><u><s><span class="ql-color-c-0e5c63">closed</span></s></u></em></strong> on '
        '<a href="https://example.com/hours?a=1&amp;b=2" rel="noopener noreferrer">Monday</a></p>'
        "<ul><li>first</li></ul><ol><li>second</li></ol>"
        '<p><a href="mailto:desk@example.com" rel="noopener noreferrer"><img class="rich-picture" '
        f'src="/r/100482/pictures/{PICTURE}.png" alt="A snowy line" width="320" height="200"></a></p>'
    )


def test_a_mail_gets_styles() -> None:
    html = mail_html(from_delta(EVERYTHING), IN_MAILS)

    assert "class=" not in html
    assert '<span style="color:#006262;font-family:serif;font-size:26px">Hours</span>' in html
    assert f'src="https://voice.example/pictures/{PICTURE}.png"' in html
    assert 'style="margin:22px 0 8px;font-size:19px;line-height:1.3;text-align:center"' in html


def test_plain_text_says_the_same() -> None:
    assert plain_text(from_delta(EVERYTHING)) == (
        "Hours\nWe are closed on Monday (https://example.com/hours?a=1&b=2)\n"
        "- first\n1. second\n[A snowy line]"
    )


def test_words_stay_words() -> None:
    text = delta(op("<script>alert('1')</script> & \"more\" <img src=x onerror=y>\n"))

    html = page_html(from_delta(text), {})

    assert html == (
        "<p>&lt;script&gt;alert('1')&lt;/script&gt; &amp; \"more\" &lt;img src=x onerror=y&gt;</p>"
    )


def test_a_picture_that_is_gone_leaves_its_words() -> None:
    text = delta(op({"picture": {"id": PICTURE, "alt": "<A> snowy line"}}), op("\n"))

    assert page_html(from_delta(text), {}) == "<p>&lt;A&gt; snowy line</p>"


def test_headings_never_skip_a_step() -> None:
    text = delta(op("small"), op("\n", header=3), op("big"), op("\n", header=2),
                 op("small"), op("\n", header=3))  # fmt: skip

    assert re.findall(r"<h(\d)", page_html(from_delta(text), {})) == ["3", "3", "4"]


_MARKS = st.fixed_dictionaries(
    {},
    optional={
        **{mark: st.just(True) for mark in MARKS},
        "color": st.sampled_from([*PALETTE, "c-ffee00", "c-0e5c63"]),
        "font": st.sampled_from(FONTS),
        "size": st.sampled_from(SIZES),
        "link": st.sampled_from(
            [
                "https://example.com/?a=\"b'".replace('"', "%22"),
                "tel:+16135550100",
                "mailto:a@b.example",
            ]
        ),
    },
)
_BLOCKS = st.fixed_dictionaries(
    {},
    optional={
        "header": st.sampled_from(HEADINGS),
        "list": st.sampled_from(LISTS),
        "align": st.sampled_from(ALIGNS),
    },
)
_PICTURES = st.builds(lambda alt: {"picture": {"id": PICTURE, "alt": alt}}, st.text(max_size=20))
_OPS = st.builds(
    lambda what, look: {"insert": what, "attributes": look}, st.text(max_size=30), _MARKS
)
_OPS |= st.builds(lambda what, look: {"insert": what, "attributes": look}, _PICTURES, _MARKS)
_OPS |= st.builds(lambda look: {"insert": "\n", "attributes": look}, _BLOCKS)


@settings(max_examples=150)
@given(st.lists(_OPS, max_size=12))
def test_the_second_lock_changes_nothing_that_the_renderer_wrote(ops: list[dict[str, Any]]) -> None:
    document = from_delta({"ops": ops})
    page, mail = _Page(ON_PAGES).write(document), _Mail(IN_MAILS).write(document)

    assert lock.for_pages(page) == page
    assert lock.for_mails(mail) == mail
    assert from_delta(document.delta()) == from_delta(from_delta(document.delta()).delta())
    words = "".join(line.text for line in document.lines)
    seen = BeautifulSoup(page, "html.parser").get_text()
    assert re.sub(r"\s", "", seen) == re.sub(r"\s", "", words)


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>", '<p onclick="x">', '<a href="javascript:x">a</a>', "<iframe></iframe>",
        '<p class="btn-delete">', '<p style="position:fixed">', '<img src="https://evil.example/x.png">',
        '<img class="rich-picture" src="/r/100482/pictures/../../staff">', "<svg><use href='x'></svg>",
        '<form action="/staff"><input name="a"></form>', '<span class="ql-color-red hx" hx-get="/x">a</span>',
        "<style>*{}</style>", '<math><mi xlink:href="data:x">',
    ],
)  # fmt: skip
def test_the_second_lock_holds_alone(html: str) -> None:
    for cleaned in (lock.for_pages(html), lock.for_mails(html)):
        left = BeautifulSoup(cleaned, "html.parser")
        assert {one.name for one in left.find_all(True)} <= {"p", "a", "img", "span"}
        for one in left.find_all(True):
            assert set(one.attrs) <= {"class", "rel", "alt"} or one.attrs == {"style": ""}, cleaned
            assert set(one.get("class") or []) <= {"ql-color-red", "rich-picture"}


def test_the_palette_is_the_one_of_the_style_sheet_and_can_be_read() -> None:
    tokens = (ROOT / "static/css/tokens.css").read_text()
    inks = re.findall(r"--ink-([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", tokens)
    classes = (ROOT / "static/css/pages/rich.css").read_text()

    assert {name: light for name, light, _ in inks} == PALETTE
    assert len(PALETTE) == 24
    for name, light, dark in inks:
        assert f".ql-color-{name} {{ color: var(--ink-{name}); }}" in classes
        assert min(contrast(light, ground) for ground in ("#ffffff", "#f6f7f8", "#fafbfb")) >= 4.5
        assert min(contrast(dark, ground) for ground in ("#151a1f", "#0e1215", "#191f24")) >= 4.5


def test_a_colour_of_a_mail_can_be_read_on_white() -> None:
    assert all(contrast(mail_colour(name), "#ffffff") >= 4.5 for name in [*PALETTE, "c-ffee00"])


def test_names_are_replaced_once_and_escaped() -> None:
    text = delta(
        op("Dear [first", bold=True), op("name] [LASTNAME], [balance] [unknown]", italic=True), op("\n"),
        op("Choose", link="[link]"), op(" or "), op("[link]\n"),
    )  # fmt: skip
    values = {
        "firstname": "<b>[balance]</b>\n", "lastname": "O'Moreau", "balance": "$10.00",
        "link": "https://voice.example/reset/x?a&b",
    }  # fmt: skip

    filled = variables.fill(from_delta(text), values)

    assert page_html(filled, {}) == (
        "<p><strong>Dear </strong><strong>&lt;b&gt;[balance]&lt;/b&gt;</strong>"
        "<em> </em><em>O'Moreau</em><em>, </em><em>$10.00</em><em> [unknown]</em></p>"
        '<p><a href="https://voice.example/reset/x?a&amp;b" rel="noopener noreferrer">Choose</a> or '
        '<a href="https://voice.example/reset/x?a&amp;b" rel="noopener noreferrer">'
        "https://voice.example/reset/x?a&amp;b</a></p>"
    )


def test_an_unknown_name_is_told_with_the_nearest_known_one() -> None:
    used = variables.names_in(
        "[Firstname] [ballance]", from_delta(delta(op("[zzz] [see below]\n")))
    )

    assert used == ["Firstname", "ballance", "zzz"]
    assert variables.unknown(used, {"firstname", "balance"}) == {"ballance": "balance", "zzz": ""}
