"""The sentence for each reason why a file is refused; the fence answers with the reason only."""

from __future__ import annotations

from typing import Final

from portal.core.sentences import N_
from portal.documents.values import Unreadable

SENTENCES: Final = {
    "animated": N_("This moving picture is too large to send. Choose a shorter one."),
    "audio_kind": N_("Phones take sound as MP3, AMR, Ogg or WAV. Save it as one of these."),
    "damaged": N_("This file is damaged. Save it again and try once more."),
    "empty": N_("This file is empty."),
    "heic": N_("HEIC and AVIF pictures cannot be read here. Save it as JPEG and try again."),
    "kind": N_("This kind of file is not taken. Choose a PDF, a picture, a text or a document."),
    "nothing_to_fax": N_("This mail holds no words and no file."),
    "no_office": N_(
        "Word and OpenDocument files cannot be converted on this server. Save it as PDF."
    ),
    "no_pages": N_("There is no page in this file."),
    "office_failed": N_("This document could not be converted. Save it as PDF and try again."),
    "old_office": N_("Old Office files (.doc, .xls) are not taken. Save it as PDF or .docx."),
    "password": N_("This file is protected by a password. Save it without one and try again."),
    "picture_kind": N_("Choose a PNG, JPEG, WebP or GIF picture."),
    "program": N_("Programs and archives are not taken. Choose a document or a picture."),
    "svg": N_("SVG pictures can carry scripts, so they are not taken. Save it as PNG."),
    "too_complex": N_("This file is too complex to open here. Save it as a simpler PDF."),
    "too_large": N_("This file is larger than 20 MB."),
    "too_large_to_send": N_("This file cannot be made small enough to send."),
    "too_many_files": N_("A fax has at most 20 files."),
    "too_long": N_("This recording is too long to send."),
    "too_many_pages": N_("This file has more than 200 pages. Send it in parts."),
    "too_many_pixels": N_("This picture has more than 25 million pixels. Make it smaller."),
    "too_slow": N_("This file took too long to open. Save it as a simpler PDF."),
    "video": N_("Videos are not taken. Choose a picture or a sound."),
    "web_page": N_("Web pages are not taken. Print it as PDF first."),
}


def refusal(code: str) -> Unreadable:
    """The refusal of that name; a name we do not know means a damaged file."""
    code = code if code in SENTENCES else "damaged"
    return Unreadable(code, SENTENCES[code])
