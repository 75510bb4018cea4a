"""Writes routes.txt: ``python -m tests.architecture.routes``. Lines of addresses that are gone stay.

An address that somebody may have kept does not vanish by accident: its line is removed by hand.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Flask

LIST = Path(__file__).with_name("routes.txt")


def routes_of(app: Flask) -> set[str]:
    """One line for each address: methods, address, endpoint."""
    return {
        f"{','.join(sorted((rule.methods or set()) - {'HEAD', 'OPTIONS'})):9} {rule.rule}  {rule.endpoint}"
        for rule in app.url_map.iter_rules()
    }


def kept() -> set[str]:
    """What the list says."""
    return set(LIST.read_text().splitlines()) if LIST.exists() else set()


def main() -> None:
    """Add what is new."""
    from portal.config import Settings
    from portal.factory import create_app

    with tempfile.TemporaryDirectory() as folder:
        words = {"PORTAL_INSTANCE": folder, "PORTAL_EVALUATION": "1"}
        there = routes_of(create_app(Settings.from_environment(words)))
    lines = sorted(there | kept(), key=lambda line: line.split()[1:])
    LIST.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
