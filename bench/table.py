"""The figures as a table in the documentation: what was measured anew takes the place of what stood there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from bench.rows import Row, meets

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- bench/run --write begins -->", "<!-- bench/run --write ends -->"
_HEAD = (
    "| what | floor | ours | ratio | target | | measured, load |\n"
    "| --- | ---: | ---: | ---: | --- | --- | --- |\n"
)


def write(rows: Iterable[tuple[Row, str]], *, page: Path = PAGE) -> None:
    """Put these rows, each with when it was measured, into the page's table; others stay."""
    text = page.read_text()
    before, _, rest = text.partition(BEGIN)
    old, _, after = rest.partition(END)
    lines = {line.split("|")[1].strip(): line for line in old.splitlines() if line.startswith("| ")}
    for head in ("what", "---"):
        lines.pop(head, None)
    lines |= {row.name: _line(row, when) for row, when in rows}
    table = _HEAD + "".join(f"{line}\n" for line in lines.values())
    page.write_text(f"{before}{BEGIN}\n{table}{END}{after}")


def _line(row: Row, when: str) -> str:
    verdict = "met" if meets(row) else "**missed**"
    floor, ours = (_number(value) for value in (row.floor, row.ours))
    unit = re.sub(r"\s+", " ", row.unit)
    return f"| {row.name} | {floor} | {ours} {unit} | {row.ratio:.2f} | {row.target} | {verdict} | {when} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:,.2f}"
