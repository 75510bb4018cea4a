"""Where a link in a text may lead."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from portal.core.errors import InvalidInput
from portal.core.sentences import N_

SCHEMES = frozenset({"https", "http", "mailto", "tel"})
# A variable that stands for an address may be a link's target as a whole.
VARIABLE = re.compile(r"\[(link|portal_url)\]", re.IGNORECASE)
_LONGEST = 2_000
_MAIL = re.compile(r"[^\s@/?#]+@[^\s@/?#]+(\?[\x21-\x7e]*)?")
_PHONE = re.compile(r"\+?[0-9()*#.\-]{2,32}")
_WRONG = N_("A link starts with https://, http://, mailto: or tel:.")


def checked_link(address: object) -> str:
    """The address, or InvalidInput: no other schemes, nothing hidden, no login in it."""
    if not isinstance(address, str) or not 0 < len(address) <= _LONGEST:
        raise InvalidInput(_WRONG, field="body")
    if VARIABLE.fullmatch(address):
        return address.lower()
    if not address.isprintable() or re.search(r"[\s\\<>\"`^{}|]", address):
        raise InvalidInput(_WRONG, field="body")
    try:
        parts = urlsplit(address)
        host, user = parts.hostname, parts.username
    except ValueError as error:
        raise InvalidInput(_WRONG, field="body") from error
    rest = address.partition(":")[2]
    if parts.scheme in {"http", "https"}:
        fine = bool(host) and user is None and rest.startswith("//")
    elif parts.scheme == "mailto":
        fine = _MAIL.fullmatch(rest) is not None
    else:
        fine = parts.scheme == "tel" and _PHONE.fullmatch(rest) is not None
    if not fine:
        raise InvalidInput(_WRONG, field="body")
    return address
