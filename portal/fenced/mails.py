"""Takes a mail apart: its words, and the files that came with it. Those are opened later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, BinaryIO, Final

from portal.fenced.values import Refused

_MOST_PARTS: Final = 200
_MOST_FILES: Final = 20
_MOST_DEPTH: Final = 20
_MOST_WORDS: Final = 200_000
_SIGNATURE: Final = re.compile(r"\n-- ?\n.*", re.DOTALL)
_NO_LINE: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


def mail_parts(file: BinaryIO) -> dict[str, Any]:
    """The words as ``0001.raw`` when there are any, then each file; their names beside them."""
    mail = message_from_bytes(file.read(), policy=policy.compat32)
    words, markup, files = "", "", []
    for part in _leaves(mail):
        kind, name = part.get_content_type(), _name(part)
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes) or not content:
            continue
        attached = bool(name) or part.get_content_disposition() == "attachment"
        if kind == "text/plain" and not attached:
            words = words or _text(part, content)
        elif kind == "text/html" and not attached:
            markup = markup or _text(part, content)
        else:
            files.append((name or kind.replace("/", "."), part.get("Content-ID", ""), content))
    words = (words or _without_marks(markup))[:_MOST_WORDS]
    words = _SIGNATURE.sub("", words.replace("\r\n", "\n")).strip()
    # Logos of a signature are shown inside the words; they are no pages.
    kept = [(name, content) for name, mark, content in files if not _is_shown_in(markup, mark)]
    if len(kept) > _MOST_FILES:
        raise Refused("too_many_files")
    if words:
        kept.insert(0, ("", words.encode("utf-8", "replace")))
    if not kept:
        raise Refused("nothing_to_fax")
    names = []
    for number, (_, content) in enumerate(kept, start=1):
        names.append(f"{number:04}.raw")
        Path(names[-1]).write_bytes(content)
    return {"files": names, "names": [name for name, _ in kept]}


def _leaves(mail: Message) -> Iterator[Message]:
    """The parts that hold something, without climbing into what has no end."""
    waiting, seen = [(mail, 0)], 0
    while waiting:
        part, depth = waiting.pop(0)
        seen += 1
        if seen > _MOST_PARTS or depth > _MOST_DEPTH:
            raise Refused("too_complex")
        inside = part.get_payload()
        if isinstance(inside, list):
            children = [child for child in inside if isinstance(child, Message)]
            waiting[:0] = [(child, depth + 1) for child in children]
        else:
            yield part


def _name(part: Message) -> str:
    try:
        name = str(make_header(decode_header(part.get_filename() or "")))
    except (ValueError, LookupError):
        name = "file"
    name = _NO_LINE.sub(" ", name.encode("utf-8", "replace").decode())
    return name.replace("\\", "/").rpartition("/")[2].strip()[:120]


def _text(part: Message, content: bytes) -> str:
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _is_shown_in(markup: str, mark: str) -> bool:
    name = mark.strip().strip("<>")
    return bool(name) and f"cid:{name}" in markup


def _without_marks(markup: str) -> str:
    reader = _Words()
    reader.feed(markup)
    reader.close()
    lines = "".join(reader.words).split("\n")
    text = "\n".join(" ".join(line.split()) for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text)


class _Words(HTMLParser):
    """The words of a page, a line for each block."""

    _BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "table", "blockquote"})
    _SILENT = frozenset({"script", "style", "head", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._silent += tag in self._SILENT
        if tag in self._BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in self._SILENT))
        if tag in self._BLOCKS - {"br"}:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data.replace("\n", " "))
