"""Texts to begin with, shared by a client's team, in the order the team gave them."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select, update

from portal.core import clock
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.sentences import N_
from portal.identity import one_line
from portal.messaging.privacy import refuse_hidden, shown, texts_hidden
from portal.prepared import variables
from portal.prepared.models import MessageTemplate
from portal.prepared.values import LONGEST_TEXT, MOST_TEMPLATES, TemplateRow

_LONGEST_NAME = 60


def templates(client_id: int) -> list[TemplateRow]:
    """All of a client's, in their order."""
    rows = session().execute(
        select(MessageTemplate.public_id, MessageTemplate.name, shown(MessageTemplate.text))
        .where(MessageTemplate.client_id == client_id)
        .order_by(MessageTemplate.position, MessageTemplate.id)
    )
    return [TemplateRow._make(row) for row in rows]


def template(client_id: int, public_id: uuid.UUID) -> TemplateRow:
    """One of them; NotFound when it is not theirs."""
    row = _row(client_id, public_id)
    return TemplateRow(row.public_id, row.name, "" if texts_hidden() else row.text)


def add_template(client_id: int, name: str, text: str) -> uuid.UUID:
    """A new one, at the end. Raises InvalidInput (``name``, ``text``), UnknownVariable."""
    name, text = _checked(name, text)
    last = session().execute(
        select(func.count(MessageTemplate.id), func.max(MessageTemplate.position)).where(
            MessageTemplate.client_id == client_id
        )
    ).one()  # fmt: skip
    if last[0] >= MOST_TEMPLATES:
        raise Refused(N_("There are 100 templates. Delete one first."), code="too_many")
    row = MessageTemplate(client_id=client_id, name=name, text=text, position=(last[1] or 0) + 1)
    session().add(row)
    session().flush()
    return row.public_id


def save_template(client_id: int, public_id: uuid.UUID, name: str, text: str) -> None:
    """Change it."""
    refuse_hidden()
    row = _row(client_id, public_id)
    row.name, row.text = _checked(name, text)
    row.updated_at = clock.now()
    session().flush()


def delete_template(client_id: int, public_id: uuid.UUID) -> TemplateRow:
    """Take it away; what it was."""
    row = _row(client_id, public_id)
    session().delete(row)
    session().flush()
    return TemplateRow(row.public_id, row.name, row.text)


def move_template(client_id: int, public_id: uuid.UUID, *, up: bool) -> None:
    """One place up or down; at the end of the list nothing happens."""
    order = [one.public_id for one in templates(client_id)]
    if public_id not in order:
        raise NotFound("There is no such template.")
    at = order.index(public_id)
    to = at - 1 if up else at + 1
    if 0 <= to < len(order):
        order[at], order[to] = order[to], order[at]
    for position, one in enumerate(order, 1):
        session().execute(
            update(MessageTemplate)
            .where(MessageTemplate.public_id == one, MessageTemplate.client_id == client_id)
            .values(position=position),
            execution_options={"synchronize_session": False},
        )


def _checked(name: str, text: str) -> tuple[str, str]:
    name, text = one_line(name), text.replace("\r\n", "\n").strip()
    if not name:
        raise InvalidInput(N_("Give the template a name."), field="name")
    if len(name) > _LONGEST_NAME:
        raise InvalidInput(N_("A name has at most 60 characters."), field="name")
    if not text:
        raise InvalidInput(N_("Write a message first."), field="text")
    if len(text) > LONGEST_TEXT or "\x00" in text:
        raise InvalidInput(N_("This is too long."), field="text")
    variables.check(text)
    return name, text


def _row(client_id: int, public_id: uuid.UUID) -> MessageTemplate:
    row: MessageTemplate | None = session().scalar(
        select(MessageTemplate).where(
            MessageTemplate.public_id == public_id, MessageTemplate.client_id == client_id
        )
    )
    if row is None:
        raise NotFound("There is no such template.")
    return row
