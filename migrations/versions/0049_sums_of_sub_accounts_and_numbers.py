"""Calls by day and month for each sub-account and number, filled from the calls that are there."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_SUMS = "calls, answered, seconds, billed_seconds, price, cost"


def upgrade() -> None:
    for name, period in (("call_line_days", "day"), ("call_line_months", "month")):
        key = ("reseller_id", period, "owner", "sub_account", "did")
        op.create_table(
            name,
            sa.Column("id", _big(), nullable=False),
            *(sa.Column(word, sa.Integer(), nullable=False) for word in key[2:]),
            sa.Column(period, sa.Date(), nullable=False),
            *(sa.Column(word, sa.Integer(), nullable=False) for word in ("calls", "answered")),
            *(
                sa.Column(word, sa.BigInteger(), nullable=False)
                for word in ("seconds", "billed_seconds", "price", "cost")
            ),
            sa.Column("client_id", sa.Integer(), nullable=True),
            sa.Column("reseller_id", sa.Integer(), nullable=False),
            sa.ForeignKeyConstraint(
                ["client_id"], ["clients.id"], name=op.f(f"fk_{name}_client_id_clients")
            ),
            sa.ForeignKeyConstraint(
                ["reseller_id"], ["resellers.id"], name=op.f(f"fk_{name}_reseller_id_resellers")
            ),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
            sa.UniqueConstraint(*key, name=op.f(f"uq_{name}_{'_'.join(key)}")),
        )
    op.execute(
        f"INSERT INTO call_line_days (reseller_id, client_id, owner, sub_account, did, day, {_SUMS})"
        " SELECT reseller_id, client_id, coalesce(client_id, 0), coalesce(sub_account_id, 0),"
        " coalesce(did_id, 0), local_day, count(*),"
        " sum(CASE WHEN disposition = 'answered' THEN 1 ELSE 0 END), sum(seconds),"
        " sum(billed_seconds), coalesce(sum(price), 0), sum(cost)"
        " FROM calls GROUP BY reseller_id, client_id, sub_account_id, did_id, local_day"
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    month = "date(day, 'start of month')" if is_sqlite else "CAST(date_trunc('month', day) AS date)"
    op.execute(
        "INSERT INTO call_line_months"
        f" (reseller_id, client_id, owner, sub_account, did, month, {_SUMS})"
        f" SELECT reseller_id, client_id, owner, sub_account, did, {month}, sum(calls),"
        " sum(answered), sum(seconds), sum(billed_seconds), sum(price), sum(cost)"
        f" FROM call_line_days GROUP BY reseller_id, client_id, owner, sub_account, did, {month}"
    )


def downgrade() -> None:
    op.drop_table("call_line_months")
    op.drop_table("call_line_days")


def _big() -> Any:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
