"""The one text that is no mail; the mails are in ``portal.mail.catalogue``."""

from __future__ import annotations

from portal.wording.values import TextKind

COMMON = frozenset({"firstname", "lastname", "company", "brand", "portal_url"})
WELCOME = TextKind("welcome", COMMON)
