"""Faxes of one sending share one file, and those that wait are found without looking at all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (("pdf", 60), ("pdf_digest", 64)):
        op.add_column(
            "fax_documents", sa.Column(name, sa.String(length), server_default="", nullable=False)
        )
    op.create_index("ix_faxes_state", "faxes", ["state"])
    op.create_index("ix_faxes_handed_over_at", "faxes", ["handed_over_at"])


def downgrade() -> None:
    op.drop_index("ix_faxes_handed_over_at", "faxes")
    op.drop_index("ix_faxes_state", "faxes")
    for name in ("pdf_digest", "pdf"):
        op.drop_column("fax_documents", name)
