"""The carrier is a program of its own."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def imports(folder: str) -> set[tuple[str, str]]:
    """(file, top package) of every import under a folder."""
    found = set()
    for path in (ROOT / folder).rglob("*.py"):
        for match in re.finditer(
            r"^\s*(?:from|import) (\w+)", path.read_text("utf-8"), re.MULTILINE
        ):
            found.add((str(path.relative_to(ROOT)), match.group(1)))
    return found


def test_the_carrier_imports_nothing_of_the_portal() -> None:
    used = {package for _, package in imports("sandbox")}

    assert "flask" in used
    assert not used & {"portal", "jobs", "bench", "tests"}


def test_nothing_but_tests_imports_the_carrier() -> None:
    users = [
        file
        for folder in ("portal", "jobs")
        for file, package in imports(folder)
        if package == "sandbox"
    ]

    assert users == []
