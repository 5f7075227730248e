"""Cursors are taken by one worker at a time, and count what fails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("cursor", sa.Column("claim", sa.String(26)))
    op.add_column("cursor", sa.Column("beat", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("cursor", sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    for column in ("failures", "beat", "claim"):
        op.drop_column("cursor", column)
