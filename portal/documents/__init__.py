"""Files of strangers: what they are, and what can be made of them.

Nothing is parsed in the calling process: each file is opened in a process of its own, with bounded
time and memory, no network, and no sight of the portal's files (``portal.fenced``). What comes back
is judged by itself, never by how the process ended. Each function raises ``Unreadable`` with a
sentence for the client, and takes up to some seconds: call it with no transaction open.

Files that are given back are drafts of ``core.storage``: keep or delete them.
"""

from portal.documents.office import office_available
from portal.documents.reading import (
    audio_for_mms,
    fax_pages,
    fax_pdf,
    identify,
    joined_pdf,
    mail_parts,
    page_pictures,
    picture_for_mms,
    rebuilt_pdf,
    thumbnail,
)
from portal.documents.values import (
    FAX_WIDTH,
    MOST_FAX_PAGES,
    MOST_MAIL_BYTES,
    MOST_UPLOAD_BYTES,
    FileKind,
    Page,
    Paper,
    Prepared,
    Quality,
    Unreadable,
)

__all__ = [
    "FAX_WIDTH",
    "MOST_FAX_PAGES",
    "MOST_MAIL_BYTES",
    "MOST_UPLOAD_BYTES",
    "FileKind",
    "Page",
    "Paper",
    "Prepared",
    "Quality",
    "Unreadable",
    "audio_for_mms",
    "fax_pages",
    "fax_pdf",
    "identify",
    "joined_pdf",
    "mail_parts",
    "office_available",
    "page_pictures",
    "picture_for_mms",
    "rebuilt_pdf",
    "thumbnail",
]
