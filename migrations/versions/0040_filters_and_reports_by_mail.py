"""Filters of reports have names, and reports go out by mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def _of_reseller(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f(f"fk_{table}_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _person(table: str, column: str = "person_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["people.id"], name=op.f(f"fk_{table}_{column}_people")
    )


def upgrade() -> None:
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("report", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _person("saved_filters"),
        *_of_reseller("saved_filters"),
        sa.UniqueConstraint("public_id", name=op.f("uq_saved_filters_public_id")),
        sa.UniqueConstraint(
            "person_id", "report", "name", name=op.f("uq_saved_filters_person_id_report_name")
        ),
    )
    op.create_table(
        "default_filters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("report", sa.String(length=40), nullable=False),
        sa.Column("filter_id", sa.Integer(), nullable=False),
        _person("default_filters"),
        sa.ForeignKeyConstraint(
            ["filter_id"], ["saved_filters.id"],
            name=op.f("fk_default_filters_filter_id_saved_filters"),
        ),
        *_of_reseller("default_filters"),
        sa.UniqueConstraint(
            "person_id", "report", name=op.f("uq_default_filters_person_id_report")
        ),
    )  # fmt: skip
    op.create_table(
        "report_addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_of_reseller("report_addresses"),
        sa.UniqueConstraint("public_id", name=op.f("uq_report_addresses_public_id")),
        sa.UniqueConstraint(
            "reseller_id", "email", name=op.f("uq_report_addresses_reseller_id_email")
        ),
    )
    op.create_table(
        "report_schedules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("report", sa.String(length=40), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("format", sa.String(length=4), nullable=False),
        sa.Column("every", sa.String(length=5), nullable=False),
        sa.Column("on_day", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _person("report_schedules", "made_by_id"),
        *_of_reseller("report_schedules"),
        sa.UniqueConstraint("public_id", name=op.f("uq_report_schedules_public_id")),
    )
    op.create_index("ix_report_schedules_due", "report_schedules", ["paused", "next_at"])
    op.create_table(
        "schedule_recipients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("address_id", sa.Integer(), nullable=True),
        _person("schedule_recipients"),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["report_schedules.id"],
            name=op.f("fk_schedule_recipients_schedule_id_report_schedules"),
        ),
        sa.ForeignKeyConstraint(
            ["address_id"], ["report_addresses.id"],
            name=op.f("fk_schedule_recipients_address_id_report_addresses"),
        ),
        *_of_reseller("schedule_recipients"),
        sa.UniqueConstraint(
            "schedule_id", "person_id", name=op.f("uq_schedule_recipients_schedule_id_person_id")
        ),
        sa.UniqueConstraint(
            "schedule_id", "address_id", name=op.f("uq_schedule_recipients_schedule_id_address_id")
        ),
    )  # fmt: skip
    with op.batch_alter_table("report_files") as table:
        table.add_column(sa.Column("schedule_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("round", sa.String(20), nullable=True))
        table.create_unique_constraint(
            op.f("uq_report_files_schedule_id_round"), ["schedule_id", "round"]
        )


def downgrade() -> None:
    with op.batch_alter_table("report_files") as table:
        table.drop_constraint(op.f("uq_report_files_schedule_id_round"), type_="unique")
        table.drop_column("round")
        table.drop_column("schedule_id")
    op.drop_table("schedule_recipients")
    op.drop_table("report_schedules")
    op.drop_table("report_addresses")
    op.drop_table("default_filters")
    op.drop_table("saved_filters")
