"""Texts are counted in bytes; the same vectors are run against the composer's script."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.money import Money
from portal.rating.messages import MOST_PARTS, Kind, MessageFees, as_sent, count, fee, plan, split
from portal.rating.spelling import cheaper, costly

VECTORS = json.loads(Path(__file__).with_name("message_vectors.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS["counts"], ids=lambda vector: vector["note"])
def test_a_message_is_what_its_bytes_and_files_make_it(vector):
    counted = count(vector["unit"] * vector["times"], vector["files"])

    assert counted.kind == vector["kind"]
    assert (counted.text_bytes, counted.free_bytes) == (vector["bytes"], vector["free"])
    assert list(counted.reasons) == vector["reasons"]


@pytest.mark.parametrize("vector", VECTORS["plans"], ids=lambda vector: vector["note"])
def test_how_a_message_goes_out_and_what_it_costs(vector):
    planned = plan(
        vector["unit"] * vector["times"], vector["files"], choice=vector["choice"],
        sms=Money.of("0.015"), mms=Money.of("0.04"),
    )  # fmt: skip

    assert planned.kind == vector["kind"]
    assert [len(part.encode()) for part in planned.parts] == vector["parts"]
    assert (planned.bytes, planned.price) == (vector["bytes"], Money.of(vector["price"]))
    assert list(planned.reasons) == vector["reasons"]


@pytest.mark.parametrize("vector", VECTORS["spellings"], ids=lambda vector: vector["note"])
def test_what_costs_more_than_a_byte_has_a_cheaper_spelling_where_there_is_one(vector):
    assert [one.character for one in costly(vector["text"])] == vector["costly"]
    assert cheaper(vector["text"]) == vector["cheaper"]
    assert cheaper(vector["text"], accents=True) == vector["bare"]


@pytest.mark.parametrize("piece", ["a", " \n", "\u0301", "\n\u0301", "\u200d", "🇨🇦"])
def test_half_a_megabyte_is_split_no_further_than_anybody_may_send(piece):
    text = f"a{piece * (500_000 // len(piece.encode()))}b"
    begun = time.process_time()

    parts = split(text)

    assert len(parts) <= MOST_PARTS + 1
    assert time.process_time() - begun < 0.1


@given(st.text(max_size=200))
def test_parts_hold_every_word_and_none_is_too_long(text):
    parts = split(text)

    assert all(0 < len(part.encode()) <= 160 for part in parts)
    assert "".join("".join(parts).split()) == "".join(as_sent(text).split())
    assert len(cheaper(text).encode(errors="replace")) <= len(text.encode(errors="replace"))


@pytest.mark.parametrize(
    "kind, direction, expected",
    [
        (Kind.SMS, "out", "0.0075"),
        (Kind.SMS, "in", "0.001"),
        (Kind.MMS, "out", "0.02"),
        (Kind.MMS, "in", "0.01"),
    ],
)
def test_the_fee_is_by_kind_and_direction(kind, direction, expected):
    fees = MessageFees(
        sms_out=Money.of("0.0075"),
        sms_in=Money.of("0.001"),
        mms_out=Money.of("0.02"),
        mms_in=Money.of("0.01"),
    )

    assert fee(fees, kind, direction) == Money.of(expected)


def test_whole_emoji_survive_and_halves_do_not_break_the_sending():
    assert as_sent("😀\r\nok\rok") == "😀\nok\nok"
    assert as_sent("\ud83dx") == "\ufffdx"
