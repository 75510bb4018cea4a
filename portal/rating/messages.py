"""Text messages: what the carrier takes as SMS or MMS, counted in bytes, and what one costs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, NamedTuple, TypeAlias

from portal.core.money import Money

SMS_BYTES: Final = 160
MMS_BYTES: Final = 2_048
MMS_FILES: Final = 3
MMS_FILE_BYTES: Final = 1_200_000  # all files together: the carrier's "about 1.2 MB"
MOST_PARTS: Final = 10

Direction: TypeAlias = Literal["out", "in"]
Choice: TypeAlias = Literal["", "sms", "mms", "parts"]

# What goes with the character before it, never at the beginning of a part.
_STAYS = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
    "\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
_JOINER: Final = "\u200d"
_FLAG_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]")
_SPACES: Final = " \t\n\v\f\u00a0"  # what a text neither begins nor ends with
_BREAKS: Final = " \t\n"
# The spaces at a cut; one that carries an accent is no space.
_CUT = re.compile(f"[{_BREAKS}]+(?!{_STAYS.pattern})")


class Kind(StrEnum):
    SMS = "sms"
    MMS = "mms"


class Reason(StrEnum):
    """Why a message cannot be sent as it is."""

    EMPTY = "empty"
    LONGER_THAN_SMS = "longer_than_sms"
    TEXT_TOO_LONG = "text_too_long"
    TOO_MANY_PARTS = "too_many_parts"
    TOO_MANY_FILES = "too_many_files"
    FILES_TOO_LARGE = "files_too_large"


class Counted(NamedTuple):
    """kind is None when the message is refused, and reasons says why (all that apply).

    free_bytes is how many more fit before the message becomes an MMS or too long.
    """

    kind: Kind | None
    text_bytes: int
    free_bytes: int
    reasons: tuple[Reason, ...]


class Plan(NamedTuple):
    """What a text and its files are sent as, and what all of it costs.

    kind is None when it cannot go out, and reasons says why. parts are the texts of the messages
    that go out, one charge each; price is the sum.
    """

    kind: Kind | None
    parts: tuple[str, ...]
    bytes: int
    price: Money
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class MessageFees:
    """What one message costs at a number, by direction and kind."""

    sms_out: Money
    sms_in: Money
    mms_out: Money
    mms_in: Money


def as_sent(text: str) -> str:
    """The text as it goes out: line ends are one character, half characters become U+FFFD.

    Browsers count "\\n" and send "\\r\\n"; both sides count what is sent.
    """
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return unified.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def byte_count(text: str) -> int:
    """UTF-8 bytes of the text as sent; the carrier counts bytes, not characters."""
    return len(as_sent(text).encode())


def count(text: str, file_sizes: Sequence[int] = ()) -> Counted:
    """What a message of this text and these files (sizes in bytes) is: SMS, MMS or refused.

    Up to 160 bytes without files is an SMS; longer, or with files, an MMS of at most 2,048 bytes
    and three files of 1.2 MB together.
    """
    size = byte_count(text)
    reasons = []
    if size == 0 and not file_sizes:
        reasons.append(Reason.EMPTY)
    if size > MMS_BYTES:
        reasons.append(Reason.TEXT_TOO_LONG)
    if len(file_sizes) > MMS_FILES:
        reasons.append(Reason.TOO_MANY_FILES)
    if sum(file_sizes) > MMS_FILE_BYTES:
        reasons.append(Reason.FILES_TOO_LARGE)
    kind = Kind.MMS if file_sizes or size > SMS_BYTES else Kind.SMS
    limit = MMS_BYTES if kind is Kind.MMS else SMS_BYTES
    return Counted(None if reasons else kind, size, max(limit - size, 0), tuple(reasons))


def plan(
    text: str,
    file_sizes: Sequence[int] = (),
    *,
    choice: Choice = "",
    sms: Money,
    mms: Money,
) -> Plan:
    """How a message goes out at these prices.

    What fits into one SMS is one, and files make an MMS, whatever was chosen. A longer text is an
    MMS or several SMS only when the sender chose so: both cost more than they may expect.
    """
    words = trimmed(text)
    counted = count(words, file_sizes)
    reasons = list(counted.reasons)
    parts: tuple[str, ...] = (words,)
    kind = counted.kind
    if counted.text_bytes > SMS_BYTES and not file_sizes:
        if choice == "parts":
            kind, parts, reasons = Kind.SMS, split(words), []
            if len(parts) > MOST_PARTS:
                reasons = [Reason.TOO_MANY_PARTS]
        elif choice != "mms":
            reasons = [Reason.LONGER_THAN_SMS]
    if reasons or kind is None:
        return Plan(None, (), counted.text_bytes, Money(0), tuple(reasons))
    price = Money((sms if kind is Kind.SMS else mms).micros * len(parts))
    return Plan(kind, parts, counted.text_bytes, price, ())


def trimmed(text: str) -> str:
    """The text as sent, without the white space around it, which nobody pays for."""
    return as_sent(text).strip(_SPACES)


def split(text: str) -> tuple[str, ...]:
    """Cut a text into parts of at most 160 bytes, at a space where there is one.

    No character is cut, nor what is one for the reader: a flag, a family, a letter and its accent.
    The spaces at a cut go; nothing else is lost. It ends after one part more than can be sent, so
    that a text of any length is refused at once.
    """
    parts: list[str] = []
    rest, at = trimmed(text), 0
    while at < len(rest) and len(parts) <= MOST_PARTS:
        taken = _fitting(_characters(rest, at))
        if part := taken.rstrip(_BREAKS):
            parts.append(part)
        at += len(taken)
        if spaces := _CUT.match(rest, at):
            at = spaces.end()
    return tuple(parts)


def _fitting(characters: Iterator[str]) -> str:
    """As many of these as make the next part."""
    fitting: list[str] = []
    size = 0
    for character in characters:
        size += len(character.encode())
        if size > SMS_BYTES:
            if character in _BREAKS:
                break
            spaces = (at for at in range(len(fitting) - 1, 0, -1) if fitting[at] in _BREAKS)
            return "".join(fitting[: next(spaces, len(fitting))])
        fitting.append(character)
    return "".join(fitting)


def _characters(text: str, at: int) -> Iterator[str]:
    """What a reader takes for one character, as long as that fits into a part at all."""
    last = text[at]
    for place in range(at + 1, len(text)):
        point = text[place]
        pairs = _FLAG_LETTER.match(point) and len(last) == 1 and _FLAG_LETTER.match(last)
        joined = _STAYS.match(point) or last.endswith(_JOINER) or pairs
        if joined and len((last + point).encode()) <= SMS_BYTES:
            last += point
        else:
            yield last
            last = point
    yield last


def fee(fees: MessageFees, kind: Kind, direction: Direction) -> Money:
    """The price of one message at a number's fees."""
    if kind is Kind.SMS:
        return fees.sms_out if direction == "out" else fees.sms_in
    return fees.mms_out if direction == "out" else fees.mms_in
