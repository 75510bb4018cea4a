"""What the table of the reseller's guide names is there."""

from __future__ import annotations

import re

from tests.architecture.source import ROOT

ROWS = [
    line
    for line in (ROOT / "docs/guide-coverage.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| The guide calls it"))
]
NAMED = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")


def test_every_field_of_the_guide_names_tests_that_there_are() -> None:
    silent = [row for row in ROWS if not NAMED.search(row)]
    missing = [
        f"{file}::{name}"
        for file, name in NAMED.findall("\n".join(ROWS))
        if not (ROOT / file).exists() or f"def {name}(" not in (ROOT / file).read_text()
    ]

    assert len(ROWS) > 40
    assert (silent, missing) == ([], [])
