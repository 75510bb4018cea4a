"""A CSV file as people have it: any usual encoding and delimiter, limited in every direction."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from portal.core.errors import InvalidInput
from portal.core.sentences import N_

MOST_BYTES = 900_000  # below what the portal takes in one request
MOST_ROWS = 5_000
MOST_COLUMNS = 60
_LONGEST_CELL = 500
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class SheetLimits:
    """How much is read, and what is said of more."""

    bytes: int = MOST_BYTES
    rows: int = MOST_ROWS
    too_large: str = N_("The file is too large. At most 900 kB can be read.")
    too_many: str = N_(
        "There are more than 5,000 lines. Split the file and bring the parts one by one."
    )


LARGE = SheetLimits(
    5_000_000,
    10_000,
    N_("The file is too large. At most 5 MB can be read."),
    N_("There are more than 10,000 lines. Split the file and bring the parts one by one."),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first line and the others with their line numbers in the file; empty ones are left out."""

    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_sheet(content: bytes, limits: SheetLimits = SheetLimits()) -> Sheet:
    """Read it; raises InvalidInput for the field ``file`` with what to do about it."""
    if len(content) > limits.bytes:
        raise InvalidInput(limits.too_large, field="file")
    text = _decoded(content)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise InvalidInput(N_("This is not a CSV file."), field="file") from error
    if not lines or not any(cell.strip() for cell in lines[0]):
        raise InvalidInput(
            N_("The first line must name the columns, like first name, last name, e-mail."),
            field="file",
        )
    head = tuple(cell.strip()[:60] for cell in lines[0])
    rows = tuple(
        (at, tuple(cell.strip()[:_LONGEST_CELL] for cell in line[: len(head)]))
        for at, line in enumerate(lines[1:], 2)
        if any(cell.strip() for cell in line)
    )
    if len(head) > MOST_COLUMNS:
        raise InvalidInput(N_("There are more than 60 columns."), field="file")
    if not rows:
        raise InvalidInput(N_("There is no line below the names of the columns."), field="file")
    if len(rows) > limits.rows:
        raise InvalidInput(limits.too_many, field="file")
    return Sheet(head, rows)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")  # type: ignore[assignment]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise InvalidInput(N_("This is not a CSV file."), field="file")


def _delimiter(text: str) -> str:
    """The sign that stands most often in the first line."""
    first = text.partition("\n")[0]
    return max(_DELIMITERS, key=first.count)
