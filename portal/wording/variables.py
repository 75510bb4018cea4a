"""Names in square brackets that stand for a client's own facts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from portal.wording.document import Document, Line, Picture, Run
from portal.wording.links import VARIABLE as ADDRESS

NAME = re.compile(r"\[([A-Za-z][A-Za-z0-9_]{0,39})\]")


def names_in(subject: str, document: Document) -> list[str]:
    """Every name that is used, in its order, as it is written."""
    texts = [subject, *(line.text for line in document.lines), *_targets(document)]
    return [name for text in texts for name in NAME.findall(text)]


def unknown(names: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """The names nobody knows, each with the nearest that is known (or nothing)."""
    known = sorted(known)
    found: dict[str, str] = {}
    for name in names:
        if name.lower() not in known:
            near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
            found[name] = near[0] if near else ""
    return found


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """A title with its names replaced; what is put in is not looked at again."""
    return NAME.sub(lambda found: values.get(found.group(1).lower(), found.group()), text)


def fill(document: Document, values: Mapping[str, str]) -> Document:
    """The text with its names replaced. A name in two looks takes the look of its beginning."""
    return Document(tuple(_filled(line, values) for line in document.lines))


def _filled(line: Line, values: Mapping[str, str]) -> Line:
    parts: list[Run | Picture] = []
    words: list[Run] = []
    for part in line.parts:
        if isinstance(part, Run):
            words.append(replace(part, style=replace(part.style, link=_target(part, values))))
            continue
        parts += _replaced(words, values)
        words = []
        parts.append(replace(part, link=_target(part, values)))
    return replace(line, parts=tuple(parts + _replaced(words, values)))


def _replaced(words: list[Run], values: Mapping[str, str]) -> list[Run | Picture]:
    text = "".join(run.text for run in words)
    found: list[Run | Picture] = []
    done = 0
    for match in NAME.finditer(text):
        name = match.group(1).lower()
        if name not in values:
            continue
        found += _between(words, done, match.start())
        (first, *_) = _between(words, match.start(), match.end())
        style = first.style
        if ADDRESS.fullmatch(match.group()) and not style.link:
            style = replace(style, link=values[name])
        found.append(Run(" ".join(values[name].split()), style))
        done = match.end()
    return [*found, *_between(words, done, len(text))]


def _between(words: list[Run], start: int, end: int) -> list[Run]:
    """The pieces of these runs from one place to another."""
    found, at = [], 0
    for run in words:
        cut = run.text[max(start - at, 0) : max(end - at, 0)]
        if cut:
            found.append(replace(run, text=cut))
        at += len(run.text)
    return found


def _target(part: Run | Picture, values: Mapping[str, str]) -> str:
    link = part.style.link if isinstance(part, Run) else part.link
    return fill_text(link, values) if ADDRESS.fullmatch(link) else link


def _targets(document: Document) -> list[str]:
    """Links whose target is a name."""
    links = (
        part.style.link if isinstance(part, Run) else part.link
        for line in document.lines
        for part in line.parts
    )
    return [link for link in links if ADDRESS.fullmatch(link)]
