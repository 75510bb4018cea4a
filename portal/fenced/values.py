"""Why a file is refused, and the limits that are counted in the file itself."""

from __future__ import annotations

from typing import Final

MOST_PIXELS: Final = 25_000_000
MOST_PAGES: Final = 200
MOST_FRAMES: Final = 200
FAX_WIDTH: Final = 1728
LARGEST_FILE_BYTES: Final = 64_000_000


class Refused(Exception):
    """The file is refused; ``code`` names the reason, the sentence is written outside."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
