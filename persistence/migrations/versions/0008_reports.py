"""Viewers report what is published: a report for each person and post, a case for each post."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "report_case",
        sa.Column("post_id", sa.String(26), sa.ForeignKey("post.id"), primary_key=True),
        sa.Column("room_id", sa.String(26), sa.ForeignKey("room.id"), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("note", sa.Text()),
        sa.CheckConstraint("state IN ('open','dismissed','redacted')", name="state"),
    )
    op.create_index("ix_report_case_room", "report_case", ["room_id"])
    op.create_index("ix_report_case_state", "report_case", ["state", "opened_at", "post_id"])
    op.create_table(
        "report",
        sa.Column("post_id", sa.String(26), sa.ForeignKey("post.id"), primary_key=True),
        sa.Column("reporter_id", sa.String(40), primary_key=True),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_report_reporter", "report", ["reporter_id", "at"])


def downgrade() -> None:
    op.drop_table("report")
    op.drop_table("report_case")
