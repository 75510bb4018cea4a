"""Strangers sign up and prove their e-mail; closed clients become nameless after some years.

A line of the log may now be emptied of names, addresses and words, and still changed in no other way.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEPT = ("id", "at", "reseller_id", "client_id", "person_id", "acting", "action")
_EMPTIED = {"person_name": "–", "address": "", "facts": "{}"}


def upgrade() -> None:
    op.add_column(
        "resellers",
        sa.Column("keep_closed_years", sa.Integer(), nullable=False, server_default="7"),
    )
    op.add_column("clients", sa.Column("anonymised_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "sign_up_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("required", sa.JSON(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_sign_up_rules_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_up_rules")),
        sa.UniqueConstraint("reseller_id", name=op.f("uq_sign_up_rules_reseller_id")),
    )
    op.create_table(
        "sign_ups",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_sign_ups_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ups")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ups_token_hash")),
    )
    if op.get_bind().dialect.name == "postgresql":
        same = _same("IS NOT DISTINCT FROM", "::text")
        op.execute("DROP TRIGGER audit_events_only_grows ON audit_events")
        op.execute(
            "CREATE FUNCTION refuse_more_than_emptying() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF {same} THEN RETURN NEW; END IF; "
            "RAISE EXCEPTION 'rows of audit_events are added, never changed'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_events_only_emptied BEFORE UPDATE ON audit_events "
            "FOR EACH ROW EXECUTE FUNCTION refuse_more_than_emptying()"
        )
        op.execute(
            "CREATE TRIGGER audit_events_only_grows BEFORE DELETE ON audit_events "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        return
    op.execute("DROP TRIGGER audit_events_no_update")
    op.execute(
        "CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events "
        f"WHEN NOT ({_same('IS', '')}) BEGIN "
        "SELECT RAISE(ABORT, 'rows of audit_events are added, never changed'); END"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_events_only_emptied ON audit_events")
        op.execute("DROP FUNCTION refuse_more_than_emptying()")
        op.execute("DROP TRIGGER audit_events_only_grows ON audit_events")
        op.execute(
            "CREATE TRIGGER audit_events_only_grows BEFORE UPDATE OR DELETE ON audit_events "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    else:
        op.execute("DROP TRIGGER audit_events_no_update")
        op.execute(
            "CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events BEGIN "
            "SELECT RAISE(ABORT, 'rows of audit_events are added, never changed'); END"
        )
    op.drop_table("sign_ups")
    op.drop_table("sign_up_rules")
    op.drop_column("clients", "anonymised_at")
    op.drop_column("resellers", "keep_closed_years")


def _same(equals: str, cast: str) -> str:
    """Nothing differs, but for words that were emptied."""
    kept = [f"NEW.{name} {equals} OLD.{name}" for name in _KEPT]
    emptied = [
        f"(NEW.{name}{cast} = '{empty}' OR NEW.{name}{cast} = OLD.{name}{cast})"
        for name, empty in _EMPTIED.items()
    ]
    return " AND ".join(kept + emptied)
