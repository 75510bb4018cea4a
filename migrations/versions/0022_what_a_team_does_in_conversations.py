"""Conversations are archived, deleted and given to somebody; texts are found without their accents."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIMES = (
    ("conversations", "archived_at"),
    ("conversations", "deleted_at"),
    ("messages", "deleted_at"),
)
_MESSAGES = sa.table(
    "messages", sa.column("id", _BIG), sa.column("text", sa.Text), sa.column("search_text", sa.Text)
)
_ROWS = 2_000


def upgrade() -> None:
    for table, column in _TIMES:
        op.add_column(table, sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversations", sa.Column("assigned_to_id", sa.Integer(), nullable=True))
    op.add_column(
        "messages", sa.Column("search_text", sa.Text(), nullable=False, server_default="")
    )
    op.create_table(
        "conversation_entries",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", _BIG, nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                name=op.f(f"fk_conversation_entries_{column}_{table}"),
            )
            for column, table in (
                ("conversation_id", "conversations"),
                ("did_id", "dids"),
                ("person_id", "people"),
                ("other_id", "people"),
                ("client_id", "clients"),
                ("reseller_id", "resellers"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_entries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_conversation_entries_public_id")),
    )
    op.create_index(
        "ix_conversation_entries_thread",
        "conversation_entries",
        ["reseller_id", "conversation_id", "at"],
        unique=False,
    )
    _fill()


def downgrade() -> None:
    op.drop_index("ix_conversation_entries_thread", table_name="conversation_entries")
    op.drop_table("conversation_entries")
    op.drop_column("messages", "search_text")
    op.drop_column("conversations", "assigned_to_id")
    for table, column in reversed(_TIMES):
        op.drop_column(table, column)


def _fill() -> None:
    """Some thousand texts at a time, in the order of their keys: a million fits into no memory."""
    connection, last = op.get_bind(), 0
    change = (
        sa.update(_MESSAGES)
        .where(_MESSAGES.c.id == sa.bindparam("row"))
        .values(search_text=sa.bindparam("folded"))
    )
    while rows := connection.execute(
        sa.select(_MESSAGES.c.id, _MESSAGES.c.text)
        .where(_MESSAGES.c.id > last)
        .order_by(_MESSAGES.c.id)
        .limit(_ROWS)
    ).all():
        connection.execute(change, [{"row": key, "folded": _folded(text)} for key, text in rows])
        last = rows[-1].id


def _folded(text: str) -> str:
    """As portal.identity.spelling spelled it when this was written."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    apart = unicodedata.normalize("NFKD", " ".join(plain.split()).casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
