"""Contacts are a phonebook that texts, calls and faxes share; conversations only had a name."""

from __future__ import annotations

import unicodedata
import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("company", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.String(length=60), nullable=False),
        sa.Column("search_key", sa.String(length=800), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        *_owners("contacts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_contacts_public_id")),
    )
    op.create_index(
        "ix_contacts_by_name", "contacts", ["reseller_id", "client_id", "sort_name", "id"]
    )
    op.create_index(
        "ix_contacts_by_change", "contacts", ["reseller_id", "client_id", "updated_at", "id"]
    )
    op.create_table(
        "contact_numbers",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("contact_id", _BIG, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *_owners("contact_numbers"),
        _belongs("contact_numbers", "contact_id", "contacts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_numbers")),
        sa.UniqueConstraint(
            "reseller_id",
            "client_id",
            "number",
            name=op.f("uq_contact_numbers_reseller_id_client_id_number"),
        ),
    )
    op.create_index("ix_contact_numbers_contact", "contact_numbers", ["contact_id"])
    op.create_table(
        "contact_groups",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        *_owners("contact_groups"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_groups")),
        sa.UniqueConstraint("public_id", name=op.f("uq_contact_groups_public_id")),
        sa.UniqueConstraint(
            "reseller_id",
            "client_id",
            "key",
            name=op.f("uq_contact_groups_reseller_id_client_id_key"),
        ),
    )
    op.create_table(
        "contact_members",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("group_id", _BIG, nullable=False),
        sa.Column("contact_id", _BIG, nullable=False),
        *_owners("contact_members"),
        _belongs("contact_members", "group_id", "contact_groups"),
        _belongs("contact_members", "contact_id", "contacts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_members")),
        sa.UniqueConstraint(
            "group_id", "contact_id", name=op.f("uq_contact_members_group_id_contact_id")
        ),
    )
    op.create_index("ix_contact_members_contact", "contact_members", ["contact_id"])
    _take_names_over()
    op.drop_column("conversations", "contact_name")


def downgrade() -> None:
    op.add_column(
        "conversations",
        sa.Column("contact_name", sa.String(length=80), nullable=False, server_default=""),
    )
    op.execute(
        "UPDATE conversations SET contact_name = COALESCE("
        "(SELECT substr(contacts.name, 1, 80) FROM contacts"
        " JOIN contact_numbers ON contact_numbers.contact_id = contacts.id"
        " WHERE contact_numbers.reseller_id = conversations.reseller_id"
        " AND contact_numbers.client_id = conversations.client_id"
        " AND contact_numbers.number = conversations.contact), '')"
    )
    for table in ("contact_members", "contact_groups", "contact_numbers", "contacts"):
        op.drop_table(table)


def _owners(table: str) -> tuple[sa.Column[int] | sa.ForeignKeyConstraint, ...]:
    return (
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f(f"fk_{table}_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f(f"fk_{table}_reseller_id_resellers")
        ),
    )


def _belongs(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete="CASCADE"
    )


def _take_names_over() -> None:
    """One contact for each number that had a name; of two names the later conversation's."""
    connection = op.get_bind()
    named = connection.execute(
        sa.text(
            "SELECT reseller_id, client_id, contact, contact_name FROM conversations"
            " WHERE contact_name <> '' AND client_id IS NOT NULL ORDER BY last_at, id"
        )
    )
    latest = {(row[0], row[1], row[2]): row[3] for row in named}
    contacts, numbers = (
        sa.Table(name, sa.MetaData(), autoload_with=connection)
        for name in ("contacts", "contact_numbers")
    )
    at = datetime.now(UTC)
    at = at.replace(tzinfo=None) if connection.dialect.name == "sqlite" else at
    for (reseller_id, client_id, number), name in latest.items():
        folded = _folded(name)
        made = connection.execute(
            sa.insert(contacts).values(
                # SQLite keeps a uuid as its 32 digits; the reflected column does not know that.
                public_id=uuid.uuid4().hex if connection.dialect.name == "sqlite" else uuid.uuid4(),
                name=name, company="", email="", language="", note="", sort_name=folded[:60],
                search_key=f"{folded} {number}"[:800], kept=sa.literal([], sa.JSON()),
                created_at=at, updated_at=at, client_id=client_id, reseller_id=reseller_id,
            )
        )  # fmt: skip
        assert made.inserted_primary_key is not None
        connection.execute(
            sa.insert(numbers).values(
                contact_id=made.inserted_primary_key[0], number=number, kind="mobile", position=0,
                client_id=client_id, reseller_id=reseller_id,
            )
        )  # fmt: skip


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", " ".join(text.split()).casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
