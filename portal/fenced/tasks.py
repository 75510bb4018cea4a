"""The tasks by name; each takes the open file and says what it made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO, Final

from portal.fenced import fax, kinds, mails, pictures, probing, sound

Task = Callable[..., dict[str, Any]]


def _identify(file: BinaryIO) -> dict[str, Any]:
    return {"kind": kinds.kind_of(file)}


def _check_office(file: BinaryIO) -> dict[str, Any]:
    return {"ending": kinds.check_office(file)}


TASKS: Final[dict[str, Task]] = {
    "identify": _identify,
    "check_office": _check_office,
    "fax_pages": fax.fax_pages,
    "fax_pdf": fax.fax_pdf,
    "joined_pdf": fax.joined_pdf,
    "page_pictures": pictures.page_pictures,
    "rebuilt_pdf": pictures.rebuilt_pdf,
    "picture_for_mms": pictures.picture_for_mms,
    "thumbnail": pictures.thumbnail,
    "mail_parts": mails.mail_parts,
    "audio_for_mms": sound.audio_for_mms,
    "probe": probing.probe,
}
