"""A document as HTML for pages and for mails, and as plain text.

One walk over the lines, two ways to say how words look: pages have classes of our style sheets (the
policy allows no styles), mails have styles (their readers know no style sheet). What comes out is
read again by the second lock, ``wording.lock``.
"""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from portal.branding.colours import WHITE, nearest_passing
from portal.wording import lock
from portal.wording.document import Document, Line, Picture, Run, Style
from portal.wording.palette import PALETTE, free_colour

_MARKS = (("bold", "strong"), ("italic", "em"), ("underline", "u"), ("strike", "s"))
_LISTS = {"bullet": "ul", "ordered": "ol"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as a page may show it."""

    url: str
    width: int
    height: int


Pictures = Mapping[uuid.UUID, Shown]


def page_html(document: Document, pictures: Pictures) -> str:
    """For a page of ours: classes, headings below the title of a card."""
    return lock.for_pages(_Page(pictures).write(document))


def mail_html(document: Document, pictures: Pictures) -> str:
    """For a mail: styles, addresses of pictures with their host."""
    return lock.for_mails(_Mail(pictures).write(document))


def plain_text(document: Document) -> str:
    """For readers without HTML: what every mail carries beside it."""
    lines, number = [], 0
    for line in document.lines:
        number = number + 1 if line.list == "ordered" else 0
        mark = f"{number}. " if number else "- " if line.list else ""
        lines.append(mark + "".join(_plain(part) for part in _joined(line.parts)).strip())
    return "\n".join(lines).strip()


class _Writer(ABC):
    """The walk; a subclass says how things look."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self._heading = 2  # the title of the card

    def write(self, document: Document) -> str:
        """The whole document."""
        return "".join(
            self._list(kind, list(lines)) if kind else "".join(map(self._line, lines))
            for kind, lines in groupby(document.lines, key=lambda line: line.list)
        )

    def _list(self, kind: str, lines: list[Line]) -> str:
        tag = _LISTS[kind]
        entries = "".join(self._block("li", line) for line in lines)
        return f"<{tag}{self.look(tag, '')}>{entries}</{tag}>"

    def _line(self, line: Line) -> str:
        if not line.heading:
            return self._block("p", line)
        # Never a step of two: a small heading under no heading is a heading.
        self._heading = min(line.heading + 1, self._heading + 1)
        return self._block(f"h{self._heading}", line)

    def _block(self, tag: str, line: Line) -> str:
        inner = "".join(
            self._linked(link, list(parts)) for link, parts in groupby(line.parts, key=_link_of)
        )
        return f"<{tag}{self.look(tag, line.align)}>{inner or '<br>'}</{tag}>"

    def _linked(self, link: str, parts: list[Run | Picture]) -> str:
        inner = "".join(
            self._run(part) if isinstance(part, Run) else self._picture(part) for part in parts
        )
        if not link:
            return inner
        return f'<a href="{_attribute(link)}" rel="noopener noreferrer">{inner}</a>'

    def _run(self, run: Run) -> str:
        html = _escaped(run.text)
        if look := self.words(run.style):
            html = f"<span{look}>{html}</span>"
        for mark, tag in reversed(_MARKS):
            if getattr(run.style, mark):
                html = f"<{tag}>{html}</{tag}>"
        return html

    def _picture(self, picture: Picture) -> str:
        shown = self._pictures.get(picture.id)
        if shown is None:  # it was deleted: its words stand in for it
            return _escaped(picture.alt)
        return (
            f'<img{self.look("img", "")} src="{_attribute(shown.url)}" alt="{_attribute(picture.alt)}"'
            f' width="{shown.width}" height="{shown.height}">'
        )

    @abstractmethod
    def look(self, tag: str, align: str) -> str:
        """The attribute of a block, with a space before it, or nothing."""

    @abstractmethod
    def words(self, style: Style) -> str:
        """The attribute of a span, with a space before it, or nothing."""


class _Page(_Writer):
    def look(self, tag: str, align: str) -> str:
        if tag == "img":
            return ' class="rich-picture"'
        return f' class="ql-align-{align}"' if align else ""

    def words(self, style: Style) -> str:
        names = [
            f"ql-{kind}-{value}"
            for kind, value in (("color", style.color), ("font", style.font), ("size", style.size))
            if value
        ]
        return f' class="{" ".join(names)}"' if names else ""


class _Mail(_Writer):
    _BLOCKS = {
        "p": "margin:0 0 14px",
        "h3": "margin:22px 0 8px;font-size:19px;line-height:1.3",
        "h4": "margin:18px 0 6px;font-size:16px;line-height:1.3",
        "ul": "margin:0 0 14px;padding-left:22px",
        "ol": "margin:0 0 14px;padding-left:22px",
        "li": "margin:0 0 4px",
        "img": "max-width:100%;height:auto;border:0",
    }
    _FONTS = {"serif": "serif", "mono": "monospace"}
    _SIZES = {"small": "13px", "large": "19px", "huge": "26px"}

    def look(self, tag: str, align: str) -> str:
        aligned = f";text-align:{align}" if align else ""
        return f' style="{self._BLOCKS[tag]}{aligned}"'

    def words(self, style: Style) -> str:
        rules = []
        if style.color:
            rules.append(f"color:{mail_colour(style.color)}")
        if style.font:
            rules.append(f"font-family:{self._FONTS[style.font]}")
        if style.size:
            rules.append(f"font-size:{self._SIZES[style.size]}")
        return f' style="{";".join(rules)}"' if rules else ""


def mail_colour(name: str) -> str:
    """A colour on the white ground of a mail, readable there."""
    free = free_colour(name)
    return nearest_passing(free, WHITE) if free else PALETTE[name]


def _link_of(part: Run | Picture) -> str:
    return part.style.link if isinstance(part, Run) else part.link


def _joined(parts: Iterable[Run | Picture]) -> list[Run | Picture]:
    """Neighbours of one link as one piece, so that plain text names the address once."""
    found: list[Run | Picture] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(part, Run) and isinstance(last, Run) and last.style.link == part.style.link:
            found[-1] = Run(last.text + part.text, Style(link=part.style.link))
        else:
            found.append(part)
    return found


def _plain(part: Run | Picture) -> str:
    if isinstance(part, Picture):
        return f"[{part.alt}]" if part.alt else ""
    link = part.style.link
    bare = link.partition(":")[2] if link.startswith(("mailto:", "tel:")) else link
    if not link or part.text.strip() in {link, bare}:
        return part.text
    return f"{part.text} ({bare})"


def _escaped(text: str) -> str:
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\xa0", "&nbsp;")
    )


def _attribute(text: str) -> str:
    return _escaped(text).replace('"', "&quot;")
