"""Puts the walls around LibreOffice and becomes it."""

from __future__ import annotations

import os
import sys

from portal.fenced.walls import raise_walls_for_office


def main() -> None:
    """The words after the program's name are the command."""
    raise_walls_for_office()
    os.execv(sys.argv[1], sys.argv[1:])
