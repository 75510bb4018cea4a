"""Texts are counted in bytes; the same vectors are run against the composer's script."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portal.core.money import Money
from portal.rating.messages import Kind, MessageFees, as_sent, count, fee

VECTORS = json.loads(Path(__file__).with_name("message_vectors.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["note"])
def test_a_message_is_what_its_bytes_and_files_make_it(vector):
    counted = count(vector["unit"] * vector["times"], vector["files"])

    assert counted.kind == vector["kind"]
    assert (counted.text_bytes, counted.free_bytes) == (vector["bytes"], vector["free"])
    assert list(counted.reasons) == vector["reasons"]


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
