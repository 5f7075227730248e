"""Codes to look posts up with are forgotten by their age."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision: str | None = "0017"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_index("ix_lookup_created_at", "lookup", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_lookup_created_at", table_name="lookup")
