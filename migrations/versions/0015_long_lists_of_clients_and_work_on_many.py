"""Long lists of clients are read in the order of an index; work on many clients is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INDEXES = (
    ("ix_clients_by_name", "clients", ["reseller_id", "sort_name", "id"]),
    ("ix_clients_by_status", "clients", ["reseller_id", "status", "sort_name", "id"]),
    ("ix_people_client", "people", ["client_id"]),
    ("ix_ledger_balances_client", "ledger_balances", ["reseller_id", "client_id", "balance"]),
)


def upgrade() -> None:
    op.add_column(
        "clients", sa.Column("sort_name", sa.String(length=60), nullable=False, server_default="")
    )
    op.add_column("clients", sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE clients SET sort_name = substr(search_words, 1, 60)")
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns, unique=False)
    op.execute(
        "UPDATE clients SET last_login_at = "
        "(SELECT max(people.last_login_at) FROM people WHERE people.client_id = clients.id)"
    )
    op.create_table(
        "batches",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_batches_asked_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_batches_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("public_id", name=op.f("uq_batches_public_id")),
    )
    op.create_index("ix_batches_latest", "batches", ["reseller_id", "id"], unique=False)
    op.create_table(
        "batch_rows",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("batch_id", _BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(length=180), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batches.id"],
            name=op.f("fk_batch_rows_batch_id_batches"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_batch_rows_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_batch_rows_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_rows")),
        sa.UniqueConstraint("batch_id", "position", name=op.f("uq_batch_rows_batch_id_position")),
    )
    op.create_index(
        "ix_batch_rows_state", "batch_rows", ["batch_id", "state", "position"], unique=False
    )


def downgrade() -> None:
    op.drop_table("batch_rows")
    op.drop_table("batches")
    for name, table, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
    op.drop_column("clients", "last_login_at")
    op.drop_column("clients", "sort_name")
