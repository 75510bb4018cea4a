"""Cards as telephones and mail programs write them: vCard 2.1, 3 and 4, read piece by piece, and written.

Nothing of a card is believed: pictures, sounds and keys are passed over unread, every field is cut to
its length, and a card that makes no sense is left out without the others.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator

from portal.contacts.values import LONGEST, MOST_NUMBERS, ContactCard, NumberKind
from portal.core.errors import InvalidInput
from portal.core.sentences import N_
from portal.identity.spelling import one_line

MOST_BYTES = 5_000_000
MOST_CARDS = 10_000
_LONGEST_LINE = 20_000
_READ = {"FN", "N", "ORG", "TEL", "EMAIL", "NOTE", "CATEGORIES", "LANG"}
_LINE = re.compile(r"(?:[\w-]+\.)?([A-Za-z-]+)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)", re.S)
_ESCAPED = re.compile(r"\\(.)", re.S)
_SPLIT = {";": re.compile(r"(?<!\\);"), ",": re.compile(r"(?<!\\),")}
_MOBILE, _FAX = ("CELL", "MOBILE", "IPHONE"), ("FAX",)


def read_cards(content: bytes) -> list[dict[str, str]]:
    """Each card as the fields of an import; raises InvalidInput for the field ``file``."""
    if len(content) > MOST_BYTES:
        raise InvalidInput(N_("The file is too large. At most 5 MB can be read."), field="file")
    found: list[dict[str, str]] = []
    card: list[str] | None = None
    for line in _unfolded(_decoded(content)):
        word = line.strip().upper()
        if word == "BEGIN:VCARD":
            card = []
        elif word == "END:VCARD" and card is not None:
            found.append(_fields(card))
            card = None
            if len(found) > MOST_CARDS:
                raise InvalidInput(N_("There are more than 10,000 cards."), field="file")
        elif card is not None:
            card.append(line)
    if not found:
        raise InvalidInput(N_("There is no card in this file."), field="file")
    return found


def write_card(card: ContactCard) -> str:
    """One contact as vCard 3.0, which every program reads."""
    first, _, last = card.name.rpartition(" ")
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"FN:{_escaped(card.name)}"]
    lines.append(f"N:{_escaped(last)};{_escaped(first)};;;")
    if card.company:
        lines.append(f"ORG:{_escaped(card.company)}")
    words = {NumberKind.MOBILE: "CELL", NumberKind.FAX: "FAX", NumberKind.OTHER: "VOICE"}
    lines += [f"TEL;TYPE={words[one.kind]}:{one.number}" for one in card.numbers]
    if card.email:
        lines.append(f"EMAIL:{_escaped(card.email)}")
    if card.note:
        lines.append(f"NOTE:{_escaped(card.note)}")
    if card.groups:
        lines.append("CATEGORIES:" + ",".join(_escaped(name) for name in card.groups.values()))
    lines += [f"REV:{card.updated_at:%Y%m%dT%H%M%SZ}", "END:VCARD", ""]
    return "\r\n".join(_folded(line) for line in lines)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _unfolded(text: str) -> Iterator[str]:
    """Whole lines: a space at the beginning continues one, as does "=" at the end of a quoted one."""
    line = ""
    for part in re.split(r"\r\n|\r|\n", text):
        quoted = "QUOTED-PRINTABLE" in line[:200].upper() and line.endswith("=")
        if quoted:
            line = line[:-1] + part
        elif part[:1] in (" ", "\t") and line:
            line += part[1:]
        else:
            yield line[:_LONGEST_LINE]
            line = part
        line = line[: _LONGEST_LINE + 1]
    yield line[:_LONGEST_LINE]


def _fields(lines: list[str]) -> dict[str, str]:
    got: dict[str, list[tuple[str, str]]] = {}
    for line in lines[:500]:
        found = _LINE.fullmatch(line)
        if found is None or found.group(1).upper() not in _READ:
            continue
        name, words = found.group(1).upper(), found.group(2).upper()
        got.setdefault(name, []).append((words, _value(found.group(3), words)))
    numbers: dict[str, list[str]] = {"mobile": [], "fax": [], "phone": []}
    for words, value in got.get("TEL", ())[:MOST_NUMBERS]:
        kind = "fax" if any(w in words for w in _FAX) else "phone"
        kind = "mobile" if any(w in words for w in _MOBILE) else kind
        numbers[kind].append(one_line(_plain(value))[:40])
    return {
        "name": _name(got)[: LONGEST["name"]],
        "company": one_line(_plain(_pieces(_first(got, "ORG"), ";")[0]))[: LONGEST["company"]],
        "email": one_line(_plain(_first(got, "EMAIL")))[: LONGEST["email"]],
        "note": _plain(_first(got, "NOTE"))[: LONGEST["note"]],
        "language": _first(got, "LANG")[:2].lower(),
        "groups": "; ".join(
            one_line(_plain(one))[:60] for one in _pieces(_first(got, "CATEGORIES"), ",") if one
        ),
        **{kind: "; ".join(found) for kind, found in numbers.items()},
    }


def _name(got: dict[str, list[tuple[str, str]]]) -> str:
    full = one_line(_plain(_first(got, "FN")))
    if full:
        return full
    pieces = [one_line(_plain(one)) for one in _pieces(_first(got, "N"), ";")] + ["", "", ""]
    last, first, middle = pieces[:3]
    return " ".join(filter(None, (first, middle, last)))


def _value(raw: str, words: str) -> str:
    if "QUOTED-PRINTABLE" in words:
        plain = quopri.decodestring(raw.encode("latin-1", "replace"))
        try:
            return plain.decode("utf-8")
        except UnicodeDecodeError:
            return plain.decode("cp1252", "replace")
    return raw.removeprefix("tel:")


def _first(got: dict[str, list[tuple[str, str]]], name: str) -> str:
    return got[name][0][1] if name in got else ""


def _pieces(value: str, sign: str) -> list[str]:
    return _SPLIT[sign].split(value)[:20]


def _plain(value: str) -> str:
    text = _ESCAPED.sub(lambda found: "\n" if found.group(1) in "nN" else found.group(1), value)
    return text.replace("\x00", "").strip()


def _escaped(text: str) -> str:
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Lines of at most 75 bytes, never cut inside a character."""
    parts, size = [""], 0
    for letter in line:
        width = len(letter.encode())
        if size + width > 74:
            parts.append(" ")
            size = 1
        parts[-1] += letter
        size += width
    return "\r\n".join(parts)
