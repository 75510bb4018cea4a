"""Months of the books and of what the carrier took, filled from what is there."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, more, unique in (
        (
            "ledger_months",
            (
                sa.Column("account", sa.String(length=12), nullable=False),
                sa.Column("reason", sa.String(length=20), nullable=False),
                sa.Column("items", sa.Integer(), nullable=False),
                sa.Column("seconds", _big(), nullable=False),
            ),
            ("client_id", "month", "account", "reason"),
        ),
        (
            "cost_months",
            (
                sa.Column("owner", sa.Integer(), nullable=False),
                sa.Column("kind", sa.String(length=12), nullable=False),
            ),
            ("owner", "month", "kind"),
        ),
    ):
        key = ("reseller_id", *unique)
        op.create_table(
            name,
            sa.Column("id", _big(), nullable=False),
            sa.Column("month", sa.Date(), nullable=False),
            *more,
            sa.Column("amount", sa.BigInteger(), nullable=False),
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
        op.create_index(f"ix_{name}_month", name, ["reseller_id", "month"], unique=False)
    _fill_the_books()
    _fill_the_costs()


def downgrade() -> None:
    op.drop_index("ix_cost_months_month", table_name="cost_months")
    op.drop_table("cost_months")
    op.drop_index("ix_ledger_months_month", table_name="ledger_months")
    op.drop_table("ledger_months")


def _big() -> Any:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _fill_the_books() -> None:
    rows = op.get_bind().execute(
        sa.text(
            "SELECT t.reseller_id, t.client_id, t.posting_day,"
            " CASE WHEN d.kind = 'wallet' THEN c.kind ELSE d.kind END AS account, t.reason,"
            " count(*) AS items,"
            " sum(CASE WHEN d.kind = 'wallet' THEN t.amount ELSE -t.amount END) AS amount"
            " FROM ledger_transfers t JOIN ledger_accounts d ON d.id = t.debit_account_id"
            " JOIN ledger_accounts c ON c.id = t.credit_account_id GROUP BY 1, 2, 3, 4, 5"
        ).columns(posting_day=sa.Date())
    )
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        month = row.posting_day.replace(day=1)
        line = sums[row.reseller_id, row.client_id, month, row.account, row.reason]
        line[0] += row.items
        line[1] += int(row.amount)
    accounts = {"call": "calls", "sms": "messages", "mms": "messages", "fax": "faxes"}
    spoken = op.get_bind().execute(
        sa.text(
            "SELECT reseller_id, client_id, posting_day, reason, seconds FROM ledger_usage_days"
        ).columns(posting_day=sa.Date())
    )
    for row in spoken:
        key = (row.reseller_id, row.client_id, row.posting_day.replace(day=1), row.reason)
        sums[*key[:3], accounts[row.reason], row.reason][2] += row.seconds
    table = sa.table(
        "ledger_months",
        *(sa.column(name) for name in ("reseller_id", "client_id")),
        sa.column("month", sa.Date()),
        *(sa.column(name) for name in ("account", "reason", "items", "amount", "seconds")),
    )
    names = ("reseller_id", "client_id", "month", "account", "reason", "items", "amount", "seconds")
    _insert(table, [dict(zip(names, (*key, *line), strict=True)) for key, line in sums.items()])


def _fill_the_costs() -> None:
    """By the month of the thing itself: when the books learned of it was not kept until now."""
    bind = op.get_bind()
    sums: dict[tuple[Any, ...], int] = defaultdict(int)
    for row in bind.execute(
        sa.text("SELECT reseller_id, owner, month, cost FROM call_months").columns(month=sa.Date())
    ):
        sums[row.reseller_id, row.owner, row.month, "call"] += row.cost
    zones = {
        row.id: ZoneInfo(row.time_zone)
        for row in bind.execute(sa.text("SELECT id, time_zone FROM resellers"))
    }
    for kind, source in (
        ("text", "messages WHERE cost IS NOT NULL"),
        ("fax", "faxes WHERE state IN ('sent', 'received')"),
    ):
        for row in bind.execute(
            sa.text(f"SELECT reseller_id, client_id, at, cost FROM {source}").columns(
                at=sa.DateTime(timezone=True)
            )
        ):
            month = _month(row.at, zones[row.reseller_id])
            sums[row.reseller_id, row.client_id or 0, month, kind] += row.cost
    table = sa.table(
        "cost_months",
        *(sa.column(name) for name in ("reseller_id", "client_id", "owner")),
        sa.column("month", sa.Date()),
        *(sa.column(name) for name in ("kind", "amount")),
    )
    _insert(
        table,
        [
            {
                "reseller_id": reseller_id,
                "client_id": owner or None,
                "owner": owner,
                "month": month,
                "kind": kind,
                "amount": amount,
            }
            for (reseller_id, owner, month, kind), amount in sums.items()
            if amount
        ],
    )


def _month(at: datetime, zone: ZoneInfo) -> date:
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(zone).date().replace(day=1)


def _insert(table: Any, rows: list[dict[str, Any]]) -> None:
    for first in range(0, len(rows), 1_000):
        op.bulk_insert(table, rows[first : first + 1_000])
