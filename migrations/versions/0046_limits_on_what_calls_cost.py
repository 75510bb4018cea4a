"""Limits on what calls may cost, alarms, countries that clients called; what is at the carrier's lock.

Resellers that were here before get the limits that are the default, with alarms alone: nobody is
suspended by an upgrade.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_NORTH_AMERICA = ("CA", "US")


def upgrade() -> None:
    limits = op.create_table(
        "exposure_limits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("for_client", sa.Integer(), nullable=False),
        sa.Column("daily_cap", sa.BigInteger(), nullable=True),
        sa.Column("speed_amount", sa.BigInteger(), nullable=True),
        sa.Column("speed_minutes", sa.Integer(), nullable=False),
        sa.Column("abroad_minutes", sa.Integer(), nullable=True),
        sa.Column("ceiling_e8", sa.BigInteger(), nullable=True),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("new_places", sa.Boolean(), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("longest_minutes", sa.Integer(), nullable=False),
        sa.Column("suspends", sa.Boolean(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_exposure_limits_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure_limits")),
        sa.UniqueConstraint(
            "reseller_id", "for_client", name=op.f("uq_exposure_limits_reseller_id_for_client")
        ),
    )
    op.create_table(
        "exposure_alarms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=True),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("call_ids", sa.JSON(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("worked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worked", sa.String(length=12), nullable=False),
        sa.Column("worked_by_id", sa.Integer(), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_exposure_alarms_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_exposure_alarms_reseller_id_resellers")
        ),
        sa.ForeignKeyConstraint(
            ["worked_by_id"], ["people.id"], name=op.f("fk_exposure_alarms_worked_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure_alarms")),
        sa.UniqueConstraint("public_id", name=op.f("uq_exposure_alarms_public_id")),
        sa.UniqueConstraint(
            "reseller_id",
            "client_id",
            "kind",
            "day",
            "round",
            name=op.f("uq_exposure_alarms_reseller_id_client_id_kind_day_round"),
        ),
    )
    op.create_index(
        "ix_exposure_alarms_open",
        "exposure_alarms",
        ["reseller_id", "worked_at", "id"],
        unique=False,
    )
    op.create_table(
        "called_places",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.String(length=2), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_called_places_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_called_places_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_called_places")),
        sa.UniqueConstraint(
            "reseller_id",
            "client_id",
            "place",
            name=op.f("uq_called_places_reseller_id_client_id_place"),
        ),
    )
    op.add_column("sub_accounts", sa.Column("locked_abroad", sa.Boolean(), nullable=True))
    known = op.get_bind().execute(sa.text("SELECT id, country FROM resellers ORDER BY id")).all()
    op.bulk_insert(
        limits,
        [
            {
                "reseller_id": reseller_id, "for_client": 0, "daily_cap": 50_000_000,
                "speed_amount": 20_000_000, "speed_minutes": 60, "abroad_minutes": 120,
                "ceiling_e8": 50_000_000, "new_places": True, "at_once": 10,
                "longest_minutes": 60, "suspends": False,
                "places": list(dict.fromkeys((country, *_NORTH_AMERICA))),
            }
            for reseller_id, country in known
        ],
    )  # fmt: skip


def downgrade() -> None:
    op.drop_column("sub_accounts", "locked_abroad")
    op.drop_table("called_places")
    op.drop_index("ix_exposure_alarms_open", table_name="exposure_alarms")
    op.drop_table("exposure_alarms")
    op.drop_table("exposure_limits")
