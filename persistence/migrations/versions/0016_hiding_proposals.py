"""Hiding a department's answer by two persons: the newest proposal of each post."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision: str | None = "0015"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "hiding_proposal",
        sa.Column("post_id", sa.String(26), sa.ForeignKey("post.id"), primary_key=True),
        sa.Column("room_id", sa.String(26), sa.ForeignKey("room.id"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("by_name", sa.String(80), nullable=False),
        sa.Column("by_role", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("note", sa.Text()),
        sa.CheckConstraint("state IN ('open','confirmed','declined','withdrawn','expired','stale')", name="state"),
    )
    op.create_index("ix_hiding_proposal_state", "hiding_proposal", ["state", "at", "post_id"])


def downgrade() -> None:
    op.drop_table("hiding_proposal")
