"""The door for rich text: what the editor makes comes in, everything else stays out."""

from __future__ import annotations

import contextlib
import json
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import InvalidInput
from portal.wording.document import Document, from_delta, from_json, from_text

PICTURE = "6f1d1f0e-6a0b-4f9b-9d55-0c3a4f0f8a11"


def op(inserted: object, **attributes: Any) -> dict[str, Any]:
    return {"insert": inserted} | ({"attributes": attributes} if attributes else {})


def delta(*ops: object) -> dict[str, Any]:
    return {"ops": list(ops)}


EVERYTHING = delta(
    op("Hours", color="teal", size="huge", font="serif"),
    op("\n", header=2, align="center"),
    op("We are "),
    op("closed", bold=True, italic=True, underline=True, strike=True, color="c-0e5c63"),
    op(" on "),
    op("Monday", link="https://example.com/hours?a=1&b=2"),
    op("\nfirst"),
    op("\n", list="bullet"),
    op("second"),
    op("\n", list="ordered"),
    op({"picture": {"id": PICTURE, "alt": "A snowy line"}}, link="mailto:desk@example.com"),
    op("\n"),
)


def test_all_that_the_editor_can_make_comes_back_as_it_was() -> None:
    found = from_json(json.dumps(EVERYTHING))

    assert from_delta(found.delta()) == found
    assert [line.text for line in found.lines] == [
        "Hours", "We are closed on Monday", "first", "second", "",
    ]  # fmt: skip
    assert found.pictures == {uuid.UUID(PICTURE)}
    assert found.free_colours == {"#0e5c63"}


@pytest.mark.parametrize(
    "ops",
    [
        None, {}, "text", [None], ["text"], [[]], [{"insert": None}], [{"insert": 7}],
        [{"insert": ["a"]}], [{"retain": 1}], [{"delete": 1}], [op("a") | {"more": 1}],
        [op("a", onclick="alert(1)")], [op("a", style="color:red")], [op("a", background="red")],
        [op("a", **{"class": "btn"})], [op("a", bold="yes")], [op("a", bold=1)], [op("a", bold=False)],
        [op("a", color="red;}*{display:none")], [op("a", color="#ff0000")], [op("a", color="c-12345g")],
        [op("a", color=["red"])], [op("a", font="serif x")], [op("a", size="99px")],
        [op("a", size={"small": 1})], [op("\n", header=1)], [op("\n", header=True)],
        [op("\n", header="2")], [op("\n", list="checked")], [op("\n", align="left")],
        [op("\n", **{"code-block": True})], [{"insert": "a", "attributes": []}],
        [op({"image": "data:image/png;base64,AAAA"})], [op({"video": "https://example.com"})],
        [op({"formula": "x"})], [op({"picture": PICTURE})], [op({"picture": {"id": 7}})],
        [op({"picture": {"id": "../../etc/passwd"}})], [op({"picture": {"id": PICTURE, "src": "//x"}})],
        [op({"picture": {"id": PICTURE, "alt": {"a": 1}}})],
        [op({"picture": {"id": PICTURE}, "image": "x"})], [op({"picture": {"id": PICTURE + "0" * 99}})],
    ],
)  # fmt: skip
def test_what_the_editor_cannot_make_is_refused(ops: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        from_delta({"ops": ops})

    assert refused.value.field == "body"


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "7", '"ops"', "[]", "{", "{}", '{"ops": 7}', '{"ops": [], "html": "<b>"}',
        "[" * 100_000, '{"ops":' * 20_000, '{"ops": [{"insert": ' + "9" * 5_000 + "}]}",
        json.dumps(delta(op("x" * 250_000))), json.dumps(delta(*[op("a")] * 4_001)),
        json.dumps(delta(op("x" * 20_001))),
        json.dumps(delta(*[op({"picture": {"id": PICTURE}})] * 21)),
        json.dumps(delta(*[op("a", color=f"c-0000{n:02x}") for n in range(41)])),
    ],
)  # fmt: skip
def test_what_is_no_text_or_too_much_of_it_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        from_json(text)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
        "java\tscript:alert(1)", "\x01javascript:alert(1)", "data:text/html,<script>", "vbscript:x",
        "file:///etc/passwd", "blob:https://example.com/1", "//example.com", "/staff/clients", "example.com",
        "https:example.com", "https:/example.com", "https://", "http://[::1", "https://user:pw@example.com",
        "https://example.com/<b>", 'https://example.com/"x', "https://example.com\\@evil.example",
        "https://example.com/a b", "https://example.com/\u202e", "mailto:", "mailto:a b@c", "mailto:<x@y.z>",
        "tel:", "tel:call me", "ftp://example.com", "[firstname]", "https://[link]", "x" * 2001, "", 7, None,
        ["https://example.com"], "view-source:https://example.com",
    ],
)  # fmt: skip
def test_a_link_leads_to_pages_mails_and_phones_only(address: object) -> None:
    with pytest.raises(InvalidInput):
        from_delta(delta(op("here", link=address)))


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/a?b=c#d", "http://example.com:8080", "HTTPS://EXAMPLE.COM/é",
        "mailto:desk@example.com?subject=Hello%20you", "tel:+16135550100", "[link]", "[portal_url]",
        "http://[2001:db8::1]/",
    ],
)  # fmt: skip
def test_these_links_are_fine(address: str) -> None:
    found = from_delta(delta(op("here", link=address)))

    assert [run.style.link for run in found.runs()] == [address]


def test_what_nobody_sees_is_taken_out() -> None:
    found = from_json(
        '{"ops": [{"insert": "a\\u0000b\\u0007c\\ud800d\\u2028e\\tf\\r\\ng\\u001b[1m"}]}'
    )

    assert [line.text for line in found.lines] == ["abcde f", "g[1m"]
    assert json.dumps(found.delta(), ensure_ascii=False).encode("utf-8")


def test_plain_words_keep_their_paragraphs() -> None:
    found = from_text("Good news\n\n  We are open \r\n<b>again</b>\n")

    assert [line.text for line in found.lines] == ["Good news", "We are open", "<b>again</b>"]
    with pytest.raises(InvalidInput):
        from_text("x" * 20_001)


def test_a_text_of_blanks_is_empty_and_one_of_a_picture_is_not() -> None:
    assert from_delta(delta(op(" \n\n"))).is_empty
    assert Document().is_empty
    assert not from_delta(delta(op({"picture": {"id": PICTURE}}), op("\n"))).is_empty


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "ops",
                    "insert",
                    "attributes",
                    "link",
                    "bold",
                    "color",
                    "header",
                    "picture",
                    "id",
                    "x",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_JSON)
def test_whatever_comes_is_a_document_or_a_refusal(value: object) -> None:
    with contextlib.suppress(InvalidInput):
        assert isinstance(from_delta(value), Document)
