"""Reading a file of rates: whatever spreadsheet wrote it, line by line, with what is wrong in words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from portal.core.dialplan import COUNTRY_PREFIXES
from portal.core.errors import InvalidInput
from portal.core.money import InvalidAmount, rate_e8
from portal.core.sentences import N_

MOST_BYTES = 8_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 60
SAMPLE_ROWS = 5
COLUMNS = ("area", "rate", "name")
_HIGHEST_RATE_E8 = 1_000 * 100_000_000
_LONGEST_PREFIX = 15
_LONGEST_CELL = 2_000
_DELIMITERS = (",", ";", "\t", "|")
_WORDS = {
    "area": ("prefix", "code", "dial", "area", "préfixe", "indicatif", "prefijo", "código"),
    "rate": ("rate", "price", "cost", "minute", "tarif", "prix", "precio", "tarifa", "coste"),
    "name": ("destination", "name", "country", "description", "pays", "nom", "país", "destino"),
}
_COUNTRIES = frozenset(filter(None, COUNTRY_PREFIXES.values()))
_GROUPS = {"usa": "usa", "united states": "usa", "canada": "canada"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file turned out to be. ``rows`` counts the lines below the headings."""

    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    has_headings: bool
    rows: int
    sample: tuple[tuple[str, ...], ...]


class Line(NamedTuple):
    """One rate of a file. With ``problem`` the line says nothing that could be used."""

    kind: str = ""
    area: str = ""
    rate_e8: int | None = None
    name: str = ""
    problem: str = ""


def look(content: bytes) -> Sheet:
    """Find out how a file is written; InvalidInput when it is no table of text."""
    if len(content) > MOST_BYTES:
        raise _refused(N_("This file is larger than 8 MB. Divide it into several."))
    if content.startswith(b"PK\x03\x04"):
        raise _refused(N_("This is a spreadsheet. Save it as CSV and choose that file."))
    encoding = _encoding(content)
    text = content.decode(encoding)
    if "\x00" in text:
        raise _refused(N_("This is no text file. Choose a CSV file."))
    delimiter = _delimiter(text)
    table = _table(text, delimiter)
    first = next(table, None)
    if first is None:
        raise _refused(N_("This file is empty."))
    cells = first[1]
    has_headings = not any(_is_rate(cell) for cell in cells)
    headings = cells if has_headings else [str(at + 1) for at in range(len(cells))]
    sample: list[tuple[str, ...]] = [] if has_headings else [_short(cells)]
    rows = 0 if has_headings else 1
    for _, row in table:
        rows += 1
        if len(sample) < SAMPLE_ROWS:
            sample.append(_short(row))
        if rows > MOST_ROWS:
            raise _refused(N_("This file has more than 100,000 lines. Divide it into several."))
    if not rows:
        raise _refused(N_("There is no rate in this file."))
    return Sheet(encoding, delimiter, _short(headings), has_headings, rows, tuple(sample))


def lines(content: bytes, sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    """The lines below the headings with their numbers in the file; empty ones are left out."""
    table = _table(content.decode(sheet.encoding), sheet.delimiter)
    if sheet.has_headings:
        next(table, None)
    return table


def guess(headings: Sequence[str], sample: Sequence[Sequence[str]]) -> dict[str, int]:
    """Which column is likely to hold what, by its heading, else by what stands below it."""
    found: dict[str, int] = {}
    for column in COLUMNS:
        for word in _WORDS[column]:
            at = next(
                (
                    at
                    for at, heading in enumerate(headings)
                    if word in heading.casefold() and at not in found.values()
                ),
                None,
            )
            if at is not None:
                found[column] = at
                break
    looks_like = {"area": _is_area, "rate": _is_rate}
    for column, fits in looks_like.items():
        for at in range(len(headings)):
            cells = [row[at] for row in sample if at < len(row)]
            if column not in found and at not in found.values() and cells and all(map(fits, cells)):
                found[column] = at
    return found


def read(cells: Sequence[str], columns: Mapping[str, int]) -> Line:
    """One line as a rate for an area."""
    words = {column: cells[at].strip() if at < len(cells) else "" for column, at in columns.items()}
    name = " ".join(words.get("name", "").split())[:120]
    kind, area = _area(words.get("area", ""))
    if not kind:
        return Line(name=name, problem=N_("This is no calling code, prefix or country."))
    try:
        rate = rate_e8(_plain(words.get("rate", "")))
    except InvalidAmount:
        return Line(kind, area, None, name, N_("This is no rate per minute."))
    if not 0 <= rate <= _HIGHEST_RATE_E8:
        return Line(kind, area, None, name, N_("A rate goes from 0 to 1,000 a minute."))
    return Line(kind, area, rate, name)


def _area(text: str) -> tuple[str, str]:
    """Kind and area as the package keeps them; two empty words for nonsense."""
    word = " ".join(text.split())
    if word.casefold() in _GROUPS:
        return _GROUPS[word.casefold()], ""
    if word.upper() in _COUNTRIES:
        return "country", word.upper()
    digits = word.removeprefix("'").removeprefix("+").removeprefix("011")
    digits = digits.translate(str.maketrans("", "", " -.()\u00a0"))
    if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_PREFIX:
        return "prefix", digits
    return "", ""


def _is_area(text: str) -> bool:
    return bool(_area(text.strip())[0])


def _is_rate(text: str) -> bool:
    try:
        return rate_e8(_plain(text)) >= 0
    except InvalidAmount:
        return False


def _plain(text: str) -> str:
    """A number as Python reads it: no currency, no spaces, a decimal point."""
    cleaned = text.strip().removeprefix("'").translate(str.maketrans("", "", " $€£\u00a0\u202f"))
    if "," in cleaned and "." not in cleaned and cleaned.count(",") == 1:
        cleaned = cleaned.replace(",", ".")
    return cleaned


def _encoding(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in candidates:
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise _refused(N_("This is no text file. Choose a CSV file."))


def _delimiter(text: str) -> str:
    """The sign that divides the first lines into the most columns."""
    first = text[:20_000].splitlines()[:20]
    return max(_DELIMITERS, key=lambda sign: sum(line.count(sign) for line in first))


def _table(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > MOST_COLUMNS or max(map(len, cells)) > _LONGEST_CELL:
                raise _refused(N_("A line of this file is far too long. Choose a CSV file."))
            yield reader.line_num, cells
    except csv.Error as error:
        raise _refused(N_("This file cannot be read as CSV.")) from error


def _short(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(" ".join(cell.split())[:80] for cell in cells)


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, field="file")
