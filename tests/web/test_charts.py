"""Charts drawn on the server: right, readable as words, harmless."""

from __future__ import annotations

import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from portal.web import charts


def test_a_bar_chart_says_in_words_and_numbers_what_it_draws() -> None:
    plot = charts.bars(
        ["Mon", "Tue"],
        [charts.Series("Answered", [6, 41]), charts.Series("Missed", [2, 4], "neg")],
        sentence="Most calls on Tuesday, 45.",
        label_head="Day",
    )

    root = ElementTree.fromstring(str(plot.svg))
    assert (root.get("role"), root.get("aria-label")) == ("img", "Most calls on Tuesday, 45.")
    assert plot.head == ("Day", "Answered", "Missed")
    assert plot.rows == (("Mon", "6", "2"), ("Tue", "41", "4"))
    assert plot.legend == (("Answered", "1"), ("Missed", "neg"))


def test_names_from_outside_cannot_become_markup() -> None:
    evil = '"><script>alert(1)</script>'
    plots = [
        charts.bars([evil], [charts.Series(evil, [1])], sentence=evil),
        charts.area([evil], [1], sentence=evil),
        charts.sparkline([1, 2], sentence=evil),
        charts.split([(evil, 1, "1")], sentence=evil),
        charts.histogram([(evil, [(1, 0)])], sentence=evil),
    ]

    for plot in plots:
        assert "<script" not in plot.svg
        ElementTree.fromstring(str(plot.svg))


def test_no_drawing_needs_a_style_attribute_or_a_script() -> None:
    plot = charts.bars(["a"], [charts.Series("s", [3])], sentence="s")

    assert not re.search(r"style=|on[a-z]+=|#[0-9a-f]{6}", plot.svg)


@pytest.mark.parametrize(
    "highest", [0, 1, 3, 5, 63, 99, 100, 101, 239, Decimal("239.01"), 4_001, 7_654_321]
)
def test_no_column_leaves_the_drawing(highest: int | Decimal) -> None:
    plot = charts.bars(["a", "b"], [charts.Series("s", [highest, 0])], sentence="s")

    tops = [
        float(y) for y in re.findall(r'<rect class="chart-1" x="[^"]+" y="([\d.-]+)"', plot.svg)
    ]
    assert all(y >= 6 for y in tops)
    lines = plot.svg.count("chart-grid")
    assert 2 <= lines <= 5, "at most five grid lines"


def test_nothing_to_draw_is_still_a_drawing() -> None:
    for plot in (
        charts.bars([], [charts.Series("s", [])], sentence="No calls."),
        charts.area([], [], sentence="No balance yet."),
        charts.sparkline([], sentence="Nothing."),
        charts.split([], sentence="Nothing."),
        charts.histogram([], sentence="Nothing."),
    ):
        ElementTree.fromstring(str(plot.svg))
