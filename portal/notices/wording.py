"""A notice in a sentence, in the language of whoever reads it."""

from __future__ import annotations

import uuid

from flask_babel import gettext, ngettext

from portal.core.phone import international
from portal.notices.values import NoticeKind


def title(kind: str, who: str, times: int = 1) -> str:
    """What happened; several texts of one conversation are one sentence."""
    name = international(who) if who.startswith("+") else who
    said = {
        NoticeKind.FAX_RECEIVED.value: gettext("Fax from %(name)s", name=name),
        NoticeKind.FAX_SENT.value: gettext("Your fax to %(name)s arrived", name=name),
        NoticeKind.FAX_FAILED.value: gettext("Your fax to %(name)s failed", name=name),
    }.get(kind)
    if said is None and times > 1:
        said = ngettext(
            "%(num)s text from %(name)s", "%(num)s texts from %(name)s", times, name=name
        )
    return str(said or gettext("Text from %(name)s", name=name))


def place(kind: str, about: uuid.UUID) -> str:
    """Where one looks at it, below the portal's address."""
    return f"{'messages' if kind == NoticeKind.TEXT else 'faxes'}/{about}"
