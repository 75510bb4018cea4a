"""Files of messages as templates want them."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext

from portal.documents.refusals import refusal
from portal.messaging import FileRow, FileState
from portal.web import filters

# The width of a picture in a bubble, in CSS pixels, and how high it may become.
_WIDTH, _HIGHEST = 262, 350
_SHOWN = {"image/png", "image/jpeg", "image/webp"}
_PLAYED = "audio/mpeg"


def looks(file: FileRow) -> dict[str, Any]:
    """What a bubble or the composer shows of a file.

    kind is waiting, lost, picture, sound or document; url where it is, thumbnail a small picture
    of it with width and height, words its name or why it is not there.
    """
    if file.state != FileState.HERE:
        return {"kind": "waiting" if file.state == FileState.WAITING else "lost"} | {
            "words": _why_not(file)
        }
    own: dict[str, Any] = {"public_id": file.public_id}
    width, height = _box(file)
    return {
        "public_id": str(file.public_id),
        "kind": _kind(file),
        "words": file.name or _name(file),
        "size": filters.size(file.bytes),
        "bytes": file.bytes,
        "url": url_for(".message_file", **own),
        "thumbnail": url_for(".message_thumbnail", **own) if file.thumbnail_as else "",
        "width": width,
        "height": height,
        "views": file.mime in _SHOWN,
    }


def _kind(file: FileRow) -> str:
    if file.is_picture:
        return "picture"
    return "sound" if file.mime == _PLAYED else "document"


def _name(file: FileRow) -> str:
    if file.is_picture:
        return gettext("Photo")
    return gettext("Voice message") if file.is_sound else gettext("File")


def _why_not(file: FileRow) -> str:
    if file.state == FileState.WAITING:
        return gettext("A file is on its way.")
    if file.state == FileState.GONE:
        return gettext("The carrier does not have this file any more.")
    if file.problem == "too_large":
        return gettext("A file was too large to be fetched.")
    if file.problem == "forbidden":
        return gettext("A file lies where it must not be fetched from.")
    sentence = gettext(refusal(file.problem).message)
    return gettext("A file was not let in: %(reason)s", reason=sentence)


def _box(file: FileRow) -> tuple[int, int]:
    if not (file.width and file.height):
        return _WIDTH, 180
    height = round(_WIDTH * file.height / file.width)
    return _WIDTH, min(max(height, 60), _HIGHEST)
