"""Charts as SVG drawn on the server: no script, presentation attributes only, the same on paper.

Widths are percentages of the place a chart is put in and heights are pixels, so text keeps its
size on every screen. Colours are classes (`chart-1` … `chart-neg`) whose values are tokens.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup, escape

Number = int | Decimal
Words = Callable[[Number], str]
TONES = frozenset({"1", "2", "3", "4", "5", "neg"})
MOST_STEPS = 4
TIP_WIDTH = 148
SPLIT_GAP = Decimal("0.6")


@dataclass(frozen=True)
class Series:
    """One set of values; `tone` names its data colour: 1 strongest, 2 its light partner, neg."""

    name: str
    values: Sequence[Number]
    tone: str = "1"

    def __post_init__(self) -> None:
        assert self.tone in TONES, self.tone


@dataclass(frozen=True)
class Plot:
    """A drawing, the sentence that replaces it for those who cannot see it, and its numbers."""

    svg: Markup
    sentence: str
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    legend: tuple[tuple[str, str], ...] = ()


def plain(value: Number) -> str:
    """The number as it is; the default for axis and table."""
    return f"{value:,}"


def bars(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    sentence: str,
    axis: Words = plain,
    exact: Words | None = None,
    label_head: str = "",
    titles: Sequence[str] = (),
    every: int = 1,
    every_phone: int = 0,
    height: int = 210,
) -> Plot:
    """Columns, stacked when there is more than one series (the first series is at the bottom).

    `axis` words the axis, `exact` the table and the card shown on hover. `every` shows each n-th
    label, `every_phone` (a multiple of it) those kept on a phone.
    """
    words = exact or axis
    heads = titles or labels
    totals = [sum(one.values[at] for one in series) for at in range(len(labels))]
    top = _nice_top(max([*totals, 1]))
    parts = [_grid(top, height, axis)]
    for at in range(len(labels)):
        parts.append(_column(at, len(labels), series, top=top, height=height))
    parts += _labels(labels, every=every, every_phone=every_phone or every, height=height)
    for at in range(len(labels)):
        lines = [(one.name, words(one.values[at])) for one in reversed(series)]
        parts.append(_hit(at, len(labels), heads[at], lines, height=height))
    gutter = _gutter(axis(top))
    return Plot(
        _svg("".join(parts), sentence, height=height + 24, gutter=gutter),
        sentence,
        head=(label_head, *(one.name for one in series)),
        rows=tuple(
            (heads[at], *(words(one.values[at]) for one in series)) for at in range(len(labels))
        ),
        legend=tuple(sorted(((one.name, one.tone) for one in series), key=lambda pair: pair[1])),
    )


def area(
    labels: Sequence[str],
    values: Sequence[Number],
    *,
    sentence: str,
    axis: Words = plain,
    exact: Words | None = None,
    heads: tuple[str, str] = ("", ""),
    height: int = 92,
) -> Plot:
    """A line with its ground tinted, for something that has a level: a balance."""
    words = exact or axis
    top = _nice_top(max([*values, 1]))
    points = _points([max(value, 0) for value in values], low=0, top=top)
    line = " ".join(f"{x},{y}" for x, y in points)
    ground = f"0,100 {line} 100,100"
    end = points[-1] if points else (Decimal(100), Decimal(100))
    drawing = (
        f'<svg x="0" y="6" width="98%" height="{height}" viewBox="0 0 100 100"'
        ' preserveAspectRatio="none" overflow="visible">'
        f'<polygon class="chart-area" points="{ground}"/>'
        f'<polyline class="chart-line" vector-effect="non-scaling-stroke" points="{line}"/></svg>'
        f'<circle class="chart-1" cx="98%" cy="{_round(end[1] * height / 100 + 6)}" r="4"/>'
    )
    return Plot(
        _svg(
            _grid(top, height, axis) + drawing,
            sentence,
            height=height + 10,
            gutter=_gutter(axis(top)),
        ),
        sentence,
        head=heads,
        rows=tuple((label, words(value)) for label, value in zip(labels, values, strict=True)),
        legend=((heads[1], "1"),),
    )


def sparkline(
    values: Sequence[Number], *, sentence: str, width: int = 96, height: int = 24
) -> Plot:
    """A small line in a table row; its numbers stand elsewhere on the page."""
    low, top = (min(values), max(values)) if values else (0, 1)
    points = _points(values, low=low, top=top if top > low else low + 1)
    line = " ".join(
        f"{_round(x * (width - 4) / 100 + 2)},{_round(y * (height - 4) / 100 + 2)}"
        for x, y in points
    )
    svg = Markup(
        f'<svg class="chart" role="img" aria-label="{escape(sentence)}" width="{width}"'
        f' height="{height}" viewBox="0 0 {width} {height}">'
        f'<polyline class="chart-line chart-spark" fill="none" points="{line}"/></svg>'
    )
    return Plot(svg, sentence)


def split(parts: Sequence[tuple[str, Number, str]], *, sentence: str) -> Plot:
    """One bar cut in parts, (name, value, tone) each: cost and profit of a price."""
    whole = sum(max(value, 0) for _, value, _ in parts) or 1
    drawn, x = [], Decimal(0)
    for _, value, tone in parts:
        width = Decimal(max(value, 0)) * 100 / Decimal(whole)
        gap = SPLIT_GAP if x + width < 99 and width > SPLIT_GAP else 0
        drawn.append(_rect(tone, _round(x), 0, _round(width - gap), 8))
        x += width
    svg = Markup(
        f'<svg class="chart chart-plain chart-split" role="img" aria-label="{escape(sentence)}"'
        f' width="100%" height="8">{"".join(drawn)}</svg>'
    )
    return Plot(svg, sentence, legend=tuple((name, tone) for name, _, tone in parts))


def histogram(
    groups: Sequence[tuple[str, Sequence[tuple[Number, Number]]]],
    *,
    sentence: str,
    height: int = 44,
) -> Plot:
    """Thin columns in named groups: calls per two hours, grouped by day.

    Each column is (strong, negative): answered above, missed below in the warning colour.
    """
    top = max([1, *(good + bad for _, columns in groups for good, bad in columns)])
    drawn: list[str] = []
    for at, (name, columns) in enumerate(groups):
        room = Decimal(100) / max(len(groups), 1)
        step = room * Decimal("0.9") / max(len(columns), 8)
        start = room * at + (room - step * len(columns)) / 2
        for index, (good, bad) in enumerate(columns):
            x, width = _round(start + step * index), _round(step * Decimal("0.7"))
            tall, low = (_round(Decimal(value) * height / Decimal(top)) for value in (good, bad))
            if tall:
                drawn.append(_rect("1", x, height - low - tall, width, tall, radius="1"))
            if low:
                drawn.append(_rect("neg", x, height - low, width, low))
        middle = _round(room * at + room / 2)
        drawn.append(
            f'<text x="{middle}%" y="{height + 16}" text-anchor="middle">{escape(name)}</text>'
        )
    return Plot(_svg("".join(drawn), sentence, height=height + 20, gutter="plain"), sentence)


def _svg(inner: str, sentence: str, *, height: int, gutter: str) -> Markup:
    shape = "chart-plain" if gutter == "plain" else f"chart-gutter-{gutter}"
    return Markup(
        f'<svg class="chart {shape}" role="img" aria-label="{escape(sentence)}"'
        f' width="100%" height="{height}">{inner}</svg>'
    )


def _grid(top: int, height: int, axis: Words) -> str:
    lines = []
    steps = _steps(top, _nice_step(top))
    for at in range(steps + 1):
        y = _round(Decimal(height) - Decimal(height) * at / steps + 6)
        lines.append(
            f'<line class="chart-grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
            f'<text x="-10" y="{y + 4}" text-anchor="end">{escape(axis(top * at // steps))}</text>'
        )
    return "".join(lines)


def _column(at: int, count: int, series: Sequence[Series], *, top: int, height: int) -> str:
    room = Decimal(100) / count
    x, width = _round(room * at + room * Decimal("0.17")), _round(room * Decimal("0.66"))
    drawn, floor = [], Decimal(height)
    present = [one for one in series if one.values[at] > 0]
    for one in present:
        tall = Decimal(one.values[at]) * height / Decimal(top)
        floor -= tall
        last = one is present[-1]
        drawn.append(
            _rect(one.tone, x, _round(floor + 6), width, _round(tall), radius="3" if last else "")
        )
        if last and tall > 3:
            drawn.append(_rect(one.tone, x, _round(floor + tall + 3), width, 3))
    return "".join(drawn)


def _rect(
    tone: str, x: Decimal, y: Number, width: Decimal, height: Number, *, radius: str = ""
) -> str:
    round_top = f' rx="{radius}"' if radius else ""
    return f'<rect class="chart-{tone}" x="{x}%" y="{y}" width="{width}%" height="{height}"{round_top}/>'


def _labels(labels: Sequence[str], *, every: int, every_phone: int, height: int) -> list[str]:
    room = Decimal(100) / max(len(labels), 1)
    return [
        f"<text{'' if at % every_phone == 0 else ' class=' + chr(34) + 'chart-wide' + chr(34)}"
        f' x="{_round(room * at + room / 2)}%" y="{height + 22}" text-anchor="middle">'
        f"{escape(label)}</text>"
        for at, label in enumerate(labels)
        if at % every == 0
    ]


def _hit(at: int, count: int, title: str, lines: Sequence[tuple[str, str]], *, height: int) -> str:
    """The invisible column under the pointer and the card with exact values it shows."""
    room = Decimal(100) / count
    middle = room * at + room / 2
    shift = -12 if middle < 22 else (12 - TIP_WIDTH if middle > 78 else -TIP_WIDTH // 2)
    tall = 36 + 20 * len(lines)
    rows = "".join(
        f'<text class="chart-tip-label" x="12" y="{44 + 20 * index}">{escape(name)}</text>'
        f'<text class="chart-tip-value" x="{TIP_WIDTH - 12}" y="{44 + 20 * index}"'
        f' text-anchor="end">{escape(word)}</text>'
        for index, (name, word) in enumerate(lines)
    )
    return (
        f'<g class="chart-hit"><rect class="chart-band" x="{_round(room * at)}%" y="6"'
        f' width="{_round(room)}%" height="{height}"/>'
        f'<svg class="chart-tip" x="{_round(middle)}%" y="0" width="1" height="1"'
        f' overflow="visible"><g transform="translate({shift} 0)">'
        f'<rect class="chart-card" width="{TIP_WIDTH}" height="{tall}" rx="7"/>'
        f'<text class="chart-tip-title" x="12" y="22">{escape(title)}</text>{rows}</g></svg></g>'
    )


def _points(values: Sequence[Number], *, low: Number, top: Number) -> list[tuple[Decimal, Decimal]]:
    span = Decimal(top - low) or Decimal(1)
    steps = max(len(values) - 1, 1)
    return [
        (_round(Decimal(100) * at / steps), _round(100 - Decimal(value - low) * 100 / span))
        for at, value in enumerate(values)
    ]


def _nice_top(highest: Number) -> int:
    """The end of the axis: at most four equal steps of 1, 2 or 5 times a power of ten."""
    step = _nice_step(highest)
    return step * _steps(highest, step)


def _nice_step(highest: Number) -> int:
    scale = 1
    while True:
        for step in (scale, 2 * scale, 5 * scale):
            if step * MOST_STEPS >= highest:
                return step
        scale *= 10


def _steps(highest: Number, step: int) -> int:
    return max(1, math.ceil(highest / step))


def _gutter(longest: str) -> str:
    return "s" if len(longest) <= 3 else "m" if len(longest) <= 5 else "l"


def _round(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))
