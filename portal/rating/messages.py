"""Text messages: what the carrier takes as SMS or MMS, counted in bytes, and what one costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, NamedTuple, TypeAlias

from portal.core.money import Money

SMS_BYTES: Final = 160
MMS_BYTES: Final = 2_048
MMS_FILES: Final = 3
MMS_FILE_BYTES: Final = 1_200_000  # all files together: the carrier's "about 1.2 MB"

Direction: TypeAlias = Literal["out", "in"]


class Kind(StrEnum):
    SMS = "sms"
    MMS = "mms"


class Reason(StrEnum):
    """Why a message cannot be sent as it is."""

    EMPTY = "empty"
    TEXT_TOO_LONG = "text_too_long"
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


def fee(fees: MessageFees, kind: Kind, direction: Direction) -> Money:
    """The price of one message at a number's fees."""
    if kind is Kind.SMS:
        return fees.sms_out if direction == "out" else fees.sms_in
    return fees.mms_out if direction == "out" else fees.mms_in
