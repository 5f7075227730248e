"""Sanctions are steps of a ladder, and are acknowledged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("sanction", sa.Column("kind", sa.String(8), server_default=sa.text("'mute'"), nullable=False))
    op.add_column("sanction", sa.Column("acknowledged_at", sa.BigInteger()))


def downgrade() -> None:
    for column in ("acknowledged_at", "kind"):
        op.drop_column("sanction", column)
