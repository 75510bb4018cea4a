"""Saving a reseller's words, and going back to ours. In the caller's transaction."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from portal import branding, identity
from portal.core import clock, scope
from portal.core.db import insert_once, only_one, session
from portal.core.errors import InvalidInput, Refused
from portal.core.sentences import N_
from portal.identity import Visitor, one_line
from portal.wording import variables
from portal.wording.catalogue import WELCOME
from portal.wording.document import Document, from_delta
from portal.wording.models import Wording
from portal.wording.pictures import missing_pictures
from portal.wording.values import TextKind, UnknownNames

LONGEST_SUBJECT = 200


def checked(kind: TextKind, subject: str, document: Document) -> str:
    """The title on one line; InvalidInput (or UnknownNames) says by field what is wrong."""
    subject = one_line(subject)
    if not subject:
        raise InvalidInput(N_("Write a title."), field="subject")
    if len(subject) > LONGEST_SUBJECT:
        raise InvalidInput(N_("The title has at most 200 characters."), field="subject")
    if document.is_empty:
        raise InvalidInput(N_("Write the text."), field="body")
    for field, names in (
        ("subject", variables.NAME.findall(subject)),
        ("body", variables.names_in("", document)),
    ):
        if wrong := variables.unknown(names, kind.variables):
            raise UnknownNames(wrong, field=field)
    used = {name.lower() for name in variables.names_in("", document)}
    if not kind.needed <= used:
        raise InvalidInput(
            N_("Put [link] into the text: without the link nobody can go on."), field="body"
        )
    if missing_pictures(document):
        raise InvalidInput(
            N_("A picture in this text is not one of yours. Take it out and choose it again."),
            field="body",
        )
    return subject


def save_text(
    kind: TextKind,
    language: str,
    subject: str,
    document: Document,
    *,
    version: int,
    by: Visitor | None = None,
) -> None:
    """Let these be the bound reseller's words. ``version`` is the one they were written over.

    Refused when somebody else saved meanwhile; what is wrong with the words is told by field.
    """
    subject = checked(kind, subject, document)
    values = {
        "subject": subject,
        "delta": document.delta(),
        "updated_at": clock.now(),
        "updated_by_id": by.person_id if by else None,
    }
    where = (Wording.name == kind.name, Wording.language == language)
    if version == 0:
        row = {"reseller_id": scope.reseller_id(), "name": kind.name, "language": language}
        mine = insert_once(Wording, {**row, **values, "version": 1})
    else:
        mine = only_one(
            update(Wording)
            .where(*where, Wording.version == version)
            .values(version=version + 1, **values)
        )
    if not mine:
        raise Refused(
            N_("Somebody else saved this text meanwhile. Copy your words and reload the page.")
        )
    _keep_colours()
    identity.record("wording.saved", by=by, text=kind.name, language=language)


def forget_text(kind: TextKind, language: str, *, by: Visitor | None = None) -> None:
    """Use our own words again; twice is once."""
    gone = only_one(delete(Wording).where(Wording.name == kind.name, Wording.language == language))
    if gone:
        _keep_colours()
        identity.record("wording.reset", by=by, text=kind.name, language=language)


def _keep_colours() -> None:
    """The brand's style sheet has a class for every free colour of a text that pages show."""
    deltas = session().scalars(select(Wording.delta).where(Wording.name == WELCOME.name))
    found = {colour for delta in deltas for colour in from_delta(delta).free_colours}
    branding.set_text_colours(sorted(found))
