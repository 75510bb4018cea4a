"""What a file turned out to be, what was made of it, and why it was refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal

from portal.core.errors import DomainError

Paper = Literal["letter", "a4"]
Quality = Literal["fine", "standard"]

MOST_UPLOAD_BYTES: Final = 20_000_000
# What is in a mail grows by a third on its way.
MOST_MAIL_BYTES: Final = 30_000_000
MOST_FAX_PAGES: Final = 200
FAX_WIDTH: Final = 1728


class FileKind(StrEnum):
    """What a file is by its content; a name or a browser's word never counts."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpg"
    GIF = "gif"
    WEBP = "webp"
    TIFF = "tif"
    DOCX = "docx"
    ODT = "odt"
    XLSX = "xlsx"
    TEXT = "txt"
    VCARD = "vcf"
    MP3 = "mp3"
    AMR = "amr"
    WAV = "wav"
    OGG = "ogg"

    @property
    def mime(self) -> str:
        """The media type to store and to serve it under."""
        return _MIMES[self]

    @property
    def ending(self) -> str:
        """The ending of its name, without the dot."""
        return self.value

    @property
    def is_picture(self) -> bool:
        """Can it be shown as a picture, or be made one page of a fax?"""
        return self in _PICTURES

    @property
    def is_audio(self) -> bool:
        """Is it sound?"""
        return self in _AUDIO

    @property
    def is_office(self) -> bool:
        """Does it need LibreOffice?"""
        return self in _OFFICE

    @property
    def can_be_faxed(self) -> bool:
        """Can pages be made of it on this kind of server (Office files: where LibreOffice is)?"""
        return self.is_picture or self.is_office or self in {FileKind.PDF, FileKind.TEXT}


_MIMES: Final = {
    FileKind.PDF: "application/pdf",
    FileKind.PNG: "image/png",
    FileKind.JPEG: "image/jpeg",
    FileKind.GIF: "image/gif",
    FileKind.WEBP: "image/webp",
    FileKind.TIFF: "image/tiff",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.ODT: "application/vnd.oasis.opendocument.text",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.TEXT: "text/plain",
    FileKind.VCARD: "text/vcard",
    FileKind.MP3: "audio/mpeg",
    FileKind.AMR: "audio/amr",
    FileKind.WAV: "audio/wav",
    FileKind.OGG: "audio/ogg",
}
_PICTURES: Final = {
    FileKind.PNG,
    FileKind.JPEG,
    FileKind.GIF,
    FileKind.WEBP,
    FileKind.TIFF,
}
_AUDIO: Final = {FileKind.MP3, FileKind.AMR, FileKind.WAV, FileKind.OGG}
_OFFICE: Final = {FileKind.DOCX, FileKind.ODT, FileKind.XLSX}


class Unreadable(DomainError):
    """A file was refused; ``code`` is for programs, the message a sentence for the client."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence, code=code)


@dataclass(frozen=True, slots=True)
class Page:
    """One page as the receiver will see it: a 1-bit PNG, a draft of the store.

    At 204×98 dots its dots are twice as high as wide: show it by the paper's proportions.
    """

    path: Path
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file made fit to send: a draft of the store. Sound has no width and height, but seconds."""

    path: Path
    mime: str
    width: int
    height: int
    bytes: int
    seconds: int = 0
