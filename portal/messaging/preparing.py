"""Files made ready: looked at, converted to what telephones and browsers take, and kept.

Slow, and what is opened may be hostile: it happens behind the fence of ``documents``, outside any
transaction. The rows that name the files are written by ``files`` and ``media``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from portal import documents
from portal.core import storage
from portal.core.db import new_public_id
from portal.core.sentences import N_
from portal.documents import FileKind, Prepared, Unreadable
from portal.messaging.values import FileRow, FileState
from portal.rating.messages import MMS_FILE_BYTES, MMS_FILES

_THUMBNAIL = (560, 560)
_LONGEST_NAME = 120
_MOST_ARRIVED_BYTES = 5_000_000
_SENT_SOUND = "audio/mpeg"


@dataclass(frozen=True, slots=True)
class Room:
    """What a message still takes: how many files, and how many bytes of them."""

    files: int
    bytes: int

    @classmethod
    def beside(cls, files: list[FileRow]) -> Room:
        """The room that these leave."""
        left = MMS_FILE_BYTES - sum(file.bytes for file in files)
        return cls(MMS_FILES - len(files), left)


def for_sending(path: Path, *, name: str, room: Room) -> FileRow:
    """A file as the carrier takes it, within the room that is left; kept, with its thumbnail.

    A picture is scaled down, and leaves a fair share to those that may follow. Raises Unreadable.
    """
    if room.files < 1:
        raise Unreadable("too_many", N_("A message takes at most three files. Remove some."))
    kind = documents.identify(path)
    if kind.is_picture:
        made = documents.picture_for_mms(path, most_bytes=max(room.bytes // room.files, 1))
    elif kind.is_audio:
        made = documents.audio_for_mms(path, most_bytes=max(room.bytes, 1))
        if made.mime != _SENT_SOUND:
            made.path.unlink()
            raise Unreadable("audio_kind", N_("The carrier takes sound as MP3. Save it as MP3."))
    elif kind is FileKind.PDF:
        made = _as_pdf(path)
    else:
        raise Unreadable("mms_kind", N_("Choose a picture, a sound or a PDF."))
    if made.bytes > room.bytes:
        made.path.unlink()
        raise Unreadable(
            "too_large_to_send", N_("All files together may have at most 1.2 MB. Remove some.")
        )
    return _kept(made, name=name)


def as_arrived(path: Path) -> FileRow:
    """A file that came in, made anew where that is possible, and kept. Raises Unreadable."""
    kind = documents.identify(path)
    if kind.is_picture:
        made = documents.picture_for_mms(path, most_bytes=_MOST_ARRIVED_BYTES)
    elif kind.is_audio:
        made = documents.audio_for_mms(path, most_bytes=_MOST_ARRIVED_BYTES)
    elif kind is FileKind.PDF:
        made = _as_pdf(path)
    elif kind is FileKind.VCARD:  # plain words, never shown in place
        copy = storage.draft(ending=kind.ending)
        copy.write_bytes(path.read_bytes())
        made = Prepared(copy, kind.mime, 0, 0, copy.stat().st_size)
    else:
        raise Unreadable("mms_kind", N_("Choose a picture, a sound or a PDF."))
    return _kept(made, name="")


def _as_pdf(path: Path) -> Prepared:
    made = documents.rebuilt_pdf(path)
    return Prepared(made, FileKind.PDF.mime, 0, 0, made.stat().st_size)


def _kept(made: Prepared, *, name: str) -> FileRow:
    """Into the store, the thumbnail first: a file without one could not be shown."""
    thumbnail = ""
    if not made.mime.startswith(("audio/", "text/")):
        shown = documents.thumbnail(made.path, box=_THUMBNAIL)
        thumbnail = storage.keep(shown, ending="webp")
    return FileRow(
        public_id=new_public_id(),
        state=FileState.HERE,
        name=_plain_name(name),
        mime=made.mime,
        bytes=made.bytes,
        width=made.width,
        height=made.height,
        stored_as=storage.keep(made.path, ending=made.path.suffix.removeprefix(".")),
        thumbnail_as=thumbnail,
        problem="",
    )


def _plain_name(name: str) -> str:
    """The last part of a path that somebody's system sent, as far as it can be printed."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable())[:_LONGEST_NAME]
