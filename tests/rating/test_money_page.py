"""The worked examples of docs/money.md, read from the page and computed again."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from portal.billing.due import fallen_due, split
from portal.core.money import Money, percent_e4, rate_e8
from portal.rating import Rater, Terms, messages, rate_recording
from tests.rating.calls import inbound, outbound, rated

PAGE = (Path(__file__).parents[2] / "docs" / "money.md").read_text("utf-8")


def table(name):
    """The rows of a marked table, by column."""
    block = re.search(rf"<!-- table: {name} -->\n((?:\|.*\n)+)", PAGE)[1]
    head, _, *rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in block.splitlines()
    ]
    return [dict(zip(head, row, strict=True)) for row in rows]


def whole(cell):
    return 0 if cell == "–" else int(cell)


@pytest.mark.parametrize("row", table("outbound"), ids=str)
def test_outbound_calls(row):
    terms = Terms(
        fixed_e8=rate_e8(row["fixed"]),
        percent_e4=percent_e4(row["percent"]),
        pulse_seconds=int(row["pulse"]),
        first_increment_seconds=whole(row["first"]),
    )
    exchange = None if row["exchange"] == "–" else rate_e8(row["exchange"])
    cost = rate_e8(row["cost"])

    result = rated(
        terms, outbound(seconds=int(row["seconds"]), cost_rate_e8=cost, exchange_e8=exchange)
    )

    assert (result.billed_seconds, result.price) == (int(row["billed"]), Money.of(row["price"]))


@pytest.mark.parametrize("row", table("allowance"), ids=str)
def test_free_minutes(row):
    rater = Rater(Terms(pulse_seconds=int(row["pulse"])))
    call = outbound(seconds=int(row["seconds"]), cost_rate_e8=rate_e8(row["rate"]))

    result = rater.rate(call, int(row["minutes left"]))

    assert (result.free_minutes, result.billed_seconds) == (int(row["used"]), int(row["billed"]))
    assert result.price == Money.of(row["price"])


@pytest.mark.parametrize("row", table("minutes"), ids=str)
def test_inbound_legs_and_recording(row):
    seconds = int(row["seconds"])
    if row["what"] == "recording":
        result = rate_recording(seconds, rate_e8(row["rate"]))
    else:
        result = rated(Terms(pulse_seconds=60), inbound(seconds=seconds, rate=row["rate"]))

    assert result.price == Money.of(row["price"])


@pytest.mark.parametrize("row", table("messages"), ids=str)
def test_messages(row):
    counted = messages.count(row["text"] * int(row["times"]), [1] * int(row["files"]))

    assert counted.text_bytes == int(row["bytes"])
    assert (counted.kind or "refused") == row["kind"]


@pytest.mark.parametrize("row", table("due"), ids=str)
def test_days_on_which_fees_fall_due(row):
    found = fallen_due(
        date.fromisoformat(row["next day"]), int(row["anchor"]), date.fromisoformat(row["looked at on"])
    )  # fmt: skip
    said = [
        " ".join(f"{one.first_day:%m-%d}" for one in some) or "–"
        for some in split(found, int(row["most"]))
    ]

    assert said == [row["missed"], row["charged"]]


def test_the_page_has_a_table_for_each_test():
    assert len(re.findall("<!-- table: ", PAGE)) == 9
