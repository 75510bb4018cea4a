"""From a call, a text or a fax to what stands in the books for it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence

from portal import calls, ledger


def of_call(client_id: int, call: uuid.UUID, url: Callable[[uuid.UUID], str]) -> str:
    """The page of what a call cost; empty where nothing was posted, or it is not for this person."""
    key = calls.key_of(call)
    return _url(ledger.postings_of(client_id, "call", [key]) if key else {}, url)


def of_text(client_id: int, text: uuid.UUID, url: Callable[[uuid.UUID], str]) -> str:
    """The same of a text."""
    return _url(ledger.postings_of(client_id, "message", [str(text)]), url)


def of_faxes(faxes: Sequence[uuid.UUID]) -> Mapping[str, uuid.UUID]:
    """What was posted for faxes of any client, by their names."""
    return ledger.postings_of(None, "fax", [str(one) for one in faxes])


def _url(found: Mapping[str, uuid.UUID], url: Callable[[uuid.UUID], str]) -> str:
    return next(map(url, found.values()), "")
