"""A rich text: lines of words and pictures, read from the editor's Delta and nothing else.

The browser posts JSON and never HTML. Whatever the schema does not know is refused: the editor makes
only what is here, so anything else came from somebody who wrote it by hand.
"""

from __future__ import annotations

import json
import unicodedata
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from portal.core.errors import InvalidInput
from portal.core.sentences import N_
from portal.wording.links import checked_link
from portal.wording.palette import free_colour, is_colour

LONGEST_JSON, LONGEST_TEXT, LONGEST_ALT = 200_000, 20_000, 200
MOST_PIECES, MOST_PICTURES, MOST_COLOURS = 4_000, 20, 40
MARKS = ("bold", "italic", "underline", "strike")
FONTS, SIZES = ("serif", "mono"), ("small", "large", "huge")
ALIGNS, LISTS, HEADINGS = ("center", "right", "justify"), ("bullet", "ordered"), (2, 3)

_DAMAGED = N_("This text holds something that cannot be kept. Reload the page and write it again.")
_TOO_LONG = N_("This text is too long.")
_TOO_MANY_PICTURES = N_("A text has at most 20 pictures.")
_TOO_MANY_COLOURS = N_("A text has at most 40 colours that are not in the palette.")


@dataclass(frozen=True, slots=True)
class Style:
    """How some words look; empty means like the rest."""

    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    color: str = ""
    font: str = ""
    size: str = ""
    link: str = ""


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one look, without an end of line."""

    text: str
    style: Style = PLAIN


@dataclass(frozen=True, slots=True)
class Picture:
    """One of the reseller's own pictures; without ``alt`` it is decoration."""

    id: uuid.UUID
    alt: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, a heading (2 or 3), or an entry of a list."""

    parts: tuple[Run | Picture, ...] = ()
    heading: int = 0
    list: str = ""
    align: str = ""

    @property
    def text(self) -> str:
        """Its words."""
        return "".join(part.text for part in self.parts if isinstance(part, Run))

    @property
    def is_empty(self) -> bool:
        """Nothing to see?"""
        return not self.text.strip() and not any(isinstance(one, Picture) for one in self.parts)


@dataclass(frozen=True, slots=True)
class Document:
    """The whole text."""

    lines: tuple[Line, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Is there nothing to read or to see?"""
        return all(line.is_empty for line in self.lines)

    @property
    def pictures(self) -> frozenset[uuid.UUID]:
        """The pictures in it."""
        return frozenset(
            part.id for line in self.lines for part in line.parts if isinstance(part, Picture)
        )

    @property
    def free_colours(self) -> frozenset[str]:
        """The colours in it that are not of the palette, as ``#rrggbb``."""
        found = {free_colour(run.style.color) for run in self.runs()}
        return frozenset(colour for colour in found if colour)

    def runs(self) -> Iterator[Run]:
        """Every piece of words."""
        for line in self.lines:
            yield from (part for part in line.parts if isinstance(part, Run))

    def delta(self) -> dict[str, Any]:
        """As it is stored and given back to the editor: only what the schema knows."""
        ops: list[dict[str, Any]] = []
        for line in self.lines:
            for part in line.parts:
                ops.append(_part_op(part))
            ops.append(_op("\n", heading=line.heading, list=line.list, align=line.align))
        return {"ops": ops}


def picture_first(document: Document) -> tuple[Document, Document]:
    """A picture alone on the first line, and the rest: cards show it beside the words."""
    match document.lines:
        case (Line(parts=(Picture(),), heading=0, list=""), *rest) if rest:
            return Document(document.lines[:1]), Document(tuple(rest))
    return Document(), document


def from_text(text: str) -> Document:
    """Plain words, one paragraph a line; empty lines only part paragraphs."""
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(_TOO_LONG, field="body")
    lines = (clean(line).strip() for line in text.splitlines())
    return Document(tuple(Line((Run(line),)) for line in lines if line))


def from_json(text: str) -> Document:
    """What the editor posted; InvalidInput names the field ``body``."""
    if len(text) > LONGEST_JSON:
        raise InvalidInput(_TOO_LONG, field="body")
    try:
        delta = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(_DAMAGED, field="body") from error
    return from_delta(delta)


def from_delta(delta: object) -> Document:
    """A Delta, checked piece by piece."""
    ops = _dictionary(delta, {"ops"}).get("ops")
    if not isinstance(ops, list) or len(ops) > MOST_PIECES:
        raise InvalidInput(_DAMAGED, field="body")
    lines: list[Line] = []
    parts: list[Run | Picture] = []
    length = pictures = 0
    for op in ops:
        entry = _dictionary(op, {"insert", "attributes"})
        attributes = _dictionary(entry.get("attributes", {}), _ATTRIBUTES)
        style, block = _style(attributes), _block(attributes)
        inserted = entry.get("insert")
        if isinstance(inserted, dict):
            parts.append(_picture(inserted, style.link))
            pictures += 1
            continue
        if not isinstance(inserted, str):
            raise InvalidInput(_DAMAGED, field="body")
        length += len(inserted)
        first, *rest = clean(inserted).split("\n")
        if first:
            parts.append(Run(first, style))
        for following in rest:
            lines.append(Line(tuple(parts), **block))
            parts = [Run(following, style)] if following else []
    if parts:
        lines.append(Line(tuple(parts)))
    if length > LONGEST_TEXT:
        raise InvalidInput(_TOO_LONG, field="body")
    if pictures > MOST_PICTURES:
        raise InvalidInput(_TOO_MANY_PICTURES, field="body")
    found = Document(_trimmed(lines))
    if len(found.free_colours) > MOST_COLOURS:
        raise InvalidInput(_TOO_MANY_COLOURS, field="body")
    return found


def clean(text: str) -> str:
    """Without what no reader sees: control characters, half characters, other ends of lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(
        letter
        for letter in text
        if letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cs", "Zl", "Zp"}
    )


_ATTRIBUTES = {*MARKS, "color", "font", "size", "link", "header", "list", "align"}


def _style(attributes: dict[str, Any]) -> Style:
    found: dict[str, Any] = {}
    for name in MARKS:
        if name in attributes:
            if attributes[name] is not True:
                raise InvalidInput(_DAMAGED, field="body")
            found[name] = True
    for name, allowed in (("font", FONTS), ("size", SIZES)):
        if name in attributes:
            found[name] = _word(attributes[name], allowed)
    if "color" in attributes:
        colour = attributes["color"]
        if not isinstance(colour, str) or not is_colour(colour):
            raise InvalidInput(_DAMAGED, field="body")
        found["color"] = colour
    if "link" in attributes:
        found["link"] = checked_link(attributes["link"])
    return Style(**found)


def _block(attributes: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "header" in attributes:
        heading = attributes["header"]
        if isinstance(heading, bool) or heading not in HEADINGS:
            raise InvalidInput(_DAMAGED, field="body")
        found["heading"] = int(heading)
    for name, allowed in (("list", LISTS), ("align", ALIGNS)):
        if name in attributes:
            found[name] = _word(attributes[name], allowed)
    return found


def _picture(inserted: dict[str, Any], link: str) -> Picture:
    told = _dictionary(inserted, {"picture"}).get("picture")
    facts = _dictionary(told, {"id", "alt"})
    name, alt = facts.get("id"), facts.get("alt", "")
    if not isinstance(name, str) or not isinstance(alt, str) or len(name) > 36:
        raise InvalidInput(_DAMAGED, field="body")
    try:
        public_id = uuid.UUID(name)
    except ValueError as error:
        raise InvalidInput(_DAMAGED, field="body") from error
    return Picture(public_id, " ".join(clean(alt).split())[:LONGEST_ALT], link)


def _dictionary(value: object, known: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or not set(value) <= known:
        raise InvalidInput(_DAMAGED, field="body")
    return value


def _word(value: object, allowed: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise InvalidInput(_DAMAGED, field="body")
    return value


def _trimmed(lines: list[Line]) -> tuple[Line, ...]:
    """Without the empty lines at its end; the editor always leaves one."""
    while lines and lines[-1].is_empty:
        lines.pop()
    return tuple(lines)


def _part_op(part: Run | Picture) -> dict[str, Any]:
    if isinstance(part, Picture):
        return _op({"picture": {"id": str(part.id), "alt": part.alt}}, link=part.link)
    style = part.style
    marks = {name: getattr(style, name) for name in (*MARKS, "color", "font", "size", "link")}
    return _op(part.text, **marks)


def _op(inserted: object, *, heading: int = 0, **attributes: object) -> dict[str, Any]:
    kept = {name: value for name, value in (("header", heading), *attributes.items()) if value}
    return {"insert": inserted} | ({"attributes": kept} if kept else {})
